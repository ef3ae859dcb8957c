import { decodeFrequency, decodeUint, decodeUpdate, decodeBit, ilog, tellFrac } from "../range-decoder";
import { encode, encodeBit, encodeUint } from "../range-encoder";
import { LOG_WIDTH } from "../tables/celt-bands";
import { ANGLE_STEPS } from "../tables/celt-pulses";
import { splitAngle, stereoAngle } from "./angle-measure";
import { writes } from "./direction";
import { Frame } from "./frame";

/*
 * The angle between two halves of a band, or between mid and side (RFC 6716, section 4.3.4.4). It steers the split of
 * bits, so everything up to `delta` is exact integer arithmetic.
 */

/** An angle and what follows from it. */
@unmanaged
export class Angle {
  /** 0 (all in the first half) to 16384 (all in the second). */
  theta: i32;
  /** Gains of the halves in Q15. */
  mid: i32;
  side: i32;
  /** Difference of bits between the halves that the angle calls for, in eighth-bits. */
  delta: i32;
  /** Eighth-bits the angle took. */
  cost: i32;
  /** 1: the side is to be turned over (intensity stereo). */
  inverted: i32;
}

/** Product of two 16-bit numbers in Q15, rounded. */
// @ts-ignore: decorator
@inline function mulRound(a: i32, b: i32): i32 {
  return (16384 + <i32><i16>a * <i32><i16>b) >> 15;
}

/** cos(pi/2 * angle/16384) in Q15. */
export function angleCosine(angle: i32): i32 {
  const square = (4096 + angle * angle) >> 13;
  return 1 + (32767 - square + mulRound(square, -7651 + mulRound(square, 8277 + mulRound(-626, square))));
}

/** log2(sine / cosine) in Q11. */
function log2Tangent(sine: i32, cosine: i32): i32 {
  const sineBits = ilog(sine);
  const cosineBits = ilog(cosine);
  const s = sine << (15 - sineBits);
  const c = cosine << (15 - cosineBits);
  const sineLog = mulRound(s, mulRound(s, -2597) + 7932);
  const cosineLog = mulRound(c, mulRound(c, -2597) + 7932);
  return ((sineBits - cosineBits) << 11) + sineLog - cosineLog;
}

/** floor(sqrt(x)). Exact: an f64 root of a 32-bit number never rounds across an integer. */
// @ts-ignore: decorator
@inline function rootFloor(x: u32): i32 {
  return <i32>sqrt<f64>(<f64>x);
}

/** How many steps the angle has for `bits` eighth-bits on a half of `size` bins: 1 (none) or an even number. */
function angleSteps(frame: Frame, band: i32, size: i32, bits: i32, lm: i32, stereo: bool): i32 {
  if (stereo && band >= frame.intensity) return 1;
  const pulseCap = <i32>load<u8>(LOG_WIDTH + <usize>band) + lm * 8;
  const pair = stereo && size == 2;
  const offset = (pulseCap >> 1) - (pair ? 16 : 4);
  const freedom = 2 * size - (pair ? 2 : 1);
  const share = min(min((bits + freedom * offset) / freedom, bits - pulseCap - 32), 64);
  if (share < 4) return 1;
  const steps = <i32>load<u16>(ANGLE_STEPS + (<usize>(share & 7) << 1)) >> (14 - (share >> 3));
  return ((steps + 1) >> 1) << 1;
}

/** Flat up to the middle, a third as likely beyond: wide stereo bands. */
function readStep(frame: Frame, steps: i32): i32 {
  const reader = frame.reader;
  const half = steps >> 1;
  const knee = 3 * (half + 1);
  const total = knee + half;
  const frequency = <i32>decodeFrequency(reader, total);
  if (frequency < knee) {
    const symbol = frequency / 3;
    decodeUpdate(reader, 3 * symbol, 3 * symbol + 3, total);
    return symbol;
  }
  decodeUpdate(reader, frequency, frequency + 1, total);
  return half + 1 + (frequency - knee);
}

/** Rising to the middle, then falling: halves of one block. */
function readTriangle(frame: Frame, steps: i32): i32 {
  const reader = frame.reader;
  const half = steps >> 1;
  const total = (half + 1) * (half + 1);
  const frequency = <i32>decodeFrequency(reader, total);
  let symbol: i32;
  let low: i32;
  let width: i32;
  if (frequency < (half * (half + 1)) >> 1) {
    symbol = (rootFloor(8 * frequency + 1) - 1) >> 1;
    width = symbol + 1;
    low = (symbol * (symbol + 1)) >> 1;
  } else {
    symbol = (2 * (steps + 1) - rootFloor(8 * (total - frequency - 1) + 1)) >> 1;
    width = steps + 1 - symbol;
    low = total - ((width * (width + 1)) >> 1);
  }
  decodeUpdate(reader, low, low + width, total);
  return symbol;
}

/** Writes `symbol` of a wide stereo band's angle. */
function writeStep(frame: Frame, symbol: i32, steps: i32): void {
  const half = steps >> 1;
  const knee = 3 * (half + 1);
  const low = symbol <= half ? 3 * symbol : knee + symbol - half - 1;
  encode(frame.writer, low, low + (symbol <= half ? 3 : 1), knee + half);
}

/** Writes `symbol` of the angle between halves of one block. */
function writeTriangle(frame: Frame, symbol: i32, steps: i32): void {
  const half = steps >> 1;
  const total = (half + 1) * (half + 1);
  const width = symbol <= half ? symbol + 1 : steps + 1 - symbol;
  const low = symbol <= half
    ? (symbol * (symbol + 1)) >> 1
    : total - ((width * (width + 1)) >> 1);
  encode(frame.writer, low, low + width, total);
}

/** The step for a measured angle of 0..16384. */
function chooseStep(frame: Frame, measured: i32, steps: i32, size: i32, bits: i32, stereo: bool): i32 {
  if (stereo && frame.angleRounding != 0) {
    // Both neighbours are tried; a little towards the nearer end.
    const bias = measured > 8192 ? 32767 / steps : -32767 / steps;
    const down = min(steps - 1, max(0, (measured * steps + bias) >> 14));
    return frame.angleRounding < 0 ? down : down + 1;
  }
  const symbol = (measured * steps + 8192) >> 14;
  if (!stereo && frame.avoidSplitNoise && symbol > 0 && symbol < steps) {
    const theta = (symbol << 14) / steps;
    const delta = mulRound((size - 1) << 7, log2Tangent(angleCosine(16384 - theta), angleCosine(theta)));
    if (delta > bits) return steps;
    if (delta < -bits) return 0;
  }
  return symbol;
}

/**
 * Reads the angle of a split into halves of `size` bins, or measures it between those at `x` and `y` and writes it;
 * `blocks` is the number of blocks before the split, `lm` the size of a half.
 */
export function codeAngle<D>(
  frame: Frame, angle: Angle, band: i32, size: i32, bits: i32, blocks: i32, lm: i32, stereo: bool,
  x: usize, y: usize,
): void {
  const reader = frame.reader;
  const before = tellFrac(reader);
  const steps = angleSteps(frame, band, size, bits, lm, stereo);
  let theta = 0;
  angle.inverted = 0;
  if (steps > 1) {
    let symbol: i32;
    if (writes<D>()) {
      const measured = stereo ? stereoAngle(x, y, size) : splitAngle(x, y, size);
      symbol = chooseStep(frame, measured, steps, size, bits, stereo);
      if (stereo && size > 2) writeStep(frame, symbol, steps);
      else if (stereo || blocks > 1) encodeUint(frame.writer, symbol, steps + 1);
      else writeTriangle(frame, symbol, steps);
    } else if (stereo && size > 2) symbol = readStep(frame, steps);
    else if (stereo || blocks > 1) symbol = <i32>decodeUint(reader, steps + 1);
    else symbol = readTriangle(frame, steps);
    theta = (symbol << 14) / steps;
  } else if (stereo && bits > 16 && frame.remaining > 16) {
    if (writes<D>()) {
      angle.inverted = i32(!frame.keepPhase && stereoAngle(x, y, size) > 8192);
      encodeBit(frame.writer, angle.inverted, 2);
    } else {
      angle.inverted = decodeBit(reader, 2) & ~frame.keepPhase;
    }
  }
  angle.theta = theta;
  angle.cost = tellFrac(reader) - before;
  if (theta == 0) {
    angle.mid = 32767;
    angle.side = 0;
    angle.delta = -16384;
  } else if (theta == 16384) {
    angle.mid = 0;
    angle.side = 32767;
    angle.delta = 16384;
  } else {
    angle.mid = angleCosine(theta);
    angle.side = angleCosine(16384 - theta);
    angle.delta = mulRound((size - 1) << 7, log2Tangent(angle.side, angle.mid));
  }
}
