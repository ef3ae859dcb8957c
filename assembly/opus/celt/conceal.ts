import { BANDS } from "../tables/celt-bands";
import { repeatChannel } from "./conceal-pitch";
import { exp2 } from "./exponential";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, currentFrame, edge } from "./frame";
import { findLag } from "./pitch";
import { fillNoise } from "./shape";
import { CeltDecoder, ENERGY_BYTES, backgroundEnergies, energies } from "./state";
import { synthesise } from "./synthesis";

/** Lost time after which repetition gives way to noise: 100 ms, in samples. */
// @ts-ignore: decorator
@inline const REPEATED: i32 = 4800;

/** Decoded energies put aside while noise is made at lower ones. */
const ASIDE = memory.data(176, 16);

/** Noise in the place of the bands' shapes, at energies that fall toward the background. */
function noise(state: CeltDecoder, frame: Frame): void {
  const energy = energies(state);
  const background = backgroundEnergies(state);
  // 9 dB at once, then 3 dB each 20 ms.
  const fall: f32 = 1.5 + <f32>state.lostSamples * (0.5 / 960.0);
  memory.copy(ASIDE, energy, ENERGY_BYTES);
  for (let i: usize = 0; i < ENERGY_BYTES; i += 4) {
    store<f32>(energy + i, max<f32>(load<f32>(background + i), load<f32>(energy + i) - fall));
  }
  let seed = state.seed;
  for (let channel = 0; channel < state.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const begin = edge(band) << frame.lm;
      const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE + (<usize>begin << 2);
      seed = fillNoise(x, (edge(band + 1) << frame.lm) - begin, 1, seed);
    }
  }
  state.seed = seed;
  state.gain = 0;
  state.olderGain = 0;
}

/**
 * Makes up `samples` (120, 240, 480, 960) of signal in place of a lost frame. Bins from `limit` on stay empty. Before
 * the first frame: silence.
 */
export function concealFrame(state: CeltDecoder, start: i32, end: i32, lm: i32, limit: i32): void {
  const samples = 120 << lm;
  if (start == 0 && !state.noSignal && state.lostSamples < REPEATED) {
    if (state.lostSamples == 0) state.lag = findLag(state);
    // From 20 ms on 2 dB quieter every 20 ms.
    const fade: f32 = state.lostSamples < 960 ? 1 : exp2(-0.32 * (<f32>samples / 960));
    for (let channel = 0; channel < state.channels; channel++) {
      repeatChannel(state, channel, state.lag, samples, fade);
    }
  } else {
    const frame = currentFrame();
    frame.channels = state.channels;
    frame.lm = lm;
    frame.start = start;
    frame.end = max(start + 1, min(end, BANDS));
    frame.transient = 0;
    frame.silence = i32(!state.heard);
    noise(state, frame);
    synthesise(state, frame, limit);
    memory.copy(energies(state), ASIDE, ENERGY_BYTES);
    state.noSignal = 1;
  }
  state.lostSamples = min(state.lostSamples + samples, 1 << 20);
  state.losses++;
}
