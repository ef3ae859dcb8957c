/** From f32 to 16 bits: soft clipping of what exceeds full scale, then rounding to nearest even. */

/** Largest magnitude of `count` samples is above 1. */
function exceeds(pcm: usize, count: i32): bool {
  let most = f32x4.splat(0);
  const end = pcm + (<usize>count << 2);
  let at = pcm;
  for (; at + 16 <= end; at += 16) most = f32x4.max(most, f32x4.abs(v128.load(at)));
  for (; at < end; at += 4) most = f32x4.max(most, f32x4.splat(abs<f32>(load<f32>(at))));
  return v128.any_true(f32x4.gt(most, f32x4.splat(1)));
}

// @ts-ignore: decorator
@inline function sample(x: usize, i: i32, stride: usize): f32 {
  return load<f32>(x + <usize>i * stride);
}

// @ts-ignore: decorator
@inline function bend(x: usize, i: i32, stride: usize, a: f32): void {
  const value = sample(x, i, stride);
  store<f32>(x + <usize>i * stride, value + a * value * value);
}

/**
 * Bends every lobe of one channel that exceeds full scale by a parabola, x + a x^2, so that its peak comes to 1. `x`:
 * `count` samples, `stride` bytes apart. `a`: the parabola of a lobe that the packet before ended in, or 0. Returns the
 * one that this packet ends in.
 */
function softClip(x: usize, count: i32, stride: usize, a: f32): f32 {
  for (let i = 0; i < count; i++) {
    store<f32>(x + <usize>i * stride, max<f32>(-2, min<f32>(2, sample(x, i, stride))));
  }
  const start = sample(x, 0, stride);
  for (let i = 0; i < count && sample(x, i, stride) * a < 0; i++) bend(x, i, stride, a);
  let at = 0;
  const first = sample(x, 0, stride);
  while (true) {
    let i = at;
    while (i < count && abs<f32>(sample(x, i, stride)) <= 1) i++;
    if (i == count) return 0;
    const sign = sample(x, i, stride);
    let begin = i;
    while (begin > 0 && sample(x, begin - 1, stride) * sign >= 0) begin--;
    let end = i;
    let peak = i;
    let most = abs<f32>(sign);
    for (; end < count && sample(x, end, stride) * sign >= 0; end++) {
      const size = abs<f32>(sample(x, end, stride));
      if (size > most) {
        most = size;
        peak = end;
      }
    }
    const special = begin == 0 && sign * first >= 0;
    a = (most - 1) / (most * most);
    a += a * <f32>2.4e-7; // so that rounding cannot leave the peak above 1
    if (sign > 0) a = -a;
    for (i = begin; i < end; i++) bend(x, i, stride, a);
    if (special && peak >= 2) {
      // The lobe began in the packet before: no step at the border, a ramp down to the peak instead.
      let offset = start - sample(x, 0, stride);
      const step = offset / <f32>peak;
      for (i = at; i < peak; i++) {
        offset -= step;
        const value = sample(x, i, stride) + offset;
        store<f32>(x + <usize>i * stride, max<f32>(-1, min<f32>(1, value)));
      }
    }
    at = end;
    if (at == count) return a;
  }
}

/** Soft clipping of each channel at the end of the last call. */
export let clipLeft: f32 = 0;
export let clipRight: f32 = 0;

/**
 * Converts `samples` of `channels` channels at `pcm` in place: f32 becomes i16 from the same address on. `left` and
 * `right`: what the last call for the same signal left in `clipLeft` and `clipRight`.
 */
export function toInt16(pcm: usize, samples: i32, channels: i32, left: f32, right: f32): void {
  const count = samples * channels;
  if (left != 0 || right != 0 || exceeds(pcm, count)) {
    const stride = <usize>channels << 2;
    left = softClip(pcm, samples, stride, left);
    if (channels == 2) right = softClip(pcm + 4, samples, stride, right);
  }
  clipLeft = left;
  clipRight = right;
  const scale = f32x4.splat(32768);
  const end = pcm + (<usize>count << 2);
  let out = pcm;
  let at = pcm;
  for (; at + 32 <= end; at += 32, out += 16) {
    const low = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at), scale)));
    const high = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(at, 16), scale)));
    v128.store(out, i16x8.narrow_i32x4_s(low, high));
  }
  for (; at < end; at += 4, out += 2) {
    const value = nearest<f32>(load<f32>(at) * 32768);
    store<i16>(out, <i16>max<f32>(-32768, min<f32>(32767, value)));
  }
}

/** Multiplies `count` samples. */
export function amplify(pcm: usize, count: i32, gain: f32): void {
  if (gain == 1) return;
  const factor = f32x4.splat(gain);
  const end = pcm + (<usize>count << 2);
  let at = pcm;
  for (; at + 16 <= end; at += 16) v128.store(at, f32x4.mul(v128.load(at), factor));
  for (; at < end; at += 4) store<f32>(at, load<f32>(at) * gain);
}
