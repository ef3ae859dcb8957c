import { RangeDecoder, decodeBit, decodeFrequencyPow2, decodeIcdf, decodeUpdate, tell } from "../range-decoder";
import { BANDS } from "../tables/celt-bands";
import { BAND_PREDICTION, ENERGY_MODEL, SMALL_ENERGY_ICDF, TIME_PREDICTION } from "../tables/celt-energy";
import { Frame } from "./frame";

/** beta of intra frames, which have no prediction from the frame before (RFC 6716, section 4.3.2.1). */
const INTRA_BETA: f32 = 4915.0 / 32768.0;

/** Steps on each side of zero whose probability the model holds up to 1/32768. */
// @ts-ignore: decorator
@inline const GUARANTEED_STEPS: u32 = 16;

/**
 * A value of the two-sided geometric ("Laplace") model: total 32768, `zero` the frequency of 0, `decay` the ratio of
 * neighbours in Q14. Once a tail reaches frequency 1 it stays there.
 */
function decodeLaplace(reader: RangeDecoder, zero: u32, decay: u32): i32 {
  const target = decodeFrequencyPow2(reader, 15);
  let low: u32 = 0;
  let width = zero;
  let value: i32 = 0;
  if (target >= zero) {
    value = 1;
    low = zero;
    width = (((32768 - 2 * GUARANTEED_STEPS - zero) * (16384 - decay)) >> 15) + 1;
    // `low` is the start of the pair (-value, +value), each `width` wide.
    while (width > 1 && target >= low + 2 * width) {
      low += 2 * width;
      width = (((2 * width - 2) * decay) >> 15) + 1;
      value++;
    }
    if (width <= 1) {
      const further = (target - low) >> 1;
      value += <i32>further;
      low += 2 * further;
    }
    if (target < low + width) value = -value;
    else low += width;
  }
  decodeUpdate(reader, low, min<u32>(low + width, 32768), 32768);
  return value;
}

/**
 * Coarse band energies (RFC 6716, section 4.3.2.1): steps of 6 dB against a prediction from the frame before and the
 * band below. `energy`: log2 amplitudes above the mean, `[channel][band]`, f32, updated in place in the coded bands.
 */
export function readCoarseEnergy(frame: Frame, energy: usize): void {
  const reader = frame.reader;
  const total = frame.totalBits;
  const intra = tell(reader) + 3 <= total ? decodeBit(reader, 3) : 0;
  const alpha: f32 = intra ? 0 : load<f32>(TIME_PREDICTION + (<usize>frame.lm << 2));
  const beta = intra ? INTRA_BETA : load<f32>(BAND_PREDICTION + (<usize>frame.lm << 2));
  const model = ENERGY_MODEL + <usize>((frame.lm * 2 + intra) * BANDS * 2);

  let below0: f32 = 0;
  let below1: f32 = 0;
  for (let band = frame.start; band < frame.end; band++) {
    for (let channel = 0; channel < frame.channels; channel++) {
      const left = total - tell(reader);
      let step: i32;
      if (left >= 15) {
        const entry = model + (<usize>band << 1);
        step = decodeLaplace(reader, <u32>load<u8>(entry) << 7, <u32>load<u8>(entry, 1) << 6);
      } else if (left >= 2) {
        const symbol = decodeIcdf(reader, SMALL_ENERGY_ICDF, 2);
        step = (symbol >> 1) ^ -(symbol & 1);
      } else if (left >= 1) {
        step = -decodeBit(reader, 1);
      } else {
        step = -1;
      }
      const address = energy + (<usize>(channel * BANDS + band) << 2);
      const before = max<f32>(load<f32>(address), -9);
      const below = channel ? below1 : below0;
      store<f32>(address, alpha * before + below + <f32>step);
      const next = below + <f32>step - beta * <f32>step;
      if (channel) below1 = next;
      else below0 = next;
    }
  }
}
