/** What a resampler keeps from call to call, and the work area that all share. */

/** Ways to convert. */
// @ts-ignore: decorator
@inline export const COPY: i32 = 0;
// @ts-ignore: decorator
@inline export const DOUBLE: i32 = 1;
// @ts-ignore: decorator
@inline export const INTERPOLATE: i32 = 2;
// @ts-ignore: decorator
@inline export const REDUCE: i32 = 3;

@unmanaged
export class Resampler {
  mode: i32;
  inKHz: i32;
  outKHz: i32;
  /** Input samples held back. */
  delay: i32;
  /** Step of the output position in (doubled) input samples, Q16. */
  step: i32;
  /** Kernel of a reduction: address, taps, phases. */
  kernel: usize;
  taps: i32;
  phases: i32;
  /** Recursive filters, Q10 (doubler) or Q8 (low-pass). */
  s0: i32;
  s1: i32;
  s2: i32;
  s3: i32;
  s4: i32;
  s5: i32;
}

// @ts-ignore: decorator
@inline const HELD: usize = (offsetof<Resampler>() + 15) & ~15;
// @ts-ignore: decorator
@inline const FIR: usize = HELD + 32;

/** Bytes of a resampler's state: struct, 16 held samples of i16, FIR memory (8 of i16, or 24 of i32). */
export const RESAMPLER_SIZE: usize = FIR + 96;

/** FIR memory of a resampler. */
// @ts-ignore: decorator
@inline export function firOf(r: Resampler): usize {
  return changetype<usize>(r) + FIR;
}

/** Input samples held back, i16. */
// @ts-ignore: decorator
@inline export function heldOf(r: Resampler): usize {
  return changetype<usize>(r) + HELD;
}

/** FIR memory and one batch: 320 doubled samples of i16, or 160 of i32. */
export const BATCH = memory.data(96 + 640 + 16, 16);
