/*
 * The bandwidth that a signal has, which may be less than that of its sample rate: a telephone call that was resampled, a
 * recording from a lossy codec. Coding what is above costs bits and gives nothing.
 */
import { exp2 } from "../celt/exponential";
import { bandwidthOf } from "../toc";
import { Analysis, BINS } from "./analysis-state";
import { ENERGIES } from "./analysis-spectrum";

/** First bins of the ranges that are told apart: up to 4 kHz, then 2 kHz each; above 12 kHz the decimator measures. */
const EDGES = memory.data<u8>([0, 80, 120, 160, 200, 240], 16);
/** The bandwidth that each range belongs to. */
const BANDWIDTHS = memory.data<u8>([0, 1, 2, 3, 3, 4], 16);
/** A range counts when it is not 13 dB below what masks it; 20 dB when its bandwidth counted before. */
// @ts-ignore: decorator
@inline const HEARD: f32 = 0.05;
// @ts-ignore: decorator
@inline const STILL_HEARD: f32 = 0.01;
/** What the decimator lets through of the range below 12 kHz. */
// @ts-ignore: decorator
@inline const LEAK: f32 = 0.02;
/** Steps of 20 ms for which a bandwidth counts on: pauses between fricatives. */
// @ts-ignore: decorator
@inline const HOLD: i32 = 50;

/** Updates `a.bandwidth` from the step at hand. `high`: energy per sample above 12 kHz. */
export function updateAudioBand(a: Analysis, high: f32): void {
  const nyquist = bandwidthOf(a.kHz);
  // Dithered rounding has a variance of a quarter of a step squared, over 480 bins; 6 dB above it is signal. What lies
  // below the rounding of 16 bits is never heard.
  const step = exp2(16 - <f32>min(16, a.depth));
  const rounding: f32 = 4 * 0.25 * step * step / 480;
  let top = 0;
  let mask: f32 = 0;
  let density: f32 = 0;
  for (let range: usize = 0; range < 6; range++) {
    const bandwidth = <i32>load<u8>(BANDWIDTHS + range);
    if (bandwidth > nyquist) break;
    if (range < 5) {
      const from = <i32>load<u8>(EDGES + range);
      const end = <i32>load<u8>(EDGES + range, 1);
      density = 0;
      // The bins at both edges belong to filters.
      for (let i = from + 4; i < end - 4; i++) density += load<f32>(ENERGIES + (<usize>i << 2));
      density /= <f32>(end - from - 8);
    } else {
      density = high / <f32>BINS - LEAK * density;
    }
    const known = a.bandwidth >= bandwidth;
    let needed = max<f32>(rounding, mask * (known ? STILL_HEARD : HEARD));
    // Ears are dull above 12 kHz: what is near the rounding there is no loss.
    if (range == 5) needed = max<f32>(needed, rounding * (known ? 2.5 : 8));
    if (density > needed) top = bandwidth;
    // What is 13 dB weaker, range by range, is masked.
    mask = max<f32>(density, 0.05 * mask);
  }
  if (top >= a.bandwidth) {
    a.bandwidth = top;
    a.bandwidthHold = HOLD;
  } else if (--a.bandwidthHold <= 0) {
    a.bandwidth = top;
    a.bandwidthHold = HOLD;
  }
}
