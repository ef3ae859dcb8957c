import { decodeRawBits } from "../range-decoder";
import { MASK_JOIN, MASK_SPLIT } from "../tables/celt-pulses";
import { encodeRawBits } from "../range-encoder";
import { codeAngle } from "./angle";
import { writes } from "./direction";
import { Frame, TF, at } from "./frame";
import { haar, interleaveBlocks, separateBlocks } from "./haar";
import { KEPT_BACK, codePartition, scratchAngle } from "./partition";
import { mergeStereo, scale } from "./shape";
import { joinChannels, splitChannels } from "./stereo-split";

/** A copy of the folding source that may be transformed. 176 f32 and room. */
const SOURCE = memory.data(1024, 16);

/** One bin: its sign, if a bit is left. */
function codeSign<D>(frame: Frame, x: usize): void {
  let negative: u32 = 0;
  if (frame.remaining >= 8) {
    if (writes<D>()) {
      negative = u32(load<f32>(x) < 0);
      encodeRawBits(frame.writer, negative, 1);
    } else {
      negative = decodeRawBits(frame.reader, 1);
    }
    frame.remaining -= 8;
  }
  store<f32>(x, negative ? -1 : 1);
}

/**
 * Reads or writes the shape of one band of one channel: `size` bins at `x` in `blocks` interleaved blocks, at length `gain`.
 * `source`: what to fold from, or 0; `kept`: where the shape times sqrt(size) goes for bands above to fold from, or
 * 0. Gives the collapse mask (RFC 6716, sections 4.3.4.5 and 4.3.5).
 */
export function codeBand<D>(
  frame: Frame, band: i32, x: usize, size: i32, bits: i32, blocks: i32, source: usize, kept: usize, gain: f32,
  fill: u32,
): u32 {
  if (size == 1) {
    codeSign<D>(frame, x);
    if (kept) store<f32>(kept, load<f32>(x));
    return 1;
  }
  const long = blocks == 1;
  const change = at(TF, band);
  const joins = max(change, 0);
  let perBlock = size / blocks;

  if (source && (joins > 0 || ((perBlock & 1) == 0 && change < 0) || blocks > 1)) {
    memory.copy(SOURCE, source, <usize>size << 2);
    source = SOURCE;
  }
  // Finer frequency: pairs of blocks become one.
  for (let level = 0; level < joins; level++) {
    if (writes<D>()) haar(x, size >> level, 1 << level);
    if (source) haar(source, size >> level, 1 << level);
    fill = load<u8>(MASK_JOIN + <usize>(fill & 15)) | (<u32>load<u8>(MASK_JOIN + <usize>(fill >> 4)) << 2);
  }
  blocks >>= joins;
  perBlock <<= joins;
  // Finer time: each block becomes two.
  let splits = 0;
  while ((perBlock & 1) == 0 && splits < -change) {
    if (writes<D>()) haar(x, perBlock, blocks);
    if (source) haar(source, perBlock, blocks);
    fill |= fill << blocks;
    blocks <<= 1;
    perBlock >>= 1;
    splits++;
  }
  if (writes<D>()) {
    if (blocks > 1) separateBlocks(x, perBlock >> joins, blocks << joins, long);
  }
  if (blocks > 1 && source) separateBlocks(source, perBlock >> joins, blocks << joins, long);

  let mask = codePartition<D>(frame, band, x, size, bits, blocks, source, frame.lm, gain, fill);
  if (writes<D>()) {
    if (!frame.resynthesise) return 0;
  }

  if (blocks > 1) interleaveBlocks(x, perBlock >> joins, blocks << joins, long);
  for (let level = 0; level < splits; level++) {
    blocks >>= 1;
    perBlock <<= 1;
    mask |= mask >> blocks;
    haar(x, perBlock, blocks);
  }
  for (let level = 0; level < joins; level++) {
    mask = load<u8>(MASK_SPLIT + <usize>mask);
    haar(x, size >> level, 1 << level);
  }
  blocks <<= joins;
  if (kept) scale(kept, x, size, sqrt<f32>(<f32>size));
  return mask & ((<u32>1 << blocks) - 1);
}

/** Two bins a channel: the smaller of mid and side is the larger turned by 90 degrees. */
function codePair<D>(
  frame: Frame, band: i32, x: usize, y: usize, bits: i32, blocks: i32, source: usize, kept: usize, fill: u32,
): u32 {
  const angle = scratchAngle();
  const theta = angle.theta;
  const mid = <f32>angle.mid * (1.0 / 32768.0);
  const side = <f32>angle.side * (1.0 / 32768.0);
  const signBits = theta != 0 && theta != 16384 ? 8 : 0;
  frame.remaining -= angle.cost + signBits;
  const large = theta > 8192 ? y : x;
  const small = theta > 8192 ? x : y;
  let negative: u32 = 0;
  if (signBits) {
    if (writes<D>()) {
      negative = u32(load<f32>(large) * load<f32>(small, 4) - load<f32>(large, 4) * load<f32>(small) < 0);
      encodeRawBits(frame.writer, negative, 1);
    } else {
      negative = decodeRawBits(frame.reader, 1);
    }
  }
  const mask = codeBand<D>(frame, band, large, 2, bits - signBits, blocks, source, kept, 1, fill);
  const a = load<f32>(large);
  const b = load<f32>(large, 4);
  store<f32>(small, negative ? b : -b);
  store<f32>(small, negative ? -a : a, 4);
  for (let i: usize = 0; i < 8; i += 4) {
    const m = mid * load<f32>(x + i);
    const s = side * load<f32>(y + i);
    store<f32>(x + i, m - s);
    store<f32>(y + i, m + s);
  }
  return mask;
}

/** Reads or writes one band of two channels as mid and side, or mid alone (intensity), and gives left at `x`, right at `y`. */
export function codeStereoBand<D>(
  frame: Frame, band: i32, x: usize, y: usize, size: i32, bits: i32, blocks: i32, source: usize, kept: usize,
  fill: u32,
): u32 {
  if (size == 1) {
    codeSign<D>(frame, x);
    codeSign<D>(frame, y);
    if (kept) store<f32>(kept, load<f32>(x));
    return 1;
  }
  const angle = scratchAngle();
  codeAngle<D>(frame, angle, band, size, bits, blocks, frame.lm, true, x, y);
  if (writes<D>()) {
    if (angle.theta == 0) joinChannels(band, x, y, size, angle.inverted);
    else splitChannels(x, y, size);
  }
  bits -= angle.cost;
  const theta = angle.theta;
  const inverted = angle.inverted;
  let mask: u32;
  if (size == 2) {
    mask = codePair<D>(frame, band, x, y, bits, blocks, source, kept, fill);
    if (inverted) scale(y, y, size, -1);
  } else if (theta == 0) {
    // Mid alone: the side has no bits, and left and right are the mid.
    frame.remaining -= angle.cost;
    mask = codeBand<D>(frame, band, x, size, bits, blocks, source, kept, 1, fill & ((<u32>1 << blocks) - 1));
    if (writes<D>()) {
      if (!frame.resynthesise) return 0;
    }
    scale(y, x, size, inverted ? -1 : 1);
    return mask;
  } else {
    const all = (<u32>1 << blocks) - 1;
    if (theta == 16384) fill &= all << blocks;
    const mid = <f32>angle.mid * (1.0 / 32768.0);
    const side = <f32>angle.side * (1.0 / 32768.0);
    let midBits = max(0, min(bits, (bits - angle.delta) / 2));
    let sideBits = bits - midBits;
    frame.remaining -= angle.cost;
    const before = frame.remaining;
    if (midBits >= sideBits) {
      mask = codeBand<D>(frame, band, x, size, midBits, blocks, source, kept, 1, fill);
      const rest = midBits - (before - frame.remaining);
      if (rest > KEPT_BACK) sideBits += rest - KEPT_BACK;
      mask |= codeBand<D>(frame, band, y, size, sideBits, blocks, 0, 0, side, fill >> blocks);
    } else {
      mask = codeBand<D>(frame, band, y, size, sideBits, blocks, 0, 0, side, fill >> blocks);
      const rest = sideBits - (before - frame.remaining);
      if (rest > KEPT_BACK && theta != 16384) midBits += rest - KEPT_BACK;
      mask |= codeBand<D>(frame, band, x, size, midBits, blocks, source, kept, 1, fill);
    }
    if (writes<D>()) {
      if (!frame.resynthesise) return 0;
    }
    mergeStereo(x, y, size, mid);
  }
  return mask;
}
