/** Stereo prediction weights, the mid-only flag, and unmixing (RFC 6716, sections 4.2.7.1, 4.2.7.2, 4.2.8). */
import { RangeDecoder, decodeBinary, decodeIcdf } from "../range-decoder";
import {
  MID_ONLY_FIRST,
  STEREO_JOINT_ICDF,
  STEREO_WEIGHTS_Q13,
  UNIFORM3_ICDF,
  UNIFORM5_ICDF,
} from "../tables/silk-frame";
import { mulQ16, roundShift, saturate16 } from "./fixed-point";

/** What unmixing carries from frame to frame. */
@unmanaged
export class Stereo {
  /** Weights of the frame before, Q13: low-passed and plain mid. */
  weight0: i32;
  weight1: i32;
  /** The last two samples of mid and side, two i16 in one word each. */
  mid: u32;
  side: u32;
}

/** Weights of the frame at hand, Q13. */
@unmanaged
export class Weights {
  low: i32;
  plain: i32;
}

/** One weight between two table levels: a fifth and its odd multiples (section 4.2.7.1). */
// @ts-ignore: decorator
@inline function parseWeight(dec: RangeDecoder, coarse: i32): i32 {
  const at = STEREO_WEIGHTS_Q13 + (<usize>(decodeIcdf(dec, UNIFORM3_ICDF, 8) + 3 * coarse) << 1);
  const level: i32 = load<i16>(at);
  const step = mulQ16(<i32>load<i16>(at, 2) - level, 6554);
  return level + step * (2 * decodeIcdf(dec, UNIFORM5_ICDF, 8) + 1);
}

export function parseWeights(dec: RangeDecoder, weights: Weights): void {
  const joint = decodeIcdf(dec, STEREO_JOINT_ICDF, 8);
  const first = parseWeight(dec, joint / 5);
  const second = parseWeight(dec, joint % 5);
  weights.low = first - second;
  weights.plain = second;
}

/** 1 when the side has no frame here (section 4.2.7.2). */
// @ts-ignore: decorator
@inline export function parseMidOnly(dec: RangeDecoder): i32 {
  return decodeBinary(dec, MID_ONLY_FIRST);
}

/**
 * Turns mid and side (i16) into left and right in place. Both buffers hold two samples of history, then `length` new
 * ones; the history is filled in here. The result is late by one sample and stands at index 0 .. length - 1.
 * Weights move in a line from the old to the new over 8 ms.
 */
export function unmix(stereo: Stereo, mid: usize, side: usize, weights: Weights, kHz: i32, length: i32): void {
  store<u32>(mid, stereo.mid);
  store<u32>(side, stereo.side);
  stereo.mid = load<u32>(mid + (length << 1));
  stereo.side = load<u32>(side + (length << 1));

  let low = stereo.weight0;
  let plain = stereo.weight1;
  const ramp = 8 * kHz;
  const slope = 65536 / ramp;
  const lowStep = roundShift(<i32><i16>(weights.low - low) * slope, 16);
  const plainStep = roundShift(<i32><i16>(weights.plain - plain) * slope, 16);
  for (let n = 0; n < length; n++) {
    if (n < ramp) {
      low += lowStep;
      plain += plainStep;
    } else {
      low = weights.low;
      plain = weights.plain;
    }
    const at = mid + (<usize>n << 1);
    const before: i32 = load<i16>(at);
    const here: i32 = load<i16>(at, 2);
    const after: i32 = load<i16>(at, 4);
    const to = side + (n << 1);
    const predicted = mulQ16((before + after + (here << 1)) << 9, <i16>low) + mulQ16(here << 11, <i16>plain);
    const difference = saturate16(roundShift((<i32>load<i16>(to, 2) << 8) + predicted, 8));
    // One place down: the samples above are still needed as they came in.
    store<i16>(at, saturate16(here + difference));
    store<i16>(to, saturate16(here - difference));
  }
  stereo.weight0 = weights.low;
  stereo.weight1 = weights.plain;
}
