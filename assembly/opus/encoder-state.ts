/**
 * What an encoder carries from packet to packet: one block of fixed size.
 */
import { CELT_ENCODER_SIZE, CeltEncoder } from "./celt/encoder-state";
import { APPLICATION_LOW_DELAY, EncoderSettings } from "./encoder-settings";

@unmanaged
export class OpusEncoder {
  /** Rate of the input in kHz: 8, 12, 16, 24 or 48. */
  kHz: i32;
  channels: i32;
  /** APPLICATION_*. */
  application: i32;
  finalRange: u32;
  /** Filter that takes DC out, per channel. */
  dc0: f32;
  dc1: f32;
  /** Bandwidth and channels of the packet before. */
  bandwidth: i32;
  streamChannels: i32;
  /** 1 when the last packet said that nobody speaks. */
  inDtx: i32;
}

// @ts-ignore: decorator
@inline const SETTINGS: usize = 256;
// @ts-ignore: decorator
@inline const HISTORY: usize = SETTINGS + 64;
/** Input kept from packet to packet, in ms. */
// @ts-ignore: decorator
@inline export const HISTORY_MS: i32 = 10;
// @ts-ignore: decorator
@inline const CELT: usize = HISTORY + 4 * 2 * 48 * <usize>HISTORY_MS;

/** ms by which CELT lags behind SILK's input, so that both come out at the same time. */
// @ts-ignore: decorator
@inline export const DELAY_MS: i32 = 4;

/** Bytes of an encoder. */
// @ts-ignore: decorator
@inline export const OPUS_ENCODER_SIZE: usize = CELT + CELT_ENCODER_SIZE;

// @ts-ignore: decorator
@inline export function settingsOf(encoder: OpusEncoder): EncoderSettings {
  return changetype<EncoderSettings>(changetype<usize>(encoder) + SETTINGS);
}

/** The last `HISTORY_MS` of the filtered input, interleaved f32 at the input rate. */
// @ts-ignore: decorator
@inline export function historyOf(encoder: OpusEncoder): usize {
  return changetype<usize>(encoder) + HISTORY;
}

// @ts-ignore: decorator
@inline export function celtOf(encoder: OpusEncoder): CeltEncoder {
  return changetype<CeltEncoder>(changetype<usize>(encoder) + CELT);
}

/** ms by which CELT's input lags. */
// @ts-ignore: decorator
@inline export function delayMs(encoder: OpusEncoder): i32 {
  return encoder.application == APPLICATION_LOW_DELAY ? 0 : DELAY_MS;
}
