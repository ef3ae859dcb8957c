/** Short-term prediction by Burg's method over several pieces of signal at once (RFC 6716, section 5.2.3.4.2). */
import { sumInOrder } from "../../lane-sums";

/** f32 x 4 x 96: forward and backward errors of the pieces. */
const FORWARD = memory.data(4 * 4 * 96, 16);
const BACKWARD = memory.data(4 * 4 * 96, 16);

/**
 * Predicts `pieces` pieces of `length` samples each, one behind the other at `x`, by one filter of `order`
 * coefficients into `a` (f32). Prediction stops improving once the residual falls below `least` of the energy.
 * Returns the residual energy.
 */
export function burg(a: usize, x: usize, pieces: i32, length: i32, order: i32, least: f32): f32 {
  const total = pieces * length;
  memory.copy(FORWARD, x, <usize>total << 2);
  memory.copy(BACKWARD, x, <usize>total << 2);
  let energy: f32 = 0;
  for (let i = 0; i < total; i++) {
    const value = load<f32>(x + (<usize>i << 2));
    energy += value * value;
  }
  // White noise of 1e-5 of the energy keeps the recursion from chasing what quantisation hides.
  const noise: f32 = 1e-5 * energy + 1e-9;
  let gain: f32 = 1;
  for (let m = 0; m < order; m++) {
    let above: f32 = 0;
    let below: f32 = 2 * noise;
    for (let p = 0; p < pieces; p++) {
      const f = FORWARD + (<usize>(p * length) << 2);
      const b = BACKWARD + (<usize>(p * length) << 2);
      let dot4 = f32x4.splat(0);
      let sum4 = f32x4.splat(0);
      let n = m + 1;
      for (; n + 4 <= length; n += 4) {
        const u = v128.load(f + (<usize>n << 2));
        const v = v128.load(b + (<usize>(n - 1) << 2));
        dot4 = f32x4.add(dot4, f32x4.mul(u, v));
        sum4 = f32x4.add(sum4, f32x4.add(f32x4.mul(u, u), f32x4.mul(v, v)));
      }
      above += sumInOrder(dot4);
      below += sumInOrder(sum4);
      for (; n < length; n++) {
        const u = load<f32>(f + (<usize>n << 2));
        const v = load<f32>(b + (<usize>(n - 1) << 2));
        above += u * v;
        below += u * u + v * v;
      }
    }
    let reflection: f32 = (2 * above) / below;
    let next = gain * (1 - reflection * reflection);
    const stop = next <= least;
    if (stop) {
      const size = sqrt<f32>(1 - least / gain);
      reflection = reflection > 0 ? size : -size;
      next = least;
    }
    gain = next;
    for (let j = 0; j < (m + 1) >> 1; j++) {
      const left = load<f32>(a + (j << 2));
      const right = load<f32>(a + ((m - 1 - j) << 2));
      store<f32>(a + (j << 2), left - reflection * right);
      store<f32>(a + ((m - 1 - j) << 2), right - reflection * left);
    }
    store<f32>(a + (m << 2), reflection);
    if (stop) {
      for (let j = m + 1; j < order; j++) store<f32>(a + (j << 2), 0);
      break;
    }
    const k = f32x4.splat(reflection);
    for (let p = 0; p < pieces; p++) {
      const f = FORWARD + (<usize>(p * length) << 2);
      const b = BACKWARD + (<usize>(p * length) << 2);
      // Backwards, so that the delayed value is still the old one.
      let n = length - 4;
      for (; n >= m + 1; n -= 4) {
        const u = v128.load(f + (<usize>n << 2));
        const v = v128.load(b + (<usize>(n - 1) << 2));
        v128.store(f + (<usize>n << 2), f32x4.sub(u, f32x4.mul(k, v)));
        v128.store(b + (<usize>n << 2), f32x4.sub(v, f32x4.mul(k, u)));
      }
      for (n += 3; n >= m + 1; n--) {
        const u = load<f32>(f + (<usize>n << 2));
        const v = load<f32>(b + (<usize>(n - 1) << 2));
        store<f32>(f + (<usize>n << 2), u - reflection * v);
        store<f32>(b + (<usize>n << 2), v - reflection * u);
      }
    }
  }
  return energyAfter(a, x, pieces, length, order);
}

/** Energy that the predictor `a` leaves in the pieces; the first `order` samples of each are its memory. */
export function energyAfter(a: usize, x: usize, pieces: i32, length: i32, order: i32): f32 {
  let energy: f32 = 0;
  for (let p = 0; p < pieces; p++) {
    const from = x + (<usize>(p * length) << 2);
    let sum4 = f32x4.splat(0);
    for (let n = order; n < length; n += 4) {
      const at = from + (<usize>n << 2);
      let e = v128.load(at);
      for (let j = 0; j < order; j++) {
        e = f32x4.sub(e, f32x4.mul(v128.load32_splat(a + (<usize>j << 2)), v128.load(at - (<usize>(j + 1) << 2))));
      }
      sum4 = f32x4.add(sum4, f32x4.mul(e, e));
    }
    energy += sumInOrder(sum4);
  }
  return energy;
}
