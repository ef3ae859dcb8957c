/**
 * One Opus frame: its SILK and CELT parts, and the joints between frames of different modes (RFC 6716, section 4.5).
 * All output is f32, interleaved, at the decoder's rate.
 */
import { celtConceal, celtDecode, celtDecoderReset, celtFadeOut } from "./celt/decoder";
import { FADE_SAMPLES, crossFade } from "./cross-fade";
import { OpusDecoder, celtOf, decimationOf, silkOf } from "./decoder-state";
import { RangeDecoder, finalRange, rangeDecoderInit } from "./range-decoder";
import { parseRedundancy, redundantBytes, redundantFirst } from "./redundancy";
import { SILK_LOST, SILK_NORMAL, SILK_REDUNDANCY, silkDecode, silkDecoderInit } from "./silk/decoder";
import { MODE_CELT, MODE_HYBRID, MODE_SILK } from "./toc";

/** First band of CELT in hybrid frames. */
// @ts-ignore: decorator
@inline const HYBRID_START: i32 = 17;
/** 5 ms at 48 kHz: a redundant frame, and what is made up where there is none. */
// @ts-ignore: decorator
@inline const BRIDGE_SAMPLES: i32 = 240;

const RANGE = changetype<RangeDecoder>(memory.data(48, 16));
const REDUNDANT_RANGE = changetype<RangeDecoder>(memory.data(48, 16));
/** SILK's output: i16, up to 60 ms in stereo. */
const SILK_PCM = memory.data(2 * 2 * 2880, 16);
/** The redundant frame, or the made up one: f32, 5 ms in stereo. */
const BRIDGE = memory.data(4 * 2 * BRIDGE_SAMPLES, 16);

/** End of the bands for a bandwidth (section 4.5.1.4: mediumband has those of wideband). */
// @ts-ignore: decorator
@inline function endBand(bandwidth: i32): i32 {
  return bandwidth == 0 ? 13 : bandwidth < 3 ? 17 : bandwidth == 3 ? 19 : 21;
}

/** Writes `count` i16 samples of SILK as f32. Reads and writes up to 7 samples more. */
function silkToFloat(count: i32, out: usize): void {
  const unit = f32x4.splat(1.0 / 32768.0);
  const end = SILK_PCM + (<usize>count << 1);
  for (let from = SILK_PCM; from < end; from += 16, out += 32) {
    const x = v128.load(from);
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(x)), unit));
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(x)), unit), 16);
  }
}

/** Decodes or conceals the SILK part of a frame of `samples` into `out`. */
function silkPart(d: OpusDecoder, how: i32, samples: i32, out: usize): void {
  // SILK has no frames below 10 ms: a shorter gap takes the beginning of one.
  const ms = max(10, samples / 48);
  silkDecode(silkOf(d), RANGE, how, ms, d.silkKHz, d.silkChannels, d.kHz, d.channels, SILK_PCM);
  silkToFloat((samples / decimationOf(d)) * d.channels, out);
}

/** Decodes the redundant frame at `data` into `BRIDGE`, returns its final range. */
function decodeRedundant(d: OpusDecoder, data: usize, bytes: i32): u32 {
  rangeDecoderInit(REDUNDANT_RANGE, data, bytes);
  celtDecode(
    celtOf(d), REDUNDANT_RANGE, d.streamChannels, 0, endBand(d.bandwidth), BRIDGE_SAMPLES,
    decimationOf(d), false, BRIDGE,
  );
  return finalRange(REDUNDANT_RANGE);
}

/** Puts `BRIDGE` over the beginning of the frame at `out`: 2.5 ms of it, then a fade to the frame. */
function joinFirst(d: OpusDecoder, samples: i32, out: usize): void {
  const decimation = decimationOf(d);
  const half = <usize>((FADE_SAMPLES / decimation) * d.channels) << 2;
  if (samples < BRIDGE_SAMPLES) {
    crossFade(BRIDGE, out, out, d.channels, decimation);
    return;
  }
  memory.copy(out, BRIDGE, half);
  crossFade(BRIDGE + half, out + half, out + half, d.channels, decimation);
}

/** Fades from the end of the frame at `out` to the second half of `BRIDGE`. */
function joinLast(d: OpusDecoder, samples: i32, out: usize): void {
  const decimation = decimationOf(d);
  const half = <usize>((FADE_SAMPLES / decimation) * d.channels) << 2;
  const last = out + (<usize>((samples / decimation) * d.channels) << 2) - half;
  crossFade(last, BRIDGE + half, last, d.channels, decimation);
}

/**
 * Makes up 2.5, 5, 10 or 20 ms: `samples` at 48 kHz. After a frame with redundancy at its end the signal continues as
 * CELT, otherwise in the mode that it had.
 */
function concealPart(d: OpusDecoder, samples: i32, out: usize): void {
  const mode = d.bridged ? MODE_CELT : d.previousMode;
  const decimation = decimationOf(d);
  d.concealed += samples;
  if (mode < 0) {
    memory.fill(out, 0, <usize>((samples / decimation) * d.channels) << 2);
    return;
  }
  if (mode != MODE_CELT) silkPart(d, SILK_LOST, samples, out);
  if (mode != MODE_SILK) {
    const start = mode == MODE_HYBRID ? HYBRID_START : 0;
    celtConceal(celtOf(d), start, d.celtEnd, samples, decimation, mode == MODE_HYBRID, out);
  }
  d.previousMode = mode;
  d.bridged = 0;
}

/** Makes up any multiple of 2.5 ms. */
export function concealSamples(d: OpusDecoder, samples: i32, out: usize): void {
  while (samples > 0) {
    const part = samples >= 960 ? 960 : samples >= 480 ? 480 : samples >= 240 ? 240 : 120;
    concealPart(d, part, out);
    samples -= part;
    out += <usize>((part / decimationOf(d)) * d.channels) << 2;
  }
  d.finalRange = 0;
}

/** Decodes a frame of the packet that `d.mode` and its neighbours describe. Frames below 2 bytes count as lost. */
export function decodeFrame(d: OpusDecoder, data: usize, size: i32, out: usize): void {
  const samples = d.frameSamples;
  if (size <= 1) {
    concealSamples(d, samples, out);
    return;
  }
  const mode = d.mode;
  const before = d.previousMode;
  const bridged = d.bridged != 0;
  // From SILK to CELT without redundancy: SILK goes on for 5 ms, into which CELT is faded.
  let made = mode == MODE_CELT && before >= 0 && before != MODE_CELT && !bridged;
  if (made) concealPart(d, min(samples, BRIDGE_SAMPLES), BRIDGE);

  rangeDecoderInit(RANGE, data, size);
  let rest = size;
  let redundant = 0;
  let first = false;
  let range: u32 = 0;
  if (mode != MODE_CELT) {
    decodeSilk(d, before, samples, out);
    rest = parseRedundancy(RANGE, size, mode == MODE_HYBRID);
    redundant = redundantBytes;
    first = redundant > 0 && redundantFirst;
    if (first) {
      range = decodeRedundant(d, data + rest, redundant);
    } else if (before == MODE_CELT && redundant == 0) {
      // From CELT without redundancy: CELT goes on for 5 ms.
      made = true;
      d.concealed += BRIDGE_SAMPLES;
      celtConceal(celtOf(d), 0, d.celtEnd, BRIDGE_SAMPLES, decimationOf(d), false, BRIDGE);
    }
  }
  if (mode != MODE_SILK) {
    if (mode != before && before >= 0 && !bridged) celtDecoderReset(celtOf(d));
    decodeCelt(d, rest, samples, out);
  } else if (before == MODE_HYBRID && !(first && bridged)) {
    celtFadeOut(celtOf(d), decimationOf(d), true, out);
  }
  if (redundant > 0 && !first) {
    celtDecoderReset(celtOf(d));
    range = decodeRedundant(d, data + rest, redundant);
    joinLast(d, samples, out);
  } else if (first) {
    // When the frame with the first redundancy was lost, CELT's memory is stale and its output of no use.
    if (before != MODE_SILK || bridged) joinFirst(d, samples, out);
  } else if (made) {
    joinFirst(d, samples, out);
  }
  d.finalRange = rest <= 1 ? 0 : finalRange(RANGE) ^ range;
  d.previousMode = mode;
  d.bridged = i32(redundant > 0 && !first);
}

/** SILK part of a frame that arrived. */
// @ts-ignore: decorator
@inline function decodeSilk(d: OpusDecoder, before: i32, samples: i32, out: usize): void {
  if (before == MODE_CELT) silkDecoderInit(silkOf(d));
  d.silkKHz = d.mode == MODE_HYBRID ? 16 : 8 + (min(d.bandwidth, 2) << 2);
  d.silkChannels = d.streamChannels;
  silkPart(d, SILK_NORMAL, samples, out);
}

/** CELT part of a frame that arrived, added to SILK's in hybrid frames. `size`: its bytes, SILK's included. */
// @ts-ignore: decorator
@inline function decodeCelt(d: OpusDecoder, size: i32, samples: i32, out: usize): void {
  const hybrid = d.mode == MODE_HYBRID;
  const start = hybrid ? HYBRID_START : 0;
  const end = endBand(d.bandwidth);
  d.celtEnd = end;
  if (size > 1) {
    celtDecode(celtOf(d), RANGE, d.streamChannels, start, end, samples, decimationOf(d), hybrid, out);
  } else {
    d.concealed += samples;
    celtConceal(celtOf(d), start, end, samples, decimationOf(d), hybrid, out);
  }
}

/** Decodes the redundancy (LBRR) in a SILK or hybrid frame for the frame before it, of the same length. */
export function decodeLbrr(d: OpusDecoder, data: usize, size: i32, out: usize): void {
  const samples = d.frameSamples;
  if (size <= 1) {
    concealSamples(d, samples, out);
    return;
  }
  const before = d.previousMode;
  d.concealed += samples;
  rangeDecoderInit(RANGE, data, size);
  if (before == MODE_CELT) silkDecoderInit(silkOf(d));
  d.silkKHz = d.mode == MODE_HYBRID ? 16 : 8 + (min(d.bandwidth, 2) << 2);
  d.silkChannels = d.streamChannels;
  silkPart(d, SILK_REDUNDANCY, samples, out);
  if (d.mode == MODE_HYBRID) {
    if (before != MODE_HYBRID && before >= 0 && !d.bridged) celtDecoderReset(celtOf(d));
    d.celtEnd = endBand(d.bandwidth);
    celtConceal(celtOf(d), HYBRID_START, d.celtEnd, samples, decimationOf(d), true, out);
  } else if (before == MODE_HYBRID) {
    celtFadeOut(celtOf(d), decimationOf(d), true, out);
  }
  d.finalRange = finalRange(RANGE);
  d.previousMode = d.mode;
  d.bridged = 0;
}
