// Montgomery arithmetic modulo an odd number of up to 2048 bits. A number is 74 limbs of 28 bits, as
// 32-bit words, so that sums of 148 products of 56 bits fit 64 bits and no carry is needed inside a
// product. R = 2^2072 is more than 4 times any modulus m, so products of numbers below 2m stay below
// 2m, and a subtraction happens only at the very end. No branch or address depends on a number.

import { wipe } from "../core/bytes";

// @ts-ignore: decorator
@inline
export const LIMBS: usize = 74;
/** Room of a number: 16 bytes of zeros, 74 limbs, zeros up to limb 80. Numbers are addressed by limb 0. */
// @ts-ignore: decorator
@inline
export const NUMBER_BYTES: usize = 336;
// @ts-ignore: decorator
@inline
const MASK: u64 = 0xfffffff;

/** Accumulators: 152 words of 64 bits. */
const SUMS: usize = memory.data(1216, 16);
const TEMP: usize = memory.data(336, 16);
/** Twice the number to be squared, with 16 zero bytes before it. */
const DOUBLED: usize = memory.data(336, 16) + 16;

/** -1/m mod 2^28 by Newton's iteration; the modulus is public. */
export function negativeInverse(modulus: usize): u64 {
  const m = load<u32>(modulus);
  let inverse = m; // right to 3 bits
  for (let i = 0; i < 4; i++) inverse *= 2 - m * inverse;
  return (0 - <u64>inverse) & MASK;
}

/** target = a * b / R mod m, below 2m if a and b are. `target` may be `a` or `b`. */
export function montgomeryMultiply(target: usize, a: usize, b: usize, m: usize, n0: u64): void {
  wipe(SUMS, 1216);
  const b0: u64 = load<u32>(b);
  const b1: u64 = load<u32>(b, 4);
  const m0: u64 = load<u32>(m);
  const m1: u64 = load<u32>(m, 4);
  // Two rows a pass. The window of sums moves by two words; words that leave it are zero mod 2^28.
  for (let i: usize = 0; i < LIMBS; i += 2) {
    const sums = SUMS + (i << 3);
    const a0: u64 = load<u32>(a + (i << 2));
    const a1: u64 = load<u32>(a + (i << 2), 4);
    const t0 = load<u64>(sums) + a0 * b0;
    const q0 = (t0 * n0) & MASK;
    const t1 = load<u64>(sums, 8) + a0 * b1 + a1 * b0 + q0 * m1 + ((t0 + q0 * m0) >> 28);
    const q1 = (t1 * n0) & MASK;
    const a0s = i32x4.splat(<i32>a0);
    const a1s = i32x4.splat(<i32>a1);
    const q0s = i32x4.splat(<i32>q0);
    const q1s = i32x4.splat(<i32>q1);
    let s = sums;
    let bAt = b - 4;
    for (let mAt = m - 4, end = mAt + 304; mAt < end; mAt += 16) {
      const bj = v128.load(bAt, 4);
      const bp = v128.load(bAt);
      const mj = v128.load(mAt, 4);
      const mp = v128.load(mAt);
      bAt += 16;
      const low = i64x2.add(
        i64x2.add(i64x2.extmul_low_i32x4_u(bj, a0s), i64x2.extmul_low_i32x4_u(bp, a1s)),
        i64x2.add(i64x2.extmul_low_i32x4_u(mj, q0s), i64x2.extmul_low_i32x4_u(mp, q1s)),
      );
      const high = i64x2.add(
        i64x2.add(i64x2.extmul_high_i32x4_u(bj, a0s), i64x2.extmul_high_i32x4_u(bp, a1s)),
        i64x2.add(i64x2.extmul_high_i32x4_u(mj, q0s), i64x2.extmul_high_i32x4_u(mp, q1s)),
      );
      v128.store(s, i64x2.add(v128.load(s), low));
      v128.store(s, i64x2.add(v128.load(s, 16), high), 16);
      s += 32;
    }
    const second = load<u64>(sums, 8) + (load<u64>(sums) >> 28);
    store<u64>(sums, load<u64>(sums, 16) + (second >> 28), 16);
  }
  carry(target, SUMS + (LIMBS << 3));
}

/** target = a * a / R mod m, below 2m if a is. Each product of two different limbs is taken once, doubled. */
export function montgomerySquare(target: usize, a: usize, m: usize, n0: u64): void {
  wipe(SUMS, 1216);
  for (let i: usize = 0; i < 320; i += 16) {
    v128.store(DOUBLED + i, i32x4.shl(v128.load(a + i), 1));
  }
  // Rows i and i + 1: what lies at or right below the diagonal one by one, the rest as vectors.
  for (let i: usize = 0; i < LIMBS; i += 2) {
    const d = DOUBLED + (i << 2);
    const a0: u64 = load<u32>(a + (i << 2));
    const a1: u64 = load<u32>(a + (i << 2), 4);
    const d2: u64 = load<u32>(d, 8);
    let s = SUMS + (i << 4);
    store<u64>(s, load<u64>(s) + a0 * a0);
    store<u64>(s, load<u64>(s, 8) + a0 * <u64>load<u32>(d, 4), 8);
    store<u64>(s, load<u64>(s, 16) + a0 * d2 + a1 * a1, 16);
    store<u64>(s, load<u64>(s, 24) + a0 * <u64>load<u32>(d, 12) + a1 * d2, 24);
    const a0s = i32x4.splat(<i32>a0);
    const a1s = i32x4.splat(<i32>a1);
    for (let at = DOUBLED + (i << 2) + 12; at < DOUBLED + 296; at += 16) {
      s += 32;
      const dj = v128.load(at, 4);
      const dp = v128.load(at);
      const low = i64x2.add(i64x2.extmul_low_i32x4_u(dj, a0s), i64x2.extmul_low_i32x4_u(dp, a1s));
      const high = i64x2.add(i64x2.extmul_high_i32x4_u(dj, a0s), i64x2.extmul_high_i32x4_u(dp, a1s));
      v128.store(s, i64x2.add(v128.load(s), low));
      v128.store(s, i64x2.add(v128.load(s, 16), high), 16);
    }
  }
  const m0: u64 = load<u32>(m);
  const m1: u64 = load<u32>(m, 4);
  for (let i: usize = 0; i < LIMBS; i += 2) {
    const sums = SUMS + (i << 3);
    const t0 = load<u64>(sums);
    const q0 = (t0 * n0) & MASK;
    const t1 = load<u64>(sums, 8) + q0 * m1 + ((t0 + q0 * m0) >> 28);
    const q1 = (t1 * n0) & MASK;
    const q0s = i32x4.splat(<i32>q0);
    const q1s = i32x4.splat(<i32>q1);
    let s = sums;
    for (let at = m - 4, end = at + 304; at < end; at += 16) {
      const mj = v128.load(at, 4);
      const mp = v128.load(at);
      const low = i64x2.add(i64x2.extmul_low_i32x4_u(mj, q0s), i64x2.extmul_low_i32x4_u(mp, q1s));
      const high = i64x2.add(i64x2.extmul_high_i32x4_u(mj, q0s), i64x2.extmul_high_i32x4_u(mp, q1s));
      v128.store(s, i64x2.add(v128.load(s), low));
      v128.store(s, i64x2.add(v128.load(s, 16), high), 16);
      s += 32;
    }
    const second = load<u64>(sums, 8) + (load<u64>(sums) >> 28);
    store<u64>(sums, load<u64>(sums, 16) + (second >> 28), 16);
  }
  carry(target, SUMS + (LIMBS << 3));
}

/** Sums to limbs. */
function carry(target: usize, sums: usize): void {
  let rest: u64 = 0;
  for (let i: usize = 0; i < LIMBS; i++) {
    rest += load<u64>(sums + (i << 3));
    store<u32>(target + (i << 2), <u32>(rest & MASK));
    rest >>= 28;
  }
}

/** target = a mod m for a < 2m: one subtraction, kept or not by mask. */
export function reduceOnce(target: usize, m: usize): void {
  const t = TEMP + 16;
  let borrow: u32 = 0;
  for (let i: usize = 0; i < LIMBS << 2; i += 4) {
    const d = load<u32>(target + i) - load<u32>(m + i) - borrow;
    borrow = d >> 31;
    store<u32>(t + i, d & <u32>MASK);
  }
  const keep = 0 - borrow; // all ones when a < m
  for (let i: usize = 0; i < LIMBS << 2; i += 4) {
    store<u32>(target + i, (load<u32>(target + i) & keep) | (load<u32>(t + i) & ~keep));
  }
}

/** target = 2 * target mod m for target < m. */
export function double(target: usize, m: usize): void {
  let rest: u32 = 0;
  for (let i: usize = 0; i < LIMBS << 2; i += 4) {
    const d = (load<u32>(target + i) << 1) | rest;
    store<u32>(target + i, d & <u32>MASK);
    rest = d >> 28;
  }
  reduceOnce(target, m);
}

/** A big-endian number of 256 bytes to limbs. */
export function fromBytes(target: usize, bytes: usize): void {
  const little = TEMP; // 256 bytes and zeros behind them
  for (let i: usize = 0; i < 256; i++) store<u8>(little + i, load<u8>(bytes + 255 - i));
  wipe(little + 256, 80);
  wipe(target - 16, NUMBER_BYTES);
  for (let i: usize = 0; i < LIMBS; i++) {
    const bit = i * 28;
    const word = load<u32>(little + (bit >> 3)) >> <u32>(bit & 7);
    store<u32>(target + (i << 2), word & <u32>MASK);
  }
}

/** Limbs to a big-endian number of 256 bytes. */
export function toBytes(bytes: usize, number: usize): void {
  const little = TEMP;
  for (let i: usize = 0; i < LIMBS / 2; i++) {
    const pair = <u64>load<u32>(number + (i << 3)) | (<u64>load<u32>(number + (i << 3), 4) << 28);
    store<u64>(little + i * 7, pair);
  }
  for (let i: usize = 0; i < 256; i++) store<u8>(bytes + i, load<u8>(little + 255 - i));
}

/** Wipes what the functions of this file left in their scratch. */
export function wipeMontgomery(): void {
  wipe(SUMS, 1216);
  wipe(TEMP, 336);
  wipe(DOUBLED, 320);
}
