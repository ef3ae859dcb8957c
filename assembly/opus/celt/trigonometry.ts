/*
 * Sine and cosine in f64 from basic operations alone, so that every runtime gets the same bits. Angles are given in
 * quarter turns (pi/2); between -1/2 and 1/2 the Taylor series below are exact to 1e-11, far below an ulp of f32.
 */

// @ts-ignore: decorator
@inline const HALF_PI: f64 = 1.5707963267948966;

/** sin(pi/2 x) for |x| <= 1/2. */
export function sineNear(x: f64): f64 {
  const a = x * HALF_PI;
  const z = a * a;
  return a * (1 + z * (-1.0 / 6 + z * (1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880 - z * (1.0 / 39916800))))));
}

/** cos(pi/2 x) for |x| <= 1/2. */
export function cosineNear(x: f64): f64 {
  const a = x * HALF_PI;
  const z = a * a;
  return 1 + z * (-1.0 / 2 + z * (1.0 / 24 + z * (-1.0 / 720 + z * (1.0 / 40320 + z * (-1.0 / 3628800 +
    z * (1.0 / 479001600))))));
}

/** cos(pi/2 x) for 0 <= x <= 1. */
export function cosineQuarter(x: f64): f64 {
  return x <= 0.5 ? cosineNear(x) : sineNear(1 - x);
}

/** sin(pi/2 x) for 0 <= x <= 1. */
export function sineQuarter(x: f64): f64 {
  return x <= 0.5 ? sineNear(x) : cosineNear(1 - x);
}

/** cos(2 pi numerator / denominator), numerator in [0, denominator). */
export function cosineTurn(numerator: f64, denominator: f64): f64 {
  const x = (4 * numerator) / denominator;
  if (x <= 1) return cosineQuarter(x);
  if (x <= 2) return -cosineQuarter(2 - x);
  if (x <= 3) return -cosineQuarter(x - 2);
  return cosineQuarter(4 - x);
}

/** sin(2 pi numerator / denominator), numerator in [0, denominator). */
export function sineTurn(numerator: f64, denominator: f64): f64 {
  const x = (4 * numerator) / denominator;
  if (x <= 1) return sineQuarter(x);
  if (x <= 2) return sineQuarter(2 - x);
  if (x <= 3) return -sineQuarter(x - 2);
  return -sineQuarter(4 - x);
}
