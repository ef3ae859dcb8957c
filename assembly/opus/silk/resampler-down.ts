/** Down-sampling: a second-order low-pass, then a symmetric filter of 18 or 24 taps (see resampler.ts). */
import { DOWN_1_2, DOWN_2_3, DOWN_3_4 } from "../tables/silk-resampler";
import { mulQ16, roundShift, saturate16 } from "./fixed-point";
import { BATCH, Resampler, firOf } from "./resampler-state";

/** Picks the filter for 2:1, 3:2 or 4:3. */
export function chooseKernel(r: Resampler): void {
  r.taps = 18;
  if (r.inKHz == 2 * r.outKHz) {
    r.kernel = DOWN_1_2;
    r.taps = 24;
    r.phases = 1;
  } else if (r.inKHz == 12) {
    r.kernel = DOWN_2_3;
    r.phases = 2;
  } else {
    r.kernel = DOWN_3_4;
    r.phases = 3;
  }
}

/** Low-passes one batch, then takes 18 or 24 taps of it for each output. Returns the end of the output. */
export function reduce(r: Resampler, out: usize, input: usize, length: i32): usize {
  const memoryOf = firOf(r);
  const taps = r.taps;
  const keep = <usize>taps << 2;
  memory.copy(BATCH, memoryOf, keep);
  const a0: i32 = load<i16>(r.kernel);
  const a1: i32 = load<i16>(r.kernel, 2);
  for (let i = 0; i < length; i++) {
    const y = r.s0 + (<i32>load<i16>(input + (i << 1)) << 8);
    store<i32>(BATCH + keep + (<usize>i << 2), y);
    r.s0 = r.s1 + mulQ16(y << 2, a0);
    r.s1 = mulQ16(y << 2, a1);
  }
  const half = taps >> 1;
  const last = r.phases - 1;
  const end = length << 16;
  for (let position = 0; position < end; position += r.step) {
    const from = BATCH + (<usize>(position >> 16) << 2);
    const phase = mulQ16(position & 0xffff, r.phases);
    const left = r.kernel + 4 + <usize>(half * phase << 1);
    const right = r.kernel + 4 + <usize>(half * (last - phase) << 1);
    let sum = 0;
    for (let k = 0; k < half; k++) {
      const x = load<i32>(from + (k << 2));
      const y = load<i32>(from + ((taps - 1 - k) << 2));
      if (last == 0) {
        sum += mulQ16(x + y, load<i16>(left + (k << 1)));
      } else {
        sum += mulQ16(x, load<i16>(left + (k << 1)));
        sum += mulQ16(y, load<i16>(right + (k << 1)));
      }
    }
    store<i16>(out, saturate16(roundShift(sum, 6)));
    out += 2;
  }
  memory.copy(memoryOf, BATCH + (<usize>length << 2), keep);
  return out;
}
