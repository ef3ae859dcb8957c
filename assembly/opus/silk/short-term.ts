/**
 * Short-term synthesis, four samples at a time (RFC 6716, section 4.2.7.9.2, in the fixed point of the reference
 * decoder): s[n] = x[n] + 16 * (order / 2 + sum of floor(s[n - 1 - j] * a[j] / 2^16)), all in Q14.
 *
 * What four outputs take from samples before them is summed in vectors, one past sample against four coefficients; only
 * the six products among the four remain in line. A product with a 32-bit sample is split exactly: with the sample
 * written as high * 2^16 + low + 2^15, low signed, it is high * a + floor((low * a + a * 2^15) / 2^16). The memory
 * therefore holds samples with bit 15 flipped, which makes the two halves two signed 16-bit numbers for `dot_i16x8_s`.
 *
 * Saturation is left out of the fast path and checked for once per run; a run in which a sum came near the limits is
 * done again the slow way.
 */
import { addSaturated, mulQ16, roundShift, saturate16, shiftSaturated } from "./fixed-point";
import { SPLIT } from "./lanes";
import { MAX_FRAME, MAX_ORDER } from "./state";

/** Bytes before the first output: the memory of the filter. */
// @ts-ignore: decorator
@inline const MEMORY: usize = 4 * MAX_ORDER;

/** Memory, then output: i32 Q14 in split form. */
const SAMPLES = memory.data(4 * (MAX_ORDER + MAX_FRAME), 16);
/**
 * For each distance d = 1..16, three vectors of four lanes k, for the coefficient of output k at that distance,
 * a[d - 1 + k]: in the upper half of the lane, in the lower half, and times 2^15.
 */
const COEFFICIENTS = memory.data(48 * MAX_ORDER, 16);
/** i16 Q12: the predictor with zeros behind it. */
const PADDED = memory.data(2 * (MAX_ORDER + 8), 16);

/** Takes over the filter's memory, i32 Q14 x MAX_ORDER, oldest first. */
export function shortTermLoad(state: usize): void {
  const flip = i32x4.splat(SPLIT);
  for (let i: usize = 0; i < MEMORY; i += 16) v128.store(SAMPLES + i, v128.xor(v128.load(state + i), flip));
}

/** Gives the memory back, after `shortTermAdvance`. */
export function shortTermSave(state: usize): void {
  const flip = i32x4.splat(SPLIT);
  for (let i: usize = 0; i < MEMORY; i += 16) v128.store(state + i, v128.xor(v128.load(SAMPLES + i), flip));
}

/** Brings the memory to a new gain: `adjust` in Q16. */
export function shortTermRescale(adjust: i32): void {
  for (let at = SAMPLES; at < SAMPLES + MEMORY; at += 4) {
    store<i32>(at, mulQ16(adjust, load<i32>(at) ^ SPLIT) ^ SPLIT);
  }
}

/** Makes the last outputs of a run of `length` samples the memory of the next. */
export function shortTermAdvance(length: i32): void {
  memory.copy(SAMPLES, SAMPLES + (<usize>length << 2), MEMORY);
}

/** Lays out the predictor `lpc` (i16 Q12) for `shortTermRun`. */
export function shortTermPrepare(lpc: usize, order: i32): void {
  for (let i = 0; i < order; i += 2) store<u32>(PADDED + (<usize>i << 1), load<u32>(lpc + (<usize>i << 1)));
  memory.fill(PADDED + (<usize>order << 1), 0, <usize>(MAX_ORDER + 8 - order) << 1);
  let to = COEFFICIENTS;
  for (let d = 0; d < order; d++) {
    const a = v128.load_splat<i64>(PADDED + (<usize>d << 1));
    const wide = i32x4.extend_low_i16x8_s(a);
    v128.store(to, i32x4.shl(wide, 16));
    v128.store(to, v128.and(wide, i32x4.splat(0xffff)), 16);
    v128.store(to, i32x4.shl(wide, 15), 32);
    to += 48;
  }
}

/** Filters `length` (a multiple of four) samples of `source` (i32 Q14) behind the memory. */
export function shortTermRun(source: usize, order: i32, length: i32): void {
  const a0 = <i64>load<i16>(PADDED);
  const a1 = <i64>load<i16>(PADDED, 2);
  const a2 = <i64>load<i16>(PADDED, 4);
  const bias = order >> 1;
  const last = COEFFICIENTS + 48 * <usize>order;
  let excess = 0;
  let inputs = i32x4.splat(0);
  let to = SAMPLES + MEMORY;
  const end = to + (<usize>length << 2);
  while (to < end) {
    let sum0 = i32x4.splat(bias);
    let sum1 = i32x4.splat(0);
    let at = to;
    for (let c = COEFFICIENTS; c < last; c += 96) {
      at -= 8;
      const near = v128.load_splat<u32>(at, 4);
      const far = v128.load_splat<u32>(at);
      sum0 = i32x4.add(sum0, i32x4.dot_i16x8_s(near, v128.load(c)));
      sum1 = i32x4.add(sum1, i32x4.dot_i16x8_s(far, v128.load(c, 48)));
      const nearLow = i32x4.add(i32x4.dot_i16x8_s(near, v128.load(c, 16)), v128.load(c, 32));
      const farLow = i32x4.add(i32x4.dot_i16x8_s(far, v128.load(c, 64)), v128.load(c, 80));
      sum0 = i32x4.add(sum0, i32x4.shr_s(nearLow, 16));
      sum1 = i32x4.add(sum1, i32x4.shr_s(farLow, 16));
    }
    sum0 = i32x4.add(sum0, sum1);
    const x = v128.load(source);
    inputs = v128.or(inputs, i32x4.add(x, i32x4.splat(1 << 30)));

    const q0 = i32x4.extract_lane(sum0, 0);
    const s0 = i32x4.extract_lane(x, 0) + (q0 << 4);
    const q1 = i32x4.extract_lane(sum0, 1) + <i32>((s0 * a0) >> 16);
    const s1 = i32x4.extract_lane(x, 1) + (q1 << 4);
    const q2 = i32x4.extract_lane(sum0, 2) + <i32>((s0 * a1) >> 16) + <i32>((s1 * a0) >> 16);
    const s2 = i32x4.extract_lane(x, 2) + (q2 << 4);
    const q3 =
      i32x4.extract_lane(sum0, 3) + <i32>((s0 * a2) >> 16) + <i32>((s1 * a1) >> 16) + <i32>((s2 * a0) >> 16);
    const s3 = i32x4.extract_lane(x, 3) + (q3 << 4);
    excess |= (q0 + (1 << 26)) | (q1 + (1 << 26)) | (q2 + (1 << 26)) | (q3 + (1 << 26));
    store<i32>(to, s0 ^ SPLIT);
    store<i32>(to, s1 ^ SPLIT, 4);
    store<i32>(to, s2 ^ SPLIT, 8);
    store<i32>(to, s3 ^ SPLIT, 12);
    to += 16;
    source += 16;
  }
  // |q| below 2^26 and |x| below 2^30 keep every sum above from leaving 32 bits.
  if ((excess & (-1 << 27)) != 0 || i32x4.bitmask(inputs) != 0) {
    saturatingRun(source - (<usize>length << 2), order, length);
  }
}

/** The same with every limit observed. */
function saturatingRun(source: usize, order: i32, length: i32): void {
  for (let i = 0; i < length; i++) {
    const to = SAMPLES + MEMORY + (<usize>i << 2);
    let sum = order >> 1;
    for (let j = 0; j < order; j++) {
      sum += mulQ16(load<i32>(to - 4 - (<usize>j << 2)) ^ SPLIT, load<i16>(PADDED + (<usize>j << 1)));
    }
    const value = addSaturated(load<i32>(source + (<usize>i << 2)), shiftSaturated(sum, 4));
    store<i32>(to, value ^ SPLIT);
  }
}

/** Applies `gain` (Q10) to the run and rounds it to 16 bits at `out`; `length` is a multiple of four. */
export function shortTermOutput(out: usize, gain: i32, length: i32): void {
  const flip = i32x4.splat(SPLIT);
  const g = i32x4.splat(gain);
  for (let i: usize = 0; i < <usize>length; i += 4) {
    const s = v128.xor(v128.load(SAMPLES + MEMORY + (i << 2)), flip);
    const low = i64x2.shr_u(i64x2.extmul_low_i32x4_s(s, g), 16);
    const high = i64x2.shr_u(i64x2.extmul_high_i32x4_s(s, g), 16);
    const scaled = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
    const rounded = i32x4.shr_s(i32x4.add(i32x4.shr_s(scaled, 7), i32x4.splat(1)), 1);
    v128.store64_lane(out + (i << 1), i16x8.narrow_i32x4_s(rounded, rounded), 0);
  }
}

/** The run's samples with gain, added to 16-bit samples at `out`. */
export function shortTermAddTo(out: usize, gain: i32, length: i32): void {
  for (let i = 0; i < length; i++) {
    const value = mulQ16(load<i32>(SAMPLES + MEMORY + (<usize>i << 2)) ^ SPLIT, gain);
    const to = out + (<usize>i << 1);
    store<i16>(to, saturate16(<i32>load<i16>(to) + roundShift(value, 8)));
  }
}
