import { tell, tellFrac } from "../range-decoder";
import { RANGE_ENCODER_SIZE, RangeEncoder, encodeBit, encodeIcdf, encodePow2, encodeRawBits } from "../range-encoder";
import { BANDS } from "../tables/celt-bands";
import { BAND_PREDICTION, ENERGY_MODEL, SMALL_ENERGY_ICDF, TIME_PREDICTION } from "../tables/celt-energy";
import { MEASURED, slotOf } from "./energy-measure";
import { MAX_FINE_BITS } from "./fine-energy";
import { FINE_BITS, FINE_PRIORITY, Frame, at } from "./frame";

/*
 * Band energies, written (RFC 6716, sections 4.3.2 and 5.3.2): the mirror of coarse-energy.ts and fine-energy.ts.
 */

const INTRA_BETA: f32 = 4915.0 / 32768.0;
// @ts-ignore: decorator
@inline const GUARANTEED_STEPS: u32 = 16;

/** What is left of the measured energies after what was written, `[channel][band]`, f32. */
export const RESIDUE = memory.data(176, 16);

/** Energies and writer as they were, to try again from. */
const TRIED = memory.data(176, 16);
const WRITER = memory.data(64, 16);

/** Writes `value` of the two-sided geometric model, or the nearest one that the model has; gives it. */
export function encodeLaplace(writer: RangeEncoder, value: i32, zero: u32, decay: u32): i32 {
  if (value == 0) {
    encodePow2(writer, 0, zero, 15);
    return 0;
  }
  const wanted = abs(value);
  let low = zero;
  let width: u32 = (((32768 - 2 * GUARANTEED_STEPS - zero) * (16384 - decay)) >> 15) + 1;
  let reached = 1;
  while (width > 1 && reached < wanted) {
    low += 2 * width;
    width = (((2 * width - 2) * decay) >> 15) + 1;
    reached++;
  }
  const positive: u32 = value > 0 ? 1 : 0;
  if (width <= 1) {
    const further = min<i32>(wanted - reached, <i32>(32767 - low - positive) >> 1);
    low += <u32>further << 1;
    reached += further;
  }
  if (positive) low += width;
  encodePow2(writer, low, min<u32>(low + width, 32768), 15);
  return positive ? reached : -reached;
}

/**
 * One pass of coarse energies. `energy` is updated, `RESIDUE` filled. Gives how far steps had to be limited.
 */
function pass(frame: Frame, energy: usize, intra: i32, decayLimit: f32): i32 {
  const writer = frame.writer;
  const reader = frame.reader;
  const total = frame.totalBits;
  const channels = frame.channels;
  if (tell(reader) + 3 <= total) encodeBit(writer, intra, 3);
  const alpha: f32 = intra ? 0 : load<f32>(TIME_PREDICTION + (<usize>frame.lm << 2));
  const beta = intra ? INTRA_BETA : load<f32>(BAND_PREDICTION + (<usize>frame.lm << 2));
  const model = ENERGY_MODEL + <usize>((frame.lm * 2 + intra) * BANDS * 2);
  let limited = 0;
  let below0: f32 = 0;
  let below1: f32 = 0;
  for (let band = frame.start; band < frame.end; band++) {
    for (let channel = 0; channel < channels; channel++) {
      const slot = slotOf(channel, band);
      const x = load<f32>(MEASURED + slot);
      const stored = load<f32>(energy + slot);
      const before = max<f32>(stored, -9);
      const below = channel ? below1 : below0;
      const wish = x - alpha * before - below;
      let step = <i32>floor<f32>(wish + 0.5);
      // Energies do not fall faster than this: an echo of what was is better than a hole.
      const bound = max<f32>(-28, stored) - decayLimit;
      if (step < 0 && x < bound) step = min(0, step + <i32>(bound - x));
      const wanted = step;
      const left = total - tell(reader);
      const spare = left - 3 * channels * (frame.end - band);
      if (band != frame.start && spare < 30) {
        if (spare < 24) step = min(step, 1);
        if (spare < 16) step = max(step, -1);
      }
      if (left >= 15) {
        const entry = model + (<usize>band << 1);
        step = encodeLaplace(writer, step, <u32>load<u8>(entry) << 7, <u32>load<u8>(entry, 1) << 6);
      } else if (left >= 2) {
        step = max(-1, min(1, step));
        encodeIcdf(writer, (step << 1) ^ (step >> 31), SMALL_ENERGY_ICDF, 2);
      } else if (left >= 1) {
        step = min(0, max(-1, step));
        encodeBit(writer, -step, 1);
      } else {
        step = -1;
      }
      limited += abs(wanted - step);
      store<f32>(RESIDUE + slot, wish - <f32>step);
      store<f32>(energy + slot, alpha * before + below + <f32>step);
      const next = below + <f32>step - beta * <f32>step;
      if (channel) below1 = next;
      else below0 = next;
    }
  }
  return limited;
}

/**
 * Writes the coarse energies `MEASURED`, with or without prediction from the frame before: `twoPasses` tries both,
 * `intra` forces. `energy`: those of the frame before, replaced.
 */
export function writeCoarseEnergy(
  frame: Frame, energy: usize, intra: bool, twoPasses: bool, bytes: i32, bias: i32,
): bool {
  const limit: f32 = frame.end - frame.start > 10 ? min<f32>(16, 0.125 * <f32>bytes) : 16;
  if (tell(frame.reader) + 3 > frame.totalBits) {
    intra = false;
    twoPasses = false;
  }
  if (intra || !twoPasses) {
    pass(frame, energy, i32(intra), limit);
    return intra;
  }
  const writer = changetype<usize>(frame.writer);
  memory.copy(TRIED, energy, 168);
  memory.copy(WRITER, writer, RANGE_ENCODER_SIZE);
  const limitedIntra = pass(frame, energy, 1, limit);
  const bitsIntra = tellFrac(frame.reader);
  memory.copy(energy, TRIED, 168);
  memory.copy(writer, WRITER, RANGE_ENCODER_SIZE);
  const limitedInter = pass(frame, energy, 0, limit);
  const bitsInter = tellFrac(frame.reader);
  if (limitedIntra < limitedInter || (limitedIntra == limitedInter && bitsIntra + bias < bitsInter)) {
    memory.copy(energy, TRIED, 168);
    memory.copy(writer, WRITER, RANGE_ENCODER_SIZE);
    pass(frame, energy, 1, limit);
    return true;
  }
  return false;
}

// @ts-ignore: decorator
@inline function correct(energy: usize, slot: usize, by: f32): void {
  store<f32>(energy + slot, load<f32>(energy + slot) + by);
  store<f32>(RESIDUE + slot, load<f32>(RESIDUE + slot) - by);
}

/** Fine energies: which of 2^bits points between two coarse steps. */
export function writeFineEnergy(frame: Frame, energy: usize): void {
  for (let band = frame.start; band < frame.end; band++) {
    const bits = at(FINE_BITS, band);
    if (bits <= 0) continue;
    const points = 1 << bits;
    for (let channel = 0; channel < frame.channels; channel++) {
      const slot = slotOf(channel, band);
      const point = max(0, min(points - 1, <i32>floor<f32>((load<f32>(RESIDUE + slot) + 0.5) * <f32>points)));
      encodeRawBits(frame.writer, point, bits);
      correct(energy, slot, (<f32>point + 0.5) / <f32>points - 0.5);
    }
  }
}

/** One more bit per channel from what is left, by priority. */
export function writeFinalEnergy(frame: Frame, energy: usize): void {
  let left = frame.totalBits - tell(frame.reader);
  for (let priority = 0; priority < 2; priority++) {
    for (let band = frame.start; band < frame.end && left >= frame.channels; band++) {
      const bits = at(FINE_BITS, band);
      if (bits >= MAX_FINE_BITS || at(FINE_PRIORITY, band) != priority) continue;
      for (let channel = 0; channel < frame.channels; channel++) {
        const slot = slotOf(channel, band);
        const up = u32(load<f32>(RESIDUE + slot) >= 0);
        encodeRawBits(frame.writer, up, 1);
        correct(energy, slot, (<f32>up - 0.5) / <f32>(2 << bits));
      }
      left -= frame.channels;
    }
  }
}
