import { TRANSIENT_WEIGHTS } from "../tables/celt-encoder";
import { MEASURED, slotOf } from "./energy-measure";
import { Frame } from "./frame";
import { filteredFrame } from "./input";

/** Energy of pairs of samples, both channels side by side: 540 times two f32. */
const PAIRS = memory.data(4336, 16);

/** How much time resolution the frame wants, 0..1: the result of `findTransient` beside its verdict. */
export let timeEstimate: f32 = 0;
/** The channel that decided. */
export let timeChannel: i32 = 0;

/** Sums of all pair energies, and the largest masked ones, of both channels. */
let sums: v128 = f32x4.splat(0);
let largest: v128 = f32x4.splat(0);

/** Energies of the pairs of `samples` at `x` (left) and `y` (right) into `PAIRS`, as what went before and after masks them. */
function measurePairs(x: usize, y: usize, samples: i32): void {
  const pairs = samples >> 1;
  const two = f32x4.splat(2);
  const half = f32x4.splat(0.5);
  // High-passed, so that low notes do not count; then a decay of 1/16 a pair: what an attack masks after it.
  const keep = f32x4.splat(0.9375);
  const take = f32x4.splat(0.0625);
  let m0 = f32x4.splat(0);
  let m1 = m0;
  let masked = m0;
  let sum = m0;
  for (let i = 0; i < pairs; i++) {
    const at = <usize>i << 3;
    const left = v128.load64_zero(x + at);
    const right = v128.load64_zero(y + at);
    let v = v128.shuffle<f32>(left, right, 0, 4, 0, 4);
    const first = f32x4.add(m0, v);
    m0 = f32x4.add(f32x4.sub(m1, f32x4.mul(two, v)), first);
    m1 = f32x4.sub(v, f32x4.mul(half, first));
    v = v128.shuffle<f32>(left, right, 1, 5, 1, 5);
    const second = f32x4.add(m0, v);
    m0 = f32x4.add(f32x4.sub(m1, f32x4.mul(two, v)), second);
    m1 = f32x4.sub(v, f32x4.mul(half, second));
    // The filter starts in the middle of a signal: its first outputs mean nothing.
    const energy = i < 6 ? f32x4.splat(0) : f32x4.add(f32x4.mul(first, first), f32x4.mul(second, second));
    sum = f32x4.add(sum, energy);
    masked = f32x4.add(f32x4.mul(keep, masked), f32x4.mul(take, energy));
    v128.store64_lane(PAIRS + at, masked, 0);
  }
  // Backward 1/8: pre-masking is shorter.
  const keepBack = f32x4.splat(0.875);
  const takeBack = f32x4.splat(0.125);
  let most = f32x4.splat(0);
  masked = most;
  for (let i = pairs - 1; i >= 0; i--) {
    const p = PAIRS + (<usize>i << 3);
    masked = f32x4.add(f32x4.mul(keepBack, masked), f32x4.mul(takeBack, v128.load64_zero(p)));
    v128.store64_lane(p, masked, 0);
    most = f32x4.max(most, masked);
  }
  sums = sum;
  largest = most;
}

/** How unevenly the energy of a channel's frame lies in time: about 6 * 64 / 6 for a steady one. */
function unevenness(channel: usize, samples: i32, sum: f32, most: f32): f32 {
  const pairs = samples >> 1;
  const norm: f32 = 64 * <f32>pairs / (sqrt<f32>(sum * most * 0.5 * <f32>pairs) + 1e-15);
  let total = 0;
  for (let i: usize = 12; i < <usize>pairs - 5; i += 4) {
    const level = norm * (load<f32>(PAIRS + (i << 3) + (channel << 2)) + 1e-15);
    const step: i32 = level < 127 ? <i32>level : 127;
    total += <i32>load<u8>(TRANSIENT_WEIGHTS + <usize>step);
  }
  return <f32>(total << 8) / <f32>((pairs - 17) * 6);
}

/** How strong the attacks of a frame are: above 200 it is better off in short blocks. */
export function findTransient(channels: i32, samples: i32): f32 {
  const count = samples + 120;
  measurePairs(filteredFrame(0), filteredFrame(channels - 1), count);
  let metric = unevenness(0, count, f32x4.extract_lane(sums, 0), f32x4.extract_lane(largest, 0));
  timeChannel = 0;
  if (channels == 2) {
    const right = unevenness(1, count, f32x4.extract_lane(sums, 1), f32x4.extract_lane(largest, 1));
    if (right > metric) {
      metric = right;
      timeChannel = 1;
    }
  }
  const excess = max<f32>(0, sqrt<f32>(27 * metric) - 42);
  timeEstimate = sqrt<f32>(max<f32>(0, 0.0069 * min<f32>(163, excess) - 0.139));
  return metric;
}

/** Second look, by bands: whether they rose by 6 dB on average against `before`. */
export function energiesJumped(frame: Frame, before: usize): bool {
  let sum: f32 = 0;
  const start = max(frame.start, 2);
  for (let channel = 0; channel < frame.channels; channel++) {
    // Each band's past is spread by a falling slope to both sides.
    let slope: f32 = -100;
    for (let band = frame.start; band < frame.end; band++) {
      let old = load<f32>(before + slotOf(0, band));
      if (frame.channels == 2) old = max(old, load<f32>(before + slotOf(1, band)));
      slope = max(slope - 1, old);
      store<f32>(PAIRS + (<usize>band << 2), slope);
    }
    for (let band = frame.end - 2; band >= frame.start; band--) {
      const p = PAIRS + (<usize>band << 2);
      store<f32>(p, max(load<f32>(p), load<f32>(p, 4) - 1));
    }
    for (let band = start; band < frame.end - 1; band++) {
      const now = max<f32>(0, load<f32>(MEASURED + slotOf(channel, band)));
      sum += max<f32>(0, now - max<f32>(0, load<f32>(PAIRS + (<usize>band << 2))));
    }
  }
  return sum > <f32>(frame.channels * (frame.end - 1 - start));
}

/** After the second look says yes. */
export function setTimeEstimate(value: f32): void {
  timeEstimate = value;
}
