/**
 * What analysis decides about the frame at hand and the quantiser carries out; filled anew for each frame, so one static
 * block serves all encoders.
 */

@unmanaged
export class Plan {
  /** Order of the shaping filter and its all-pass coefficient. */
  shapingOrder: i32;
  warping: f32;
  /** States of the delayed decision: 1..4. */
  states: i32;
  /** Price of a unit of pulse magnitude in squared error. */
  lambda: f32;
  /** Level that quantisation is aimed at, dB. */
  snr: f32;
  /** Quality that it reaches, 0..1, and quality of the input, 0..1. */
  codingQuality: f32;
  inputQuality: f32;
  /** Prediction gain of the whitening filter of pitch analysis. */
  predictionGain: f32;
  /** Long-term prediction gain, dB. */
  ltpGain: f32;
  /** Normalised correlation at the lag, 0..1. */
  ltpCorrelation: f32;
  /** Expected loss in per cent where the frame may weaken its long-term prediction, else 0. */
  lossy: i32;
}

export const PLAN = changetype<Plan>(memory.data(64, 16));
/** f32 x 4: gains before quantisation, 16-bit units. */
export const PLAN_GAINS = memory.data(16, 16);
/** f32 x MAX_SHAPING x 4: coefficients of spectral shaping; each coefficient for the four subframes together. */
export const SHAPING = memory.data(16 * 24, 16);
/** f32 x 4 each: tilt, low-frequency shaping, harmonic shaping. */
export const TILT = memory.data(16, 16);
export const LOW_MA = memory.data(16, 16);
export const LOW_AR = memory.data(16, 16);
export const HARMONIC = memory.data(16, 16);
/** f32: energy that short-term prediction leaves in each subframe. */
export const RESIDUAL_ENERGY = memory.data(16, 16);
