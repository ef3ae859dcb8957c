import { sumPairs } from "../lane-sums";

/** Operations on one band's shape: f32 vectors of `size` elements, scaled to a given length. */

/** Sum of squares. */
export function energyOf(x: usize, size: i32): f32 {
  const end = x + (<usize>size << 2);
  const wide = x + (<usize>(size & ~3) << 2);
  let sum4 = f32x4.splat(0);
  for (; x < wide; x += 16) {
    const v = v128.load(x);
    sum4 = f32x4.add(sum4, f32x4.mul(v, v));
  }
  let sum = sumPairs(sum4);
  for (; x < end; x += 4) {
    const v = load<f32>(x);
    sum += v * v;
  }
  return sum;
}

/** to = factor * from; `to` may be `from`. */
export function scale(to: usize, from: usize, size: i32, factor: f32): void {
  const end = from + (<usize>size << 2);
  const wide = from + (<usize>(size & ~3) << 2);
  const factor4 = f32x4.splat(factor);
  for (; from < wide; from += 16, to += 16) v128.store(to, f32x4.mul(v128.load(from), factor4));
  for (; from < end; from += 4, to += 4) store<f32>(to, load<f32>(from) * factor);
}

/** Scales to length `gain`; a vector of zeros stays one. */
export function normalise(x: usize, size: i32, gain: f32): void {
  scale(x, x, size, gain / sqrt<f32>(energyOf(x, size) + 1e-15));
}

/** Next state of the noise generator of CELT. */
// @ts-ignore: decorator
@inline export function nextSeed(seed: u32): u32 {
  return 1664525 * seed + 1013904223;
}

/** Noise of length `gain` (RFC 6716, section 4.3.4); gives the generator's new state. */
export function fillNoise(x: usize, size: i32, gain: f32, seed: u32): u32 {
  for (let i = 0; i < size; i++) {
    seed = nextSeed(seed);
    store<f32>(x + (<usize>i << 2), <f32>(<i32>seed >> 20));
  }
  normalise(x, size, gain);
  return seed;
}

/** Multiplier and increment of four steps of the generator at once. */
// @ts-ignore: decorator
@inline const SEED4_MUL: i32 = <i32>(1664525 * 1664525 * 1664525 * 1664525);
// @ts-ignore: decorator
@inline const SEED4_ADD: i32 = <i32>(1013904223 * (1 + 1664525 * (1 + 1664525 * (1 + 1664525))));

/** A copy of lower frequencies with a little noise, of length `gain`; gives the generator's new state. */
export function fillFolded(x: usize, source: usize, size: i32, gain: f32, seed: u32): u32 {
  const first = nextSeed(seed);
  const second = nextSeed(first);
  const third = nextSeed(second);
  let seeds = i32x4(first, second, third, nextSeed(third));
  const level = f32x4.splat(1.0 / 256.0);
  const signs = i32x4.splat(<i32>0x80000000);
  const wide = <usize>(size & ~3) << 2;
  const bytes = <usize>size << 2;
  let sum4 = f32x4.splat(0);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    // Bit 15 set: +1/256.
    const noise = v128.xor(level, v128.andnot(signs, i32x4.shl(seeds, 16)));
    const v = f32x4.add(v128.load(source + i), noise);
    sum4 = f32x4.add(sum4, f32x4.mul(v, v));
    v128.store(x + i, v);
    seed = i32x4.extract_lane(seeds, 3);
    seeds = i32x4.add(i32x4.mul(seeds, i32x4.splat(SEED4_MUL)), i32x4.splat(SEED4_ADD));
  }
  let sum = sumPairs(sum4);
  for (; i < bytes; i += 4) {
    seed = nextSeed(seed);
    const noise: f32 = seed & 0x8000 ? 1.0 / 256.0 : -1.0 / 256.0;
    const v = load<f32>(source + i) + noise;
    sum += v * v;
    store<f32>(x + i, v);
  }
  scale(x, x, size, gain / sqrt<f32>(sum + 1e-15));
  return seed;
}

/**
 * Mid and side to left and right (RFC 6716, section 4.3.4): `x` is the mid's shape, `y` the side with its gain. Where
 * one of the two would vanish, both get the mid.
 */
export function mergeStereo(x: usize, y: usize, size: i32, mid: f32): void {
  const bytes = <usize>size << 2;
  const wide = <usize>(size & ~3) << 2;
  let cross4 = f32x4.splat(0);
  let side4 = f32x4.splat(0);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    const s = v128.load(y + i);
    cross4 = f32x4.add(cross4, f32x4.mul(v128.load(x + i), s));
    side4 = f32x4.add(side4, f32x4.mul(s, s));
  }
  let cross = sumPairs(cross4);
  let side = sumPairs(side4);
  for (; i < bytes; i += 4) {
    const s = load<f32>(y + i);
    cross += load<f32>(x + i) * s;
    side += s * s;
  }
  const energy = mid * mid + side;
  const left = energy - 2 * mid * cross;
  const right = energy + 2 * mid * cross;
  if (left < 6e-4 || right < 6e-4) {
    memory.copy(y, x, bytes);
    return;
  }
  const leftGain: f32 = 1 / sqrt<f32>(left);
  const rightGain: f32 = 1 / sqrt<f32>(right);
  const left4 = f32x4.splat(leftGain);
  const right4 = f32x4.splat(rightGain);
  const mid4 = f32x4.splat(mid);
  for (i = 0; i < wide; i += 16) {
    const m = f32x4.mul(mid4, v128.load(x + i));
    const s = v128.load(y + i);
    v128.store(x + i, f32x4.mul(left4, f32x4.sub(m, s)));
    v128.store(y + i, f32x4.mul(right4, f32x4.add(m, s)));
  }
  for (; i < bytes; i += 4) {
    const m = mid * load<f32>(x + i);
    const s = load<f32>(y + i);
    store<f32>(x + i, leftGain * (m - s));
    store<f32>(y + i, rightGain * (m + s));
  }
}

/** Sets `size` elements to zero: a loop is faster than a call for so few. */
// @ts-ignore: decorator
@inline export function clear(x: usize, size: i32): void {
  const end = x + (<usize>size << 2);
  const wide = x + (<usize>(size & ~3) << 2);
  const zero = i32x4.splat(0);
  for (; x < wide; x += 16) v128.store(x, zero);
  for (; x < end; x += 4) store<u32>(x, 0);
}
