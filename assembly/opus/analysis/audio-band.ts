/*
 * The bandwidth that a signal has, which may be less than that of its sample rate: a telephone call that was resampled, a
 * recording from a lossy codec. Coding what is above costs bits and gives nothing.
 */
import { exp2 } from "../celt/exponential";
import { Analysis, BINS } from "./analysis-state";
import { ENERGIES } from "./analysis-spectrum";

/** First bins of the ranges that each bandwidth adds: to 4, 6, 8, 12 kHz; what is above is measured by the decimator. */
const EDGES = memory.data<i32>([0, 80, 120, 160, 240], 16);
/** A range counts when it is not this much (30 dB) below the range under it; 40 dB when it counted before. */
// @ts-ignore: decorator
@inline const HEARD: f32 = 1e-3;
// @ts-ignore: decorator
@inline const STILL_HEARD: f32 = 1e-4;
/** Steps of 20 ms for which a bandwidth counts on: pauses between fricatives. */
// @ts-ignore: decorator
@inline const HOLD: i32 = 50;

/** Updates `a.bandwidth` from the step at hand. `high`: energy per sample above 12 kHz. */
export function updateAudioBand(a: Analysis, high: f32): void {
  const nyquist = a.kHz == 48 ? 4 : a.kHz == 24 ? 3 : a.kHz == 16 ? 2 : a.kHz == 12 ? 1 : 0;
  // Dithered rounding has a variance of a quarter of a step squared, over 480 bins; 6 dB above it is signal. What lies
  // below the rounding of 16 bits is never heard.
  const step = exp2(16 - <f32>min(16, a.depth));
  const rounding: f32 = 4 * 0.25 * step * step / 480;
  let top = 0;
  let below: f32 = 0;
  for (let range = 0; range <= nyquist; range++) {
    let density: f32 = 0;
    if (range < 4) {
      const from = load<i32>(EDGES + (<usize>range << 2));
      const end = load<i32>(EDGES + (<usize>range << 2), 4);
      // The bins at both edges belong to filters.
      for (let i = from + 4; i < end - 4; i++) density += load<f32>(ENERGIES + (<usize>i << 2));
      density /= <f32>(end - from - 8);
    } else {
      density = high / <f32>BINS;
    }
    const needed = below * (a.bandwidth >= range ? STILL_HEARD : HEARD);
    if (density > rounding && density > needed) top = range;
    // A hole in the spectrum hides what is above it, but not for ever.
    below = max(density, 0.01 * below);
  }
  if (top >= a.bandwidth) {
    a.bandwidth = top;
    a.bandwidthHold = HOLD;
  } else if (--a.bandwidthHold <= 0) {
    a.bandwidth = top;
    a.bandwidthHold = HOLD;
  }
}
