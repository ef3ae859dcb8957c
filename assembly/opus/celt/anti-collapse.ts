import { BANDS } from "../tables/celt-bands";
import { exp2 } from "./exponential";
import { Frame, MASKS, SHAPE_BITS, SPECTRUM, SPECTRUM_STRIDE, at, edge } from "./frame";
import { nextSeed, normalise } from "./shape";

// @ts-ignore: decorator
@inline function entry(table: usize, channel: i32, band: i32): f32 {
  return load<f32>(table + (<usize>(channel * BANDS + band) << 2));
}

/**
 * Puts noise into short blocks that came out empty, at the level of the quieter of the two frames before
 * (RFC 6716, section 4.3.5). `energy`, `before`, `beforeThat`: log2 energies `[channel][band]`.
 */
export function antiCollapse(frame: Frame, energy: usize, before: usize, beforeThat: usize): void {
  const lm = frame.lm;
  const blocks = 1 << lm;
  let seed = frame.seed;
  for (let band = frame.start; band < frame.end; band++) {
    const width = edge(band + 1) - edge(band);
    const depth = ((1 + at(SHAPE_BITS, band)) / width) >> lm;
    const limit: f32 = 0.5 * exp2(-0.125 * <f32>depth);
    const scale: f32 = 1 / sqrt<f32>(<f32>(width << lm));
    for (let channel = 0; channel < frame.channels; channel++) {
      let last = entry(before, channel, band);
      let older = entry(beforeThat, channel, band);
      if (frame.channels == 1) {
        last = max(last, entry(before, 1, band));
        older = max(older, entry(beforeThat, 1, band));
      }
      const fall = max<f32>(0, entry(energy, channel, band) - min(last, older));
      let level: f32 = 2 * exp2(-fall);
      if (lm == 3) level *= 1.41421356;
      level = min(limit, level) * scale;
      const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE + (<usize>(edge(band) << lm) << 2);
      const mask = <u32>load<u8>(MASKS + <usize>(band * 2 + channel));
      let filled = false;
      for (let block = 0; block < blocks; block++) {
        if ((mask >> block) & 1) continue;
        for (let i = 0; i < width; i++) {
          seed = nextSeed(seed);
          store<f32>(x + (<usize>((i << lm) + block) << 2), seed & 0x8000 ? level : -level);
        }
        filled = true;
      }
      if (filled) normalise(x, width << lm, 1);
    }
  }
}
