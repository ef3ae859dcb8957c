import { SPREAD_WEIGHT } from "./dynamics";
import { CeltEncoder } from "./encoder-state";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, at, edge } from "./frame";

// @ts-ignore: decorator
@inline const NONE: i32 = 0;
// @ts-ignore: decorator
@inline const LIGHT: i32 = 1;
// @ts-ignore: decorator
@inline const NORMAL: i32 = 2;
// @ts-ignore: decorator
@inline const AGGRESSIVE: i32 = 3;

/** Bands above this (8 kHz) tell the tapset of the pre-filter. */
// @ts-ignore: decorator
@inline const HIGH_BAND: i32 = 17;

/**
 * How far pulses are spread (RFC 6716, section 4.3.4.3): tonal frames (few large coefficients) not at all, noise much.
 * With `updateTapset` the shape of the high bands chooses the next frame's tapset.
 */
export function chooseSpread(state: CeltEncoder, frame: Frame, updateTapset: bool): i32 {
  const lm = frame.lm;
  if ((edge(frame.end) - edge(frame.end - 1)) << lm <= 8) return NONE;
  let sum = 0;
  let weights = 0;
  let high = 0;
  for (let channel = 0; channel < frame.channels; channel++) {
    for (let band = frame.start; band < frame.end; band++) {
      const from = edge(band) << lm;
      const size = (edge(band + 1) << lm) - from;
      if (size <= 8) continue;
      // Coefficients below a half, a quarter and an eighth of the mean.
      let below4 = i32x4.splat(0);
      let below16 = i32x4.splat(0);
      let below64 = i32x4.splat(0);
      const p = SPECTRUM + <usize>channel * SPECTRUM_STRIDE + (<usize>from << 2);
      const wide = <usize>(size & ~3) << 2;
      const n4 = f32x4.splat(<f32>size);
      for (let i: usize = 0; i < wide; i += 16) {
        const x = v128.load(p + i);
        const e = f32x4.mul(n4, f32x4.mul(x, x));
        below4 = i32x4.sub(below4, f32x4.lt(e, f32x4.splat(0.25)));
        below16 = i32x4.sub(below16, f32x4.lt(e, f32x4.splat(0.0625)));
        below64 = i32x4.sub(below64, f32x4.lt(e, f32x4.splat(0.015625)));
      }
      const c4 = laneSum(below4);
      const c16 = laneSum(below16);
      const c64 = laneSum(below64);
      if (band >= HIGH_BAND) high += 32 * (c16 + c4) / size;
      const votes = i32(2 * c64 >= size) + i32(2 * c16 >= size) + i32(2 * c4 >= size);
      sum += votes * at(SPREAD_WEIGHT, band);
      weights += at(SPREAD_WEIGHT, band);
    }
  }
  if (updateTapset) {
    const bands = frame.channels * max(1, frame.end - HIGH_BAND);
    const share = (high / bands + state.highAverage) >> 1;
    state.highAverage = share;
    const leaned = state.tapsetChoice == 2 ? share + 4 : state.tapsetChoice == 0 ? share - 4 : share;
    state.tapsetChoice = leaned > 22 ? 2 : leaned > 18 ? 1 : 0;
  }
  const measure = ((sum << 8) / max(1, weights) + state.spreadAverage) >> 1;
  state.spreadAverage = measure;
  const leaned = (3 * measure + (((3 - state.spread) << 7) + 64) + 2) >> 2;
  return leaned < 80 ? AGGRESSIVE : leaned < 256 ? NORMAL : leaned < 384 ? LIGHT : NONE;
}

// @ts-ignore: decorator
@inline function laneSum(v: v128): i32 {
  return i32x4.extract_lane(v, 0) + i32x4.extract_lane(v, 1) + i32x4.extract_lane(v, 2) + i32x4.extract_lane(v, 3);
}
