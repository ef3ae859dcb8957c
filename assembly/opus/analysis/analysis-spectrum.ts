/*
 * Two spectra of 20 ms, 10 ms apart, from one complex transform, and how well each bin's phase goes on from the spectra
 * before: u[t] of unit length should be u[t-1]^2 conj(u[t-2]) where a tone is steady, and is anything where there is
 * noise. No angle is ever computed.
 */
import { IMAGINARY, POINTS_A, transform } from "../celt/fft";
import { TURN_COS } from "../celt/transform-tables";
import { Analysis, BINS, OLD, STEP, phasorsOf, signalOf } from "./analysis-state";

/** Energy of each bin, mean of both spectra; their sum is the signal's variance. Bin i is at 50 (i + 1) Hz. f32. */
export const ENERGIES = memory.data(960, 16);
/** Phase coherence of each bin, -1..1. f32. */
export const COHERENCE = memory.data(960, 16);

// @ts-ignore: decorator
@inline const BIN_BYTES: usize = 960;
/** A Hann window has 3/8 of the energy, and half of the bins are looked at. */
// @ts-ignore: decorator
@inline const UNIT: f32 = 2.0 / (480.0 * 480.0 * 0.375);

// @ts-ignore: decorator
@inline function reversed(p: usize): v128 {
  const v = v128.load(p);
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0);
}

/** Windows both stretches of the signal side by side: the earlier as real part, the later as imaginary part. */
function window(a: Analysis): void {
  const early = signalOf(a);
  const late = early + (<usize>OLD << 2);
  const half = f32x4.splat(0.5);
  for (let i: usize = 0; i < <usize>STEP << 2; i += 16) {
    const w = f32x4.sub(half, f32x4.mul(half, v128.load(TURN_COS + i)));
    v128.store(POINTS_A + i, f32x4.mul(w, v128.load(early + i)));
    v128.store(POINTS_A + i, f32x4.mul(w, v128.load(late + i)), IMAGINARY);
  }
}

/** The spectra of the step that was filled up, into `ENERGIES` and `COHERENCE`. */
export function measureSpectrum(a: Analysis): void {
  window(a);
  const z = transform(0);
  const olderRe = phasorsOf(a);
  const olderIm = olderRe + BIN_BYTES;
  const newerRe = olderIm + BIN_BYTES;
  const newerIm = newerRe + BIN_BYTES;
  const half = f32x4.splat(0.5);
  const tiny = f32x4.splat(1e-9);
  const one = f32x4.splat(1);
  const unit = f32x4.splat(0.5 * UNIT);
  for (let i: usize = 0; i < BIN_BYTES; i += 16) {
    const low = z + i + 4;
    const high = z + (<usize>(STEP - 4) << 2) - i;
    const zr = v128.load(low), zi = v128.load(low, IMAGINARY);
    const yr = reversed(high), yi = reversed(high + IMAGINARY);
    let ar = f32x4.mul(half, f32x4.add(zr, yr));
    let ai = f32x4.mul(half, f32x4.sub(zi, yi));
    let br = f32x4.mul(half, f32x4.add(zi, yi));
    let bi = f32x4.mul(half, f32x4.sub(yr, zr));
    const aa = f32x4.add(f32x4.mul(ar, ar), f32x4.mul(ai, ai));
    const bb = f32x4.add(f32x4.mul(br, br), f32x4.mul(bi, bi));
    v128.store(ENERGIES + i, f32x4.mul(unit, f32x4.add(aa, bb)));
    const as = f32x4.div(one, f32x4.sqrt(f32x4.add(aa, tiny)));
    const bs = f32x4.div(one, f32x4.sqrt(f32x4.add(bb, tiny)));
    ar = f32x4.mul(ar, as);
    ai = f32x4.mul(ai, as);
    br = f32x4.mul(br, bs);
    bi = f32x4.mul(bi, bs);
    const nr = v128.load(newerRe + i), ni = v128.load(newerIm + i);
    const first = agreement(ar, ai, nr, ni, v128.load(olderRe + i), v128.load(olderIm + i));
    const second = agreement(br, bi, ar, ai, nr, ni);
    v128.store(COHERENCE + i, f32x4.mul(half, f32x4.add(first, second)));
    v128.store(olderRe + i, ar);
    v128.store(olderIm + i, ai);
    v128.store(newerRe + i, br);
    v128.store(newerIm + i, bi);
  }
  // Bin 240 is real: its phase says nothing.
  store<f32>(COHERENCE + (<usize>(BINS - 1) << 2), 0);
}

/** Re(u conj(p^2 conj(q))) of unit numbers: 1 where u continues q, p. */
// @ts-ignore: decorator
@inline function agreement(ur: v128, ui: v128, pr: v128, pi: v128, qr: v128, qi: v128): v128 {
  const sr = f32x4.sub(f32x4.mul(pr, pr), f32x4.mul(pi, pi));
  const si = f32x4.mul(f32x4.add(pr, pr), pi);
  const er = f32x4.add(f32x4.mul(sr, qr), f32x4.mul(si, qi));
  const ei = f32x4.sub(f32x4.mul(si, qr), f32x4.mul(sr, qi));
  return f32x4.add(f32x4.mul(ur, er), f32x4.mul(ui, ei));
}
