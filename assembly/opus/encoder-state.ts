/**
 * What an encoder carries from packet to packet: one block of fixed size.
 */
import { ANALYSIS_SIZE, Analysis } from "./analysis/analysis-state";
import { CELT_ENCODER_SIZE, CeltEncoder } from "./celt/encoder-state";
import { APPLICATION_LOW_DELAY, EncoderSettings } from "./encoder-settings";
import { SILK_ENCODER_SIZE, SilkEncoder } from "./silk/encoder/encoder";
import { bandwidthOf } from "./toc";

@unmanaged
export class OpusEncoder {
  /** Rate of the input in kHz: 8, 12, 16, 24 or 48. */
  kHz: i32;
  channels: i32;
  /** APPLICATION_*. */
  application: i32;

  /** Range register after the last packet, 0 when its last frame had at most one byte. */
  finalRange: u32;
  /** What a decoder goes on from: MODE_* of the last packet, or -1; bandwidth, channels and SILK's rate in kHz. */
  previousMode: i32;
  bandwidth: i32;
  streamChannels: i32;
  silkKHz: i32;
  /** 1 when the last packet carried CELT redundancy at its end: the next one goes on from that. */
  bridged: i32;
  /** Mode and SILK rate that the bridge leads to. */
  nextMode: i32;
  nextKHz: i32;
  /** 1 when a bridge did not fit: the switch is made without. */
  unbridged: i32;
  /** Bandwidth that was chosen last without limits of the signal: what hysteresis goes by. */
  rateBandwidth: i32;
  /** Width of the stereo image at the end of the last packet, 0..1, and ms for which it has been 0. */
  width: f32;
  monoMs: i32;
  /** Smoothed energies of mid and side. */
  midEnergy: f32;
  sideEnergy: f32;
  /** Factor on the input of CELT in the last frame. */
  highGain: f32;
  /** 1 while redundancy (LBRR) is sent. */
  fecOn: i32;
  /** Half milliseconds for which nobody has spoken; 1 when the last packet said so. */
  quiet: i32;
  inDtx: i32;
  /** Corner of the high-pass: log2 of Hz, quick and slow. */
  corner: f32;
  slowCorner: f32;
}

// @ts-ignore: decorator
@inline const SETTINGS: usize = 192;
// @ts-ignore: decorator
@inline const FILTER: usize = SETTINGS + 64;
// @ts-ignore: decorator
@inline const HISTORY: usize = FILTER + 32;
/** Input kept from packet to packet, in ms. */
// @ts-ignore: decorator
@inline export const HISTORY_MS: i32 = 10;
// @ts-ignore: decorator
@inline const ANALYSIS: usize = HISTORY + 4 * 2 * 48 * <usize>HISTORY_MS;
// @ts-ignore: decorator
@inline const CELT: usize = ANALYSIS + ((ANALYSIS_SIZE + 15) & ~15);
// @ts-ignore: decorator
@inline const SILK: usize = CELT + ((CELT_ENCODER_SIZE + 15) & ~15);

/** ms by which CELT lags behind SILK's input, so that both come out at the same time. */
// @ts-ignore: decorator
@inline export const DELAY_MS: i32 = 4;

/** Bytes of an encoder. */
// @ts-ignore: decorator
@inline export const OPUS_ENCODER_SIZE: usize = SILK + ((SILK_ENCODER_SIZE + 15) & ~15);

// @ts-ignore: decorator
@inline export function settingsOf(encoder: OpusEncoder): EncoderSettings {
  return changetype<EncoderSettings>(changetype<usize>(encoder) + SETTINGS);
}

/** Two f64 of filter memory per channel. */
// @ts-ignore: decorator
@inline export function filterOf(encoder: OpusEncoder): usize {
  return changetype<usize>(encoder) + FILTER;
}

/** The last `HISTORY_MS` of the filtered input, interleaved f32 at the input rate. */
// @ts-ignore: decorator
@inline export function historyOf(encoder: OpusEncoder): usize {
  return changetype<usize>(encoder) + HISTORY;
}

// @ts-ignore: decorator
@inline export function analysisOf(encoder: OpusEncoder): Analysis {
  return changetype<Analysis>(changetype<usize>(encoder) + ANALYSIS);
}

// @ts-ignore: decorator
@inline export function celtOf(encoder: OpusEncoder): CeltEncoder {
  return changetype<CeltEncoder>(changetype<usize>(encoder) + CELT);
}

// @ts-ignore: decorator
@inline export function silkOf(encoder: OpusEncoder): SilkEncoder {
  return changetype<SilkEncoder>(changetype<usize>(encoder) + SILK);
}

/** ms by which CELT's input lags. */
// @ts-ignore: decorator
@inline export function delayMs(encoder: OpusEncoder): i32 {
  return encoder.application == APPLICATION_LOW_DELAY ? 0 : DELAY_MS;
}

/** Highest bandwidth that the input rate has. */
// @ts-ignore: decorator
@inline export function inputBandwidth(encoder: OpusEncoder): i32 {
  return bandwidthOf(encoder.kHz);
}
