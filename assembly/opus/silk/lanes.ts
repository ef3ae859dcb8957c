/** Vector helpers of the synthesis filters. */

/** Flips between a 32-bit number and its split form: two signed halves, value = high * 2^16 + low + 2^15. */
// @ts-ignore: decorator
@inline export const SPLIT: i32 = 0x8000;

/** Product of four split samples with a factor of 16 bits: `upper` = factor << 16, `lower` = factor & 0xffff. */
// @ts-ignore: decorator
@inline export function splitProduct(x: v128, upper: v128, lower: v128, offset: v128): v128 {
  return i32x4.add(i32x4.dot_i16x8_s(x, upper), i32x4.shr_s(i32x4.add(i32x4.dot_i16x8_s(x, lower), offset), 16));
}

/** Sums of the four lanes of each of four vectors. */
// @ts-ignore: decorator
@inline export function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = i32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7));
  const cd = i32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7));
  return i32x4.add(v128.shuffle<i32>(ab, cd, 0, 1, 4, 5), v128.shuffle<i32>(ab, cd, 2, 3, 6, 7));
}

/** Two channels of i16 into one stream of pairs; `count` is a multiple of eight. */
export function interleave(out: usize, left: usize, right: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count << 1; i += 16) {
    const a = v128.load(left + i);
    const b = v128.load(right + i);
    v128.store(out + (i << 1), v128.shuffle<i16>(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(out + (i << 1), v128.shuffle<i16>(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
  }
}
