import { BANDS } from "../tables/celt-bands";

/** Amplitudes of the bands as the encoder measured them, `[channel][band]`, f32: 2 * 21. */
export const AMPLITUDES = memory.data(176, 16);

// @ts-ignore: decorator
@inline export function amplitude(channel: i32, band: i32): f32 {
  return load<f32>(AMPLITUDES + (<usize>(channel * BANDS + band) << 2));
}

/** Left at `x` and right at `y` become mid and side. */
export function splitChannels(x: usize, y: usize, size: i32): void {
  const end = x + (<usize>size << 2);
  const wide = x + (<usize>(size & ~3) << 2);
  const half = f32x4.splat(0.70710678);
  for (; x < wide; x += 16, y += 16) {
    const l = f32x4.mul(half, v128.load(x));
    const r = f32x4.mul(half, v128.load(y));
    v128.store(x, f32x4.add(l, r));
    v128.store(y, f32x4.sub(r, l));
  }
  for (; x < end; x += 4, y += 4) {
    const l: f32 = 0.70710678 * load<f32>(x);
    const r: f32 = 0.70710678 * load<f32>(y);
    store<f32>(x, l + r);
    store<f32>(y, r - l);
  }
}

/** The one shape for both channels, at `x`: each counts by its amplitude; the right one turned over if `inverted`. */
export function joinChannels(band: i32, x: usize, y: usize, size: i32, inverted: i32): void {
  const left = amplitude(0, band);
  const right = inverted ? -amplitude(1, band) : amplitude(1, band);
  const norm: f32 = 1 / sqrt<f32>(1e-15 + left * left + right * right);
  const a = left * norm;
  const b = right * norm;
  for (const end = x + (<usize>size << 2); x < end; x += 4, y += 4) {
    store<f32>(x, a * load<f32>(x) + b * load<f32>(y));
  }
}
