/*
 * Search for the pulse vector nearest in direction to a shape (RFC 6716, section 5.3.8): of all integer vectors y with
 * K pulses the one with the largest <x, y>^2/<y, y>. A projection onto the pyramid places most pulses at once, the
 * rest go one by one where each helps most.
 */
import { sumPairs } from "../lane-sums";

/** Magnitudes, pulses, and pulses doubled plus one; 176 f32 and room for a last vector. */
const SIZE = memory.data(768, 16);
const PULSES = memory.data(768, 16);

/** Replaces the `size` f32 at `x` by `pulses` signed pulses; gives their energy. */
export function searchPulses(x: usize, size: i32, pulses: i32): i32 {
  const bytes = <usize>size << 2;
  const padded = (bytes + 15) & ~15;
  // Lanes past the end hold nothing and win nothing.
  v128.store(SIZE + padded - 16, f32x4.splat(0));
  memory.copy(SIZE, x, bytes);
  let sum4 = f32x4.splat(0);
  for (let i: usize = 0; i < padded; i += 16) {
    const v = f32x4.abs(v128.load(SIZE + i));
    v128.store(SIZE + i, v);
    sum4 = f32x4.add(sum4, v);
  }
  const sum = sumPairs(sum4);
  const zero = f32x4.splat(0);
  let left = pulses;
  let cross: f32 = 0;
  let energy: f32 = 0;
  if (!(sum > 1e-15 && sum < 64e6)) {
    // Nothing to go by: all in the first.
    for (let i: usize = 0; i < bytes; i += 4) store<f32>(x + i, 0);
    store<f32>(x, <f32>pulses);
    return pulses * pulses;
  }
  if (pulses > size >> 1) {
    // Rounded down, so that there are never too many; 0.8 keeps clear of rounding errors.
    const factor = f32x4.splat((<f32>pulses + 0.8) / sum);
    let cross4 = zero;
    let energy4 = zero;
    let placed4 = zero;
    for (let i: usize = 0; i < padded; i += 16) {
      const v = v128.load(SIZE + i);
      const y = f32x4.floor(f32x4.mul(v, factor));
      v128.store(PULSES + i, y);
      cross4 = f32x4.add(cross4, f32x4.mul(v, y));
      energy4 = f32x4.add(energy4, f32x4.mul(y, y));
      placed4 = f32x4.add(placed4, y);
    }
    cross = sumPairs(cross4);
    energy = sumPairs(energy4);
    left -= <i32>sumPairs(placed4);
  } else {
    for (let i: usize = 0; i < padded; i += 16) v128.store(PULSES + i, zero);
  }

  for (; left > 0; left--) {
    const cross4 = f32x4.splat(cross);
    const energy4 = f32x4.splat(energy + 1);
    // Scores are fractions, compared crosswise: a/b > c/d where a d > c b.
    let above4 = f32x4.splat(-1);
    let below4 = f32x4.splat(1);
    let at4 = i32x4.splat(0);
    let index = i32x4(0, 1, 2, 3);
    const four = i32x4.splat(4);
    for (let i: usize = 0; i < padded; i += 16) {
      const c = f32x4.add(cross4, v128.load(SIZE + i));
      const y = v128.load(PULSES + i);
      const above = f32x4.mul(c, c);
      const below = f32x4.add(energy4, f32x4.add(y, y));
      const better = f32x4.gt(f32x4.mul(above, below4), f32x4.mul(above4, below));
      above4 = v128.bitselect(above, above4, better);
      below4 = v128.bitselect(below, below4, better);
      at4 = v128.bitselect(index, at4, better);
      index = i32x4.add(index, four);
    }
    const score4 = f32x4.div(above4, below4);
    let best = f32x4.extract_lane(score4, 0);
    let at = i32x4.extract_lane(at4, 0);
    if (f32x4.extract_lane(score4, 1) > best) {
      best = f32x4.extract_lane(score4, 1);
      at = i32x4.extract_lane(at4, 1);
    }
    if (f32x4.extract_lane(score4, 2) > best) {
      best = f32x4.extract_lane(score4, 2);
      at = i32x4.extract_lane(at4, 2);
    }
    if (f32x4.extract_lane(score4, 3) > best) at = i32x4.extract_lane(at4, 3);
    if (at >= size) at = size - 1;
    const cell = <usize>at << 2;
    const y = load<f32>(PULSES + cell);
    cross += load<f32>(SIZE + cell);
    energy += 2 * y + 1;
    store<f32>(PULSES + cell, y + 1);
  }

  for (let i: usize = 0; i < bytes; i += 4) {
    store<f32>(x + i, copysign<f32>(load<f32>(PULSES + i), load<f32>(x + i)));
  }
  return <i32>energy;
}
