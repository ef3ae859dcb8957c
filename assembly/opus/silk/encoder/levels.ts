/** What complexity 0..10 means for the SILK encoder, and what a rate means for the level of quantisation. */
import { SNR_MB, SNR_NB, SNR_WB } from "../../tables/silk-rate";
import { clamp } from "../fixed-point";

/** Order of the shaping filter. */
export function shapingOrder(complexity: i32): i32 {
  return complexity < 4 ? (complexity & 1 ? 14 : 12) : complexity < 6 ? 16 : complexity < 8 ? 20 : 24;
}

/** Paths of the delayed decision. */
export function quantiserStates(complexity: i32): i32 {
  return complexity < 2 ? 1 : complexity < 6 ? 2 : complexity < 8 ? 3 : 4;
}

/** First-stage survivors of the line spectrum search. */
export function spectrumSurvivors(complexity: i32): i32 {
  return complexity < 4 ? 2 + (complexity & 1) * (1 + (complexity >> 1)) : complexity < 6 ? 6 : complexity < 8 ? 8 : 16;
}

/** Our frames take more bits at a level than those for which the tables were made. */
// @ts-ignore: decorator
@inline const TRIM: f32 = 0.8;

/** Level in dB for `rate` bit/s on one channel. */
export function targetSnr(rate: i32, kHz: i32, subframes: i32): f32 {
  const table = kHz == 8 ? SNR_NB : kHz == 12 ? SNR_MB : SNR_WB;
  const last = kHz == 8 ? 106 : kHz == 12 ? 154 : 190;
  const effective = subframes == 2 ? rate - 2000 - kHz * 62 : rate;
  const position = clamp(effective - 4000, 0, 400 * last);
  const index = min(position / 400, last - 1);
  const low: f32 = <f32>load<u8>(table + index);
  const high: f32 = <f32>load<u8>(table + index, 1);
  return (low + (high - low) * <f32>(position - 400 * index) * (1.0 / 400.0)) * (21.0 / 128.0) - TRIM;
}
