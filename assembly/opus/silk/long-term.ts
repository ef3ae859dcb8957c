/**
 * Long-term prediction of voiced subframes (RFC 6716, section 4.2.7.9.1, in the fixed point of the reference decoder).
 * The state is i32 Q15 in the split form of short-term.ts, so that products with 16-bit factors are exact in vectors.
 */
import { mulQ16 } from "./fixed-point";
import { SPLIT, laneSums, splitProduct } from "./lanes";
import { Channel, signalOf } from "./state";

/** 20 ms of history, then the frame: i32 Q15, bit 15 flipped. */
const STATE = memory.data(4 * 640, 16);
/** i16: the predictor backwards, zeros before it. */
const REVERSED = memory.data(32, 16);

// @ts-ignore: decorator
@inline function backward(at: usize, nearer: v128, farther: v128): v128 {
  return i32x4.add(
    i32x4.dot_i16x8_s(v128.load(at - 16), nearer),
    i32x4.dot_i16x8_s(v128.load(at - 32), farther),
  );
}

/**
 * Rebuilds the state of the last `lag` + 2 samples before `position` from the output: what the predictor `lpc` leaves
 * of them, times `scale` (Q16 per 16 bits).
 */
export function rewhiten(channel: Channel, lpc: usize, position: i32, lag: i32, scale: i32): void {
  const order = channel.order;
  memory.fill(REVERSED, 0, 32);
  for (let j = 0; j < order; j++) store<i16>(REVERSED + (<usize>(15 - j) << 1), load<i16>(lpc + (<usize>j << 1)));
  const farther = v128.load(REVERSED);
  const nearer = v128.load(REVERSED, 16);
  const factor = i32x4.splat(scale ^ SPLIT);
  const flip = i32x4.splat(SPLIT);
  const count = (lag + 5) & ~3;
  let at = signalOf(channel) + (<usize>(position - count) << 1);
  let to = STATE + (<usize>(position - count) << 2);
  const end = STATE + (<usize>position << 2);
  while (to < end) {
    const predicted = laneSums(
      backward(at, nearer, farther),
      backward(at + 2, nearer, farther),
      backward(at + 4, nearer, farther),
      backward(at + 6, nearer, farther),
    );
    const rest = i32x4.sub(i32x4.shl(v128.load16x4_s(at), 12), predicted);
    const rounded = i32x4.shr_s(i32x4.add(i32x4.shr_s(rest, 11), i32x4.splat(1)), 1);
    const narrow = i16x8.narrow_i32x4_s(rounded, rounded);
    const wide = i32x4.extend_low_i16x8_s(narrow);
    const scaled = splitProduct(
      factor,
      i32x4.shl(wide, 16),
      v128.and(wide, i32x4.splat(0xffff)),
      i32x4.shl(wide, 15),
    );
    v128.store(to, v128.xor(scaled, flip));
    at += 8;
    to += 16;
  }
}

/** Brings the last `lag` + 2 values of the state to a new gain: `adjust` in Q16. */
export function rescale(position: i32, lag: i32, adjust: i32): void {
  const end = STATE + (<usize>position << 2);
  for (let at = end - (<usize>(lag + 2) << 2); at < end; at += 4) {
    store<i32>(at, mulQ16(adjust, load<i32>(at) ^ SPLIT) ^ SPLIT);
  }
}

/**
 * Adds the prediction with five `taps` (i16 Q14) to `length` samples of excitation (i32 Q14), and carries the state
 * on. The lag is at least 16, so four samples never depend on one another.
 */
export function predict(out: usize, excitation: usize, position: i32, lag: i32, taps: usize, length: i32): void {
  const upper0 = i32x4.splat(<i32>load<i16>(taps) << 16);
  const upper1 = i32x4.splat(<i32>load<i16>(taps, 2) << 16);
  const upper2 = i32x4.splat(<i32>load<i16>(taps, 4) << 16);
  const upper3 = i32x4.splat(<i32>load<i16>(taps, 6) << 16);
  const upper4 = i32x4.splat(<i32>load<i16>(taps, 8) << 16);
  const lower0 = i32x4.shr_u(upper0, 16);
  const lower1 = i32x4.shr_u(upper1, 16);
  const lower2 = i32x4.shr_u(upper2, 16);
  const lower3 = i32x4.shr_u(upper3, 16);
  const lower4 = i32x4.shr_u(upper4, 16);
  const offset0 = i32x4.shr_s(upper0, 1);
  const offset1 = i32x4.shr_s(upper1, 1);
  const offset2 = i32x4.shr_s(upper2, 1);
  const offset3 = i32x4.shr_s(upper3, 1);
  const offset4 = i32x4.shr_s(upper4, 1);
  const flip = i32x4.splat(SPLIT);
  let from = STATE + (<usize>(position - lag - 2) << 2);
  let to = STATE + (<usize>position << 2);
  const end = to + (<usize>length << 2);
  while (to < end) {
    let sum = i32x4.add(i32x4.splat(2), splitProduct(v128.load(from, 16), upper0, lower0, offset0));
    sum = i32x4.add(sum, splitProduct(v128.load(from, 12), upper1, lower1, offset1));
    sum = i32x4.add(sum, splitProduct(v128.load(from, 8), upper2, lower2, offset2));
    sum = i32x4.add(sum, splitProduct(v128.load(from, 4), upper3, lower3, offset3));
    sum = i32x4.add(sum, splitProduct(v128.load(from), upper4, lower4, offset4));
    const value = i32x4.add(v128.load(excitation), i32x4.shl(sum, 1));
    v128.store(out, value);
    v128.store(to, v128.xor(i32x4.shl(value, 1), flip));
    out += 16;
    excitation += 16;
    from += 16;
    to += 16;
  }
}
