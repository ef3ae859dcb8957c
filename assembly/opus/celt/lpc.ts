import { sumPairs } from "../lane-sums";
import { WINDOW } from "./transform-tables";

/*
 * Linear prediction for concealment: order 24 by autocorrelation, the residual, and the synthesis filter. Samples are
 * f32; the recursion runs in f64.
 */

// @ts-ignore: decorator
@inline export const ORDER: i32 = 24;
/** Samples that are analysed. */
// @ts-ignore: decorator
@inline export const ANALYSED: i32 = 1024;

/** 1024 f32. */
const WINDOWED = memory.data(4096, 16);
/** 25 f64. */
const CORRELATION = memory.data(208, 16);
/** 24 f64. */
const PREDICTOR = memory.data(192, 16);

/** Dot product of `count` f32, a multiple of 4. */
export function dot(x: usize, y: usize, count: i32): f32 {
  let a = f32x4.splat(0);
  for (const end = x + (<usize>count << 2); x < end; x += 16, y += 16) {
    a = f32x4.add(a, f32x4.mul(v128.load(x), v128.load(y)));
  }
  return sumPairs(a);
}

/** Autocorrelation of the windowed samples, with a noise floor of 40 dB and a light lag window. */
function correlate(x: usize): void {
  memory.copy(WINDOWED, x, ANALYSED << 2);
  for (let i: usize = 0; i < 480; i += 4) {
    const w = load<f32>(WINDOW + i);
    const mirror = WINDOWED + ((<usize>ANALYSED << 2) - 4 - i);
    store<f32>(WINDOWED + i, load<f32>(WINDOWED + i) * w);
    store<f32>(mirror, load<f32>(mirror) * w);
  }
  for (let lag = 0; lag <= ORDER; lag++) {
    // Whole vectors, then the rest.
    const count = ANALYSED - lag;
    const wide = count & ~3;
    let sum = dot(WINDOWED, WINDOWED + (<usize>lag << 2), wide);
    for (let i = wide; i < count; i++) {
      sum += load<f32>(WINDOWED + (<usize>i << 2)) * load<f32>(WINDOWED + (<usize>(i + lag) << 2));
    }
    const taper = 0.008 * <f64>lag;
    store<f64>(CORRELATION + (<usize>lag << 3), <f64>sum * (1 - taper * taper));
  }
  store<f64>(CORRELATION, load<f64>(CORRELATION) * 1.0001 + 1e-3);
}

/**
 * Predicts the `ANALYSED` samples at `x`: coefficients a[1..24] with x[n] ~ sum a[k] x[n - k], as f32 at
 * `coefficients` in the order a[24] .. a[1], so that they lie as the samples do.
 */
export function predict(x: usize, coefficients: usize): void {
  correlate(x);
  memory.fill(PREDICTOR, 0, ORDER << 3);
  let error = load<f64>(CORRELATION);
  for (let i = 0; i < ORDER; i++) {
    let sum = load<f64>(CORRELATION + (<usize>(i + 1) << 3));
    for (let j = 0; j < i; j++) {
      sum -= load<f64>(PREDICTOR + (<usize>j << 3)) * load<f64>(CORRELATION + (<usize>(i - j) << 3));
    }
    const reflection = sum / error;
    store<f64>(PREDICTOR + (<usize>i << 3), reflection);
    for (let j = 0; j < (i + 1) >> 1; j++) {
      const low = PREDICTOR + (<usize>j << 3);
      const high = PREDICTOR + (<usize>(i - 1 - j) << 3);
      const a = load<f64>(low);
      const b = load<f64>(high);
      store<f64>(low, a - reflection * b);
      store<f64>(high, b - reflection * a);
    }
    error -= reflection * reflection * error;
    // Predicted to 30 dB: enough.
    if (error < 0.001 * load<f64>(CORRELATION)) break;
  }
  for (let i = 0; i < ORDER; i++) {
    store<f32>(coefficients + (<usize>(ORDER - 1 - i) << 2), <f32>load<f64>(PREDICTOR + (<usize>i << 3)));
  }
}

/** Prediction of the sample at `x` from the 24 before it. */
// @ts-ignore: decorator
@inline function predicted(x: usize, coefficients: usize): f32 {
  const past = x - (ORDER << 2);
  let a = f32x4.mul(v128.load(past), v128.load(coefficients));
  let b = f32x4.mul(v128.load(past, 16), v128.load(coefficients, 16));
  a = f32x4.add(a, f32x4.mul(v128.load(past, 32), v128.load(coefficients, 32)));
  b = f32x4.add(b, f32x4.mul(v128.load(past, 48), v128.load(coefficients, 48)));
  a = f32x4.add(a, f32x4.mul(v128.load(past, 64), v128.load(coefficients, 64)));
  b = f32x4.add(b, f32x4.mul(v128.load(past, 80), v128.load(coefficients, 80)));
  a = f32x4.add(a, b);
  return sumPairs(a);
}

/** What prediction does not explain of `count` samples at `x`. */
export function residual(x: usize, count: i32, coefficients: usize, out: usize): void {
  for (const end = x + (<usize>count << 2); x < end; x += 4, out += 4) {
    store<f32>(out, load<f32>(x) - predicted(x, coefficients));
  }
}

/** Turns `count` samples of excitation at `x` into signal, in place, going on from the 24 samples before. */
export function synthesiseFrom(x: usize, count: i32, coefficients: usize): void {
  for (const end = x + (<usize>count << 2); x < end; x += 4) {
    store<f32>(x, load<f32>(x) + predicted(x, coefficients));
  }
}
