import { BANDS } from "../tables/celt-bands";
import { CeltEncoder } from "./encoder-state";
import { exp2 } from "./exponential";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, edge } from "./frame";
import { energyOf } from "./shape";

/** Share of the masking level (13 dB a band) that a band must exceed; less when it was heard before. */
// @ts-ignore: decorator
@inline const HEARD: f32 = 0.05;
// @ts-ignore: decorator
@inline const STILL_HEARD: f32 = 0.01;
/** Frames for which a band counts on. */
// @ts-ignore: decorator
@inline const HOLD: i32 = 10;

/**
 * Highest band of the frame that holds signal: above rounding noise of `depth` bits, within 90 dB of the loudest, not
 * masked by the bands below. Bands above the coded ones are looked at too: they may be wanted in the next frame.
 */
export function updateBandwidth(state: CeltEncoder, frame: Frame): void {
  let loudest: f32 = 0;
  let mask: f32 = 0;
  let top = 0;
  // Dithered rounding noise, 0.5 steps, after pre-emphasis (1.85 at the top): the transform scales white noise by
  // sqrt(2/n).
  const rounding: f32 = 0.9 * exp2(16 - <f32>state.depth);
  const floor = rounding * rounding * 2 / <f32>(120 << frame.lm);
  for (let band = 0; band < BANDS; band++) {
    const from = edge(band) << frame.lm;
    const size = (edge(band + 1) << frame.lm) - from;
    let energy: f32 = 0;
    for (let channel = 0; channel < frame.channels; channel++) {
      energy += energyOf(SPECTRUM + <usize>channel * SPECTRUM_STRIDE + (<usize>from << 2), size);
    }
    loudest = max(loudest, energy);
    const needed = mask * (state.signalBand >= band ? STILL_HEARD : HEARD);
    if (energy * 1e9 > loudest && energy > 8 * floor * <f32>(size * frame.channels) && energy > needed) top = band;
    mask = max<f32>(0.05 * mask, energy);
  }
  if (top >= state.signalBand) {
    state.signalBand = top;
    state.signalHold = HOLD;
  } else if (--state.signalHold <= 0) {
    state.signalBand = top;
  }
}
