/**
 * The SILK encoder (RFC 6716, section 5.2): one call turns the input of one Opus frame into the SILK part of a packet. All
 * memory is one block of `SILK_ENCODER_SIZE` bytes; nothing is allocated.
 */
import { RangeEncoder, asDecoder, encodeBit, patchFirstBits } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { CONDITIONAL, INDEPENDENT } from "../frame-parser";
import { channelForget, channelReset } from "../state";
import { activityInit, measureActivity } from "./activity";
import { costInit } from "./cost";
import { DECIMATE_MEMORY, decimate, decimateInit } from "./decimate";
import { encodeFrame } from "./encode-frame";
import { ENCODER_CHANNEL_SIZE, EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { targetSnr } from "./levels";
import { writeRedundancyFlags, writeRedundant } from "./redundancy";

/** What the caller asks for; read at every call. */
@unmanaged
export class SilkControls {
  /** Rate of the input, 8, 12, 16, 24 or 48, and the internal rate, 8, 12 or 16, not above it. */
  inKHz: i32;
  kHz: i32;
  /** Channels of the input (interleaved) and of the stream. */
  inChannels: i32;
  channels: i32;
  /** 10, 20, 40 or 60. */
  ms: i32;
  /** Bits per second for the SILK part. */
  bitRate: i32;
  /** Limit for this frame, as `tell` counts. */
  maxBits: i32;
  /** 1: come as close to the limit as possible. */
  cbr: i32;
  /** 0..10. */
  complexity: i32;
  /** Redundancy for the next packet: by how many gain steps it is coarser, 0 for none. */
  redundancy: i32;
  /** Expected packet loss in per cent. */
  loss: i32;
}

@unmanaged
export class SilkEncoder {
  inKHz: i32;
  kHz: i32;
  channels: i32;
  /** Frames of the last packet. */
  frames: i32;
  /** Bits spent beyond the rate, never below zero. */
  excess: f32;
  /** High-pass memories. */
  high0: f32;
  high1: f32;
  /** Signal type of the last frame coded, and its activity, for the caller's decisions. */
  signalType: i32;
  activity: f32;
}

// @ts-ignore: decorator
@inline const PAST: usize = (offsetof<SilkEncoder>() + 15) & ~15;
// @ts-ignore: decorator
@inline const CHANNELS: usize = PAST + 2 * 4 * 80;

/** Bytes of an encoder's state. */
export const SILK_ENCODER_SIZE: usize = CHANNELS + 2 * ENCODER_CHANNEL_SIZE;

/** f32: past input, then the frame at the input rate. */
const INPUT = memory.data(4 * (80 + 2880), 16);
/** f32: the frame at the internal rate. */
const NARROW = memory.data(4 * 960, 16);

// @ts-ignore: decorator
@inline function channelOf(e: SilkEncoder, n: i32): EncoderChannel {
  return changetype<EncoderChannel>(changetype<usize>(e) + CHANNELS + <usize>n * ENCODER_CHANNEL_SIZE);
}

/** Forgets everything. */
export function silkEncoderInit(e: SilkEncoder): void {
  costInit();
  decimateInit();
  memory.fill(changetype<usize>(e), 0, SILK_ENCODER_SIZE);
}

/** Sets a channel up for an internal rate: the signal is forgotten, as in the decoder. */
function configure(c: EncoderChannel, kHz: i32, subframes: i32): void {
  const channel = localDecoderOf(c);
  if (channel.kHz != kHz) {
    const fresh = channel.kHz == 0;
    if (fresh) channelReset(channel);
    const gain = channel.previousGain;
    memory.fill(changetype<usize>(c), 0, ENCODER_CHANNEL_SIZE);
    channelReset(channel);
    channelForget(channel);
    if (!fresh) channel.previousGain = gain;
    else channel.gainIndex = 0;
    channel.kHz = kHz;
    channel.order = kHz == 16 ? 16 : 10;
    channel.subframeLength = 5 * kHz;
    channel.historyLength = 20 * kHz;
    channel.gainIndex = 10;
    c.first = 1;
    activityInit(c);
  }
  channel.subframes = subframes;
  channel.frameLength = subframes * channel.subframeLength;
}

/** Corner of the high-pass in Hz. */
// @ts-ignore: decorator
@inline const CORNER: f32 = 60;

/** Second-order high-pass, in place. */
function highPass(e: SilkEncoder, x: usize, length: i32, kHz: i32): void {
  const f: f32 = 1.5 * 3.14159 * CORNER / (1000 * <f32>kHz);
  const r: f32 = 1 - 0.92 * f;
  const a1: f32 = -r * (2 - f * f);
  const a2: f32 = r * r;
  let s0 = e.high0;
  let s1 = e.high1;
  for (let i = 0; i < length; i++) {
    const at = x + (<usize>i << 2);
    const value = load<f32>(at);
    const out = s0 + r * value;
    s0 = s1 - a1 * out - 2 * r * value;
    s1 = r * value - a2 * out + 1e-15;
    store<f32>(at, out);
  }
  e.high0 = s0;
  e.high1 = s1;
}

/**
 * Encodes one Opus frame of `controls.ms` from `input` (f32 interleaved, 16-bit units) into `enc`, which must stand at its
 * beginning. Returns the bits used.
 */
export function silkEncode(e: SilkEncoder, enc: RangeEncoder, input: usize, controls: SilkControls): i32 {
  const ms = controls.ms;
  const kHz = controls.kHz;
  const frames = ms > 20 ? ms / 20 : 1;
  const subframes = ms > 10 ? 4 : 2;
  const c = channelOf(e, 0);
  configure(c, kHz, subframes);
  e.kHz = kHz;
  if (e.inKHz != controls.inKHz) memory.fill(changetype<usize>(e) + PAST, 0, CHANNELS - PAST);
  e.inKHz = controls.inKHz;
  takeInput(e, input, controls);
  highPass(e, NARROW, ms * kHz, kHz);

  const channel = localDecoderOf(c);
  const length = channel.frameLength;
  for (let i = 0; i <= frames; i++) encodeBit(enc, 0, 1);
  if (channel.frameLength != c.lastLength || frames != e.frames) c.keptFlags = 0;
  c.lastLength = channel.frameLength;
  e.frames = frames;
  c.lbrrFlags = c.keptFlags;
  c.keptFlags = 0;
  const head = tell(asDecoder(enc));
  writeRedundancyFlags(enc, c, frames);
  for (let i = 0; i < frames; i++) if ((c.lbrrFlags >> i) & 1) writeRedundant(enc, c, i);
  const redundantBits = <f32>(tell(asDecoder(enc)) - head);
  const bitRate: f32 = max(<f32>controls.bitRate - redundantBits * 1000 / <f32>ms, <f32>5000);
  let flags: u32 = u32(c.lbrrFlags != 0);
  for (let i = 0; i < frames; i++) {
    const frameInput = inputOf(c);
    const kept = channel.historyLength + 5 * kHz;
    memory.copy(frameInput + (<usize>kept << 2), NARROW + (<usize>(i * length) << 2), <usize>length << 2);
    measureActivity(c, length);
    c.flag = i32(c.activity >= 0.05);
    const before = tell(asDecoder(enc));
    const share: f32 = bitRate * <f32>(subframes * 5) * 0.001;
    const rate = max(bitRate - e.excess * 2, <f32>5000);
    const snr = targetSnr(<i32>rate, kHz, subframes);
    const limit = limitOf(controls.maxBits, frames, i);
    encodeFrame(enc, c, i == 0 ? INDEPENDENT : CONDITIONAL, snr, limit, controls.cbr != 0 && i == frames - 1, controls.complexity, controls.redundancy, controls.loss, i);
    flags |= <u32>c.flag << (frames - i);
    e.excess = min(max(e.excess + <f32>(tell(asDecoder(enc)) - before) - share, <f32>0), <f32>10000);
    memory.copy(frameInput, frameInput + (<usize>length << 2), <usize>kept << 2);
  }
  e.signalType = c.previousType;
  e.activity = c.activity;
  patchFirstBits(enc, flags, frames + 1);
  return tell(asDecoder(enc));
}

/** Bits that may be used up to the end of frame `i`. */
function limitOf(maxBits: i32, frames: i32, i: i32): i32 {
  if (i == frames - 1) return maxBits;
  if (frames == 2) return (maxBits * 3) / 5;
  return i == 0 ? (maxBits * 2) / 5 : (maxBits * 3) / 4;
}

/** The input at the internal rate, one channel. */
function takeInput(e: SilkEncoder, input: usize, controls: SilkControls): void {
  const count = controls.ms * controls.inKHz;
  const past = changetype<usize>(e) + PAST;
  memory.copy(INPUT, past, 4 * 80);
  const to = INPUT + 4 * 80;
  if (controls.inChannels == 1) {
    memory.copy(to, input, <usize>count << 2);
  } else {
    for (let i = 0; i < count; i++) {
      const at = input + (<usize>i << 3);
      store<f32>(to + (<usize>i << 2), 0.5 * (load<f32>(at) + load<f32>(at, 4)));
    }
  }
  decimate(NARROW, to, count, controls.inKHz, controls.kHz);
  memory.copy(past, INPUT + (<usize>count << 2), 4 * 80);
}
