import { BANDS } from "../tables/celt-bands";
import { Frame } from "./frame";
import { CeltDecoder, ENERGY_BYTES, backgroundEnergies, energies, lastEnergies, olderEnergies } from "./state";

/** Energy of a band that was never coded. */
// @ts-ignore: decorator
@inline export const SILENT: f32 = -28;

/** Losses after which the background follows at once. */
// @ts-ignore: decorator
@inline const LONG_LOSS: i32 = 10;

/** Bytes of one channel of a table. */
// @ts-ignore: decorator
@inline const CHANNEL: usize = 84;

/** Fills one table of both channels. */
export function fillEnergies(table: usize, value: f32): void {
  for (let i: usize = 0; i < ENERGY_BYTES; i += 4) store<f32>(table + i, value);
}

/** Before a mono frame: it is predicted from the louder channel. */
export function joinEnergies(energy: usize): void {
  for (let i: usize = 0; i < CHANNEL; i += 4) {
    store<f32>(energy + i, max<f32>(load<f32>(energy + i), load<f32>(energy + i, CHANNEL)));
  }
}

/** By how much energies are lowered after a loss, in log2 per LM: what errs least on speech and music. */
const DISTRUST = memory.data<f32>([1, 0.3, 0.1, 0], 16);

/**
 * Before the first frame after a loss: what the lost frames did to the energies is unknown, prediction passes the
 * error on (the more, the shorter the frames), and too loud is worse than too quiet.
 */
export function distrustEnergies(state: CeltDecoder, lm: i32): void {
  const energy = energies(state);
  const older = olderEnergies(state);
  const less = load<f32>(DISTRUST + (<usize>lm << 2));
  for (let i: usize = 0; i < ENERGY_BYTES; i += 4) {
    const e = load<f32>(energy + i);
    store<f32>(energy + i, (lm == 0 ? min(e, load<f32>(older + i)) : e) - less);
  }
}

/** After a frame: the energies become history, the background rises a little, uncoded bands are forgotten. */
export function keepEnergies(state: CeltDecoder, frame: Frame): void {
  const energy = energies(state);
  const last = lastEnergies(state);
  const older = olderEnergies(state);
  const background = backgroundEnergies(state);
  if (frame.silence) fillEnergies(energy, SILENT);
  if (frame.channels == 1) memory.copy(energy + CHANNEL, energy, CHANNEL);

  if (frame.transient) {
    for (let i: usize = 0; i < ENERGY_BYTES; i += 4) {
      store<f32>(last + i, min<f32>(load<f32>(last + i), load<f32>(energy + i)));
    }
  } else {
    memory.copy(older, last, ENERGY_BYTES);
    memory.copy(last, energy, ENERGY_BYTES);
    const rise: f32 = state.losses < LONG_LOSS ? 0.001 * <f32>(1 << frame.lm) : 1;
    for (let i: usize = 0; i < ENERGY_BYTES; i += 4) {
      store<f32>(background + i, min<f32>(load<f32>(background + i) + rise, load<f32>(energy + i)));
    }
  }
  for (let band = 0; band < BANDS; band++) {
    if (band >= frame.start && band < frame.end) continue;
    for (let channel = 0; channel < 2; channel++) {
      const i = <usize>(channel * BANDS + band) << 2;
      store<f32>(energy + i, 0);
      store<f32>(last + i, SILENT);
      store<f32>(older + i, SILENT);
    }
  }
}
