/**
 * What the encoder of one SILK channel carries from frame to frame: scalars, then fixed-size arrays, among them a
 * decoder channel (the *local decoder*) that runs over every frame as it is sent, so that the quantiser starts each
 * frame from exactly what every decoder holds.
 */
import { CHANNEL_SIZE, Channel, MAX_FRAME } from "../state";

/** Longest lookahead: 5 ms at 16 kHz. */
// @ts-ignore: decorator
@inline export const MAX_LOOKAHEAD: i32 = 80;
/** Order of the noise shaping filter at most. */
// @ts-ignore: decorator
@inline export const MAX_SHAPING: i32 = 24;

@unmanaged
export class EncoderChannel {
  /** Signal type and lag of the frame before. */
  previousType: i32;
  previousLag: i32;
  /** 1 until a frame was coded after a reset. */
  first: i32;
  /** Correlation at the pitch lag in the frame before, 0..1. */
  ltpCorrelation: f32;
  /** Running log2 of what long-term prediction amplifies, kept below a limit. */
  ltpGainSum: f32;
  /** Shaping memories in 16-bit units: error, error without the spectral part, and without the low-frequency part. */
  error: f32;
  levelError: f32;
  /** Smoothed strength of harmonic shaping and tilt. */
  harmonic: f32;
  tilt: f32;
  /** How much decoded frames fall short of the input, in octaves of amplitude, smoothed (see level.ts). */
  shortfall: f32;
  /** Seed counter. */
  frameCounter: i32;
  /** Speech activity 0..1, spectral tilt -1..1, quality of the two lowest bands 0..1. */
  activity: f32;
  spectralTilt: f32;
  quality0: f32;
  quality1: f32;
  /** Frames seen by the activity detector. */
  vadFrames: i32;
  /** Level at which the last frame fitted, in steps of the gain index. */
  dial: f32;
  /** Redundant frames of the packet before, to be sent in the one at hand; and those kept for the next. */
  lbrrFlags: i32;
  keptFlags: i32;
  /** Length of the last frame. */
  lastLength: i32;
  /** Gain index after the last redundant frame. */
  lbrrGainIndex: i32;
  /** 1 when the frame at hand counts as active. */
  flag: i32;
}

// @ts-ignore: decorator
@inline const HEAD: usize = (offsetof<EncoderChannel>() + 15) & ~15;
// @ts-ignore: decorator
@inline const INPUT: usize = HEAD;
// @ts-ignore: decorator
@inline const SHAPING_STATE: usize = INPUT + 4 * (2 * <usize>MAX_FRAME + <usize>MAX_LOOKAHEAD);
// @ts-ignore: decorator
@inline const SHAPED_ERROR: usize = SHAPING_STATE + 4 * <usize>MAX_SHAPING;
// @ts-ignore: decorator
@inline const VAD: usize = SHAPED_ERROR + 4 * <usize>MAX_FRAME;
// @ts-ignore: decorator
@inline const REDUNDANCY: usize = VAD + 4 * 32;
// @ts-ignore: decorator
@inline const LOCAL: usize = REDUNDANCY + 3 * 464;

/** Bytes of one channel's encoder. */
// @ts-ignore: decorator
@inline export const ENCODER_CHANNEL_SIZE: usize = LOCAL + ((CHANNEL_SIZE + 15) & ~15);

/** f32, 16-bit units: 20 ms of past input, the frame at hand, lookahead. */
// @ts-ignore: decorator
@inline export function inputOf(c: EncoderChannel): usize {
  return changetype<usize>(c) + INPUT;
}

/** f32 x MAX_SHAPING: the all-pass chain of the spectral shaping filter, 16-bit units. */
// @ts-ignore: decorator
@inline export function shapingStateOf(c: EncoderChannel): usize {
  return changetype<usize>(c) + SHAPING_STATE;
}

/** f32 x MAX_FRAME: 20 ms of coding error with spectral and low-frequency shaping removed, oldest first. */
// @ts-ignore: decorator
@inline export function shapedErrorOf(c: EncoderChannel): usize {
  return changetype<usize>(c) + SHAPED_ERROR;
}

/** f32 x 32: memory of the activity detector (see activity.ts). */
// @ts-ignore: decorator
@inline export function vadOf(c: EncoderChannel): usize {
  return changetype<usize>(c) + VAD;
}

/** Up to three redundant frames (see redundancy.ts). */
// @ts-ignore: decorator
@inline export function redundancyOf(c: EncoderChannel): usize {
  return changetype<usize>(c) + REDUNDANCY;
}

// @ts-ignore: decorator
@inline export function localDecoderOf(c: EncoderChannel): Channel {
  return changetype<Channel>(changetype<usize>(c) + LOCAL);
}
