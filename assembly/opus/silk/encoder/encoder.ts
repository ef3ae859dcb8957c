/**
 * The SILK encoder (RFC 6716, section 5.2): one call turns the input of one Opus frame into the SILK part of a packet. All
 * memory is one block of `SILK_ENCODER_SIZE` bytes; nothing is allocated.
 */
import { RangeEncoder, asDecoder, encodeBit, patchFirstBits } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { VOICED, channelForget, channelReset } from "../state";
import { activityInit } from "./activity";
import { costInit } from "./cost";
import { decimateInit } from "./decimate";
import { ENCODER_CHANNEL_SIZE, EncoderChannel, localDecoderOf } from "./encoder-state";
import { advanceInput, append, encodeInterval } from "./interval";
import { MidSide } from "./mid-side";
import {
  CHANNELS, PAST, SILK_ENCODER_SIZE, SilkControls, SilkEncoder, channelOf, midSideOf, rawSideOf,
} from "./packet-state";
import { NARROW, NARROW_SIDE, takeInput } from "./take-input";
import { writeRedundancy } from "./write-redundancy";

export { SILK_ENCODER_SIZE, SilkControls, SilkEncoder } from "./packet-state";

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
  keepSide(e, controls, length);
}

/** Keeps the end of the side as it came in: lookahead of the frame that follows, should that be coded in stereo. */
function keepSide(e: SilkEncoder, controls: SilkControls, length: i32): void {
  if (controls.inChannels != 2) return;
  const count = 1 + 5 * controls.kHz;
  memory.copy(rawSideOf(e), NARROW_SIDE + (<usize>(length - count) << 2), <usize>count << 2);
}

/**
 * Encodes one Opus frame of `controls.ms` from `input` (f32 interleaved, 16-bit units) into `enc`, which must stand at its
 * beginning. Returns the bits used, more than `maxBits` when not even a frame without pulses fits. A payload of its own must
 * be padded at packet level: bits left behind SILK would be read as redundancy (section 4.5.1).
 */
export function silkEncode(e: SilkEncoder, enc: RangeEncoder, input: usize, controls: SilkControls): i32 {
  const ms = controls.ms;
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
  e.tilt = mid.spectralTilt;
  e.quality = mid.quality0;
  e.lag = mid.previousType == VOICED ? mid.previousLag : 0;
  if (channels == 1) keepSide(e, controls, ms * controls.kHz);
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
  if (channels > e.channels) memory.fill(changetype<usize>(midSideOf(e)), 0, offsetof<MidSide>());
  for (let n = 0; n < channels; n++) {
    const c = channelOf(e, n);
    configure(c, controls.kHz, subframes);
    if (controls.independent) c.first = 1;
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
