import { IMAGINARY, POINTS_A, transform } from "./fft";
import { WINDOW, rotationCos, rotationSin } from "./transform-tables";

/*
 * Forward MDCT, the transpose of the inverse times 2/n (RFC 6716, section 5.3.1): the n + 120 samples from the start of the
 * rising edge on fold to n values f, whose mirror image goes through the DCT-IV of mdct.ts.
 */

/** Folded samples of a block: 960 f32. */
const FOLDED = memory.data(3840, 16);
/** Coefficients of one of several short blocks. */
const BLOCK = memory.data(480, 16);

// @ts-ignore: decorator
@inline function reversed(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0);
}

/** n + 120 samples at `x` to n folded ones. */
function fold(x: usize, n: i32): void {
  const tail = x + (<usize>n << 2);
  const end = FOLDED + (<usize>(n - 60) << 2);
  for (let i: usize = 0; i < 240; i += 16) {
    // f[i] = w[60 + i] x[60 + i] - w[59 - i] x[59 - i]
    const rising = f32x4.mul(v128.load(WINDOW + 240 + i), v128.load(x + 240 + i));
    const mirror = f32x4.mul(v128.load(WINDOW + 224 - i), v128.load(x + 224 - i));
    v128.store(FOLDED + i, f32x4.sub(rising, reversed(mirror)));
    // f[n - 60 + i] = w[119 - i] x[n + i] + w[i] x[n + 119 - i]
    const falling = f32x4.mul(reversed(v128.load(WINDOW + 464 - i)), v128.load(tail + i));
    const last = f32x4.mul(v128.load(WINDOW + i), reversed(v128.load(tail + 464 - i)));
    v128.store(end + i, f32x4.add(falling, last));
  }
  memory.copy(FOLDED + 240, x + 480, <usize>(n - 120) << 2);
}

/** Coefficients of one block of n = 960 >> shift samples (and 120 more) at `x`, to `out`. */
function forwardBlock(x: usize, shift: i32, out: usize): void {
  const n = 960 >> shift;
  const gain: f32 = 2.0 / <f32>n;
  fold(x, n);
  const cosines = rotationCos(shift);
  const sines = rotationSin(shift);
  const bytes = <usize>(480 >> shift) << 2;
  let head = FOLDED;
  let tail = FOLDED + 2 * bytes - 32;
  const scale = f32x4.splat(-gain);
  for (let k: usize = 0; k < bytes; k += 16, head += 32, tail -= 32) {
    const b = f32x4.mul(scale, v128.shuffle<f32>(v128.load(head), v128.load(head, 16), 0, 2, 4, 6));
    const a = f32x4.mul(scale, v128.shuffle<f32>(v128.load(tail, 16), v128.load(tail), 3, 1, 7, 5));
    const c = v128.load(cosines + k), s = v128.load(sines + k);
    v128.store(POINTS_A + k, f32x4.add(f32x4.mul(a, c), f32x4.mul(b, s)));
    v128.store(POINTS_A + k, f32x4.sub(f32x4.mul(b, c), f32x4.mul(a, s)), IMAGINARY);
  }
  const z = transform(shift);
  let low: usize = 0;
  let high = bytes - 16;
  // X[2m] = Re v[m], X[2m + 1] = -Im v[points - 1 - m]: both ends at once.
  while (<isize>low <= <isize>high) {
    const c0 = v128.load(cosines + low), s0 = v128.load(sines + low);
    const c1 = v128.load(cosines + high), s1 = v128.load(sines + high);
    const r0 = v128.load(z + low), i0 = v128.load(z + low, IMAGINARY);
    const r1 = v128.load(z + high), i1 = v128.load(z + high, IMAGINARY);
    const lowRe = f32x4.add(f32x4.mul(r0, c0), f32x4.mul(i0, s0));
    const lowIm = f32x4.sub(f32x4.mul(r0, s0), f32x4.mul(i0, c0));
    const highRe = f32x4.add(f32x4.mul(r1, c1), f32x4.mul(i1, s1));
    const highIm = f32x4.sub(f32x4.mul(r1, s1), f32x4.mul(i1, c1));
    const to0 = out + 2 * low;
    const to1 = out + 2 * high;
    v128.store(to0, v128.shuffle<f32>(lowRe, highIm, 0, 7, 1, 6));
    v128.store(to0, v128.shuffle<f32>(lowRe, highIm, 2, 5, 3, 4), 16);
    v128.store(to1, v128.shuffle<f32>(highRe, lowIm, 0, 7, 1, 6));
    v128.store(to1, v128.shuffle<f32>(highRe, lowIm, 2, 5, 3, 4), 16);
    low += 16;
    high -= 16;
  }
}

/**
 * Spectrum of a frame of 120 << lm samples, which begins with the 120 samples before it at `x`: one block, or
 * `transient` 2^lm interleaved ones.
 */
export function forwardMdct(x: usize, lm: i32, transient: bool, out: usize): void {
  if (!transient || lm == 0) {
    forwardBlock(x, 3 - lm, out);
    return;
  }
  const blocks = 1 << lm;
  const step = <usize>blocks << 2;
  for (let block = 0; block < blocks; block++) {
    forwardBlock(x + <usize>block * 480, 3, BLOCK);
    let to = out + (<usize>block << 2);
    for (let k: usize = 0; k < 480; k += 4, to += step) store<f32>(to, load<f32>(BLOCK + k));
  }
}
