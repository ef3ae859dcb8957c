import { TURN_COS, TURN_SIN, firstPass } from "./transform-tables";

/*
 * Complex FFT of 60, 120, 240 or 480 points, exp(-2 i pi jk/n), as autosorting (Stockham) passes of radix 4, 2, 3 and
 * 5 between two buffers. Real and imaginary parts lie apart, so that a vector holds four points.
 *
 * A pass of radix p over sub-transforms of `n` points with `stride` s takes, for q < m = n/p and k < s,
 *   a[j] = x[k + s (q + m j)],  y[k + s (p q + j)] = exp(-2 i pi q j/n) * sum_l a[l] exp(-2 i pi j l/p),
 * after which n becomes m and s becomes s p. Vectors run over k, so s must be a multiple of 4; the first pass of a
 * single transform has s = 1 and runs over q instead. Several transforms at once, interleaved, are one with a larger
 * s.
 */

/** Two buffers of 480 points: real parts at 0, imaginary parts at IMAGINARY. */
export const POINTS_A = memory.data(3840, 16);
export const POINTS_B = memory.data(3840, 16);
// @ts-ignore: decorator
@inline export const IMAGINARY: usize = 1920;

// @ts-ignore: decorator
@inline function rotateRe(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.add(f32x4.mul(re, c), f32x4.mul(im, s));
}

// @ts-ignore: decorator
@inline function rotateIm(re: v128, im: v128, c: v128, s: v128): v128 {
  return f32x4.sub(f32x4.mul(im, c), f32x4.mul(re, s));
}

// @ts-ignore: decorator
@inline function turnCos(i: i32): v128 {
  return v128.load32_splat(TURN_COS + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline function turnSin(i: i32): v128 {
  return v128.load32_splat(TURN_SIN + (<usize>i << 2));
}

/** Stores four vectors as the columns of a 4 x 4 matrix, row by row. */
// @ts-ignore: decorator
@inline function storeTransposed(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab0 = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const ab1 = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const cd0 = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  const cd1 = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 0, 1, 4, 5));
  v128.store(to, v128.shuffle<f32>(ab0, cd0, 2, 3, 6, 7), 16);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 0, 1, 4, 5), 32);
  v128.store(to, v128.shuffle<f32>(ab1, cd1, 2, 3, 6, 7), 48);
}

/** First pass of one transform of 480 >> shift points: radix 4, stride 1. */
function firstRadix4(x: usize, y: usize, shift: i32): void {
  const m = 120 >> shift;
  const row = <usize>m << 2;
  const twiddles = firstPass(shift);
  const last = m - 4;
  let q = 0;
  for (;;) {
    const at = <usize>q << 2;
    const p0 = x + at;
    const p1 = p0 + row;
    const p2 = p1 + row;
    const p3 = p2 + row;
    const r0 = v128.load(p0), i0 = v128.load(p0, IMAGINARY);
    const r1 = v128.load(p1), i1 = v128.load(p1, IMAGINARY);
    const r2 = v128.load(p2), i2 = v128.load(p2, IMAGINARY);
    const r3 = v128.load(p3), i3 = v128.load(p3, IMAGINARY);
    const sr = f32x4.add(r0, r2), si = f32x4.add(i0, i2);
    const dr = f32x4.sub(r0, r2), di = f32x4.sub(i0, i2);
    const tr = f32x4.add(r1, r3), ti = f32x4.add(i1, i3);
    const er = f32x4.sub(r1, r3), ei = f32x4.sub(i1, i3);
    // Times -i: (er, ei) -> (ei, -er).
    const b1r = f32x4.add(dr, ei), b1i = f32x4.sub(di, er);
    const b2r = f32x4.sub(sr, tr), b2i = f32x4.sub(si, ti);
    const b3r = f32x4.sub(dr, ei), b3i = f32x4.add(di, er);
    let w = twiddles + at;
    const c1 = v128.load(w), s1 = v128.load(w + row);
    w += 2 * row;
    const c2 = v128.load(w), s2 = v128.load(w + row);
    w += 2 * row;
    const c3 = v128.load(w), s3 = v128.load(w + row);
    const to = y + (at << 2);
    storeTransposed(
      to, f32x4.add(sr, tr), rotateRe(b1r, b1i, c1, s1), rotateRe(b2r, b2i, c2, s2), rotateRe(b3r, b3i, c3, s3),
    );
    storeTransposed(
      to + IMAGINARY,
      f32x4.add(si, ti), rotateIm(b1r, b1i, c1, s1), rotateIm(b2r, b2i, c2, s2), rotateIm(b3r, b3i, c3, s3),
    );
    if (q == last) break;
    // 30 and 15 are no multiples of 4: the last vector goes over some points again.
    q = min(q + 4, last);
  }
}

function radix4(x: usize, y: usize, n: i32, stride: i32): void {
  const m = n >> 2;
  const step = 480 / n;
  const size = <usize>stride << 2;
  const row = size * <usize>m;
  for (let q = 0; q < m; q++) {
    const turn = q * step;
    const c1 = turnCos(turn), s1 = turnSin(turn);
    const c2 = turnCos(2 * turn), s2 = turnSin(2 * turn);
    const c3 = turnCos(3 * turn), s3 = turnSin(3 * turn);
    let p = x + size * <usize>q;
    let to = y + size * <usize>(4 * q);
    const end = p + size;
    for (; p < end; p += 16, to += 16) {
      const p1 = p + row;
      const p2 = p1 + row;
      const p3 = p2 + row;
      const r0 = v128.load(p), i0 = v128.load(p, IMAGINARY);
      const r1 = v128.load(p1), i1 = v128.load(p1, IMAGINARY);
      const r2 = v128.load(p2), i2 = v128.load(p2, IMAGINARY);
      const r3 = v128.load(p3), i3 = v128.load(p3, IMAGINARY);
      const sr = f32x4.add(r0, r2), si = f32x4.add(i0, i2);
      const dr = f32x4.sub(r0, r2), di = f32x4.sub(i0, i2);
      const tr = f32x4.add(r1, r3), ti = f32x4.add(i1, i3);
      const er = f32x4.sub(r1, r3), ei = f32x4.sub(i1, i3);
      const b1r = f32x4.add(dr, ei), b1i = f32x4.sub(di, er);
      const b2r = f32x4.sub(sr, tr), b2i = f32x4.sub(si, ti);
      const b3r = f32x4.sub(dr, ei), b3i = f32x4.add(di, er);
      v128.store(to, f32x4.add(sr, tr));
      v128.store(to, f32x4.add(si, ti), IMAGINARY);
      const to1 = to + size;
      v128.store(to1, rotateRe(b1r, b1i, c1, s1));
      v128.store(to1, rotateIm(b1r, b1i, c1, s1), IMAGINARY);
      const to2 = to1 + size;
      v128.store(to2, rotateRe(b2r, b2i, c2, s2));
      v128.store(to2, rotateIm(b2r, b2i, c2, s2), IMAGINARY);
      const to3 = to2 + size;
      v128.store(to3, rotateRe(b3r, b3i, c3, s3));
      v128.store(to3, rotateIm(b3r, b3i, c3, s3), IMAGINARY);
    }
  }
}

function radix2(x: usize, y: usize, n: i32, stride: i32): void {
  const m = n >> 1;
  const step = 480 / n;
  const size = <usize>stride << 2;
  const row = size * <usize>m;
  for (let q = 0; q < m; q++) {
    const c = turnCos(q * step), s = turnSin(q * step);
    let p = x + size * <usize>q;
    let to = y + size * <usize>(2 * q);
    const end = p + size;
    for (; p < end; p += 16, to += 16) {
      const p1 = p + row;
      const r0 = v128.load(p), i0 = v128.load(p, IMAGINARY);
      const r1 = v128.load(p1), i1 = v128.load(p1, IMAGINARY);
      const dr = f32x4.sub(r0, r1), di = f32x4.sub(i0, i1);
      v128.store(to, f32x4.add(r0, r1));
      v128.store(to, f32x4.add(i0, i1), IMAGINARY);
      const to1 = to + size;
      v128.store(to1, rotateRe(dr, di, c, s));
      v128.store(to1, rotateIm(dr, di, c, s), IMAGINARY);
    }
  }
}

/** Over n = 15. */
function radix3(x: usize, y: usize, stride: i32): void {
  const size = <usize>stride << 2;
  const row = size * 5;
  const half = f32x4.splat(0.5);
  const root = f32x4.splat(0.8660254);
  for (let q = 0; q < 5; q++) {
    const c1 = turnCos(q * 32), s1 = turnSin(q * 32);
    const c2 = turnCos(q * 64), s2 = turnSin(q * 64);
    let p = x + size * <usize>q;
    let to = y + size * <usize>(3 * q);
    const end = p + size;
    for (; p < end; p += 16, to += 16) {
      const p1 = p + row;
      const p2 = p1 + row;
      const r0 = v128.load(p), i0 = v128.load(p, IMAGINARY);
      const r1 = v128.load(p1), i1 = v128.load(p1, IMAGINARY);
      const r2 = v128.load(p2), i2 = v128.load(p2, IMAGINARY);
      const sr = f32x4.add(r1, r2), si = f32x4.add(i1, i2);
      const dr = f32x4.mul(root, f32x4.sub(r1, r2)), di = f32x4.mul(root, f32x4.sub(i1, i2));
      const mr = f32x4.sub(r0, f32x4.mul(half, sr)), mi = f32x4.sub(i0, f32x4.mul(half, si));
      const b1r = f32x4.add(mr, di), b1i = f32x4.sub(mi, dr);
      const b2r = f32x4.sub(mr, di), b2i = f32x4.add(mi, dr);
      v128.store(to, f32x4.add(r0, sr));
      v128.store(to, f32x4.add(i0, si), IMAGINARY);
      const to1 = to + size;
      v128.store(to1, rotateRe(b1r, b1i, c1, s1));
      v128.store(to1, rotateIm(b1r, b1i, c1, s1), IMAGINARY);
      const to2 = to1 + size;
      v128.store(to2, rotateRe(b2r, b2i, c2, s2));
      v128.store(to2, rotateIm(b2r, b2i, c2, s2), IMAGINARY);
    }
  }
}

/** Over n = 5, the last pass: no twiddles. */
function radix5(x: usize, y: usize, stride: i32): void {
  const size = <usize>stride << 2;
  const c1 = f32x4.splat(0.30901699), c2 = f32x4.splat(-0.80901699);
  const s1 = f32x4.splat(0.95105652), s2 = f32x4.splat(0.58778525);
  const end = x + size;
  for (let p = x, to = y; p < end; p += 16, to += 16) {
    const p1 = p + size;
    const p2 = p1 + size;
    const p3 = p2 + size;
    const p4 = p3 + size;
    const r0 = v128.load(p), i0 = v128.load(p, IMAGINARY);
    const r1 = v128.load(p1), i1 = v128.load(p1, IMAGINARY);
    const r2 = v128.load(p2), i2 = v128.load(p2, IMAGINARY);
    const r3 = v128.load(p3), i3 = v128.load(p3, IMAGINARY);
    const r4 = v128.load(p4), i4 = v128.load(p4, IMAGINARY);
    const ar = f32x4.add(r1, r4), ai = f32x4.add(i1, i4);
    const br = f32x4.add(r2, r3), bi = f32x4.add(i2, i3);
    const cr = f32x4.sub(r1, r4), ci = f32x4.sub(i1, i4);
    const dr = f32x4.sub(r2, r3), di = f32x4.sub(i2, i3);
    const m1r = f32x4.add(r0, f32x4.add(f32x4.mul(c1, ar), f32x4.mul(c2, br)));
    const m1i = f32x4.add(i0, f32x4.add(f32x4.mul(c1, ai), f32x4.mul(c2, bi)));
    const m2r = f32x4.add(r0, f32x4.add(f32x4.mul(c2, ar), f32x4.mul(c1, br)));
    const m2i = f32x4.add(i0, f32x4.add(f32x4.mul(c2, ai), f32x4.mul(c1, bi)));
    const n1r = f32x4.add(f32x4.mul(s1, cr), f32x4.mul(s2, dr));
    const n1i = f32x4.add(f32x4.mul(s1, ci), f32x4.mul(s2, di));
    const n2r = f32x4.sub(f32x4.mul(s2, cr), f32x4.mul(s1, dr));
    const n2i = f32x4.sub(f32x4.mul(s2, ci), f32x4.mul(s1, di));
    v128.store(to, f32x4.add(r0, f32x4.add(ar, br)));
    v128.store(to, f32x4.add(i0, f32x4.add(ai, bi)), IMAGINARY);
    const to1 = to + size;
    v128.store(to1, f32x4.add(m1r, n1i));
    v128.store(to1, f32x4.sub(m1i, n1r), IMAGINARY);
    const to2 = to1 + size;
    v128.store(to2, f32x4.add(m2r, n2i));
    v128.store(to2, f32x4.sub(m2i, n2r), IMAGINARY);
    const to3 = to2 + size;
    v128.store(to3, f32x4.sub(m2r, n2i));
    v128.store(to3, f32x4.add(m2i, n2r), IMAGINARY);
    const to4 = to3 + size;
    v128.store(to4, f32x4.sub(m1r, n1i));
    v128.store(to4, f32x4.add(m1i, n1r), IMAGINARY);
  }
}

/** One transform of 480 >> shift points from `POINTS_A`. Gives the buffer with the result. */
export function transform(shift: i32): usize {
  firstRadix4(POINTS_A, POINTS_B, shift);
  if (shift == 0) {
    radix4(POINTS_B, POINTS_A, 120, 4);
    radix2(POINTS_A, POINTS_B, 30, 16);
    radix3(POINTS_B, POINTS_A, 32);
    radix5(POINTS_A, POINTS_B, 96);
    return POINTS_B;
  }
  if (shift == 1) {
    radix4(POINTS_B, POINTS_A, 60, 4);
    radix3(POINTS_A, POINTS_B, 16);
    radix5(POINTS_B, POINTS_A, 48);
    return POINTS_A;
  }
  if (shift == 2) {
    radix2(POINTS_B, POINTS_A, 30, 4);
    radix3(POINTS_A, POINTS_B, 8);
    radix5(POINTS_B, POINTS_A, 24);
    return POINTS_A;
  }
  radix3(POINTS_B, POINTS_A, 4);
  radix5(POINTS_A, POINTS_B, 12);
  return POINTS_B;
}

/** `count` (4 or 8) interleaved transforms of 60 points from `POINTS_A`, to `POINTS_B`, still interleaved. */
export function transformMany(count: i32): void {
  radix4(POINTS_A, POINTS_B, 60, count);
  radix3(POINTS_B, POINTS_A, 4 * count);
  radix5(POINTS_A, POINTS_B, 12 * count);
}
