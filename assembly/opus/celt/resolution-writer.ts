import { sumPairs } from "../lane-sums";
import { tell } from "../range-decoder";
import { encodeBit } from "../range-encoder";
import { TF_CHANGE } from "../tables/celt-bands";
import { Frame, SPECTRUM, SPECTRUM_STRIDE, TF, at, edge, put } from "./frame";
import { haar } from "./haar";
import { IMPORTANCE } from "./dynamics";

/** The best change of each band, doubled: below zero wants frequency resolution. */
const WISH = memory.data(96, 16);
/** A band that is transformed level by level: 176 f32. */
const BAND = memory.data(768, 16);

/** Sum of magnitudes of the band, a little more for each level of time resolution. */
function cost(size: i32, level: i32, bias: f32): f32 {
  let p = BAND;
  let sum4 = f32x4.splat(0);
  for (const end = BAND + (<usize>(size & ~3) << 2); p < end; p += 16) sum4 = f32x4.add(sum4, f32x4.abs(v128.load(p)));
  let sum: f32 = sumPairs(sum4);
  for (const end = BAND + (<usize>size << 2); p < end; p += 4) sum += abs<f32>(load<f32>(p));
  return sum + <f32>level * bias * sum;
}

/** Finds the resolution at which each band is sparsest. */
function measure(frame: Frame, channel: i32, timeEstimate: f32): void {
  const lm = frame.lm;
  const transient = frame.transient != 0;
  const bias: f32 = 0.04 * max<f32>(-0.25, 0.5 - timeEstimate);
  const x = SPECTRUM + <usize>channel * SPECTRUM_STRIDE;
  for (let band = frame.start; band < frame.end; band++) {
    const from = edge(band) << lm;
    const size = (edge(band + 1) << lm) - from;
    const narrow = size == 1 << lm;
    memory.copy(BAND, x + (<usize>from << 2), <usize>size << 2);
    let best = cost(size, transient ? lm : 0, bias);
    let level = 0;
    if (transient && !narrow) {
      // Finer still: a copy is split once more.
      haar(BAND, size >> lm, 1 << lm);
      const c = cost(size, lm + 1, bias);
      if (c < best) {
        best = c;
        level = -1;
      }
      memory.copy(BAND, x + (<usize>from << 2), <usize>size << 2);
    }
    const levels = lm + i32(!(transient || narrow));
    for (let k = 0; k < levels; k++) {
      haar(BAND, size >> k, 1 << k);
      const c = cost(size, transient ? lm - k - 1 : k + 1, bias);
      if (c < best) {
        best = c;
        level = k + 1;
      }
    }
    let wish = transient ? 2 * level : -2 * level;
    // The finest level of a narrow band is out of reach: halfway to the next.
    if (narrow && (wish == 0 || wish == -2 * lm)) wish--;
    put(WISH, band, wish);
  }
}

let path: u32 = 0;

/** Cheapest sequence of flags for a `tf_select`, into `path`: a Viterbi search over two states. */
function search(frame: Frame, select: i32, lambda: i32): i32 {
  const row = TF_CHANGE + <usize>((frame.lm * 2 + frame.transient) * 4 + 2 * select);
  const zero = 2 * <i32>load<i8>(row);
  const one = 2 * <i32>load<i8>(row + 1);
  let cost0 = 0;
  let cost1 = frame.transient ? 0 : lambda;
  let path0: u32 = 0;
  let path1: u32 = 0;
  for (let band = frame.start; band < frame.end; band++) {
    if (band > frame.start) {
      const to0 = min(cost0, cost1 + lambda);
      const to1 = min(cost0 + lambda, cost1);
      const from0 = cost0 <= cost1 + lambda ? path0 : path1;
      path1 = cost0 + lambda < cost1 ? path0 : path1;
      path0 = from0;
      cost0 = to0;
      cost1 = to1;
    }
    const weight = at(IMPORTANCE, band);
    cost0 += weight * abs(at(WISH, band) - zero);
    cost1 += weight * abs(at(WISH, band) - one);
    path1 |= 1 << band;
  }
  path = cost0 <= cost1 ? path0 : path1;
  return min(cost0, cost1);
}

let chosenSelect: i32 = 0;

/** Chooses the flags of all bands into `TF` and `tf_select` by what is sparsest. */
export function chooseResolution(frame: Frame, channel: i32, timeEstimate: f32, bytes: i32): void {
  const lambda = max(80, 20480 / bytes + 2);
  measure(frame, channel, timeEstimate);
  const plain = search(frame, 0, lambda);
  let flags = path;
  chosenSelect = 0;
  if (frame.transient && search(frame, 1, lambda) < plain) {
    chosenSelect = 1;
    flags = path;
  }
  for (let band = frame.start; band < frame.end; band++) put(TF, band, (flags >> band) & 1);
}

/** The same flag for all bands. */
export function fixResolution(frame: Frame, flag: i32, select: i32): void {
  chosenSelect = select;
  for (let band = frame.start; band < frame.end; band++) put(TF, band, flag);
}

/** Writes the flags and turns `TF` into changes (RFC 6716, section 4.3.1). */
export function writeResolution(frame: Frame): void {
  const reader = frame.reader;
  let logp = frame.transient ? 2 : 4;
  const selectable = i32(frame.lm > 0 && tell(reader) + logp + 1 <= frame.totalBits);
  const budget = frame.totalBits - selectable;
  let flag = 0;
  let any = 0;
  for (let band = frame.start; band < frame.end; band++) {
    if (tell(reader) + logp <= budget) {
      encodeBit(frame.writer, flag ^ at(TF, band), logp);
      flag = at(TF, band);
      any |= flag;
    }
    put(TF, band, flag);
    logp = frame.transient ? 4 : 5;
  }
  const table = TF_CHANGE + <usize>((frame.lm * 2 + frame.transient) * 4);
  const matters = load<i8>(table + <usize>any) != load<i8>(table + 2 + <usize>any);
  let select = 0;
  if (selectable && matters) {
    select = chosenSelect;
    encodeBit(frame.writer, select, 1);
  }
  for (let band = frame.start; band < frame.end; band++) {
    put(TF, band, load<i8>(table + <usize>(2 * select + at(TF, band))));
  }
}
