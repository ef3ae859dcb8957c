import { decodeRawBits, tell } from "../range-decoder";
import { BANDS } from "../tables/celt-bands";
import { FINE_BITS, FINE_PRIORITY, Frame, at } from "./frame";

/** Most fine bits a band can get. */
// @ts-ignore: decorator
@inline export const MAX_FINE_BITS: i32 = 8;

// @ts-ignore: decorator
@inline function refine(energy: usize, channel: i32, band: i32, correction: f32): void {
  const address = energy + (<usize>(channel * BANDS + band) << 2);
  store<f32>(address, load<f32>(address) + correction);
}

/** Fine energy: `bits` raw bits name one of 2^bits points between two coarse steps (RFC 6716, section 4.3.2.2). */
export function readFineEnergy(frame: Frame, energy: usize): void {
  for (let band = frame.start; band < frame.end; band++) {
    const bits = at(FINE_BITS, band);
    if (bits <= 0) continue;
    for (let channel = 0; channel < frame.channels; channel++) {
      const point = <f32>decodeRawBits(frame.reader, bits);
      refine(energy, channel, band, (point + 0.5) / <f32>(1 << bits) - 0.5);
    }
  }
}

/**
 * What is left of the frame gives one more bit per channel, by priority, then from the lowest band (section 4.3.2.2).
 */
export function readFinalEnergy(frame: Frame, energy: usize): void {
  let left = frame.totalBits - tell(frame.reader);
  for (let priority = 0; priority < 2; priority++) {
    for (let band = frame.start; band < frame.end && left >= frame.channels; band++) {
      const bits = at(FINE_BITS, band);
      if (bits >= MAX_FINE_BITS || at(FINE_PRIORITY, band) != priority) continue;
      for (let channel = 0; channel < frame.channels; channel++) {
        const point = <f32>decodeRawBits(frame.reader, 1);
        refine(energy, channel, band, (point - 0.5) / <f32>(2 << bits));
      }
      left -= frame.channels;
    }
  }
}
