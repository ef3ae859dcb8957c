import { sumPairs } from "../lane-sums";
import { energyOf } from "./shape";

/*
 * Angles as an encoder measures them, 0..16384 for 0..pi/2. They need not be exact: what a decoder sees is the step
 * that was written.
 */

/** atan2(b, a) * 16384 / (pi/2) for a, b >= 0. A polynomial in the smaller ratio, within 3e-5. */
function quarterAngle(a: f32, b: f32): i32 {
  const large = max(a, b);
  if (large <= 0) return 0;
  const r = min(a, b) / large;
  const z = r * r;
  const turn = r * (0.6365341 + z * (-0.2102752 + z * (0.1146813 + z * (-0.0541973 + z * 0.013264))));
  const t = <i32>nearest<f32>(16384 * (b > a ? 1 - turn : turn));
  return max(0, min(16384, t));
}

/** Between two vectors of `size`: 0 when all is in the first. */
export function splitAngle(x: usize, y: usize, size: i32): i32 {
  return quarterAngle(sqrt<f32>(energyOf(x, size) + 1e-15), sqrt<f32>(energyOf(y, size) + 1e-15));
}

/** Between mid and side of two channels. */
export function stereoAngle(x: usize, y: usize, size: i32): i32 {
  const bytes = <usize>size << 2;
  const wide = <usize>(size & ~3) << 2;
  let mid4 = f32x4.splat(0);
  let side4 = f32x4.splat(0);
  let i: usize = 0;
  for (; i < wide; i += 16) {
    const l = v128.load(x + i);
    const r = v128.load(y + i);
    const m = f32x4.add(l, r);
    const s = f32x4.sub(r, l);
    mid4 = f32x4.add(mid4, f32x4.mul(m, m));
    side4 = f32x4.add(side4, f32x4.mul(s, s));
  }
  let mid: f32 = sumPairs(mid4);
  let side: f32 = sumPairs(side4);
  for (; i < bytes; i += 4) {
    const m = load<f32>(x + i) + load<f32>(y + i);
    const s = load<f32>(y + i) - load<f32>(x + i);
    mid += m * m;
    side += s * s;
  }
  return quarterAngle(sqrt<f32>(mid + 1e-15), sqrt<f32>(side + 1e-15));
}
