import { SPREAD_FACTOR } from "../tables/celt-pulses";
import { cosineNear, sineNear } from "./trigonometry";

/*
 * Spreading (RFC 6716, section 4.3.4.3): rotations of all neighbours `stride` apart, forward and then back, each
 * (x1, x2) -> (c x1 - s x2, s x1 + c x2).
 */

/** Neighbours a stride apart: as many chains as the stride, side by side. */
function rotateStrided(x: usize, size: i32, stride: i32, c: f32, s: f32): void {
  const step = <usize>stride << 2;
  let address = x;
  const end = x + (<usize>(size - stride) << 2);
  for (; address < end; address += 4) {
    const x1 = load<f32>(address);
    const x2 = load<f32>(address + step);
    store<f32>(address + step, c * x2 + s * x1);
    store<f32>(address, c * x1 - s * x2);
  }
  if (size < 2 * stride) return;
  address = x + (<usize>(size - 2 * stride) << 2);
  while (address > x) {
    address -= 4;
    const x1 = load<f32>(address);
    const x2 = load<f32>(address + step);
    store<f32>(address + step, c * x2 + s * x1);
    store<f32>(address, c * x1 - s * x2);
  }
}

/**
 * Direct neighbours: one chain. Forward, with t[0] = x[0]: t[i + 1] = c x[i + 1] + s t[i], x[i] = c t[i] - s x[i +
 * 1]. Four steps at a time: sums of c x weighted by powers of s, then s^1..s^4 times the last t. Backward likewise
 * with -s.
 */
function rotateNeighbours(x: usize, size: i32, c: f32, s: f32): void {
  const c4 = f32x4.splat(c);
  const s4 = f32x4.splat(s);
  const squared = s * s;
  const squared4 = f32x4.splat(squared);
  const zero = f32x4.splat(0);
  const last = x + (<usize>(size - 1) << 2);
  let address = x;

  let t4 = v128.load32_splat(x);
  const rising = f32x4(s, squared, squared * s, squared * squared);
  for (; address + 16 <= last; address += 16) {
    const next = v128.load(address, 4);
    let sum = f32x4.mul(c4, next);
    sum = f32x4.add(sum, f32x4.mul(s4, v128.shuffle<f32>(zero, sum, 0, 4, 5, 6)));
    sum = f32x4.add(sum, f32x4.mul(squared4, v128.shuffle<f32>(zero, sum, 0, 1, 4, 5)));
    const t = f32x4.add(sum, f32x4.mul(rising, t4));
    const before = v128.shuffle<f32>(t4, t, 3, 4, 5, 6);
    v128.store(address, f32x4.sub(f32x4.mul(c4, before), f32x4.mul(s4, next)));
    t4 = v128.shuffle<f32>(t, t, 3, 3, 3, 3);
  }
  let t = f32x4.extract_lane(t4, 0);
  for (; address < last; address += 4) {
    const next = load<f32>(address, 4);
    store<f32>(address, c * t - s * next);
    t = c * next + s * t;
  }
  store<f32>(last, t);

  // Backward from the last but one: `address` is where t belongs.
  address = last - 4;
  t4 = v128.load32_splat(address);
  const falling = f32x4(squared * squared, -squared * s, squared, -s);
  for (; address >= x + 16; address -= 16) {
    const below = v128.load(address - 16);
    let sum = f32x4.mul(c4, below);
    sum = f32x4.sub(sum, f32x4.mul(s4, v128.shuffle<f32>(sum, zero, 1, 2, 3, 4)));
    sum = f32x4.add(sum, f32x4.mul(squared4, v128.shuffle<f32>(sum, zero, 2, 3, 4, 5)));
    const u = f32x4.add(sum, f32x4.mul(falling, t4));
    const above = v128.shuffle<f32>(u, t4, 1, 2, 3, 4);
    v128.store(address - 12, f32x4.add(f32x4.mul(c4, above), f32x4.mul(s4, below)));
    t4 = v128.shuffle<f32>(u, u, 0, 0, 0, 0);
  }
  t = f32x4.extract_lane(t4, 0);
  for (; address > x; address -= 4) {
    const below = load<f32>(address - 4);
    store<f32>(address, c * t + s * below);
    t = c * below - s * t;
  }
  store<f32>(x, t);
}

/**
 * Undoes the encoder's spreading of a vector of `size` elements in `blocks` blocks with `pulses` pulses. Does nothing
 * for spread 0 and for dense vectors.
 */
export function spreadRotation(x: usize, size: i32, blocks: i32, pulses: i32, spread: i32): void {
  rotateBlocks(x, size, blocks, pulses, spread, false);
}

/** The encoder's spreading, before the pulses are searched for: the inverse of `spreadRotation`. */
export function spreadForward(x: usize, size: i32, blocks: i32, pulses: i32, spread: i32): void {
  rotateBlocks(x, size, blocks, pulses, spread, true);
}

function rotateBlocks(x: usize, size: i32, blocks: i32, pulses: i32, spread: i32, forward: bool): void {
  if (spread == 0 || 2 * pulses >= size) return;
  const factor = <i32>load<u8>(SPREAD_FACTOR + <usize>spread);
  const gain = <f64>size / <f64>(size + factor * pulses);
  const angle = gain * gain * 0.5;
  const c = <f32>cosineNear(angle);
  const s = <f32>sineNear(angle);

  // The stride is the rounded square root of the elements per block; only from 8 elements a block on.
  let stride = 0;
  if (size >= 8 * blocks) {
    stride = 1;
    while ((stride * stride + stride) * blocks + (blocks >> 2) < size) stride++;
  }
  const length = size / blocks;
  if (length < 2) return;
  for (let block = 0; block < blocks; block++) {
    const start = x + (<usize>(block * length) << 2);
    if (forward) {
      rotateNeighbours(start, length, c, -s);
      if (stride) rotateStrided(start, length, stride, s, -c);
    } else {
      if (stride) rotateStrided(start, length, stride, s, c);
      rotateNeighbours(start, length, c, s);
    }
  }
}
