/*
 * Sums of the four lanes of a vector. The orders differ in rounding: which one a place has is part of its bits.
 */

/** (0 + 1) + (2 + 3) */
// @ts-ignore: decorator
@inline export function sumPairs(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** ((0 + 1) + 2) + 3 */
// @ts-ignore: decorator
@inline export function sumInOrder(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3);
}
