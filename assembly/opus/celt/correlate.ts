/* Dot products for searches over lags: sums in several lanes, so that no addition waits for the one before. */
import { sumPairs } from "../lane-sums";

/** Dot product of `count` f32, any number. */
export function correlate(x: usize, y: usize, count: i32): f32 {
  let a = f32x4.splat(0);
  let b = a, c = a, d = a;
  const wide = x + (<usize>(count & ~15) << 2);
  for (; x < wide; x += 64, y += 64) {
    a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(y)));
    b = f32x4.add(b, f32x4.mul(v128.load(x, 16), v128.load(y, 16)));
    c = f32x4.add(c, f32x4.mul(v128.load(x, 32), v128.load(y, 32)));
    d = f32x4.add(d, f32x4.mul(v128.load(x, 48), v128.load(y, 48)));
  }
  let sum = sumPairs(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
  for (let i = 0; i < (count & 15); i++) {
    sum += load<f32>(x + (<usize>i << 2)) * load<f32>(y + (<usize>i << 2));
  }
  return sum;
}

/** Dot products of `count` f32 (an even number) at `x` with those at `y`, and 1, 2 and 3 samples before: four f32 at `out`. */
export function correlateFour(x: usize, y: usize, count: i32, out: usize): void {
  let a = f32x4.splat(0);
  let b = a, c = a, d = a;
  const wide = x + (<usize>(count & ~3) << 2);
  for (; x < wide; x += 16, y += 16) {
    const v = v128.load(x);
    a = f32x4.add(a, f32x4.mul(v, v128.load(y)));
    b = f32x4.add(b, f32x4.mul(v, v128.load(y - 4)));
    c = f32x4.add(c, f32x4.mul(v, v128.load(y - 8)));
    d = f32x4.add(d, f32x4.mul(v, v128.load(y - 12)));
  }
  if (count & 2) {
    const v = v128.load64_zero(x);
    a = f32x4.add(a, f32x4.mul(v, v128.load64_zero(y)));
    b = f32x4.add(b, f32x4.mul(v, v128.load64_zero(y - 4)));
    c = f32x4.add(c, f32x4.mul(v, v128.load64_zero(y - 8)));
    d = f32x4.add(d, f32x4.mul(v, v128.load64_zero(y - 12)));
  }
  // Columns to rows: each lane becomes one sum.
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  const first = f32x4.add(v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5), v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7));
  const second = f32x4.add(v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7));
  v128.store(out, f32x4.add(first, second));
}
