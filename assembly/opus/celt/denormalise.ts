import { ENERGY_MEAN } from "../tables/celt-energy";
import { exp2 } from "./exponential";
import { Frame, edge } from "./frame";
import { scale } from "./shape";

/** Highest log2 amplitude: keeps damaged energies finite (RFC 8251, section 8). */
const MAX_LOG: f32 = 32;

/**
 * Shapes to amplitudes, in place, in one channel (RFC 6716, section 4.3.6). Bins outside the coded bands and from
 * `limit` on become zero. `energy`: log2 amplitudes above the mean.
 */
export function denormalise(frame: Frame, x: usize, energy: usize, limit: i32): void {
  const lm = frame.lm;
  const bins = 120 << lm;
  const begin = edge(frame.start) << lm;
  memory.fill(x, 0, <usize>begin << 2);
  const bound = min(limit, edge(frame.end) << lm);
  for (let band = frame.start; band < frame.end; band++) {
    const from = edge(band) << lm;
    if (from >= bound) break;
    const level = load<f32>(energy + (<usize>band << 2)) + <f32>load<u8>(ENERGY_MEAN + <usize>band) * 0.0625;
    const address = x + (<usize>from << 2);
    scale(address, address, min(edge(band + 1) << lm, bound) - from, exp2(min(level, MAX_LOG)));
  }
  memory.fill(x + (<usize>bound << 2), 0, <usize>(bins - bound) << 2);
}

/** The mean of two spectra, into the first: a stereo frame for mono output. */
export function mixDown(x: usize, y: usize, bins: i32): void {
  const half = f32x4.splat(0.5);
  for (const end = x + (<usize>bins << 2); x < end; x += 16, y += 16) {
    v128.store(x, f32x4.mul(half, f32x4.add(v128.load(x), v128.load(y))));
  }
}
