/**
 * The SILK encoder (RFC 6716, section 5.2): one call turns the input of one Opus frame into the SILK part of a packet. All
 * memory is one block of `SILK_ENCODER_SIZE` bytes; nothing is allocated.
 */
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder, encodeBinary, encodeBit, patchFirstBits } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { MID_ONLY_FIRST } from "../../tables/silk-frame";
import { CONDITIONAL, INDEPENDENT, INDEPENDENT_UNSCALED } from "../frame-parser";
import { PARAMETERS } from "../parameters";
import { channelForget, channelReset } from "../state";
import { activityInit, measureActivity } from "./activity";
import { costInit } from "./cost";
import { DECIMATE_MEMORY, decimate, decimateInit } from "./decimate";
import { encodeFrame } from "./encode-frame";
import { ENCODER_CHANNEL_SIZE, EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { targetSnr } from "./levels";
import { MidSide, WEIGHT_INDICES, chooseWeights, removePrediction, writeWeights } from "./mid-side";
import { writeRedundancyFlags, writeRedundant, writeRedundantWeights } from "./redundancy";

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
  /** 1 when the frame before had no side. */
  midOnly: i32;
  /** Signal type of the last frame coded, and its activity, for the caller's decisions. */
  signalType: i32;
  activity: f32;
  /** Pitch lag of the last frame coded, and quality of its lowest band, 0..1. */
  lag: i32;
  quality: f32;
  /** Quantisation offset of the last frame coded, in 1/1024. */
  offset: i32;
  /** 1 when any channel was active in any frame of the last packet. */
  active: i32;
}

// @ts-ignore: decorator
@inline const PAST: usize = (offsetof<SilkEncoder>() + 15) & ~15;
// @ts-ignore: decorator
@inline const MID_SIDE: usize = PAST + 2 * 4 * 80;
// @ts-ignore: decorator
@inline const MID_SIDE_SIZE: usize = 32 + 4 * (1 + 80 + 320 + 3);
// @ts-ignore: decorator
@inline const CHANNELS: usize = MID_SIDE + MID_SIDE_SIZE;

/** Bytes of an encoder's state. */
export const SILK_ENCODER_SIZE: usize = CHANNELS + 2 * ENCODER_CHANNEL_SIZE;

/** f32: past input, then the frame at the input rate. */
const INPUT = memory.data(4 * (80 + 2880), 16);
/** f32: the frame at the internal rate. */
const NARROW = memory.data(4 * 960, 16);
const NARROW_SIDE = memory.data(4 * 960, 16);
/** The range encoder before redundancy. */
const SAVED = memory.data(64, 16);

// @ts-ignore: decorator
@inline function midSideOf(e: SilkEncoder): MidSide {
  return changetype<MidSide>(changetype<usize>(e) + MID_SIDE);
}

/** f32: one sample, the lookahead, one frame of side as it came in. */
// @ts-ignore: decorator
@inline function rawSideOf(e: SilkEncoder): usize {
  return changetype<usize>(e) + MID_SIDE + 32;
}

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

/**
 * Shows a fresh encoder what came before its first frame: `controls.ms` of input, of which the end is coded with the next frame
 * as its lookahead.
 */
export function silkPrefill(e: SilkEncoder, input: usize, controls: SilkControls): void {
  prepare(e, controls, 1);
  takeInput(e, input, controls);
  const mid = channelOf(e, 0);
  const channel = localDecoderOf(mid);
  const length = channel.frameLength;
  const kept = channel.historyLength + 5 * controls.kHz;
  append(mid, NARROW, kept, length);
  advanceInput(mid, kept, length);
  if (controls.channels == 2) {
    const count = 1 + 5 * controls.kHz;
    memory.copy(rawSideOf(e), NARROW_SIDE + (<usize>(length - count) << 2), <usize>count << 2);
  }
}

/**
 * Encodes one Opus frame of `controls.ms` from `input` (f32 interleaved, 16-bit units) into `enc`, which must stand at its
 * beginning. Returns the bits used, more than `maxBits` when not even a frame without pulses fits. A payload of its own must
 * be padded at packet level: bits left behind SILK would be read as redundancy (section 4.5.1).
 */
export function silkEncode(e: SilkEncoder, enc: RangeEncoder, input: usize, controls: SilkControls): i32 {
  const ms = controls.ms;
  const kHz = controls.kHz;
  const channels = controls.channels;
  const frames = ms > 20 ? ms / 20 : 1;
  prepare(e, controls, frames);
  takeInput(e, input, controls);
  for (let i = 0; i < (frames + 1) * channels; i++) encodeBit(enc, 0, 1);
  const redundantBits = writeRedundancy(e, enc, channels, frames, controls.maxBits);
  const bitRate: f32 = max(<f32>controls.bitRate - redundantBits * 1000 / <f32>ms, <f32>5000);
  const share = bitRate * <f32>(ms / frames) * 0.001;
  let flags: u32 = 0;
  for (let i = 0; i < frames; i++) {
    const before = tell(asDecoder(enc));
    const rate = max(bitRate - e.excess * 2, <f32>5000);
    flags |= encodeInterval(e, enc, controls, i, frames, rate);
    e.excess = min(max(e.excess + <f32>(tell(asDecoder(enc)) - before) - share, <f32>0), <f32>10000);
  }
  e.active = i32(flags != 0);
  for (let n = 0; n < channels; n++) {
    const lbrr = u32(channelOf(e, n).lbrrFlags != 0);
    flags |= lbrr << ((channels - 1 - n) * (frames + 1));
  }
  const mid = channelOf(e, 0);
  e.signalType = mid.previousType;
  e.activity = mid.activity;
  e.lag = mid.previousLag;
  e.quality = mid.quality0;
  patchFirstBits(enc, flags, (frames + 1) * channels);
  return tell(asDecoder(enc));
}

/** Follows changes of rate, channels and frame length. */
function prepare(e: SilkEncoder, controls: SilkControls, frames: i32): void {
  const subframes = controls.ms > 10 ? 4 : 2;
  const channels = controls.channels;
  if (e.inKHz != controls.inKHz) memory.fill(changetype<usize>(e) + PAST, 0, CHANNELS - PAST);
  if (channels > e.channels && e.channels > 0) {
    // As the decoder does: the side starts anew.
    memory.fill(changetype<usize>(channelOf(e, 1)), 0, ENCODER_CHANNEL_SIZE);
  }
  if (channels > e.channels) memory.fill(changetype<usize>(midSideOf(e)), 0, MID_SIDE_SIZE);
  for (let n = 0; n < channels; n++) {
    const c = channelOf(e, n);
    configure(c, controls.kHz, subframes);
    const length = localDecoderOf(c).frameLength;
    if (length != c.lastLength || frames != e.frames || channels != e.channels) c.keptFlags = 0;
    c.lastLength = length;
    c.lbrrFlags = c.keptFlags;
    c.keptFlags = 0;
  }
  if (channels < e.channels) channelOf(e, 1).keptFlags = 0;
  e.kHz = controls.kHz;
  e.inKHz = controls.inKHz;
  e.channels = channels;
  e.frames = frames;
}

/** Redundant frames of the packet before (section 4.2.4); none when they take more than half. Returns their bits. */
function writeRedundancy(e: SilkEncoder, enc: RangeEncoder, channels: i32, frames: i32, maxBits: i32): f32 {
  const start = tell(asDecoder(enc));
  memory.copy(SAVED, changetype<usize>(enc), RANGE_ENCODER_SIZE);
  for (let n = 0; n < channels; n++) writeRedundancyFlags(enc, channelOf(e, n), frames);
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  for (let i = 0; i < frames; i++) {
    if ((mid.lbrrFlags >> i) & 1) {
      if (channels == 2) {
        writeRedundantWeights(enc, mid, i);
        if (((side.lbrrFlags >> i) & 1) == 0) encodeBinary(enc, 1, MID_ONLY_FIRST);
      }
      writeRedundant(enc, mid, i);
    }
    if (channels == 2 && (side.lbrrFlags >> i) & 1) writeRedundant(enc, side, i);
  }
  if (2 * tell(asDecoder(enc)) > maxBits || enc.error != 0) {
    memory.copy(changetype<usize>(enc), SAVED, RANGE_ENCODER_SIZE);
    for (let n = 0; n < channels; n++) channelOf(e, n).lbrrFlags = 0;
  }
  return <f32>(tell(asDecoder(enc)) - start);
}

/** Takes `length` new samples of one channel in, behind what is kept. */
// @ts-ignore: decorator
@inline function append(c: EncoderChannel, from: usize, kept: i32, length: i32): void {
  memory.copy(inputOf(c) + (<usize>kept << 2), from, <usize>length << 2);
}

/** Frame `i` of every channel. Returns the activity flags in their places. */
function encodeInterval(e: SilkEncoder, enc: RangeEncoder, controls: SilkControls, i: i32, frames: i32, rate: f32): u32 {
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  const channel = localDecoderOf(mid);
  const kHz = controls.kHz;
  const length = channel.frameLength;
  const kept = channel.historyLength + 5 * kHz;
  const stereo = controls.channels == 2;
  const limit = limitOf(controls.maxBits, frames, i);
  const fill = controls.cbr != 0 && i == frames - 1;
  const coding = i == 0 ? INDEPENDENT : CONDITIONAL;
  append(mid, NARROW + (<usize>(i * length) << 2), kept, length);
  measureActivity(mid, length);
  mid.flag = i32(mid.activity >= 0.05);
  let flags: u32 = <u32>mid.flag << (frames - i);
  let midRate = rate;
  let sideRate: f32 = 0;
  let midOnly = false;
  if (stereo) {
    flags <<= frames + 1;
    midOnly = !predictSide(e, i, kept, length, rate);
    const frac: f32 = min<f32>(3 * midSideOf(e).ratio, 1);
    const spare = max(rate - 600, <f32>4000);
    midRate = midOnly ? spare : max(spare * 8 / (13 + 3 * frac), <f32>4000);
    sideRate = spare - midRate;
    writeWeights(enc, WEIGHT_INDICES);
    if (side.flag == 0) encodeBinary(enc, i32(midOnly), MID_ONLY_FIRST);
    flags |= <u32>side.flag << (frames - i);
  }
  const midLimit = stereo && !midOnly ? limit - (limit - tell(asDecoder(enc))) / 4 : limit;
  encodeFrame(enc, mid, coding, targetSnr(<i32>midRate, kHz, channel.subframes), midLimit, fill && (!stereo || midOnly),
    controls.complexity, controls.redundancy, controls.loss, i);
  e.offset = load<i16>(QUANTIZATION_OFFSET_Q10 + (((PARAMETERS.signalType >> 1 << 1) + PARAMETERS.offsetType) << 1));
  if (stereo) {
    if (!midOnly) {
      const follows = i == 0 ? INDEPENDENT : e.midOnly != 0 ? INDEPENDENT_UNSCALED : CONDITIONAL;
      encodeFrame(enc, side, follows, targetSnr(<i32>sideRate, kHz, channel.subframes), limit, fill,
        controls.complexity, controls.redundancy, controls.loss, i);
    }
    e.midOnly = i32(midOnly);
    advanceInput(side, kept, length);
  }
  advanceInput(mid, kept, length);
  return flags;
}

// @ts-ignore: decorator
@inline function advanceInput(c: EncoderChannel, kept: i32, length: i32): void {
  memory.copy(inputOf(c), inputOf(c) + (<usize>length << 2), <usize>kept << 2);
}

/** Weights and what is left of the side; false when that is not worth coding. */
function predictSide(e: SilkEncoder, i: i32, kept: i32, length: i32, rate: f32): bool {
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  const channel = localDecoderOf(mid);
  const kHz = channel.kHz;
  const state = midSideOf(e);
  // Raw side: one older sample, the lookahead, then the new frame.
  const raw = rawSideOf(e);
  const ahead = 5 * kHz;
  memory.copy(raw + (<usize>(1 + ahead) << 2), NARROW_SIDE + (<usize>(i * length) << 2), <usize>length << 2);
  const from = inputOf(mid) + (<usize>channel.historyLength << 2);
  const to = inputOf(side) + (<usize>channel.historyLength << 2);
  chooseWeights(state, from, raw + 4, length);
  removePrediction(state, to, from, raw + 4, kHz, length + ahead, length);
  memory.copy(raw, raw + (<usize>length << 2), <usize>(1 + ahead) << 2);
  measureActivity(side, length);
  const coded = state.ratio > (rate < 20000 ? <f32>0.05 : <f32>0.02) || side.activity > 0.5 && rate > 20000;
  side.flag = i32(coded && side.activity >= 0.05);
  if (coded && e.midOnly != 0) {
    const local = localDecoderOf(side);
    channelForget(local);
    side.first = 1;
    side.previousType = 0;
  }
  return coded;
}

/** Bits that may be used up to the end of frame `i`. */
function limitOf(maxBits: i32, frames: i32, i: i32): i32 {
  if (i == frames - 1) return maxBits;
  if (frames == 2) return (maxBits * 3) / 5;
  return i == 0 ? (maxBits * 2) / 5 : (maxBits * 3) / 4;
}

/** The input at the internal rate: mono or mid into `NARROW`, side into `NARROW_SIDE`. */
function takeInput(e: SilkEncoder, input: usize, controls: SilkControls): void {
  const count = controls.ms * controls.inKHz;
  const stereo = controls.inChannels == 2;
  for (let n = 0; n < controls.inChannels; n++) {
    const past = changetype<usize>(e) + PAST + <usize>n * 320;
    const to = INPUT + 320;
    memory.copy(INPUT, past, 320);
    if (!stereo) {
      memory.copy(to, input, <usize>count << 2);
    } else {
      // Mid, then side.
      for (let i = 0; i < count; i++) {
        const at = input + (<usize>i << 3);
        const right = load<f32>(at, 4);
        store<f32>(to + (<usize>i << 2), 0.5 * (load<f32>(at) + (n == 0 ? right : -right)));
      }
    }
    const out = n == 0 ? NARROW : NARROW_SIDE;
    decimate(out, to, count, controls.inKHz, controls.kHz);
    memory.copy(past, INPUT + (<usize>count << 2), 320);
  }
}
