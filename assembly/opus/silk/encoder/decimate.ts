/**
 * From the API rate to SILK's internal rate: one symmetric low-pass for each internal rate, laid on a grid of 48 kHz
 * on which samples of every rate have a place. Its delay is the same for all pairs of rates.
 */
import { sumInOrder } from "../../lane-sums";
import { cosineTurn, sineTurn } from "../../celt/trigonometry";

/** Taps on each side of the middle, 48 kHz; what makes SILK as late as CELT. */
// @ts-ignore: decorator
@inline export const REACH: i32 = 33;
// @ts-ignore: decorator
@inline const TAPS: i32 = 2 * REACH + 1;
// @ts-ignore: decorator
@inline const ROW: usize = 4 * 76;

/** f32 x 76 for each of 8, 12 and 16 kHz. */
const KERNELS = memory.data(3 * 304, 16);

/** Past input that `decimate` needs, in samples at any API rate up to 48 kHz. */
// @ts-ignore: decorator
@inline export const DECIMATE_MEMORY: i32 = 2 * REACH + 6;

/** Computes the kernels once for all encoders: sinc under a Hamming window, cut off just below the new Nyquist. */
export function decimateInit(): void {
  if (load<f32>(KERNELS + 4 * REACH) > 0) return;
  for (let r = 0; r < 3; r++) {
    const at = KERNELS + <usize>r * ROW;
    const cutoff = <f64>(4 * (r + 2)) * 0.49 / 24;
    let sum: f64 = 0;
    for (let i = -REACH; i <= REACH; i++) {
      const t = cutoff * i;
      const turns = 0.5 * t - floor(0.5 * t);
      const ideal = i == 0 ? cutoff : (sineTurn(turns, 1) * cutoff) / (3.141592653589793 * t);
      const phase = <f64>(i + REACH + 1) / (2 * REACH + 2);
      const window = 0.54 - 0.46 * cosineTurn(phase, 1);
      sum += ideal * window;
      store<f32>(at + (<usize>(i + REACH) << 2), <f32>(ideal * window));
    }
    for (let i = 0; i < TAPS; i++) {
      const to = at + (<usize>i << 2);
      store<f32>(to, <f32>(<f64>load<f32>(to) / sum));
    }
  }
}

/**
 * Converts `length` samples (f32) at `input`, with `DECIMATE_MEMORY` older ones before them, from `inKHz` to `outKHz`.
 * The delay is REACH samples of 48 kHz.
 */
export function decimate(out: usize, input: usize, length: i32, inKHz: i32, outKHz: i32): void {
  const inStep = 48 / inKHz;
  const outStep = 48 / outKHz;
  const count = (length * outKHz) / inKHz;
  if (inKHz == outKHz) {
    memory.copy(out, input - (<usize>(REACH / inStep) << 2), <usize>count << 2);
    return;
  }
  const kernel = KERNELS + <usize>((outKHz >> 2) - 2) * ROW;
  for (let k = 0; k < count; k++) {
    // Oldest input under the kernel, which ends at grid time k * outStep.
    const last = k * outStep;
    if (inStep == 1) {
      const from = input + ((last - 2 * REACH) << 2);
      let sum = f32x4.splat(0);
      for (let i: usize = 0; i < 64 << 2; i += 16) sum = f32x4.add(sum, f32x4.mul(v128.load(from + i), v128.load(kernel + i)));
      const total = sumInOrder(sum);
      const rest = load<f32>(from, 256) * load<f32>(kernel, 256) + load<f32>(from, 260) * load<f32>(kernel, 260) +
        load<f32>(from, 264) * load<f32>(kernel, 264);
      store<f32>(out + (k << 2), total + rest);
      continue;
    }
    const newest = last / inStep;
    let sum: f32 = 0;
    let at = input + (newest << 2);
    for (let i = last - newest * inStep; i < TAPS; i += inStep) {
      sum += load<f32>(at) * load<f32>(kernel + (i << 2));
      at -= 4;
    }
    store<f32>(out + (k << 2), sum * <f32>inStep);
  }
}
