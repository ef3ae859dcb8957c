/** Quantisation of the subframe gains (RFC 6716, section 5.2.3.4.4): symbols, and the gains that decoders will use. */
import { clamp, exp2Q7, mulQ16 } from "../fixed-point";
import { GAINS, GAIN_INDICES } from "../parameters";
import { log2 } from "./cost";

/** Index after the frame quantised last. */
export let lastGainIndex: i32 = 0;

/** Gain of an index, Q16. */
// @ts-ignore: decorator
@inline export function gainOf(index: i32): i32 {
  return exp2Q7(min(mulQ16(1907825, index) + 2090, 3967));
}

/**
 * Quantises `subframes` gains (f32, 16-bit units) at `gains`; `previous` is the index before the frame. Near the middle
 * between two levels the index stays where it was.
 */
export function quantiseGains(gains: usize, subframes: i32, previous: i32, independent: bool): void {
  let index = previous;
  for (let k = 0; k < subframes; k++) {
    const level = log2(load<f32>(gains + (k << 2))) * 128 + 16 * 128 - 2090;
    let next = <i32>floor<f32>(max(level, 0) * (65536.0 / 1907825.0));
    if (next < index) next++;
    next = clamp(next, 0, 63);
    if (k == 0 && independent) {
      next = max(next, index - 16);
      store<u8>(GAIN_INDICES, next);
      index = next;
    } else {
      let delta = next - index;
      const threshold = 8 + index;
      // Steps above the threshold count double.
      if (delta > threshold) delta = threshold + ((delta - threshold + 1) >> 1);
      delta = clamp(delta, -4, 36);
      store<u8>(GAIN_INDICES + k, delta + 4);
      index = clamp(index + (delta > threshold ? 2 * delta - threshold : delta), 0, 63);
    }
    store<i32>(GAINS + (k << 2), gainOf(index));
  }
  lastGainIndex = index;
}
