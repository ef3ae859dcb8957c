/** Normalized line spectral frequencies: parsing, reconstruction, stabilisation (RFC 6716, section 4.2.7.5). */
import { RangeDecoder, decodeIcdf } from "../range-decoder";
import {
  NB_MB_CODEBOOK_Q8,
  NB_MB_PREDICTOR_Q8,
  NB_MB_SELECT,
  NB_MB_SPACING_Q15,
  NB_MB_STAGE1_ICDF,
  NB_MB_STAGE2_ICDF,
  NB_MB_WEIGHTS_Q9,
  NLSF_EXTENSION_ICDF,
  NLSF_INTERPOLATION_ICDF,
  WB_CODEBOOK_Q8,
  WB_PREDICTOR_Q8,
  WB_SELECT,
  WB_SPACING_Q15,
  WB_STAGE1_ICDF,
  WB_STAGE2_ICDF,
  WB_WEIGHTS_Q9,
} from "../tables/silk-nlsf";
import { clamp, mulQ16, roundShift } from "./fixed-point";
import { NLSF_INDICES, PARAMETERS } from "./parameters";

/** Steps of the second stage, Q16. */
// @ts-ignore: decorator
@inline const NB_MB_STEP: i32 = 11796;
// @ts-ignore: decorator
@inline const WB_STEP: i32 = 9830;
/** Residuals are moved toward zero by this, Q10. */
// @ts-ignore: decorator
@inline const LEVEL_ADJUST: i32 = 102;
/** Rounds of the stabiliser before it takes the direct way. */
// @ts-ignore: decorator
@inline const STABILISER_ROUNDS: i32 = 20;

/** Second stage residual before weighting, i16 Q10. */
const RESIDUAL = memory.data(32, 16);

/** Reads both stages into `NLSF_INDICES`, and the interpolation weight of a 20 ms frame. */
export function parseNlsf(dec: RangeDecoder, order: i32, subframes: i32): void {
  const wide = order == 16;
  const row: usize = 32 * (<usize>PARAMETERS.signalType >> 1);
  const entry = decodeIcdf(dec, (wide ? WB_STAGE1_ICDF : NB_MB_STAGE1_ICDF) + row, 8);
  store<i8>(NLSF_INDICES, entry);
  let select = (wide ? WB_SELECT : NB_MB_SELECT) + <usize>(entry * (order >> 1));
  const books = wide ? WB_STAGE2_ICDF : NB_MB_STAGE2_ICDF;
  for (let i = 0; i < order; i += 2) {
    const pair: u32 = load<u8>(select++);
    store<i8>(NLSF_INDICES + i, parseResidual(dec, books + 9 * ((pair >> 1) & 7)), 1);
    store<i8>(NLSF_INDICES + i, parseResidual(dec, books + 9 * (pair >> 5)), 2);
  }
  PARAMETERS.interpolation = subframes == 4 ? decodeIcdf(dec, NLSF_INTERPOLATION_ICDF, 8) : 4;
}

/** One residual index, -10..10 (section 4.2.7.5.2). */
function parseResidual(dec: RangeDecoder, book: usize): i32 {
  const index = decodeIcdf(dec, book, 8) - 4;
  if (index == -4) return -4 - decodeIcdf(dec, NLSF_EXTENSION_ICDF, 8);
  if (index == 4) return 4 + decodeIcdf(dec, NLSF_EXTENSION_ICDF, 8);
  return index;
}

/** Builds the frequencies (i16 Q15) from `NLSF_INDICES` (sections 4.2.7.5.2 to .4). */
export function reconstructNlsf(nlsf: usize, order: i32): void {
  const wide = order == 16;
  const entry: i32 = load<i8>(NLSF_INDICES);
  const select = (wide ? WB_SELECT : NB_MB_SELECT) + <usize>(entry * (order >> 1));
  const predictor = wide ? WB_PREDICTOR_Q8 : NB_MB_PREDICTOR_Q8;
  const step = wide ? WB_STEP : NB_MB_STEP;
  let above = 0;
  for (let i = order - 1; i >= 0; i--) {
    const pair: i32 = load<u8>(select + (i >> 1));
    const row = (pair >> ((i & 1) << 2)) & 1;
    const weight: i32 = i < order - 1 ? load<u8>(predictor + row * (order - 1) + i) : 0;
    const index: i32 = load<i8>(NLSF_INDICES + i, 1);
    const level = (index << 10) - (i32(index > 0) - i32(index < 0)) * LEVEL_ADJUST;
    above = ((above * weight) >> 8) + mulQ16(level, step);
    store<i16>(RESIDUAL + (i << 1), above);
  }
  const codebook = (wide ? WB_CODEBOOK_Q8 : NB_MB_CODEBOOK_Q8) + <usize>(entry * order);
  const weights = (wide ? WB_WEIGHTS_Q9 : NB_MB_WEIGHTS_Q9) + (<usize>(entry * order) << 1);
  for (let i = 0; i < order; i++) {
    const residual: i32 = load<i16>(RESIDUAL + (i << 1));
    const weight: i32 = load<u16>(weights + (i << 1));
    const base: i32 = load<u8>(codebook + i);
    store<i16>(nlsf + (i << 1), clamp((residual << 14) / weight + (base << 7), 0, 32767));
  }
  stabiliseNlsf(nlsf, order, wide ? WB_SPACING_Q15 : NB_MB_SPACING_Q15);
}

/** Spreads the frequencies so that each keeps its least distance (section 4.2.7.5.4). */
export function stabiliseNlsf(nlsf: usize, order: i32, spacing: usize): void {
  for (let round = 0; round < STABILISER_ROUNDS; round++) {
    let worst = 0;
    let least: i32 = i32.MAX_VALUE;
    let below = 0;
    for (let i = 0; i <= order; i++) {
      const here: i32 = i < order ? load<i16>(nlsf + (i << 1)) : 32768;
      const slack = here - below - <i32>load<i16>(spacing + (i << 1));
      if (slack < least) {
        least = slack;
        worst = i;
      }
      below = here;
    }
    if (least >= 0) return;
    moveApart(nlsf, order, spacing, worst);
  }
  sortNlsf(nlsf, order);
  let floor = 0;
  for (let i = 0; i < order; i++) {
    floor = min(floor + <i32>load<i16>(spacing + (i << 1)), 32767);
    floor = max(floor, <i32>load<i16>(nlsf + (i << 1)));
    store<i16>(nlsf + (i << 1), floor);
  }
  let ceiling = 32768;
  for (let i = order - 1; i >= 0; i--) {
    ceiling -= <i32>load<i16>(spacing + (i << 1), 2);
    ceiling = min(ceiling, <i32>load<i16>(nlsf + (i << 1)));
    store<i16>(nlsf + (i << 1), ceiling);
  }
}

/** Gives frequencies `i - 1` and `i` their distance around a centre that leaves room for all the others. */
function moveApart(nlsf: usize, order: i32, spacing: usize, i: i32): void {
  const distance: i32 = load<i16>(spacing + (i << 1));
  if (i == 0) {
    store<i16>(nlsf, distance);
    return;
  }
  const at = nlsf + (i << 1);
  if (i == order) {
    store<i16>(at - 2, 32768 - distance);
    return;
  }
  let lower = distance >> 1;
  for (let k = 0; k < i; k++) lower += <i32>load<i16>(spacing + (k << 1));
  let upper = 32768 - (distance >> 1);
  for (let k = i + 1; k <= order; k++) upper -= <i32>load<i16>(spacing + (k << 1));
  const centre = roundShift(<i32>load<i16>(at - 2) + <i32>load<i16>(at), 1);
  const first = clamp(centre, lower, upper) - (distance >> 1);
  store<i16>(at - 2, first);
  store<i16>(at, first + distance);
}

function sortNlsf(nlsf: usize, order: i32): void {
  for (let i = 1; i < order; i++) {
    const value = load<i16>(nlsf + (i << 1));
    let k = i;
    while (k > 0 && load<i16>(nlsf + ((k - 1) << 1)) > value) {
      store<i16>(nlsf + (k << 1), load<i16>(nlsf + ((k - 1) << 1)));
      k--;
    }
    store<i16>(nlsf + (k << 1), value);
  }
}

/** Frequencies of the first half: `factor` quarters of the way from `from` to `to` (section 4.2.7.5.5). */
export function interpolateNlsf(out: usize, from: usize, to: usize, factor: i32, order: i32): void {
  for (let i = 0; i < order; i++) {
    const start: i32 = load<i16>(from + (i << 1));
    const end: i32 = load<i16>(to + (i << 1));
    store<i16>(out + (i << 1), start + ((factor * (end - start)) >> 2));
  }
}
