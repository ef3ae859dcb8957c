/**
 * SILK's rate conversion from 8, 12 or 16 kHz to the output rate (RFC 6716, section 4.2.9). The method is the reference
 * decoder's, to the bit: a 2:1 all-pass pair, then a 12-phase interpolator; below the internal rate a second-order
 * low-pass and a symmetric filter. A few input samples are held back so that every pair of rates has one delay.
 */
import { DELAY } from "../tables/silk-resampler";
import { mulQ16 } from "./fixed-point";
import { chooseKernel, reduce } from "./resampler-down";
import { COPY, DOUBLE, INTERPOLATE, REDUCE, RESAMPLER_SIZE, Resampler, heldOf } from "./resampler-state";
import { double, interpolate } from "./resampler-up";

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
    chooseKernel(r);
  }
  const inHz = inKHz * 1000;
  const outHz = outKHz * 1000;
  let step = ((inHz << (14 + doubled)) / outHz) << 2;
  while (mulQ16(step, outHz) < inHz << doubled) step++;
  r.step = step;
}

/** Converts `length` samples (i16, at least 1 ms) and writes length * out / in samples. The buffers must not overlap. */
export function resample(r: Resampler, out: usize, input: usize, length: i32): void {
  const ms = r.inKHz;
  const delay = r.delay;
  const held = heldOf(r);
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
