/** The spectrum of a frame, in one long block or several short ones, whichever its attacks want. */
import { tell } from "../range-decoder";
import { encodeBit } from "../range-encoder";
import { FOLLOWED } from "./dynamics";
import { CeltEncoder, encodedEnergies } from "./encoder-state";
import { MEASURED, measureEnergies } from "./energy-measure";
import { forwardMdct } from "./forward-mdct";
import { Frame, SPECTRUM, SPECTRUM_STRIDE } from "./frame";
import { filteredFrame } from "./input";
import { energiesJumped, findTransient, setTimeEstimate } from "./transient";

/** Spectra of all channels, mixed to mono where the stream is; their energies into `logs`. */
function transformFrame(state: CeltEncoder, frame: Frame, transient: bool, logs: usize): void {
  const bins = 120 << frame.lm;
  for (let channel = 0; channel < state.channels; channel++) {
    const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
    forwardMdct(filteredFrame(channel), frame.lm, transient, x);
    if (state.step > 1) {
      const bound = bins / state.step;
      memory.fill(x + (<usize>bound << 2), 0, <usize>(bins - bound) << 2);
    }
  }
  if (state.channels == 2 && frame.channels == 1) {
    const half = f32x4.splat(0.5);
    for (let i: usize = 0; i < <usize>bins << 2; i += 16) {
      const sum = f32x4.add(v128.load(SPECTRUM + i), v128.load(SPECTRUM + SPECTRUM_STRIDE + i));
      v128.store(SPECTRUM + i, f32x4.mul(half, sum));
    }
  }
  measureEnergies(frame, logs);
}

/** Energies of short blocks as those of a long one would be: half of log2 of their number higher. */
function followAsLong(frame: Frame): void {
  const rise: f32 = 0.5 * <f32>frame.lm;
  for (let i: usize = 0; i < 168; i += 4) store<f32>(FOLLOWED + i, load<f32>(FOLLOWED + i) + rise);
}

/**
 * Chooses the blocks, writes the flag (RFC 6716, section 4.3.1) and leaves the spectrum in `SPECTRUM`, its energies in
 * `MEASURED`, and those that the dynamics go by in `FOLLOWED`. `weak`: hybrid frames of few bits keep to long blocks when
 * an attack is weak; gives whether this is such a frame.
 */
export function chooseBlocks(state: CeltEncoder, frame: Frame, samples: i32, weak: bool): bool {
  const complexity = state.complexity;
  const codable = frame.lm > 0 && tell(frame.reader) + 3 <= frame.totalBits;
  let weakened = false;
  let transient = false;
  setTimeEstimate(0);
  if (complexity >= 1) {
    const strength = findTransient(state.channels, samples);
    transient = codable && strength > 200;
    if (weak && transient && strength < 600) {
      transient = false;
      weakened = true;
    }
  }
  let followed = false;
  if (transient && complexity >= 8) {
    transformFrame(state, frame, false, FOLLOWED);
    followAsLong(frame);
    followed = true;
  }
  frame.transient = i32(transient);
  transformFrame(state, frame, transient, MEASURED);
  if (!transient && codable && complexity >= 5 && frame.start == 0 && energiesJumped(frame, encodedEnergies(state))) {
    frame.transient = 1;
    memory.copy(FOLLOWED, MEASURED, 168);
    followAsLong(frame);
    followed = true;
    transformFrame(state, frame, true, MEASURED);
    setTimeEstimate(0.2);
  }
  if (!followed) memory.copy(FOLLOWED, MEASURED, 168);
  if (codable) encodeBit(frame.writer, frame.transient, 3);
  return weakened;
}
