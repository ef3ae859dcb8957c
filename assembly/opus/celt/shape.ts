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
  let sum = f32x4.extract_lane(sum4, 0) + f32x4.extract_lane(sum4, 1) +
    (f32x4.extract_lane(sum4, 2) + f32x4.extract_lane(sum4, 3));
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

/** A copy of lower frequencies with a little noise, of length `gain`; gives the generator's new state. */
export function fillFolded(x: usize, source: usize, size: i32, gain: f32, seed: u32): u32 {
  for (let i = 0; i < size; i++) {
    seed = nextSeed(seed);
    const noise: f32 = seed & 0x8000 ? 1.0 / 256.0 : -1.0 / 256.0;
    store<f32>(x + (<usize>i << 2), load<f32>(source + (<usize>i << 2)) + noise);
  }
  normalise(x, size, gain);
  return seed;
}

/**
 * Mid and side to left and right (RFC 6716, section 4.3.4): `x` is the mid's shape, `y` the side with its gain. Where one of the two
 * would vanish, both get the mid.
 */
export function mergeStereo(x: usize, y: usize, size: i32, mid: f32): void {
  let cross: f32 = 0;
  const end = x + (<usize>size << 2);
  for (let p = x, q = y; p < end; p += 4, q += 4) cross += load<f32>(p) * load<f32>(q);
  const energy = mid * mid + energyOf(y, size);
  const left = energy - 2 * mid * cross;
  const right = energy + 2 * mid * cross;
  if (left < 6e-4 || right < 6e-4) {
    memory.copy(y, x, <usize>size << 2);
    return;
  }
  const leftGain: f32 = 1 / sqrt<f32>(left);
  const rightGain: f32 = 1 / sqrt<f32>(right);
  for (let p = x, q = y; p < end; p += 4, q += 4) {
    const m = mid * load<f32>(p);
    const s = load<f32>(q);
    store<f32>(p, leftGain * (m - s));
    store<f32>(q, rightGain * (m + s));
  }
}
