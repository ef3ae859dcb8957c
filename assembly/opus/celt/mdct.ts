import { IMAGINARY, POINTS_A, POINTS_B, transform, transformMany } from "./fft";
import { WINDOW, rotationCos, rotationSin } from "./transform-tables";

/*
 * Inverse MDCT with the low-overlap window (RFC 6716, section 4.3.7): hop n, window rising over 120 samples, flat,
 * falling over 120. With u = DCT-IV of the coefficients, the samples from 60 before the middle of the rising edge on
 * are
 *   d[j] = -u[n - 1 - j], j = 0 .. n - 1,
 * the rest follows by symmetry. d goes straight into the signal, 60 samples after the start of the frame; its last 60
 * values stay raw as the aliased tail of the frame, until the next frame's `overlap` unfolds them.
 *
 * The DCT-IV is an FFT of n/2 points z[k] = X[2k] + i X[n - 1 - 2k] between two rotations by exp(-i pi (k + 1/8)/n).
 */

/** Coefficients of one of two short blocks. 120 f32. */
const BLOCK = memory.data(480, 16);

/** Second rotation; writes d of 2 * points samples to `out`. */
function finish(z: usize, shift: i32, out: usize): void {
  const cosines = rotationCos(shift);
  const sines = rotationSin(shift);
  let low: usize = 0;
  let high = <usize>((480 >> shift) - 4) << 2;
  // d[2m] = Im v[m], d[2m + 1] = -Re v[points - 1 - m]: both ends at once.
  while (<isize>low <= <isize>high) {
    const c0 = v128.load(cosines + low), s0 = v128.load(sines + low);
    const c1 = v128.load(cosines + high), s1 = v128.load(sines + high);
    const r0 = v128.load(z + low), i0 = v128.load(z + low, IMAGINARY);
    const r1 = v128.load(z + high), i1 = v128.load(z + high, IMAGINARY);
    const lowRe = f32x4.neg(f32x4.add(f32x4.mul(r0, c0), f32x4.mul(i0, s0)));
    const lowIm = f32x4.sub(f32x4.mul(i0, c0), f32x4.mul(r0, s0));
    const highRe = f32x4.neg(f32x4.add(f32x4.mul(r1, c1), f32x4.mul(i1, s1)));
    const highIm = f32x4.sub(f32x4.mul(i1, c1), f32x4.mul(r1, s1));
    const to0 = out + 2 * low;
    const to1 = out + 2 * high;
    v128.store(to0, v128.shuffle<f32>(lowIm, highRe, 0, 7, 1, 6));
    v128.store(to0, v128.shuffle<f32>(lowIm, highRe, 2, 5, 3, 4), 16);
    v128.store(to1, v128.shuffle<f32>(highIm, lowRe, 0, 7, 1, 6));
    v128.store(to1, v128.shuffle<f32>(highIm, lowRe, 2, 5, 3, 4), 16);
    low += 16;
    high -= 16;
  }
}

/** d of one block of n = 960 >> shift coefficients, to `out`. */
function inverseBlock(x: usize, shift: i32, out: usize): void {
  const cosines = rotationCos(shift);
  const sines = rotationSin(shift);
  const bytes = <usize>(480 >> shift) << 2;
  let head = x;
  let tail = x + 2 * bytes - 32;
  for (let k: usize = 0; k < bytes; k += 16, head += 32, tail -= 32) {
    const a = v128.shuffle<f32>(v128.load(head), v128.load(head, 16), 0, 2, 4, 6);
    const b = v128.shuffle<f32>(v128.load(tail, 16), v128.load(tail), 3, 1, 7, 5);
    const c = v128.load(cosines + k), s = v128.load(sines + k);
    v128.store(POINTS_A + k, f32x4.add(f32x4.mul(a, c), f32x4.mul(b, s)));
    v128.store(POINTS_A + k, f32x4.sub(f32x4.mul(b, c), f32x4.mul(a, s)), IMAGINARY);
  }
  finish(transform(shift), shift, out);
}

/** Four or eight interleaved short blocks at once. */
function inverseMany(x: usize, blocks: i32, out: usize): void {
  const cosines = rotationCos(3);
  const sines = rotationSin(3);
  const size = <usize>blocks << 2;
  let head = x;
  let tail = x + 119 * size;
  let to = POINTS_A;
  for (let k: usize = 0; k < 240; k += 4) {
    const c = v128.load32_splat(cosines + k), s = v128.load32_splat(sines + k);
    for (let b: usize = 0; b < size; b += 16) {
      const re = v128.load(head + b), im = v128.load(tail + b);
      v128.store(to, f32x4.add(f32x4.mul(re, c), f32x4.mul(im, s)));
      v128.store(to, f32x4.sub(f32x4.mul(im, c), f32x4.mul(re, s)), IMAGINARY);
      to += 16;
    }
    head += 2 * size;
    tail -= 2 * size;
  }
  transformMany(blocks);
  for (let block = 0; block < blocks; block++) {
    let from = POINTS_B + (<usize>block << 2);
    for (let k: usize = 0; k < 240; k += 4, from += size) {
      store<f32>(POINTS_A + k, load<f32>(from));
      store<f32>(POINTS_A + k, load<f32>(from, IMAGINARY), IMAGINARY);
    }
    finish(POINTS_A, 3, out + <usize>block * 480);
  }
}

/**
 * Coefficients of a frame of 120 << lm samples at `x`, in one block or, `transient`, in 2^lm interleaved ones, to raw
 * samples from 60 after the start `out` of the frame to 60 after its end.
 */
export function inverseMdct(x: usize, lm: i32, transient: bool, out: usize): void {
  const raw = out + 240;
  if (!transient || lm == 0) {
    inverseBlock(x, 3 - lm, raw);
  } else if (lm == 1) {
    for (let block: usize = 0; block < 2; block++) {
      for (let k: usize = 0; k < 480; k += 4) {
        store<f32>(BLOCK + k, load<f32>(x + 2 * k + (block << 2)));
      }
      inverseBlock(BLOCK, 3, raw + block * 480);
    }
  } else {
    inverseMany(x, 1 << lm, raw);
  }
}

/**
 * Unfolds the 120 samples at `x` where two blocks meet: the first 60 are the raw tail of the block before, the last
 * 60 the raw start of the next.
 */
export function overlap(x: usize): void {
  for (let i: usize = 0; i < 240; i += 16) {
    const mirror: usize = 464 - i;
    const before = v128.load(x + i);
    const next = v128.load(x + mirror);
    const after = v128.shuffle<f32>(next, next, 3, 2, 1, 0);
    const rising = v128.load(WINDOW + i);
    const end = v128.load(WINDOW + mirror);
    const falling = v128.shuffle<f32>(end, end, 3, 2, 1, 0);
    v128.store(x + i, f32x4.sub(f32x4.mul(before, falling), f32x4.mul(after, rising)));
    const upper = f32x4.add(f32x4.mul(before, rising), f32x4.mul(after, falling));
    v128.store(x + mirror, v128.shuffle<f32>(upper, upper, 3, 2, 1, 0));
  }
}
