import { COMB_TAPS } from "../tables/celt-post-filter";
import { WINDOW_SQUARED } from "./transform-tables";

/** Shortest period: below it the filter would need samples that are not there yet. */
// @ts-ignore: decorator
@inline export const MIN_PERIOD: i32 = 15;

// @ts-ignore: decorator
@inline export function tap(tapset: i32, index: i32): f32 {
  return load<f32>(COMB_TAPS + (<usize>(tapset * 3 + index) << 2));
}

/** Weighted sum around one period back, for the four samples at `x`: never less than 13 samples back. */
// @ts-ignore: decorator
@inline export function comb(past: usize, g0: v128, g1: v128, g2: v128): v128 {
  const near = f32x4.add(v128.load(past, 4), v128.load(past - 4));
  const far = f32x4.add(v128.load(past, 8), v128.load(past - 8));
  return f32x4.add(f32x4.mul(g0, v128.load(past)), f32x4.add(f32x4.mul(g1, near), f32x4.mul(g2, far)));
}

/** What the filter adds to the one sample at `x`. */
export function combValue(x: usize, period: i32, gain: f32, tapset: i32): f32 {
  if (gain == 0) return 0;
  const past = x - (<usize>max(period, MIN_PERIOD) << 2);
  return gain * (tap(tapset, 0) * load<f32>(past) + tap(tapset, 1) * (load<f32>(past, 4) + load<f32>(past - 4)) +
    tap(tapset, 2) * (load<f32>(past, 8) + load<f32>(past - 8)));
}

/**
 * The post-filter over `count` samples at `x`, in place and recursive (RFC 6716, section 4.3.7.1). Over the first 120
 * the old filter fades into the new one, unless they are the same.
 */
export function postFilter(
  x: usize, count: i32,
  oldPeriod: i32, period: i32, oldGain: f32, gain: f32, oldTapset: i32, tapset: i32,
): void {
  if (oldGain == 0 && gain == 0) return;
  const end = x + (<usize>count << 2);
  const back = <usize>max(period, MIN_PERIOD) << 2;
  const g0 = f32x4.splat(gain * tap(tapset, 0));
  const g1 = f32x4.splat(gain * tap(tapset, 1));
  const g2 = f32x4.splat(gain * tap(tapset, 2));

  if (oldGain != gain || oldPeriod != period || oldTapset != tapset) {
    const oldBack = <usize>max(oldPeriod, MIN_PERIOD) << 2;
    const o0 = f32x4.splat(oldGain * tap(oldTapset, 0));
    const o1 = f32x4.splat(oldGain * tap(oldTapset, 1));
    const o2 = f32x4.splat(oldGain * tap(oldTapset, 2));
    const one = f32x4.splat(1);
    for (let i: usize = 0; i < 480; i += 16, x += 16) {
      const f = v128.load(WINDOW_SQUARED + i);
      const old = f32x4.mul(f32x4.sub(one, f), comb(x - oldBack, o0, o1, o2));
      const now = f32x4.mul(f, comb(x - back, g0, g1, g2));
      v128.store(x, f32x4.add(v128.load(x), f32x4.add(old, now)));
    }
    if (gain == 0) return;
  }
  for (; x < end; x += 16) v128.store(x, f32x4.add(v128.load(x), comb(x - back, g0, g1, g2)));
}
