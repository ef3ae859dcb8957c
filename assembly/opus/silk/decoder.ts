/**
 * The SILK decoder (RFC 6716, section 4.2): one call turns the SILK part of one Opus frame, or its absence, into
 * samples at the output rate. All memory is one block of `SILK_DECODER_SIZE` bytes; nothing is allocated.
 */
import { RangeDecoder } from "../range-decoder";
import { concealFrame, configureChannel, decodeFrame } from "./frame";
import { CONDITIONAL, INDEPENDENT, INDEPENDENT_UNSCALED, parseFrame } from "./frame-parser";
import { parseActivity, parseLbrrFlags } from "./header";
import { interleave } from "./lanes";
import { resample } from "./resampler";
import { RESAMPLER_SIZE } from "./resampler-state";
import { CHANNEL_SIZE, Channel, channelForget, channelReset, resamplerOf } from "./state";
import { Stereo, Weights, parseMidOnly, parseWeights, unmix } from "./stereo";

/** What the payload at hand is good for. */
// @ts-ignore: decorator
@inline export const SILK_NORMAL: i32 = 0;
/** Nothing was received: conceal. The range decoder is not touched. */
// @ts-ignore: decorator
@inline export const SILK_LOST: i32 = 1;
/** The payload's redundant frames are wanted (the packet before was lost); what has none is concealed. */
// @ts-ignore: decorator
@inline export const SILK_REDUNDANCY: i32 = 2;

@unmanaged
export class SilkDecoder {
  /** Channels of the last payload; 0 after a reset. */
  channels: i32;
  /** Channels put out last. */
  outChannels: i32;
  /** 1 when the frame before had no side. */
  midOnly: i32;
}

// @ts-ignore: decorator
@inline const STEREO: usize = (offsetof<SilkDecoder>() + 15) & ~15;
// @ts-ignore: decorator
@inline const CHANNELS: usize = STEREO + ((offsetof<Stereo>() + 15) & ~15);

/** Bytes of a decoder's state, whatever it decodes. */
export const SILK_DECODER_SIZE: usize = CHANNELS + 2 * CHANNEL_SIZE;

/** Mid (left) and side (right) at the internal rate: two samples of history, then the frame. */
const FRAME0 = memory.data(2 * (320 + 8), 16);
const FRAME1 = memory.data(2 * (320 + 8), 16);
/** One frame at the output rate. */
const LEFT = memory.data(2 * 960, 16);
const RIGHT = memory.data(2 * 960, 16);
const WEIGHTS = changetype<Weights>(memory.data(16, 16));

// @ts-ignore: decorator
@inline function channelOf(d: SilkDecoder, n: i32): Channel {
  return changetype<Channel>(changetype<usize>(d) + CHANNELS + <usize>n * CHANNEL_SIZE);
}

// @ts-ignore: decorator
@inline function stereoOf(d: SilkDecoder): Stereo {
  return changetype<Stereo>(changetype<usize>(d) + STEREO);
}

/** Forgets everything: at creation, on a reset, and at the first SILK frame after one without SILK. */
export function silkDecoderInit(d: SilkDecoder): void {
  memory.fill(changetype<usize>(d), 0, SILK_DECODER_SIZE);
  channelReset(channelOf(d, 0));
  channelReset(channelOf(d, 1));
}

/**
 * Decodes or conceals one Opus frame of `ms` = 10, 20, 40 or 60 at the internal rate `kHz` = 8, 12 or 16 with
 * `channels` = 1 or 2, and writes `ms * outKHz` samples (i16) for each of `outChannels`, interleaved, to `out`.
 * Returns the samples per channel.
 *
 * `range` stands at the SILK part; afterwards at what follows. When `mode` is `SILK_LOST`, `kHz` and `channels` are
 * those of the last frame decoded.
 */
export function silkDecode(
  d: SilkDecoder,
  range: RangeDecoder,
  mode: i32,
  ms: i32,
  kHz: i32,
  channels: i32,
  outKHz: i32,
  outChannels: i32,
  out: usize,
): i32 {
  const frames = ms > 20 ? ms / 20 : 1;
  // The first mono frame after stereo still runs the right output through its own resampler.
  let ownRight = channels == 1 && d.channels == 2 && channelOf(d, 0).kHz == kHz;
  prepare(d, kHz, channels, ms > 10 ? 4 : 2, outKHz, outChannels);
  if (mode != SILK_LOST) parseHead(d, range, frames, mode == SILK_NORMAL);
  const length = channelOf(d, 0).frameLength;
  const outLength = (length / kHz) * outKHz;
  let to = out;
  for (let i = 0; i < frames; i++) {
    decodeInterval(d, range, mode, i);
    convert(d, to, length, outLength, ownRight);
    ownRight = false;
    to += <usize>(outLength * outChannels) << 1;
  }
  if (mode == SILK_LOST) {
    for (let n = 0; n < channels; n++) channelOf(d, n).gainIndex = 10;
  }
  return frames * outLength;
}

/** Follows changes of rate, frame length and channels. */
function prepare(d: SilkDecoder, kHz: i32, channels: i32, subframes: i32, outKHz: i32, outChannels: i32): void {
  const side = channelOf(d, 1);
  if (channels > d.channels) channelReset(side);
  for (let n = 0; n < channels; n++) configureChannel(channelOf(d, n), kHz, subframes, outKHz);
  if (outChannels == 2 && channels == 2 && (d.outChannels == 1 || d.channels == 1)) {
    const stereo = stereoOf(d);
    stereo.weight0 = 0;
    stereo.weight1 = 0;
    stereo.side = 0;
    memory.copy(
      changetype<usize>(resamplerOf(side)),
      changetype<usize>(resamplerOf(channelOf(d, 0))),
      RESAMPLER_SIZE,
    );
  }
  d.channels = channels;
  d.outChannels = outChannels;
}

/** Reads the flags of the payload; in normal decoding also its redundant frames, which are not used. */
function parseHead(d: SilkDecoder, range: RangeDecoder, frames: i32, skip: bool): void {
  const channels = d.channels;
  for (let n = 0; n < channels; n++) parseActivity(range, channelOf(d, n), frames);
  for (let n = 0; n < channels; n++) parseLbrrFlags(range, channelOf(d, n), frames);
  if (!skip) return;
  for (let i = 0; i < frames; i++) {
    for (let n = 0; n < channels; n++) {
      const channel = channelOf(d, n);
      if (!flag(channel.lbrrFlags, i)) continue;
      if (channels == 2 && n == 0) {
        parseWeights(range, WEIGHTS);
        if (!flag(channelOf(d, 1).lbrrFlags, i)) parseMidOnly(range);
      }
      parseFrame(range, channel, true, redundantCoding(channel, i));
    }
  }
}

// @ts-ignore: decorator
@inline function flag(flags: i32, i: i32): bool {
  return ((flags >> i) & 1) != 0;
}

/** Redundant frames follow on from one another. */
// @ts-ignore: decorator
@inline function redundantCoding(channel: Channel, i: i32): i32 {
  return i > 0 && flag(channel.lbrrFlags, i - 1) ? CONDITIONAL : INDEPENDENT;
}

/** Decodes frame `i` of every channel into `FRAME0` and `FRAME1` (from sample 2 on), and unmixes them. */
function decodeInterval(d: SilkDecoder, range: RangeDecoder, mode: i32, i: i32): void {
  const mid = channelOf(d, 0);
  const side = channelOf(d, 1);
  const stereo = stereoOf(d);
  let midOnly = 0;
  let hasSide = false;
  if (d.channels == 2) {
    const redundant = mode == SILK_REDUNDANCY;
    if (mode == SILK_NORMAL || (redundant && flag(mid.lbrrFlags, i))) {
      parseWeights(range, WEIGHTS);
      if (!flag(redundant ? side.lbrrFlags : side.vadFlags, i)) midOnly = parseMidOnly(range);
    } else {
      WEIGHTS.low = stereo.weight0;
      WEIGHTS.plain = stereo.weight1;
    }
    if (midOnly == 0 && d.midOnly != 0) channelForget(side);
    if (mode == SILK_NORMAL) hasSide = midOnly == 0;
    else hasSide = d.midOnly == 0 || (redundant && flag(side.lbrrFlags, i));
  }
  decodeChannel(d, range, mid, mode, i, false, FRAME0 + 4);
  const length = mid.frameLength;
  if (d.channels == 2) {
    if (hasSide) decodeChannel(d, range, side, mode, i, true, FRAME1 + 4);
    else memory.fill(FRAME1 + 4, 0, <usize>length << 1);
  }
  if (d.channels == 2 && d.outChannels == 2) {
    unmix(stereo, FRAME0, FRAME1, WEIGHTS, mid.kHz, length);
  } else {
    store<u32>(FRAME0, stereo.mid);
    stereo.mid = load<u32>(FRAME0 + (<usize>length << 1));
  }
  if (mode != SILK_LOST) d.midOnly = midOnly;
}

/** Decodes or conceals frame `i` of one channel. */
function decodeChannel(
  d: SilkDecoder,
  range: RangeDecoder,
  channel: Channel,
  mode: i32,
  i: i32,
  isSide: bool,
  out: usize,
): void {
  if (mode == SILK_NORMAL) {
    const coding = i == 0 ? INDEPENDENT : isSide && d.midOnly != 0 ? INDEPENDENT_UNSCALED : CONDITIONAL;
    decodeFrame(range, channel, flag(channel.vadFlags, i), coding, out);
  } else if (mode == SILK_REDUNDANCY && flag(channel.lbrrFlags, i)) {
    decodeFrame(range, channel, true, redundantCoding(channel, i), out);
  } else {
    concealFrame(channel, out);
  }
}

/** Brings one frame to the output rate and channels. */
function convert(d: SilkDecoder, out: usize, length: i32, outLength: i32, ownRight: bool): void {
  // One sample late in either case: unmixed frames start at sample 0 of the buffer, mono ones at 1.
  const unmixed = d.channels == 2 && d.outChannels == 2;
  const left = unmixed ? FRAME0 : FRAME0 + 2;
  if (d.outChannels == 1) {
    resample(resamplerOf(channelOf(d, 0)), out, left, length);
    return;
  }
  resample(resamplerOf(channelOf(d, 0)), LEFT, left, length);
  const both = unmixed || ownRight;
  if (both) resample(resamplerOf(channelOf(d, 1)), RIGHT, unmixed ? FRAME1 : left, length);
  interleave(out, LEFT, both ? RIGHT : LEFT, outLength);
}
