/**
 * From a predictor to line spectral frequencies (RFC 6716, section 5.2.3.4.3): the roots of its symmetric and
 * antisymmetric polynomials on the unit circle alternate; both are written in Chebyshev form and followed over a grid.
 */
import { COSINE_Q12 } from "../../tables/silk-nlsf";

/** Half polynomials in powers of x = cos w, f32 x 9. */
const SYMMETRIC = memory.data(48, 16);
const ANTISYMMETRIC = memory.data(48, 16);
const NARROWED = memory.data(64, 16);

// @ts-ignore: decorator
@inline function at(base: usize, i: i32): usize {
  return base + (<usize>i << 2);
}

/** Value at x = cos w by Clenshaw's recursion: c_0/... as a sum of cosines. */
function evaluate(p: usize, half: i32, x: f32): f32 {
  let b1: f32 = 0;
  let b2: f32 = 0;
  const two: f32 = 2 * x;
  for (let k = half; k > 0; k--) {
    const b = two * b1 - b2 + load<f32>(at(p, k));
    b2 = b1;
    b1 = b;
  }
  return x * b1 - b2 + load<f32>(p);
}

/** Cosine of grid step `i` of 128. */
// @ts-ignore: decorator
@inline function gridCosine(i: i32): f32 {
  return <f32>load<i16>(COSINE_Q12 + (<usize>i << 1)) * (1.0 / 8192.0);
}

/** Coefficients of the two polynomials without their fixed roots, as sums of cosines. */
function split(a: usize, order: i32): void {
  const half = order >> 1;
  // A(z) + z^-(d+1) A(1/z), divided by 1 + z^-1; A(z) - ..., divided by 1 - z^-1. Both quotients are symmetric.
  let p: f32 = 1;
  let q: f32 = 1;
  store<f32>(at(SYMMETRIC, half), 2);
  store<f32>(at(ANTISYMMETRIC, half), 2);
  for (let k = 0; k < half; k++) {
    const low = -load<f32>(at(a, k));
    const high = -load<f32>(at(a, order - 1 - k));
    p = low + high - p;
    q = low - high + q;
    const scale: f32 = k == half - 1 ? 1 : 2;
    store<f32>(at(SYMMETRIC, half - 1 - k), scale * p);
    store<f32>(at(ANTISYMMETRIC, half - 1 - k), scale * q);
  }
}

/** Finds all frequencies of `a` (f32 x order) into `nlsf` (i16 Q15); false when some are missing. */
function follow(nlsf: usize, a: usize, order: i32): bool {
  const half = order >> 1;
  split(a, order);
  let p = SYMMETRIC;
  let found = 0;
  let xLeft: f32 = 1;
  let left = evaluate(p, half, 1);
  let start: f32 = 0;
  let i = 1;
  while (i <= 128) {
    const xRight = gridCosine(i);
    const right = evaluate(p, half, xRight);
    if (left * right > 0) {
      left = right;
      xLeft = xRight;
      start = <f32>i;
      i++;
      continue;
    }
    // A root between: regula falsi in cosines with halving as the guard.
    let a0 = start;
    let b0: f32 = <f32>i;
    let fa = left;
    let fb = right;
    for (let round = 0; round < 4; round++) {
      const middle: f32 = 0.5 * (a0 + b0);
      const value = evaluate(p, half, cosineAt(middle));
      if (fa * value > 0) {
        a0 = middle;
        fa = value;
      } else {
        b0 = middle;
        fb = value;
      }
    }
    const share: f32 = fa == fb ? 0.5 : fa / (fa - fb);
    const root = a0 + share * (b0 - a0);
    store<i16>(nlsf + (<usize>found << 1), <i16>min(<i32>nearest<f32>(root * 256), 32767));
    if (++found == order) return true;
    // On with the other polynomial from this root.
    p = p == SYMMETRIC ? ANTISYMMETRIC : SYMMETRIC;
    start = root;
    xLeft = cosineAt(root);
    left = evaluate(p, half, xLeft);
    // Its sign just behind a root of the other is known by how many lie behind.
    const positive = ((found >> 1) & 1) == 0;
    if (left == 0 || (left > 0) != positive) left = positive ? 1e-6 : -1e-6;
  }
  return false;
}

/** Cosine between grid steps. */
// @ts-ignore: decorator
@inline function cosineAt(position: f32): f32 {
  const i = min(<i32>position, 127);
  const c = gridCosine(i);
  return c + (gridCosine(i + 1) - c) * (position - <f32>i);
}

/** Line spectral frequencies (i16 Q15) of the predictor `a` (f32), which is narrowed until all are found. */
export function toLineSpectrum(nlsf: usize, a: usize, order: i32): void {
  memory.copy(NARROWED, a, <usize>order << 2);
  for (let round = 0; round < 12; round++) {
    if (follow(nlsf, NARROWED, order)) return;
    const chirp: f32 = 1 - 0.002 * <f32>(1 << round);
    let factor = chirp;
    for (let k = 0; k < order; k++) {
      store<f32>(at(NARROWED, k), load<f32>(at(NARROWED, k)) * factor);
      factor *= chirp;
    }
    if (chirp < 0.1) break;
  }
  for (let k = 0; k < order; k++) store<i16>(nlsf + (k << 1), ((k + 1) << 15) / (order + 1));
}
