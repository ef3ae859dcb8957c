import { BANDS } from "../tables/celt-bands";
import { PULSE_CACHE, PULSE_CACHE_INDEX } from "../tables/celt-pulses";
import { Angle, codeAngle } from "./angle";
import { encodePulseVector, readPulseVector } from "./codebook";
import { writes } from "./direction";
import { Frame } from "./frame";
import { searchPulses } from "./pulse-search";
import { spreadForward, spreadRotation } from "./rotation";
import { clear, fillFolded, fillNoise, scale } from "./shape";

const ANGLE = memory.data(32, 16);

/** What one angle leaves for its halves: less than this in eighth-bits is not worth passing on. */
// @ts-ignore: decorator
@inline export const KEPT_BACK: i32 = 24;

// @ts-ignore: decorator
@inline export function scratchAngle(): Angle {
  return changetype<Angle>(ANGLE);
}

/** Costs of the pulse steps of a band of size `lm` (-1..3). */
// @ts-ignore: decorator
@inline function costs(band: i32, lm: i32): usize {
  return PULSE_CACHE + <usize>load<i16>(PULSE_CACHE_INDEX + (<usize>((lm + 1) * BANDS + band) << 1));
}

/** The step whose cost is nearest to `bits`, the lower one of two as near (RFC 6716, section 4.3.4.1). */
function nearestStep(table: usize, bits: i32): i32 {
  let low = 0;
  let high = <i32>load<u8>(table);
  const wanted = bits - 1;
  for (let round = 0; round < 6; round++) {
    const mid = (low + high + 1) >> 1;
    if (<i32>load<u8>(table + <usize>mid) >= wanted) high = mid;
    else low = mid;
  }
  const below = low == 0 ? -1 : <i32>load<u8>(table + <usize>low);
  return wanted - below <= <i32>load<u8>(table + <usize>high) - wanted ? low : high;
}

// @ts-ignore: decorator
@inline function stepCost(table: usize, step: i32): i32 {
  return step == 0 ? 0 : <i32>load<u8>(table + <usize>step) + 1;
}

// @ts-ignore: decorator
@inline function stepPulses(step: i32): i32 {
  return step < 8 ? step : (8 + (step & 7)) << ((step >> 3) - 1);
}

/** Which of `blocks` blocks hold a pulse, one bit each. */
function pulseMask(x: usize, size: i32, blocks: i32): u32 {
  if (blocks <= 1) return 1;
  const length = size / blocks;
  let mask: u32 = 0;
  for (let block = 0; block < blocks; block++) {
    let any: u32 = 0;
    for (let i = 0; i < length; i++, x += 4) any |= load<u32>(x) << 1;
    mask |= u32(any != 0) << block;
  }
  return mask;
}

/** A vector that is not split: pulses, or what stands in for them. */
function codeLeaf<D>(
  frame: Frame, band: i32, x: usize, size: i32, bits: i32, blocks: i32, source: usize, lm: i32, gain: f32, fill: u32,
): u32 {
  const table = costs(band, lm);
  let step = nearestStep(table, bits);
  let cost = stepCost(table, step);
  frame.remaining -= cost;
  // The last bands may want more than is there.
  while (frame.remaining < 0 && step > 0) {
    frame.remaining += cost;
    cost = stepCost(table, --step);
    frame.remaining -= cost;
  }
  if (step > 0) {
    const pulses = stepPulses(step);
    let energy: i32;
    if (writes<D>()) {
      spreadForward(x, size, blocks, pulses, frame.spread);
      energy = searchPulses(x, size, pulses);
      encodePulseVector(frame.writer, x, size, pulses);
      if (!frame.resynthesise) return 0;
    } else {
      energy = readPulseVector(frame.reader, x, size, pulses);
    }
    const mask = pulseMask(x, size, blocks);
    scale(x, x, size, gain / sqrt<f32>(<f32>energy));
    spreadRotation(x, size, blocks, pulses, frame.spread);
    return mask;
  }
  if (writes<D>()) {
    if (!frame.resynthesise) return 0;
  }
  const all = (<u32>1 << blocks) - 1;
  if ((fill & all) == 0) {
    clear(x, size);
    return 0;
  }
  if (source) {
    frame.seed = fillFolded(x, source, size, gain, frame.seed);
    return fill & all;
  }
  frame.seed = fillNoise(x, size, gain, frame.seed);
  return all;
}

/**
 * Reads or writes a vector of `size` bins in `blocks` blocks with `bits` eighth-bits at `x`, at length `gain`; splits it in
 * halves while it is too large for one codebook (RFC 6716, section 4.3.4.4). `source`: lower frequencies to fold
 * from, or 0. `fill`: which blocks of the source hold energy. Gives the collapse mask of the result.
 */
export function codePartition<D>(
  frame: Frame, band: i32, x: usize, size: i32, bits: i32, blocks: i32, source: usize, lm: i32, gain: f32, fill: u32,
): u32 {
  if (lm >= 0 && size > 2) {
    const table = costs(band, lm);
    if (bits > <i32>load<u8>(table + <usize>load<u8>(table)) + 12) {
      return splitPartition<D>(frame, band, x, size >> 1, bits, blocks, source, lm - 1, gain, fill);
    }
  }
  return codeLeaf<D>(frame, band, x, size, bits, blocks, source, lm, gain, fill);
}

function splitPartition<D>(
  frame: Frame, band: i32, x: usize, size: i32, bits: i32, blocksBefore: i32, source: usize, lm: i32, gain: f32,
  fill: u32,
): u32 {
  let blocks = blocksBefore;
  if (blocks == 1) fill = (fill & 1) | (fill << 1);
  blocks = (blocks + 1) >> 1;

  const angle = scratchAngle();
  codeAngle<D>(frame, angle, band, size, bits, blocksBefore, lm, false, x, x + (<usize>size << 2));
  bits -= angle.cost;
  const theta = angle.theta;
  let delta = angle.delta;
  const all = (<u32>1 << blocks) - 1;
  if (theta == 0) fill &= all;
  else if (theta == 16384) fill &= all << blocks;
  else if (blocksBefore > 1) {
    // Pre-echo: more bits to the half before an attack; forward masking: fewer to what follows.
    if (theta > 8192) delta -= delta >> (4 - lm);
    else delta = min(0, delta + ((size << 3) >> (5 - lm)));
  }
  const firstGain = gain * (<f32>angle.mid * (1.0 / 32768.0));
  const secondGain = gain * (<f32>angle.side * (1.0 / 32768.0));
  let first = max(0, min(bits, (bits - delta) / 2));
  let second = bits - first;
  frame.remaining -= angle.cost;

  const y = x + (<usize>size << 2);
  const sourceY = source ? source + (<usize>size << 2) : 0;
  const shift = blocksBefore >> 1;
  const before = frame.remaining;
  let mask: u32;
  if (first >= second) {
    mask = codePartition<D>(frame, band, x, size, first, blocks, source, lm, firstGain, fill);
    const rest = first - (before - frame.remaining);
    if (rest > KEPT_BACK && theta != 0) second += rest - KEPT_BACK;
    mask |= codePartition<D>(frame, band, y, size, second, blocks, sourceY, lm, secondGain, fill >> blocks) << shift;
  } else {
    mask = codePartition<D>(frame, band, y, size, second, blocks, sourceY, lm, secondGain, fill >> blocks) << shift;
    const rest = second - (before - frame.remaining);
    if (rest > KEPT_BACK && theta != 16384) first += rest - KEPT_BACK;
    mask |= codePartition<D>(frame, band, x, size, first, blocks, source, lm, firstGain, fill);
  }
  return mask;
}
