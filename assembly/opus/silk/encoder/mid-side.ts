/**
 * Stereo prediction in the encoder (RFC 6716, section 5.2.3.1): the side is predicted from the mid, low and high part
 * apart; what is left is coded. The weights move as the decoder will move them (stereo.ts).
 */
import { RangeEncoder, encodeIcdf } from "../../range-encoder";
import { STEREO_JOINT_ICDF, STEREO_WEIGHTS_Q13, UNIFORM3_ICDF, UNIFORM5_ICDF } from "../../tables/silk-frame";
import { mulQ16, roundShift } from "../fixed-point";

@unmanaged
export class MidSide {
  /** Weights of the frame before, Q13: low-passed and plain mid. */
  low: i32;
  plain: i32;
  /** Smoothed products: mid with mid, mid with side, for the low and the high part. */
  lowEnergy: f32;
  lowProduct: f32;
  highEnergy: f32;
  highProduct: f32;
  /** Share of the side: amplitude left of it against the mid. */
  ratio: f32;
}

/** Quantised weights: levels 0..15 and fifths 0..4 of the low and the high part. */
@unmanaged
export class WeightIndices {
  level0: i32;
  fifth0: i32;
  level1: i32;
  fifth1: i32;
  /** As the decoder makes them of the indices, Q13. */
  low: i32;
  plain: i32;
}

export const WEIGHT_INDICES = changetype<WeightIndices>(memory.data(32, 16));

/** Nearest level and fifth to `weight` (Q13); returns what it stands for. */
function quantiseWeight(weight: f32, high: bool): i32 {
  let nearestValue = 0;
  let least: f32 = Infinity;
  for (let level = 0; level < 15; level++) {
    const at = STEREO_WEIGHTS_Q13 + (<usize>level << 1);
    const from: i32 = load<i16>(at);
    const step = mulQ16(<i32>load<i16>(at, 2) - from, 6554);
    for (let fifth = 0; fifth < 5; fifth++) {
      const value = from + step * (2 * fifth + 1);
      const error = abs(weight - <f32>value);
      if (error < least) {
        least = error;
        nearestValue = value;
        if (high) {
          WEIGHT_INDICES.level1 = level;
          WEIGHT_INDICES.fifth1 = fifth;
        } else {
          WEIGHT_INDICES.level0 = level;
          WEIGHT_INDICES.fifth0 = fifth;
        }
      }
    }
  }
  return nearestValue;
}

/** Chooses the weights of a frame of `length` samples of `mid` and `side` (f32, one more sample on either side). */
export function chooseWeights(s: MidSide, mid: usize, side: usize, length: i32): void {
  let lowEnergy: f32 = 0;
  let lowProduct: f32 = 0;
  let highEnergy: f32 = 0;
  let highProduct: f32 = 0;
  for (let n = 0; n < length; n++) {
    const m = mid + (<usize>n << 2);
    const d = side + (<usize>n << 2);
    const low: f32 = 0.25 * (load<f32>(m - 4) + load<f32>(m, 4)) + 0.5 * load<f32>(m);
    const high = load<f32>(m) - low;
    const sideLow: f32 = 0.25 * (load<f32>(d - 4) + load<f32>(d, 4)) + 0.5 * load<f32>(d);
    const sideHigh = load<f32>(d) - sideLow;
    lowEnergy += low * low;
    lowProduct += low * sideLow;
    highEnergy += high * high;
    highProduct += high * sideHigh;
  }
  const keep: f32 = 0.2;
  s.lowEnergy = keep * s.lowEnergy + lowEnergy;
  s.lowProduct = keep * s.lowProduct + lowProduct;
  s.highEnergy = keep * s.highEnergy + highEnergy;
  s.highProduct = keep * s.highProduct + highProduct;
  const first = quantiseWeight((8192 * s.lowProduct) / (s.lowEnergy + <f32>length), false);
  const second = quantiseWeight((8192 * s.highProduct) / (s.highEnergy + <f32>length), true);
  WEIGHT_INDICES.low = first - second;
  WEIGHT_INDICES.plain = second;
}

/** Writes weight indices (section 4.2.7.1). */
export function writeWeights(enc: RangeEncoder, w: WeightIndices): void {
  encodeIcdf(enc, 5 * (w.level0 / 3) + w.level1 / 3, STEREO_JOINT_ICDF, 8);
  encodeIcdf(enc, w.level0 % 3, UNIFORM3_ICDF, 8);
  encodeIcdf(enc, w.fifth0, UNIFORM5_ICDF, 8);
  encodeIcdf(enc, w.level1 % 3, UNIFORM3_ICDF, 8);
  encodeIcdf(enc, w.fifth1, UNIFORM5_ICDF, 8);
}

/**
 * Writes to `out` what the prediction leaves of `length` samples of side, with the weights moving from the old to the
 * new over 8 ms. Samples beyond the frame take the new ones.
 */
export function removePrediction(s: MidSide, out: usize, mid: usize, side: usize, kHz: i32, length: i32, frame: i32): void {
  const ramp = 8 * kHz;
  const slope = 65536 / ramp;
  const lowStep = roundShift(<i32><i16>(WEIGHT_INDICES.low - s.low) * slope, 16);
  const plainStep = roundShift(<i32><i16>(WEIGHT_INDICES.plain - s.plain) * slope, 16);
  let low = s.low;
  let plain = s.plain;
  let sideEnergy: f32 = 0;
  let midEnergy: f32 = 0;
  for (let n = 0; n < length; n++) {
    if (n < ramp) {
      low += lowStep;
      plain += plainStep;
    } else {
      low = WEIGHT_INDICES.low;
      plain = WEIGHT_INDICES.plain;
    }
    const m = mid + (<usize>n << 2);
    const here = load<f32>(m);
    const smooth: f32 = 0.25 * (load<f32>(m - 4) + load<f32>(m, 4)) + 0.5 * here;
    const rest = load<f32>(side + (<usize>n << 2)) - (<f32>low * smooth + <f32>plain * here) * (1.0 / 8192.0);
    store<f32>(out + (<usize>n << 2), rest);
    if (n < frame) {
      sideEnergy += rest * rest;
      midEnergy += here * here;
    }
  }
  s.low = WEIGHT_INDICES.low;
  s.plain = WEIGHT_INDICES.plain;
  s.ratio += 0.5 * (min(sqrt<f32>(sideEnergy / (midEnergy + <f32>frame)), <f32>1) - s.ratio);
}
