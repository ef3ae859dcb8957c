import { Analysis } from "../analysis/analysis-state";

/**
 * What a CELT encoder carries from frame to frame, for one or two channels: a fixed block of `CELT_ENCODER_SIZE`
 * bytes, made of this record, the energies, then the signal of each channel.
 */
@unmanaged
export class CeltEncoder {
  /** Input channels, 1 or 2. */
  channels: i32;
  /** 1: no phase inversion in intensity stereo. */
  keepPhase: i32;
  /** 0 to 10. */
  complexity: i32;
  /** 1: no prediction from the frame before in the next frame. */
  forceIntra: i32;
  /** Noise generator, as the decoder has it: the final range of the frame before. */
  seed: u32;
  emphasis0: f32;
  emphasis1: f32;
  /** Pre-filter of the frame before. */
  period: i32;
  tapset: i32;
  gain: f32;
  /** How much an intra frame would help a receiver that lost frames. */
  delayedIntra: f32;
  /** Transient frames in a row. */
  transients: i32;
  codedBands: i32;
  intensity: i32;
  /** Spreading: running measure, the last choice, the same for tapsets. */
  spreadAverage: i32;
  spread: i32;
  highAverage: i32;
  tapsetChoice: i32;
  /** Bits over the rate in constrained VBR, in eighths, and the drift that is steered against. */
  reservoir: i32;
  drift: f32;
  vbrFrames: i32;
  /** Running level of the follower and what stereo saved. */
  followerAverage: f32;
  stereoSaving: f32;
  /** Highest band that holds signal, and for how many frames more it counts. */
  signalBand: i32;
  signalHold: i32;
  /** Bits of precision that the input has: noise below is not worth coding. */
  depth: i32;
  /** Samples at 48 kHz for one of the input: what lies above its half rate are images. */
  step: i32;
  /** Address of the analysis of the input, or 0 without one. */
  analysis: usize;
  /** In hybrid frames, of SILK: 1 where it is voiced, and its quantisation offset (RFC 6716, table 13), in 1/1024. */
  silkVoiced: i32;
  silkOffset: i32;
}

// @ts-ignore: decorator
@inline const RECORD: usize = 144;
// @ts-ignore: decorator
@inline const TABLE: usize = 176;
/** Samples before pre-filtering that are kept: the longest period and room. */
// @ts-ignore: decorator
@inline export const PAST: i32 = 1032;
/** Bytes of what is kept of one channel's signal: `PAST`, then 120 pre-filtered samples. */
// @ts-ignore: decorator
@inline const CHANNEL: usize = 4608;
// @ts-ignore: decorator
@inline const SIGNAL: usize = RECORD + 2 * TABLE;

/** Bytes of an encoder, whatever its channels. */
export const CELT_ENCODER_SIZE: usize = 9712;

/** The analysis of the input where there is one that says something, or null. */
// @ts-ignore: decorator
@inline export function analysisOf(state: CeltEncoder): Analysis | null {
  const analysis = changetype<Analysis | null>(state.analysis);
  return analysis && analysis.valid ? analysis : null;
}

/** Quantised log2 energies of the frame before, `[channel][band]`: what the next frame is predicted from. */
// @ts-ignore: decorator
@inline export function encodedEnergies(state: CeltEncoder): usize {
  return changetype<usize>(state) + RECORD;
}

/** Quantisation errors of the frame before. */
// @ts-ignore: decorator
@inline export function energyErrors(state: CeltEncoder): usize {
  return changetype<usize>(state) + RECORD + TABLE;
}

/** The last `PAST` pre-emphasised samples. */
// @ts-ignore: decorator
@inline export function past(state: CeltEncoder, channel: i32): usize {
  return changetype<usize>(state) + SIGNAL + <usize>channel * CHANNEL;
}

/** The last 120 pre-filtered samples: the rising edge of the next frame. */
// @ts-ignore: decorator
@inline export function edgeSamples(state: CeltEncoder, channel: i32): usize {
  return past(state, channel) + 4128;
}
