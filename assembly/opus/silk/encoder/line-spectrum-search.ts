/**
 * Two-stage vector quantisation of line spectral frequencies (RFC 6716, section 5.2.3.5): the nearest first-stage
 * vectors survive; for each, a search with several paths finds residual indices that weigh error against bits.
 */
import {
  NB_MB_CODEBOOK_Q8,
  NB_MB_PREDICTOR_Q8,
  NB_MB_SELECT,
  NB_MB_STAGE1_ICDF,
  NB_MB_STAGE2_ICDF,
  NB_MB_WEIGHTS_Q9,
  NLSF_EXTENSION_ICDF,
  WB_CODEBOOK_Q8,
  WB_PREDICTOR_Q8,
  WB_SELECT,
  WB_STAGE1_ICDF,
  WB_STAGE2_ICDF,
  WB_WEIGHTS_Q9,
} from "../../tables/silk-nlsf";
import { NLSF_INDICES, PARAMETERS } from "../parameters";
import { symbolBits } from "./cost";

/** f32 x 16: weights of the error at each frequency, normalised units. */
export const WEIGHTS = memory.data(64, 16);
/** f32 x 32: distances of the first stage. */
const DISTANCES = memory.data(128, 16);
/** Paths of the second stage: cost, last output, indices. */
const PATHS: i32 = 4;
const COSTS = memory.data(32, 16);
const OUTPUTS = memory.data(32, 16);
const NEW_COSTS = memory.data(64, 16);
const NEW_OUTPUTS = memory.data(64, 16);
const NEW_INDICES = memory.data(16, 16);
/** i8: chosen index and parent of each path at each coefficient. */
const TRACE = memory.data(16 * 8, 16);

// @ts-ignore: decorator
@inline function f(base: usize, i: i32): f32 {
  return load<f32>(base + (<usize>i << 2));
}

/** Weights from the spacing of `nlsf` (i16 Q15): close pairs make resonances and must be exact. */
export function spacingWeights(weights: usize, nlsf: usize, order: i32): void {
  let below: i32 = 0;
  let near: f32 = 0;
  for (let i = 0; i <= order; i++) {
    const here: i32 = i < order ? load<i16>(nlsf + (i << 1)) : 32768;
    const inverse: f32 = 131072 / <f32>max(here - below, 2);
    if (i > 0) store<f32>(weights + ((i - 1) << 2), min(near + inverse, 32767));
    near = inverse;
    below = here;
  }
}

/**
 * Quantises `nlsf` (i16 Q15) with `WEIGHTS` into `NLSF_INDICES`, at a price of `mu` (Q20 of error units) a bit;
 * `survivors` first-stage vectors are tried.
 */
export function searchLineSpectrum(nlsf: usize, order: i32, mu: f32, survivors: i32): void {
  const wide = order == 16;
  const codebook = wide ? WB_CODEBOOK_Q8 : NB_MB_CODEBOOK_Q8;
  const weights9 = wide ? WB_WEIGHTS_Q9 : NB_MB_WEIGHTS_Q9;
  for (let e = 0; e < 32; e++) {
    let distance: f32 = 0;
    const vector = codebook + <usize>(e * order);
    const scale = weights9 + (<usize>(e * order) << 1);
    for (let i = 0; i < order; i++) {
      const d = (<f32>load<i16>(nlsf + (i << 1)) - <f32>(<i32>load<u8>(vector + i) << 7)) * <f32>load<u16>(scale + (i << 1));
      distance += d * d * f(WEIGHTS, i) / (<f32>load<u16>(scale + (i << 1)) * <f32>load<u16>(scale + (i << 1)));
    }
    store<f32>(DISTANCES + (e << 2), distance);
  }
  const row: usize = 32 * (<usize>PARAMETERS.signalType >> 1);
  const stage1 = (wide ? WB_STAGE1_ICDF : NB_MB_STAGE1_ICDF) + row;
  let least: f32 = Infinity;
  for (let s = 0; s < survivors; s++) {
    let entry = 0;
    for (let e = 1; e < 32; e++) if (f(DISTANCES, e) < f(DISTANCES, entry)) entry = e;
    store<f32>(DISTANCES + (entry << 2), Infinity);
    const base = mu * symbolBits(stage1, entry);
    if (base >= least) continue;
    const cost = base + searchResidual(nlsf, order, entry, mu, least - base);
    if (cost < least) {
      least = cost;
      keepIndices(order, entry);
    }
  }
}

/** Bits of a residual index, extension included. */
// @ts-ignore: decorator
@inline function indexBits(book: usize, index: i32): f32 {
  const bounded = min(max(index, -4), 4);
  let bits = symbolBits(book, bounded + 4);
  if (abs(bounded) == 4) bits += symbolBits(NLSF_EXTENSION_ICDF, min(abs(index) - 4, 6));
  return bits;
}

/** Best residual for first-stage vector `entry`; returns its cost and leaves the trace. */
function searchResidual(nlsf: usize, order: i32, entry: i32, mu: f32, bound: f32): f32 {
  const wide = order == 16;
  const vector = (wide ? WB_CODEBOOK_Q8 : NB_MB_CODEBOOK_Q8) + <usize>(entry * order);
  const scale = (wide ? WB_WEIGHTS_Q9 : NB_MB_WEIGHTS_Q9) + (<usize>(entry * order) << 1);
  const select = (wide ? WB_SELECT : NB_MB_SELECT) + <usize>(entry * (order >> 1));
  const predictor = wide ? WB_PREDICTOR_Q8 : NB_MB_PREDICTOR_Q8;
  const books = wide ? WB_STAGE2_ICDF : NB_MB_STAGE2_ICDF;
  const step: f32 = wide ? 9830.0 / 65536.0 : 11796.0 / 65536.0;
  let paths = 1;
  store<f32>(COSTS, 0);
  store<f32>(OUTPUTS, 0);
  for (let i = order - 1; i >= 0; i--) {
    const pair: i32 = load<u8>(select + (i >> 1));
    const half = pair >> ((i & 1) << 2);
    const weight: f32 = i < order - 1 ? <f32>load<u8>(predictor + (half & 1) * (order - 1) + i) * (1.0 / 256.0) : 0;
    const book = books + 9 * <usize>((half >> 1) & 7);
    const q9 = <f32>load<u16>(scale + (i << 1));
    // In units of the residual: 1 is 1024 in its Q10.
    const target = (<f32>load<i16>(nlsf + (i << 1)) - <f32>(<i32>load<u8>(vector + i) << 7)) * q9 * (1.0 / 16777216.0);
    const unit: f32 = 16777216 / q9;
    const price = f(WEIGHTS, i) * unit * unit;
    for (let p = 0; p < paths; p++) {
      const predicted = weight * f(OUTPUTS, p);
      const exact = (target - predicted) / step;
      const lower = <i32>floor<f32>(exact);
      for (let c = 0; c < 2; c++) {
        const index = min(max(lower + c, -10), 10);
        const level: f32 = <f32>index - (index > 0 ? <f32>0.09960938 : index < 0 ? <f32>-0.09960938 : 0);
        const out = predicted + level * step;
        const d = target - out;
        const slot = 2 * p + c;
        store<f32>(NEW_COSTS + (slot << 2), f(COSTS, p) + price * d * d + mu * indexBits(book, index));
        store<f32>(NEW_OUTPUTS + (slot << 2), out);
        store<i8>(NEW_INDICES + slot, index);
      }
    }
    // The cheapest few go on.
    const count = 2 * paths;
    const keep = min(count, PATHS);
    for (let p = 0; p < keep; p++) {
      let best = 0;
      for (let s = 1; s < count; s++) if (f(NEW_COSTS, s) < f(NEW_COSTS, best)) best = s;
      store<f32>(COSTS + (p << 2), f(NEW_COSTS, best));
      store<f32>(OUTPUTS + (p << 2), f(NEW_OUTPUTS, best));
      store<i8>(TRACE + (i << 3) + (p << 1), load<i8>(NEW_INDICES + best));
      store<i8>(TRACE + (i << 3) + (p << 1), best >> 1, 1);
      store<f32>(NEW_COSTS + (best << 2), Infinity);
    }
    paths = keep;
    if (f(COSTS, 0) >= bound) return Infinity;
  }
  return f(COSTS, 0);
}

/** Walks the best path back into `NLSF_INDICES`. */
function keepIndices(order: i32, entry: i32): void {
  store<i8>(NLSF_INDICES, entry);
  let path = 0;
  for (let i = 0; i < order; i++) {
    const at = TRACE + (i << 3) + (path << 1);
    store<i8>(NLSF_INDICES + i, load<i8>(at), 1);
    path = load<i8>(at, 1);
  }
}
