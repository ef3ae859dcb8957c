import { BANDS } from "../tables/celt-bands";
import { denormalise, mixDown } from "./denormalise";
import { Frame, SPECTRUM, SPECTRUM_STRIDE } from "./frame";
import { inverseMdct, overlap } from "./mdct";
import { postFilter } from "./post-filter";
import { CeltDecoder, HISTORY, TAIL, energies, signal } from "./state";

/** Moves the signal of a channel down by `count` samples, tail included. Gives where the new frame starts. */
export function advance(state: CeltDecoder, channel: i32, count: i32): usize {
  const start = signal(state, channel);
  memory.copy(start, start + (<usize>count << 2), <usize>(HISTORY + TAIL - count) << 2);
  return start + (<usize>(HISTORY - count) << 2);
}

/** Unfolds every meeting of blocks in a frame of raw samples at `x`. */
function unfold(x: usize, lm: i32, transient: bool): void {
  overlap(x);
  if (!transient) return;
  for (let block: usize = 1; block < <usize>1 << lm; block++) overlap(x + block * 480);
}

/**
 * Shapes and energies to the signal before the post-filter: denormalisation, inverse MDCT, overlap (RFC 6716,
 * sections 4.3.6 and 4.3.7). Bins from `limit` on are dropped. A silent frame is a spectrum of zeros.
 */
export function synthesise(state: CeltDecoder, frame: Frame, limit: i32): void {
  const bins = 120 << frame.lm;
  const transient = frame.transient != 0;
  const energy = energies(state);
  for (let channel = 0; channel < frame.channels; channel++) {
    const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
    if (frame.silence) memory.fill(x, 0, <usize>bins << 2);
    else denormalise(frame, x, energy + <usize>(channel * BANDS * 4), limit);
  }
  if (frame.channels == 2 && state.channels == 1) mixDown(SPECTRUM, SPECTRUM + SPECTRUM_STRIDE, bins);

  const left = advance(state, 0, bins);
  inverseMdct(SPECTRUM, frame.lm, transient, left);
  if (state.channels == 2) {
    const right = advance(state, 1, bins);
    if (frame.channels == 2) inverseMdct(SPECTRUM + SPECTRUM_STRIDE, frame.lm, transient, right);
    else memory.copy(right + 240, left + 240, <usize>bins << 2);
    unfold(right, frame.lm, transient);
  }
  unfold(left, frame.lm, transient);
}

/** Post-filter of a frame, with the parameters moved on (section 4.3.7.1). */
export function filterFrame(state: CeltDecoder, frame: Frame): void {
  const bins = 120 << frame.lm;
  for (let channel = 0; channel < state.channels; channel++) {
    const x = signal(state, channel) + (<usize>(HISTORY - bins) << 2);
    postFilter(
      x, 120, state.olderPeriod, state.period, state.olderGain, state.gain, state.olderTapset, state.tapset,
    );
    if (frame.lm > 0) {
      postFilter(
        x + 480, bins - 120,
        state.period, frame.filterPeriod, state.gain, frame.filterGain, state.tapset, frame.filterTapset,
      );
    }
  }
  state.olderPeriod = frame.lm > 0 ? frame.filterPeriod : state.period;
  state.olderGain = frame.lm > 0 ? frame.filterGain : state.gain;
  state.olderTapset = frame.lm > 0 ? frame.filterTapset : state.tapset;
  state.period = frame.filterPeriod;
  state.gain = frame.filterGain;
  state.tapset = frame.filterTapset;
}
