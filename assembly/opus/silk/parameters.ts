/**
 * The parameters of the frame at hand: filled by parsing and dequantisation, read by synthesis, never kept. One frame
 * is decoded at a time, so one static block serves every decoder.
 */

@unmanaged
export class Parameters {
  /** 0 inactive, 1 unvoiced, 2 voiced (RFC 6716, table 10). */
  signalType: i32;
  /** Quantisation offset: 0 low, 1 high. */
  offsetType: i32;
  /** Seed of the excitation's generator, 0..3. */
  seed: i32;
  /** Weight of this frame's line spectra in its first half, Q2; 4 is no interpolation. */
  interpolation: i32;
  /** Primary lag index; not clamped (section 4.2.7.6.1). */
  lagIndex: i32;
  /** Pitch contour index. */
  contour: i32;
  /** Index of the long-term filter book. */
  periodicity: i32;
  /** Index of the long-term scale. */
  ltpScaleIndex: i32;
  /** Scale of the long-term history in the first subframe, Q14. */
  ltpScale: i32;
}

/** One filter of the short-term predictor takes this many bytes: 16 coefficients of i16 Q12. */
// @ts-ignore: decorator
@inline export const LPC_BYTES: usize = 32;

export const PARAMETERS = changetype<Parameters>(memory.data(48, 16));
/** u8 x 4: gain symbols as parsed, one per subframe. */
export const GAIN_INDICES = memory.data(16, 16);
/** i32 Q16 x 4. */
export const GAINS = memory.data(16, 16);
/** i8 x 17: first stage index, then second stage residual indices. */
export const NLSF_INDICES = memory.data(32, 16);
/** i16 Q15 x 16: line spectral frequencies. */
export const NLSF = memory.data(32, 16);
/** i16 Q12 x 16, twice: predictors of the first and the second half. */
export const LPC = memory.data(64, 16);
/** u8 x 4: long-term filter indices. */
export const LTP_INDICES = memory.data(16, 16);
/** i16 Q14 x 5 for each subframe; tap 0 is the newest sample. */
export const LTP_TAPS = memory.data(48, 16);
/** i32 x 4: lags in samples, 0 when not voiced. */
export const LAGS = memory.data(16, 16);
/** i16 x 320: pulses with sign; room for the odd block of 10 ms frames at 12 kHz. */
export const PULSES = memory.data(656, 16);
