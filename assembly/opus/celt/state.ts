/**
 * What a CELT decoder carries from frame to frame, for one or two channels. A fixed block of `CELT_DECODER_SIZE`
 * bytes: this record, the energies, then the signal of each channel.
 */
@unmanaged
export class CeltDecoder {
  /** Output channels, 1 or 2. */
  channels: i32;
  /** 1: no phase inversion in intensity stereo (RFC 8251, section 10). */
  keepPhase: i32;
  /** Noise generator: the final range of the frame before. */
  seed: u32;
  /** Frames concealed in a row. */
  losses: i32;
  /** Post-filter of the frame before and of the one before that. */
  period: i32;
  olderPeriod: i32;
  tapset: i32;
  olderTapset: i32;
  gain: f32;
  olderGain: f32;
  /** De-emphasis memories. */
  emphasis0: f32;
  emphasis1: f32;
  /** Samples concealed in a row. */
  lostSamples: i32;
  /** Pitch lag of the running concealment. */
  lag: i32;
  /** 1 once a frame was decoded since the reset. */
  heard: i32;
  /** 1 while the last frame was made of noise, or none came: there is no signal to repeat. */
  noSignal: i32;
}

// @ts-ignore: decorator
@inline const RECORD: usize = 64;
/** Bytes of one energy table: 2 channels of 21 f32, rounded up. */
// @ts-ignore: decorator
@inline const ENERGIES: usize = 176;
// @ts-ignore: decorator
@inline export const ENERGY_BYTES: usize = 168;
/** Samples kept of each channel. */
// @ts-ignore: decorator
@inline export const HISTORY: i32 = 2048;
/** Aliased samples after them, the tail of the frame before. */
// @ts-ignore: decorator
@inline export const TAIL: i32 = 60;
/** Bytes of one channel's signal. */
// @ts-ignore: decorator
@inline export const SIGNAL_STRIDE: usize = 8448;
// @ts-ignore: decorator
@inline const SIGNAL: usize = 768;

/** Bytes of a decoder, whatever its channels. */
export const CELT_DECODER_SIZE: usize = 17664;

/** log2 band energies above the mean, `[channel][band]`, as the next frame predicts from them. */
// @ts-ignore: decorator
@inline export function energies(state: CeltDecoder): usize {
  return changetype<usize>(state) + RECORD;
}

/** Energies of the frame before. */
// @ts-ignore: decorator
@inline export function lastEnergies(state: CeltDecoder): usize {
  return changetype<usize>(state) + RECORD + ENERGIES;
}

/** Energies of the frame before that. */
// @ts-ignore: decorator
@inline export function olderEnergies(state: CeltDecoder): usize {
  return changetype<usize>(state) + RECORD + 2 * ENERGIES;
}

/** Slowly rising minimum of the energies: the background that concealment decays to. */
// @ts-ignore: decorator
@inline export function backgroundEnergies(state: CeltDecoder): usize {
  return changetype<usize>(state) + RECORD + 3 * ENERGIES;
}

/**
 * The last `HISTORY` samples of a channel before de-emphasis, in units of 1/32768, and the aliased tail after them.
 */
// @ts-ignore: decorator
@inline export function signal(state: CeltDecoder, channel: i32): usize {
  return changetype<usize>(state) + SIGNAL + <usize>channel * SIGNAL_STRIDE;
}
