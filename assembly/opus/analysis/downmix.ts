/*
 * Input of any rate to one channel at 24 kHz. Rates below 24 kHz are filled up with zeros: the images that makes lie
 * above the input's half rate, where nobody looks.
 */
import { sumInOrder } from "../lane-sums";
import { Analysis, OLD, STEP, decimatorOf, signalOf } from "./analysis-state";

/** Even and odd samples at 48 kHz, 16 old ones in front; up to 20 ms. */
const EVEN = memory.data(2048, 16);
const ODD = memory.data(2048, 16);

/** A half-band low-pass of 31 taps (windowed sinc, Kaiser 6): 67 dB down from 15 kHz on. The taps beside the middle. */
const TAPS = memory.data<f32>(
  [0.3150438, -0.0963323, 0.0484506, -0.0262818, 0.0138414, -0.0066391, 0.002683, -0.0007658], 16,
);

/** Louder than +6 dB of full scale is cut, what is no number counts as 0. */
// @ts-ignore: decorator
@inline function clean(x: f32): f32 {
  return abs<f32>(x) <= 2 ? x : x > 0 ? 2 : x < 0 ? -2 : 0;
}

/** One sample: of two channels a mix that neither sums nor differences of them can silence. */
// @ts-ignore: decorator
@inline function mix(pcm: usize, stereo: bool): f32 {
  const left = clean(load<f32>(pcm)) * 32768;
  return stereo ? 0.6 * left + 0.4 * 32768 * clean(load<f32>(pcm, 4)) : left;
}

/** Input samples that fill up the step at hand. */
export function missing(a: Analysis): i32 {
  const left = STEP - a.filled;
  return a.kHz == 48 ? 2 * left : a.kHz == 24 ? left : a.kHz == 16 ? left * 2 / 3 : a.kHz == 12 ? left >> 1 : left / 3;
}

/** Takes `samples` (not more than `missing`) per channel of interleaved f32, +-1. */
export function takeSamples(a: Analysis, pcm: usize, samples: i32, channels: i32): void {
  const stereo = channels == 2;
  const stride = <usize>channels << 2;
  const to = signalOf(a) + (<usize>(OLD + a.filled) << 2);
  if (a.kHz == 48 || a.kHz == 16) {
    const count = a.kHz == 48 ? samples >> 1 : (samples * 3) >> 1;
    memory.copy(EVEN, decimatorOf(a), 64);
    memory.copy(ODD, decimatorOf(a) + 64, 64);
    if (a.kHz == 48) {
      const end: usize = 64 + (<usize>count << 2);
      for (let i: usize = 64; i < end; i += 4, pcm += 2 * stride) {
        store<f32>(EVEN + i, mix(pcm, stereo));
        store<f32>(ODD + i, mix(pcm + stride, stereo));
      }
    } else {
      memory.fill(EVEN + 64, 0, <usize>count << 2);
      memory.fill(ODD + 64, 0, <usize>count << 2);
      for (let i = 0; i < samples; i++, pcm += stride) {
        const at = 3 * i;
        store<f32>((at & 1 ? ODD : EVEN) + 64 + (<usize>(at >> 1) << 2), 3 * mix(pcm, stereo));
      }
    }
    halve(a, to, count);
    memory.copy(decimatorOf(a), EVEN + (<usize>count << 2), 64);
    memory.copy(decimatorOf(a) + 64, ODD + (<usize>count << 2), 64);
    a.filled += count;
    return;
  }
  const step = 24 / a.kHz;
  memory.fill(to, 0, <usize>(samples * step) << 2);
  for (let i: usize = 0; i < <usize>samples; i++, pcm += stride) {
    store<f32>(to + ((i * <usize>step) << 2), <f32>step * mix(pcm, stereo));
  }
  a.filled += samples * step;
}

/** Low half of `EVEN` and `ODD` to `count` (a multiple of 4) samples at `to`; the energy of the high half is added up. */
function halve(a: Analysis, to: usize, count: i32): void {
  const t0 = v128.load32_splat(TAPS), t1 = v128.load32_splat(TAPS, 4);
  const t2 = v128.load32_splat(TAPS, 8), t3 = v128.load32_splat(TAPS, 12);
  const t4 = v128.load32_splat(TAPS, 16), t5 = v128.load32_splat(TAPS, 20);
  const t6 = v128.load32_splat(TAPS, 24), t7 = v128.load32_splat(TAPS, 28);
  const half = f32x4.splat(0.5);
  let high4 = f32x4.splat(0);
  for (let i: usize = 0, end = <usize>count << 2; i < end; i += 16) {
    // Output n stands for the even sample 8 before the newest: odd samples lie around it.
    const p = ODD + i + 32;
    const middle = f32x4.mul(half, v128.load(EVEN + i + 32));
    let odd = f32x4.mul(t0, f32x4.add(v128.load(p), v128.load(p - 4)));
    odd = f32x4.add(odd, f32x4.mul(t1, f32x4.add(v128.load(p, 4), v128.load(p - 8))));
    odd = f32x4.add(odd, f32x4.mul(t2, f32x4.add(v128.load(p, 8), v128.load(p - 12))));
    odd = f32x4.add(odd, f32x4.mul(t3, f32x4.add(v128.load(p, 12), v128.load(p - 16))));
    odd = f32x4.add(odd, f32x4.mul(t4, f32x4.add(v128.load(p, 16), v128.load(p - 20))));
    odd = f32x4.add(odd, f32x4.mul(t5, f32x4.add(v128.load(p, 20), v128.load(p - 24))));
    odd = f32x4.add(odd, f32x4.mul(t6, f32x4.add(v128.load(p, 24), v128.load(p - 28))));
    odd = f32x4.add(odd, f32x4.mul(t7, f32x4.add(v128.load(p, 28), v128.load(p - 32))));
    v128.store(to + i, f32x4.add(middle, odd));
    const high = f32x4.sub(middle, odd);
    high4 = f32x4.add(high4, f32x4.mul(high, high));
  }
  a.highEnergy += sumInOrder(high4);
}
