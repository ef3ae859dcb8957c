/**
 * From line spectral frequencies to a stable short-term predictor in Q12 (RFC 6716, sections 4.2.7.5.6 to .8).
 */
import { COSINE_Q12, ORDER10, ORDER16 } from "../tables/silk-nlsf";
import { inverse, mulHigh, mulQ16, roundShift, roundShift64, saturate16, subtractSaturated } from "./fixed-point";

/** Cosines, i32 Q16, even slots for P, odd ones for Q. */
const COSINES = memory.data(64, 16);
/** Coefficients of P and Q, i32 Q16 x 9 each. */
const P = memory.data(48, 16);
const Q = memory.data(48, 16);
/** Predictor before it is rounded, i32 Q17; then the rows of the inverse recursion, i32 Q24. */
const WIDE = memory.data(64, 16);
const ROW = memory.data(64, 16);

/** Reflection coefficients stay below this, Q24. */
// @ts-ignore: decorator
@inline const REFLECTION_LIMIT: i32 = 16773022;
/** Least inverse prediction gain, Q30: 1 / 10000. */
// @ts-ignore: decorator
@inline const INVERSE_GAIN_LIMIT: i32 = 107374;

/** Converts `nlsf` (i16 Q15) into the predictor `lpc` (i16 Q12). */
export function nlsfToLpc(lpc: usize, nlsf: usize, order: i32): void {
  const slots = order == 16 ? ORDER16 : ORDER10;
  for (let k = 0; k < order; k++) {
    const frequency: i32 = load<i16>(nlsf + (k << 1));
    const at = COSINE_Q12 + ((frequency >> 8) << 1);
    const left: i32 = load<i16>(at);
    const slope = <i32>load<i16>(at, 2) - left;
    const slot: usize = load<u8>(slots + k);
    store<i32>(COSINES + (slot << 2), roundShift((left << 8) + slope * (frequency & 255), 4));
  }
  const half = order >> 1;
  expandProduct(P, COSINES, half);
  expandProduct(Q, COSINES + 4, half);
  for (let k = 0; k < half; k++) {
    const sum = load<i32>(P + (k << 2), 4) + load<i32>(P + (k << 2));
    const difference = load<i32>(Q + (k << 2), 4) - load<i32>(Q + (k << 2));
    store<i32>(WIDE + (k << 2), -difference - sum);
    store<i32>(WIDE + ((order - 1 - k) << 2), difference - sum);
  }
  fitQ12(lpc, order);
  for (let i = 0; i < 16 && inversePredictionGain(lpc, order) == 0; i++) {
    expandBandwidth(WIDE, order, 65536 - (2 << i));
    for (let k = 0; k < order; k++) store<i16>(lpc + (k << 1), roundShift(load<i32>(WIDE + (k << 2)), 5));
  }
}

/** Coefficients 0..half of the product of (1 - 2 cos z^-1 + z^-2), Q16; the rest is symmetric. */
function expandProduct(out: usize, cosines: usize, half: i32): void {
  store<i32>(out, 65536);
  store<i32>(out, -load<i32>(cosines), 4);
  for (let k = 1; k < half; k++) {
    const c = <i64>load<i32>(cosines + (k << 3));
    const top = out + (k << 2);
    store<i32>(top, (load<i32>(top - 4) << 1) - <i32>roundShift64(c * load<i32>(top), 16), 4);
    for (let at = top; at > out + 4; at -= 4) {
      store<i32>(at, load<i32>(at) + load<i32>(at - 8) - <i32>roundShift64(c * load<i32>(at - 4), 16));
    }
    store<i32>(out, load<i32>(out, 4) - <i32>c, 4);
  }
}

/** Multiplies coefficient k of `wide` (i32) by chirp^(k + 1), Q16. */
function expandBandwidth(wide: usize, order: i32, chirp: i32): void {
  const step = chirp - 65536;
  let factor = chirp;
  for (let k = 0; k < order; k++) {
    const at = wide + (k << 2);
    store<i32>(at, mulQ16(factor, load<i32>(at)));
    factor += roundShift(factor * step, 16);
  }
}

/** The same on a predictor of i16, rounded. */
export function expandBandwidth16(lpc: usize, order: i32, chirp: i32): void {
  const step = chirp - 65536;
  let factor = chirp;
  for (let k = 0; k < order; k++) {
    const at = lpc + (k << 1);
    store<i16>(at, roundShift(factor * <i32>load<i16>(at), 16));
    factor += roundShift(factor * step, 16);
  }
}

/** Narrows `WIDE` until it fits 16 bits in Q12, and rounds it into `lpc` (section 4.2.7.5.7). */
function fitQ12(lpc: usize, order: i32): void {
  for (let round = 0; round < 10; round++) {
    let largest = -1;
    let position = 0;
    for (let k = 0; k < order; k++) {
      const magnitude = abs(load<i32>(WIDE + (k << 2)));
      if (magnitude > largest) {
        largest = magnitude;
        position = k;
      }
    }
    const level = roundShift(largest, 5);
    if (level <= 32767) {
      for (let k = 0; k < order; k++) store<i16>(lpc + (k << 1), roundShift(load<i32>(WIDE + (k << 2)), 5));
      return;
    }
    const bounded = min(level, 163838);
    expandBandwidth(WIDE, order, 65470 - ((bounded - 32767) << 14) / ((bounded * (position + 1)) >> 2));
  }
  for (let k = 0; k < order; k++) {
    const value = saturate16(roundShift(load<i32>(WIDE + (k << 2)), 5));
    store<i16>(lpc + (k << 1), value);
    store<i32>(WIDE + (k << 2), value << 5);
  }
}

/**
 * Inverse of the prediction gain of `lpc` (i16 Q12), Q30; 0 when the filter is unstable or gains more than 10^4
 * (section 4.2.7.5.8 with RFC 8251, section 6).
 */
export function inversePredictionGain(lpc: usize, order: i32): i32 {
  let response = 0;
  for (let k = 0; k < order; k++) {
    const value: i32 = load<i16>(lpc + (k << 1));
    response += value;
    store<i32>(ROW + (k << 2), value << 12);
  }
  if (response >= 4096) return 0;
  let gain = 1 << 30;
  for (let k = order - 1; k >= 0; k--) {
    const last = load<i32>(ROW + (k << 2));
    if (last > REFLECTION_LIMIT || last < -REFLECTION_LIMIT) return 0;
    const reflection = -(last << 7);
    const divisor = (1 << 30) - mulHigh(reflection, reflection);
    gain = mulHigh(gain, divisor) << 2;
    if (gain < INVERSE_GAIN_LIMIT) return 0;
    if (k > 0 && !lowerOrder(k, reflection, divisor)) return 0;
  }
  return gain;
}

/** One step of the recursion, from order k + 1 to k in place; false when a coefficient leaves 32 bits. */
// @ts-ignore: decorator
@inline function lowerOrder(k: i32, reflection: i32, divisor: i32): bool {
  const shift = 32 - clz(abs(divisor));
  const multiplier = <i64>inverse(divisor, shift + 30);
  let low = ROW;
  let high = ROW + ((k - 1) << 2);
  while (low <= high) {
    const a = load<i32>(low);
    const b = load<i32>(high);
    const left = subtractSaturated(a, <i32>roundShift64(<i64>b * reflection, 31));
    const right = subtractSaturated(b, <i32>roundShift64(<i64>a * reflection, 31));
    const newLeft = roundShift64(left * multiplier, shift);
    const newRight = roundShift64(right * multiplier, shift);
    if (newLeft != <i64><i32>newLeft || newRight != <i64><i32>newRight) return false;
    store<i32>(low, <i32>newLeft);
    store<i32>(high, <i32>newRight);
    low += 4;
    high -= 4;
  }
  return true;
}
