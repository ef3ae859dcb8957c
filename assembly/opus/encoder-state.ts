/**
 * What an encoder carries from packet to packet: one block of fixed size.
 */
import { CELT_ENCODER_SIZE, CeltEncoder } from "./celt/encoder-state";

@unmanaged
export class OpusEncoder {
  /** Rate of the input in kHz: 8, 12, 16, 24 or 48. */
  kHz: i32;
  channels: i32;
  /** APPLICATION_*. */
  application: i32;
  /** Bit/s. */
  bitrate: i32;
  /** RATE_* of celt/encoder.ts. */
  control: i32;
  complexity: i32;
  /** Highest bandwidth, 0 narrowband to 4 fullband. */
  maxBandwidth: i32;
  keepPhase: i32;
  /** Bits of precision of the input, 8 to 24. */
  depth: i32;
  finalRange: u32;
  /** DC of each channel. */
  dc0: f32;
  dc1: f32;
  /** Bandwidth and channels of the packet before. */
  bandwidth: i32;
  streamChannels: i32;
}

// @ts-ignore: decorator
@inline const DELAY: usize = 64;
// @ts-ignore: decorator
@inline const CELT: usize = 64 + 1536;

/** Samples at 48 kHz by which CELT lags, so that SILK and CELT agree in time: 4 ms. */
// @ts-ignore: decorator
@inline export const DELAY_SAMPLES: i32 = 192;

/** Bytes of an encoder. */
// @ts-ignore: decorator
@inline export const OPUS_ENCODER_SIZE: usize = CELT + CELT_ENCODER_SIZE;

/** The last 4 ms of the input, interleaved f32. */
// @ts-ignore: decorator
@inline export function delayOf(encoder: OpusEncoder): usize {
  return changetype<usize>(encoder) + DELAY;
}

// @ts-ignore: decorator
@inline export function celtOf(encoder: OpusEncoder): CeltEncoder {
  return changetype<CeltEncoder>(changetype<usize>(encoder) + CELT);
}
