/** Up-sampling: a 2:1 all-pass pair, then a 12-phase interpolator of eight taps (see resampler.ts). */
import { DOUBLER_EVEN_Q16, DOUBLER_ODD_Q16, INTERPOLATOR_Q15 } from "../tables/silk-resampler";
import { laneSums } from "./lanes";
import { BATCH, Resampler, firOf } from "./resampler-state";

/** Doubled samples before rounding, i32 Q10. */
const DOUBLED = memory.data(4 * 320, 16);

/** Rounds doubled samples, i32 Q10, to 16 bits: `count` is a multiple of eight. */
// @ts-ignore: decorator
@inline function roundDoubled(out: usize, count: i32): void {
  for (let i: usize = 0; i < <usize>count; i += 8) {
    const low = v128.load(DOUBLED + (i << 2));
    const high = v128.load(DOUBLED + (i << 2), 16);
    const one = i32x4.splat(1);
    v128.store(
      out + (i << 1),
      i16x8.narrow_i32x4_s(
        i32x4.shr_s(i32x4.add(i32x4.shr_s(low, 9), one), 1),
        i32x4.shr_s(i32x4.add(i32x4.shr_s(high, 9), one), 1),
      ),
    );
  }
}

/** The all-pass pair: two outputs for each of at most 10 ms of input; `length` is a multiple of four. */
export function double(r: Resampler, out: usize, input: usize, length: i32): void {
  const e0 = <i64>load<i16>(DOUBLER_EVEN_Q16);
  const e1 = <i64>load<i16>(DOUBLER_EVEN_Q16, 2);
  const e2 = <i64>load<i16>(DOUBLER_EVEN_Q16, 4);
  const o0 = <i64>load<i16>(DOUBLER_ODD_Q16);
  const o1 = <i64>load<i16>(DOUBLER_ODD_Q16, 2);
  const o2 = <i64>load<i16>(DOUBLER_ODD_Q16, 4);
  let s0 = r.s0;
  let s1 = r.s1;
  let s2 = r.s2;
  let s3 = r.s3;
  let s4 = r.s4;
  let s5 = r.s5;
  let to = DOUBLED;
  const end = input + (<usize>length << 1);
  for (let at = input; at < end; at += 2) {
    const x = <i32>load<i16>(at) << 10;
    let t = <i32>(((x - s0) * e0) >> 16);
    let y = s0 + t;
    s0 = x + t;
    t = <i32>(((y - s1) * e1) >> 16);
    let z = s1 + t;
    s1 = y + t;
    let d = z - s2;
    t = d + <i32>((d * e2) >> 16);
    store<i32>(to, s2 + t);
    s2 = z + t;

    t = <i32>(((x - s3) * o0) >> 16);
    y = s3 + t;
    s3 = x + t;
    t = <i32>(((y - s4) * o1) >> 16);
    z = s4 + t;
    s4 = y + t;
    d = z - s5;
    t = d + <i32>((d * o2) >> 16);
    store<i32>(to, s5 + t, 4);
    s5 = z + t;
    to += 8;
  }
  r.s0 = s0;
  r.s1 = s1;
  r.s2 = s2;
  r.s3 = s3;
  r.s4 = s4;
  r.s5 = s5;
  roundDoubled(out, length << 1);
}

/** Eight taps of the doubled batch at `position` (Q16), summed in four lanes. */
// @ts-ignore: decorator
@inline function taps(position: i32): v128 {
  const phase = ((position & 0xffff) * 12) >> 16;
  return i32x4.dot_i16x8_s(
    v128.load(BATCH + (<usize>(position >> 16) << 1)),
    v128.load(INTERPOLATOR_Q15 + (<usize>phase << 4)),
  );
}

/** Doubles one batch, then takes eight taps of it for each output. Returns the end of the output. */
export function interpolate(r: Resampler, out: usize, input: usize, length: i32): usize {
  const memoryOf = firOf(r);
  memory.copy(BATCH, memoryOf, 16);
  double(r, BATCH + 16, input, length);
  const end = length << 17;
  const step = r.step;
  // A batch is a whole number of milliseconds: a multiple of four outputs at every rate.
  for (let p = 0; p < end; p += step << 2) {
    const sum = laneSums(taps(p), taps(p + step), taps(p + 2 * step), taps(p + 3 * step));
    const rounded = i32x4.shr_s(i32x4.add(i32x4.shr_s(sum, 14), i32x4.splat(1)), 1);
    v128.store64_lane(out, i16x8.narrow_i32x4_s(rounded, rounded), 0);
    out += 8;
  }
  memory.copy(memoryOf, BATCH + (<usize>length << 2), 16);
  return out;
}
