/**
 * What the analysis of an input signal knows, and what it carries from call to call: one block of `ANALYSIS_SIZE` bytes
 * in the encoder's arena.
 */
@unmanaged
export class Analysis {
  /** Rate of the input in kHz: 8, 12, 16, 24 or 48. */
  kHz: i32;
  /** Bits of precision of the input, 8 to 24: what lies below is rounding. */
  depth: i32;

  /** 1 once the fields below say something: 20 ms were seen since the reset. */
  valid: i32;
  /** Probability that somebody speaks or plays, 0..1: 0 in silence and in steady background noise. */
  activity: f32;
  /** How tonal the signal is, 0 (noise) .. 1 (steady tones). */
  tonality: f32;
  /** Probability that the signal is music and not speech, 0..1, smoothed over about a second while active. */
  music: f32;
  /** The same of the last 20 ms alone. */
  musicNow: f32;
  /** Highest bandwidth that holds signal, 0 narrowband .. 4 fullband. */
  bandwidth: i32;
  /** Level of the last 20 ms, and its decaying peak, in dB of full scale. */
  level: f32;
  peakLevel: f32;

  /** Samples at 24 kHz that wait for the next step. */
  filled: i32;
  /** Steps of 20 ms since the reset, up to a limit. */
  steps: i32;
  /** Energy above 12 kHz of the waiting samples. */
  highEnergy: f32;
  /** Steps for which a bandwidth counts on. */
  bandwidthHold: i32;
}

/** Bins of a spectrum: 50 Hz each, up to 12 kHz. */
// @ts-ignore: decorator
@inline export const BINS: i32 = 240;
/** Samples of a step at 24 kHz: 20 ms; two windows of 20 ms, 10 ms apart, end in it. */
// @ts-ignore: decorator
@inline export const STEP: i32 = 480;
/** Samples of the step before that are kept. */
// @ts-ignore: decorator
@inline export const OLD: i32 = 240;
/** Bands of the features. */
// @ts-ignore: decorator
@inline export const ANALYSIS_BANDS: i32 = 18;
/** Steps whose band energies are kept: 160 ms. */
// @ts-ignore: decorator
@inline export const HISTORY: i32 = 8;

// @ts-ignore: decorator
@inline const RECORD: usize = 128;
// @ts-ignore: decorator
@inline const SIGNAL: usize = RECORD;
// @ts-ignore: decorator
@inline const DECIMATOR: usize = SIGNAL + 4 * 720;
// @ts-ignore: decorator
@inline const PHASORS: usize = DECIMATOR + 4 * 32;
// @ts-ignore: decorator
@inline const LEVELS: usize = PHASORS + 4 * 4 * 240;
// @ts-ignore: decorator
@inline const FLOORS: usize = LEVELS + 4 * 20 * 8;
// @ts-ignore: decorator
@inline const PERSISTENCE: usize = FLOORS + 4 * 20;
// @ts-ignore: decorator
@inline const TRACKS: usize = PERSISTENCE + 4 * 240;

/** Bytes of an analysis. */
export const ANALYSIS_SIZE: usize = TRACKS + 128;

/** The signal at 24 kHz: `OLD` samples, then `filled` new ones. f32, in units of 1/32768. */
// @ts-ignore: decorator
@inline export function signalOf(a: Analysis): usize {
  return changetype<usize>(a) + SIGNAL;
}

/** The last 16 even, then the last 16 odd samples at 48 kHz. */
// @ts-ignore: decorator
@inline export function decimatorOf(a: Analysis): usize {
  return changetype<usize>(a) + DECIMATOR;
}

/** Directions (unit complex numbers) of the last two spectra: real and imaginary parts of the older, then the newer. */
// @ts-ignore: decorator
@inline export function phasorsOf(a: Analysis): usize {
  return changetype<usize>(a) + PHASORS;
}

/** log2 energies of the bands in the last `HISTORY` steps, 20 f32 a step, in a ring by `steps`. */
// @ts-ignore: decorator
@inline export function levelsOf(a: Analysis): usize {
  return changetype<usize>(a) + LEVELS;
}

/** Noise floor of each band, log2. */
// @ts-ignore: decorator
@inline export function floorsOf(a: Analysis): usize {
  return changetype<usize>(a) + FLOORS;
}

/** Running coherence of each bin, over about 100 ms. */
// @ts-ignore: decorator
@inline export function persistenceOf(a: Analysis): usize {
  return changetype<usize>(a) + PERSISTENCE;
}

/** Running statistics of texture.ts. */
// @ts-ignore: decorator
@inline export function tracksOf(a: Analysis): usize {
  return changetype<usize>(a) + TRACKS;
}

/** Where `level` lies in the record. */
export const LEVEL_OFFSET: usize = offsetof<Analysis>("level");
