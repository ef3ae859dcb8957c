import { BANDS } from "../tables/celt-bands";
import { ENERGY_MEAN } from "../tables/celt-energy";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, edge } from "./frame";
import { log2 } from "./logarithm";
import { energyOf, scale } from "./shape";
import { AMPLITUDES } from "./stereo-split";

/** Measured log2 amplitudes above the mean, `[channel][band]`, f32. */
export const MEASURED = memory.data(176, 16);

/** Log of nothing: what bands outside the coded ones have. */
// @ts-ignore: decorator
@inline export const NOTHING: f32 = -28;

// @ts-ignore: decorator
@inline export function slotOf(channel: i32, band: i32): usize {
  return <usize>(channel * BANDS + band) << 2;
}

/** Amplitudes of the bands of `SPECTRUM`, and their logs into `logs` (RFC 6716, section 5.3.2). */
export function measureEnergies(frame: Frame, logs: usize): void {
  for (let channel = 0; channel < frame.channels; channel++) {
    const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
    for (let band = 0; band < BANDS; band++) {
      const slot = slotOf(channel, band);
      if (band >= frame.end) {
        store<f32>(AMPLITUDES + slot, 0);
        store<f32>(logs + slot, NOTHING);
        continue;
      }
      const from = edge(band) << frame.lm;
      const size = (edge(band + 1) << frame.lm) - from;
      const amplitude = sqrt<f32>(1e-27 + energyOf(x + (<usize>from << 2), size));
      store<f32>(AMPLITUDES + slot, amplitude);
      store<f32>(logs + slot, log2(amplitude) - <f32>load<u8>(ENERGY_MEAN + <usize>band) * 0.0625);
    }
  }
}

/** Bands of `SPECTRUM` to unit length. */
export function normaliseBands(frame: Frame): void {
  for (let channel = 0; channel < frame.channels; channel++) {
    const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
    for (let band = frame.start; band < frame.end; band++) {
      const from = edge(band) << frame.lm;
      const at = x + (<usize>from << 2);
      scale(at, at, (edge(band + 1) << frame.lm) - from, 1 / (load<f32>(AMPLITUDES + slotOf(channel, band)) + 1e-27));
    }
  }
}
