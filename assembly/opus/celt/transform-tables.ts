import { cosineTurn, sineQuarter, sineTurn } from "./trigonometry";

/*
 * Window and twiddle factors of the inverse MDCT (RFC 6716, section 4.3.7), filled once per instance in f64 and
 * rounded to f32. A transform of n = 960 >> shift coefficients works on n/2 complex points; real and imaginary parts
 * lie apart.
 */

/** Rising half of the window: sin(pi/2 sin^2(pi/2 (i + 1/2)/120)), 120 f32. */
export const WINDOW = memory.data(480, 16);
/** Its square, for cross-fades. */
export const WINDOW_SQUARED = memory.data(480, 16);

/** exp(-i pi (k + 1/8)/n) for n = 960, 480, 240, 120: cosines, then sines, 900 f32 each. */
const ROTATION_COS = memory.data(3600, 16);
const ROTATION_SIN = memory.data(3600, 16);

/** exp(-2 i pi k/480): cosines, then sines. */
export const TURN_COS = memory.data(1920, 16);
export const TURN_SIN = memory.data(1920, 16);

/**
 * Twiddles of the first radix-4 pass over 480, 240, 120 and 60 points, in the order it takes them: rows of points/4
 * for cos(a), sin(a), cos(2a), sin(2a), cos(3a), sin(3a). 1350 f32.
 */
const FIRST_PASS = memory.data(5408, 16);

/** Points before those of `shift` in the tables above: 480, 240, ... */
// @ts-ignore: decorator
@inline function pointsBefore(shift: i32): i32 {
  return 960 - (960 >> shift);
}

/** Cosines of the rotation around a transform of 960 >> shift coefficients. */
// @ts-ignore: decorator
@inline export function rotationCos(shift: i32): usize {
  return ROTATION_COS + (<usize>pointsBefore(shift) << 2);
}

// @ts-ignore: decorator
@inline export function rotationSin(shift: i32): usize {
  return ROTATION_SIN + (<usize>pointsBefore(shift) << 2);
}

// @ts-ignore: decorator
@inline export function firstPass(shift: i32): usize {
  return FIRST_PASS + (<usize>(pointsBefore(shift) * 3 / 2) << 2);
}

let ready: bool = false;

/** Fills the tables, once per instance. */
export function transformInit(): void {
  if (ready) return;
  ready = true;
  for (let i = 0; i < 120; i++) {
    const inner = sineQuarter((<f64>i + 0.5) / 120);
    const w = sineQuarter(inner * inner);
    store<f32>(WINDOW + (<usize>i << 2), <f32>w);
    store<f32>(WINDOW_SQUARED + (<usize>i << 2), <f32>(w * w));
  }
  for (let i = 0; i < 480; i++) {
    store<f32>(TURN_COS + (<usize>i << 2), <f32>cosineTurn(i, 480));
    store<f32>(TURN_SIN + (<usize>i << 2), <f32>sineTurn(i, 480));
  }
  for (let shift = 0; shift < 4; shift++) {
    const points = 480 >> shift;
    const quarter = points >> 2;
    for (let k = 0; k < points; k++) {
      store<f32>(rotationCos(shift) + (<usize>k << 2), <f32>cosineTurn(<f64>k + 0.125, 4 * points));
      store<f32>(rotationSin(shift) + (<usize>k << 2), <f32>sineTurn(<f64>k + 0.125, 4 * points));
    }
    let to = firstPass(shift);
    for (let power = 1; power < 4; power++) {
      for (let q = 0; q < quarter; q++, to += 4) {
        store<f32>(to, <f32>cosineTurn(power * q, points));
        store<f32>(to + (<usize>quarter << 2), <f32>sineTurn(power * q, points));
      }
      to += <usize>quarter << 2;
    }
  }
}
