/**
 * What a SILK channel carries from frame to frame: scalars in an unmanaged struct, followed by fixed-size arrays.
 * A decoder has two channels, mid and side; their structs have one size known at compile time.
 */
import { RESAMPLER_SIZE, Resampler } from "./resampler-state";

/** Signal types (RFC 6716, table 10). */
// @ts-ignore: decorator
@inline export const INACTIVE: i32 = 0;
// @ts-ignore: decorator
@inline export const UNVOICED: i32 = 1;
// @ts-ignore: decorator
@inline export const VOICED: i32 = 2;

/** Longest frame: 20 ms at 16 kHz. */
// @ts-ignore: decorator
@inline export const MAX_FRAME: i32 = 320;
/** Highest order of the short-term predictor. */
// @ts-ignore: decorator
@inline export const MAX_ORDER: i32 = 16;

@unmanaged
export class Channel {
  /** Internal rate: 0 before the first frame, then 8, 12 or 16. */
  kHz: i32;
  /** Order of the short-term predictor: 10, or 16 at 16 kHz. */
  order: i32;
  /** Samples per 5 ms subframe. */
  subframeLength: i32;
  /** Subframes in the frame at hand: 2 or 4. */
  subframes: i32;
  /** Samples in the frame at hand. */
  frameLength: i32;
  /** Samples of output history: 20 ms. */
  historyLength: i32;
  /** 1 until a frame was decoded after a reset: interpolation of line spectra is off. */
  first: i32;
  /** Signal type of the frame before. */
  previousType: i32;
  /** Pitch lag of the last subframe decoded, 0 when it had none. */
  previousLag: i32;
  /** Gain index of the last subframe decoded. */
  gainIndex: i32;
  /** Gain of the last subframe synthesised, Q16. */
  previousGain: i32;
  /** Signal type parsed last, redundant frames included: context of the lag. */
  parsedType: i32;
  /** Primary lag index parsed last. */
  parsedLagIndex: i32;
  /** Consecutive frames concealed. */
  lossCount: i32;
  /** Flags of the payload at hand, bit i for frame i. */
  vadFlags: i32;
  lbrrFlags: i32;
}

/** What concealment keeps of the last good frame (see concealment.ts); its predictor follows it. */
@unmanaged
export class Concealment {
  /** Energy of the last concealed frame. */
  energy: f64;
  /** Rate of the frame that the rest describes; 0 before the first. */
  kHz: i32;
  /** Samples in that frame. */
  frameLength: i32;
  /** Lag in samples, Q8. */
  lag: i32;
  /** Weight of the one long-term tap, Q14; 0 when the frame was not voiced. */
  tap: i32;
  /** Scale of the long-term history, Q14. */
  ltpScale: i32;
  /** Level of the random excitation, Q14. */
  noiseScale: i32;
  /** Gains of the last two subframes, Q16. */
  olderGain: i32;
  gain: i32;
  seed: i32;
  /** 1 when the frame before was concealed. */
  lost: i32;
}

/** State of the comfort noise (see comfort-noise.ts); followed by its arrays. */
@unmanaged
export class ComfortNoise {
  /** Rate of the spectrum below; 0 before the first frame. */
  kHz: i32;
  /** Smoothed gain, Q16. */
  gain: i32;
  seed: i32;
}

// @ts-ignore: decorator
@inline const HEAD: usize = (offsetof<Channel>() + 15) & ~15;
// @ts-ignore: decorator
@inline const SIGNAL: usize = HEAD;
// @ts-ignore: decorator
@inline const LPC_STATE: usize = SIGNAL + 2 * 2 * MAX_FRAME;
// @ts-ignore: decorator
@inline const EXCITATION: usize = LPC_STATE + 4 * MAX_ORDER;
// @ts-ignore: decorator
@inline const PREVIOUS_NLSF: usize = EXCITATION + 4 * MAX_FRAME;
// @ts-ignore: decorator
@inline const CONCEALMENT: usize = PREVIOUS_NLSF + 2 * MAX_ORDER;
// @ts-ignore: decorator
@inline const CONCEALMENT_LPC: usize = CONCEALMENT + ((offsetof<Concealment>() + 15) & ~15);
// @ts-ignore: decorator
@inline const CNG: usize = CONCEALMENT_LPC + 2 * MAX_ORDER;
// @ts-ignore: decorator
@inline const CNG_NLSF: usize = CNG + ((offsetof<ComfortNoise>() + 15) & ~15);
// @ts-ignore: decorator
@inline const CNG_LPC_STATE: usize = CNG_NLSF + 2 * MAX_ORDER;
// @ts-ignore: decorator
@inline const CNG_EXCITATION: usize = CNG_LPC_STATE + 4 * MAX_ORDER;
// @ts-ignore: decorator
@inline const RESAMPLER: usize = CNG_EXCITATION + 4 * MAX_FRAME;

/** Bytes of one channel's state. */
// @ts-ignore: decorator
@inline export const CHANNEL_SIZE: usize = RESAMPLER + RESAMPLER_SIZE;

/** i16: 20 ms of output history, directly followed by the frame at hand. */
// @ts-ignore: decorator
@inline export function signalOf(channel: Channel): usize {
  return changetype<usize>(channel) + SIGNAL;
}

/** i32 Q14 x MAX_ORDER: memory of the short-term synthesis, oldest first. */
// @ts-ignore: decorator
@inline export function lpcStateOf(channel: Channel): usize {
  return changetype<usize>(channel) + LPC_STATE;
}

/** i32 Q14 x MAX_FRAME: excitation of the last good frame. */
// @ts-ignore: decorator
@inline export function excitationOf(channel: Channel): usize {
  return changetype<usize>(channel) + EXCITATION;
}

/** i16 Q15 x MAX_ORDER: line spectral frequencies of the last good frame. */
// @ts-ignore: decorator
@inline export function previousNlsfOf(channel: Channel): usize {
  return changetype<usize>(channel) + PREVIOUS_NLSF;
}

// @ts-ignore: decorator
@inline export function concealmentOf(channel: Channel): Concealment {
  return changetype<Concealment>(changetype<usize>(channel) + CONCEALMENT);
}

/** i16 Q12 x MAX_ORDER: short-term predictor of the last good frame. */
// @ts-ignore: decorator
@inline export function concealmentLpcOf(channel: Channel): usize {
  return changetype<usize>(channel) + CONCEALMENT_LPC;
}

// @ts-ignore: decorator
@inline export function comfortNoiseOf(channel: Channel): ComfortNoise {
  return changetype<ComfortNoise>(changetype<usize>(channel) + CNG);
}

/** i16 Q15 x MAX_ORDER: smoothed spectrum of the background. */
// @ts-ignore: decorator
@inline export function comfortNlsfOf(channel: Channel): usize {
  return changetype<usize>(channel) + CNG_NLSF;
}

/** i32 Q14 x MAX_ORDER: memory of the comfort noise synthesis, oldest first. */
// @ts-ignore: decorator
@inline export function comfortLpcStateOf(channel: Channel): usize {
  return changetype<usize>(channel) + CNG_LPC_STATE;
}

/** i32 Q14 x MAX_FRAME: excitation to draw from, newest first. */
// @ts-ignore: decorator
@inline export function comfortExcitationOf(channel: Channel): usize {
  return changetype<usize>(channel) + CNG_EXCITATION;
}

// @ts-ignore: decorator
@inline export function resamplerOf(channel: Channel): Resampler {
  return changetype<Resampler>(changetype<usize>(channel) + RESAMPLER);
}

/** A channel as it is after creation. */
export function channelReset(channel: Channel): void {
  memory.fill(changetype<usize>(channel), 0, CHANNEL_SIZE);
  channel.first = 1;
  channel.previousGain = 1 << 16;
}

/** Forgets the signal, not the gain: after a change of rate and when the side resumes. */
export function channelForget(channel: Channel): void {
  channel.previousLag = 100;
  channel.gainIndex = 10;
  channel.previousType = INACTIVE;
  channel.first = 1;
  memory.fill(signalOf(channel), 0, 2 * 2 * MAX_FRAME + 4 * MAX_ORDER);
}
