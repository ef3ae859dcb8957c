/**
 * SILK's rate conversion from 8, 12 or 16 kHz to the output rate (RFC 6716, section 4.2.9). The method is the reference
 * decoder's, to the bit: a 2:1 all-pass pair, then a 12-phase interpolator; below the internal rate a second-order
 * low-pass and a symmetric filter. A few input samples are held back so that every pair of rates has one delay.
 */
import {
  DELAY,
  DOUBLER_EVEN_Q16,
  DOUBLER_ODD_Q16,
  DOWN_1_2,
  DOWN_2_3,
  DOWN_3_4,
  INTERPOLATOR_Q15,
} from "../tables/silk-resampler";
import { mulWB, mulWW, roundShift, saturate16 } from "./fixed-point";
import { laneSums } from "./lanes";

/** Ways to convert. */
// @ts-ignore: decorator
@inline const COPY: i32 = 0;
// @ts-ignore: decorator
@inline const DOUBLE: i32 = 1;
// @ts-ignore: decorator
@inline const INTERPOLATE: i32 = 2;
// @ts-ignore: decorator
@inline const REDUCE: i32 = 3;

@unmanaged
export class Resampler {
  mode: i32;
  inKHz: i32;
  outKHz: i32;
  /** Input samples held back. */
  delay: i32;
  /** Step of the output position in (doubled) input samples, Q16. */
  step: i32;
  /** Kernel of a reduction: address, taps, phases. */
  kernel: usize;
  taps: i32;
  phases: i32;
  /** Recursive filters, Q10 (doubler) or Q8 (low-pass). */
  s0: i32;
  s1: i32;
  s2: i32;
  s3: i32;
  s4: i32;
  s5: i32;
}

// @ts-ignore: decorator
@inline const HELD: usize = (offsetof<Resampler>() + 15) & ~15;
// @ts-ignore: decorator
@inline const FIR: usize = HELD + 32;

/** Bytes of a resampler's state: struct, 16 held samples of i16, FIR memory (8 of i16, or 24 of i32). */
export const RESAMPLER_SIZE: usize = FIR + 96;

/** FIR memory and one batch: 320 doubled samples of i16, or 160 of i32. */
const BATCH = memory.data(96 + 640 + 16, 16);
/** Doubled samples before rounding, i32 Q10. */
const DOUBLED = memory.data(4 * 320, 16);
/** First millisecond: held and new samples. */
const JOINED = memory.data(32, 16);

/** Sets up for a pair of rates in kHz (8, 12, 16 to 8, 12, 16, 24, 48) with silent memory. */
export function resamplerInit(r: Resampler, inKHz: i32, outKHz: i32): void {
  memory.fill(changetype<usize>(r), 0, RESAMPLER_SIZE);
  const column = outKHz == 48 ? 4 : outKHz == 24 ? 3 : (outKHz >> 2) - 2;
  r.inKHz = inKHz;
  r.outKHz = outKHz;
  r.delay = load<u8>(DELAY + 5 * ((inKHz >> 2) - 2) + column);
  const doubled = i32(outKHz > inKHz);
  if (outKHz == inKHz) {
    r.mode = COPY;
  } else if (outKHz == 2 * inKHz) {
    r.mode = DOUBLE;
  } else if (outKHz > inKHz) {
    r.mode = INTERPOLATE;
  } else {
    r.mode = REDUCE;
    if (inKHz == 2 * outKHz) setKernel(r, DOWN_1_2, 24, 1);
    else if (inKHz == 12) setKernel(r, DOWN_2_3, 18, 2);
    else setKernel(r, DOWN_3_4, 18, 3);
  }
  const inHz = inKHz * 1000;
  const outHz = outKHz * 1000;
  let step = ((inHz << (14 + doubled)) / outHz) << 2;
  while (mulWW(step, outHz) < inHz << doubled) step++;
  r.step = step;
}

function setKernel(r: Resampler, kernel: usize, taps: i32, phases: i32): void {
  r.kernel = kernel;
  r.taps = taps;
  r.phases = phases;
}

/** Converts `length` samples (i16, at least 1 ms) and writes length * out / in samples. The buffers must not overlap. */
export function resample(r: Resampler, out: usize, input: usize, length: i32): void {
  const ms = r.inKHz;
  const delay = r.delay;
  const held = changetype<usize>(r) + HELD;
  memory.copy(JOINED, held, <usize>delay << 1);
  memory.copy(JOINED + (<usize>delay << 1), input, <usize>(ms - delay) << 1);
  convert(r, out, JOINED, ms);
  out += <usize>r.outKHz << 1;
  const rest = length - ms;
  if (rest > 0) convert(r, out, input + (<usize>(ms - delay) << 1), rest);
  memory.copy(held, input + (<usize>(length - delay) << 1), <usize>delay << 1);
}

/** A run without regard to the delay, in batches of at most 10 ms. */
function convert(r: Resampler, out: usize, input: usize, length: i32): void {
  if (r.mode == COPY) {
    memory.copy(out, input, <usize>length << 1);
    return;
  }
  const batch = 10 * r.inKHz;
  while (length > 0) {
    const count = min(length, batch);
    if (r.mode == DOUBLE) {
      double(r, out, input, count);
      out += <usize>count << 2;
    } else if (r.mode == INTERPOLATE) out = interpolate(r, out, input, count);
    else out = reduce(r, out, input, count);
    input += <usize>count << 1;
    length -= count;
  }
}

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
function double(r: Resampler, out: usize, input: usize, length: i32): void {
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
function interpolate(r: Resampler, out: usize, input: usize, length: i32): usize {
  const memoryOf = changetype<usize>(r) + FIR;
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

/** Low-passes one batch, then takes 18 or 24 taps of it for each output. Returns the end of the output. */
function reduce(r: Resampler, out: usize, input: usize, length: i32): usize {
  const memoryOf = changetype<usize>(r) + FIR;
  const taps = r.taps;
  const keep = <usize>taps << 2;
  memory.copy(BATCH, memoryOf, keep);
  const a0: i32 = load<i16>(r.kernel);
  const a1: i32 = load<i16>(r.kernel, 2);
  for (let i = 0; i < length; i++) {
    const y = r.s0 + (<i32>load<i16>(input + (i << 1)) << 8);
    store<i32>(BATCH + keep + (<usize>i << 2), y);
    r.s0 = r.s1 + mulWB(y << 2, a0);
    r.s1 = mulWB(y << 2, a1);
  }
  const half = taps >> 1;
  const last = r.phases - 1;
  const end = length << 16;
  for (let position = 0; position < end; position += r.step) {
    const from = BATCH + (<usize>(position >> 16) << 2);
    const phase = mulWB(position & 0xffff, r.phases);
    const left = r.kernel + 4 + <usize>(half * phase << 1);
    const right = r.kernel + 4 + <usize>(half * (last - phase) << 1);
    let sum = 0;
    for (let k = 0; k < half; k++) {
      const x = load<i32>(from + (k << 2));
      const y = load<i32>(from + ((taps - 1 - k) << 2));
      if (last == 0) {
        sum += mulWB(x + y, load<i16>(left + (k << 1)));
      } else {
        sum += mulWB(x, load<i16>(left + (k << 1)));
        sum += mulWB(y, load<i16>(right + (k << 1)));
      }
    }
    store<i16>(out, saturate16(roundShift(sum, 6)));
    out += 2;
  }
  memory.copy(memoryOf, BATCH + (<usize>length << 2), keep);
  return out;
}
