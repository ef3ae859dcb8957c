/** Band energies from frame to frame, on the encoder's side. */
import { BANDS } from "../tables/celt-bands";
import { CeltEncoder, encodedEnergies, energyErrors } from "./encoder-state";
import { MEASURED, NOTHING, slotOf } from "./energy-measure";
import { RESIDUE } from "./energy-writer";
import { Frame } from "./frame";

/** Energies near those of the frame before are moved a little towards what the decoder has: less to write. */
export function steadyEnergies(state: CeltEncoder, frame: Frame): void {
  const old = encodedEnergies(state);
  const errors = energyErrors(state);
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const slot = slotOf(channel, band);
      const x = load<f32>(MEASURED + slot);
      if (abs<f32>(x - load<f32>(old + slot)) < 2) {
        store<f32>(MEASURED + slot, x - 0.25 * load<f32>(errors + slot));
      }
    }
  }
}

/** Squared distance of the measured energies from those of the frame before. */
export function energyDistance(state: CeltEncoder, frame: Frame): f32 {
  const old = encodedEnergies(state);
  let sum: f32 = 0;
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const slot = slotOf(channel, band);
      const d = load<f32>(MEASURED + slot) - load<f32>(old + slot);
      sum += d * d;
    }
  }
  return min<f32>(200, sum);
}

/** After a frame: what the next is predicted from. Bands that were not coded are forgotten, as the decoder does. */
export function keepEnergies(state: CeltEncoder, frame: Frame, silence: bool): void {
  const energy = encodedEnergies(state);
  const errors = energyErrors(state);
  for (let channel = 0; channel < 2; channel++) {
    const from = frame.channels == 1 ? 0 : channel;
    for (let band = 0; band < BANDS; band++) {
      const slot = slotOf(channel, band);
      const inside = band >= frame.start && band < frame.end;
      const residue = inside && !silence ? load<f32>(RESIDUE + slotOf(from, band)) : 0;
      store<f32>(errors + slot, max<f32>(-0.5, min<f32>(0.5, residue)));
      if (!inside) store<f32>(energy + slot, 0);
      else store<f32>(energy + slot, silence ? NOTHING : load<f32>(energy + slotOf(from, band)));
    }
  }
}
