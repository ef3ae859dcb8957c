/*
 * De-emphasis (RFC 6716, section 4.3.7.2), scaling to +-1, decimation, interleaving.
 *
 * y[i] = x[i] + a y[i - 1] four samples at a time: with p the sums of up to four x weighted by powers of a,
 * y[i + j] = p[j] + a^(j + 1) y[i - 1].
 */

// @ts-ignore: decorator
@inline const A1: f32 = 0.850006103515625;
// @ts-ignore: decorator
@inline const A2: f32 = 0.7225103760138154;
// @ts-ignore: decorator
@inline const A3: f32 = 0.6141382294658234;
// @ts-ignore: decorator
@inline const A4: f32 = 0.5220212434494984;

/** Keeps a decaying memory off the slow subnormal numbers. */
// @ts-ignore: decorator
@inline const TINY: f32 = 1e-30;
// @ts-ignore: decorator
@inline const TO_UNIT: f32 = 1.0 / 32768.0;

/** Both channels side by side, before they are interleaved. 960 f32 each. */
const PLAIN = memory.data(7680, 16);
// @ts-ignore: decorator
@inline const PLAIN_STRIDE: usize = 3840;

/** Four samples, with the one before in all lanes of `memory`. */
// @ts-ignore: decorator
@inline function four(x: v128, memory: v128): v128 {
  const zero = f32x4.splat(0);
  x = f32x4.add(x, f32x4.splat(TINY));
  x = f32x4.add(x, f32x4.mul(f32x4.splat(A1), v128.shuffle<f32>(zero, x, 0, 4, 5, 6)));
  x = f32x4.add(x, f32x4.mul(f32x4.splat(A2), v128.shuffle<f32>(zero, x, 0, 1, 4, 5)));
  return f32x4.add(x, f32x4.mul(f32x4(A1, A2, A3, A4), memory));
}

/** One channel at 48 kHz. Gives the last sample, the next memory. */
function mono(x: usize, count: i32, memory: f32, accumulate: bool, out: usize): f32 {
  const unit = f32x4.splat(TO_UNIT);
  let last = f32x4.splat(memory);
  for (const end = x + (<usize>count << 2); x < end; x += 16, out += 16) {
    const y = four(v128.load(x), last);
    last = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
    let scaled = f32x4.mul(y, unit);
    if (accumulate) scaled = f32x4.add(scaled, v128.load(out));
    v128.store(out, scaled);
  }
  return f32x4.extract_lane(last, 0);
}

/**
 * `count` samples of `channels` channels (the second at `y`) to every `decimation`-th sample at `out`, interleaved;
 * added to what is there when `accumulate`. `memories`: the de-emphasis memories, two f32.
 */
export function writeOutput(
  x: usize, y: usize, channels: i32, count: i32, memories: usize, decimation: i32, accumulate: bool, out: usize,
): void {
  if (channels == 1 && decimation == 1) {
    store<f32>(memories, mono(x, count, load<f32>(memories), accumulate, out));
    return;
  }
  store<f32>(memories, mono(x, count, load<f32>(memories), false, PLAIN));
  if (channels == 2) store<f32>(memories, mono(y, count, load<f32>(memories, 4), false, PLAIN + PLAIN_STRIDE), 4);

  const end = PLAIN + (<usize>count << 2);
  if (decimation == 1) {
    for (let p = PLAIN; p < end; p += 16, out += 32) {
      const left = v128.load(p);
      const right = v128.load(p, PLAIN_STRIDE);
      let low = v128.shuffle<f32>(left, right, 0, 4, 1, 5);
      let high = v128.shuffle<f32>(left, right, 2, 6, 3, 7);
      if (accumulate) {
        low = f32x4.add(low, v128.load(out));
        high = f32x4.add(high, v128.load(out, 16));
      }
      v128.store(out, low);
      v128.store(out, high, 16);
    }
    return;
  }
  const step = <usize>decimation << 2;
  for (let p = PLAIN; p < end; p += step) {
    for (let c: usize = 0; c < <usize>channels; c++, out += 4) {
      const sample = load<f32>(p + c * PLAIN_STRIDE);
      store<f32>(out, accumulate ? load<f32>(out) + sample : sample);
    }
  }
}
