import { BANDS } from "../tables/celt-bands";
import { TRANSIENT_WEIGHTS } from "../tables/celt-encoder";
import { MEASURED, slotOf } from "./energy-measure";
import { Frame } from "./frame";
import { filteredFrame } from "./input";

/** Energy of pairs of samples: 540 f32. */
const PAIRS = memory.data(2176, 16);

/** How much time resolution the frame wants, 0..1: the result of `findTransient` beside its verdict. */
export let timeEstimate: f32 = 0;
/** The channel that decided. */
export let timeChannel: i32 = 0;

/** How unevenly the energy of a channel's frame lies in time: about 6 * 64 / 6 for a steady one. */
function unevenness(x: usize, samples: i32): f32 {
  const pairs = samples >> 1;
  // High-passed, so that low notes do not count; then a decay of 1/16 a pair: what an attack masks after it.
  let m0: f32 = 0;
  let m1: f32 = 0;
  let masked: f32 = 0;
  let sum: f32 = 0;
  for (let i = 0; i < pairs; i++) {
    let energy: f32 = 0;
    for (let k = 0; k < 2; k++) {
      const v = load<f32>(x);
      x += 4;
      const y = m0 + v;
      m0 = m1 + y - 2 * v;
      m1 = v - 0.5 * y;
      if (i >= 6) energy += y * y;
    }
    sum += energy;
    masked += 0.0625 * (energy - masked);
    store<f32>(PAIRS + (<usize>i << 2), masked);
  }
  // Backward 1/8: pre-masking is shorter.
  let largest: f32 = 0;
  masked = 0;
  for (let i = pairs - 1; i >= 0; i--) {
    const p = PAIRS + (<usize>i << 2);
    masked += 0.125 * (load<f32>(p) - masked);
    store<f32>(p, masked);
    largest = max(largest, masked);
  }
  const norm: f32 = 64 * <f32>pairs / (sqrt<f32>(sum * largest * 0.5 * <f32>pairs) + 1e-15);
  let total = 0;
  for (let i = 12; i < pairs - 5; i += 4) {
    const level = norm * (load<f32>(PAIRS + (<usize>i << 2)) + 1e-15);
    const step: i32 = level < 127 ? <i32>level : 127;
    total += <i32>load<u8>(TRANSIENT_WEIGHTS + <usize>step);
  }
  return <f32>(total << 8) / <f32>((pairs - 17) * 6);
}

/** How strong the attacks of a frame are: above 200 it is better off in short blocks. */
export function findTransient(channels: i32, samples: i32): f32 {
  let metric: f32 = 0;
  for (let channel = 0; channel < channels; channel++) {
    const m = unevenness(filteredFrame(channel), samples + 120);
    if (m > metric) {
      metric = m;
      timeChannel = channel;
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
