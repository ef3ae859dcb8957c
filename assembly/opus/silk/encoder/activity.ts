/**
 * Speech activity of a frame: four bands by halving (0-1, 1-2, 2-4, 4-8 kHz at 16 kHz), each with a tracker of its noise
 * level; activity follows the signal-to-noise ratio over the bands.
 */
import { sigmoid } from "../../celt/exponential";
import { log2 } from "./cost";
import { EncoderChannel, inputOf, localDecoderOf, vadOf } from "./encoder-state";

// All-pass coefficients of the band split.
// @ts-ignore: decorator
@inline const FIRST: f32 = 0.1646;
// @ts-ignore: decorator
@inline const SECOND: f32 = 0.6294;

// Places in the memory: all-pass states of three splits, then noise levels, smoothed ratios, last part energies.
// @ts-ignore: decorator
@inline const NOISE: usize = 4 * 8;
// @ts-ignore: decorator
@inline const RATIO: usize = 4 * 12;
// @ts-ignore: decorator
@inline const CARRY: usize = 4 * 16;
// @ts-ignore: decorator
@inline const DIFFERENCE: usize = 4 * 20;

/** f32 x 320 each: lower band in place, upper band of the split at hand. */
const LOWER = memory.data(4 * 320, 16);
const UPPER = memory.data(4 * 160, 16);
/** f32 x 4: energies of the bands. */
const ENERGY = memory.data(16, 16);

/** Splits `length` samples at `LOWER` into halves of half the rate. */
function split(state: usize, length: i32): void {
  let a = load<f32>(state);
  let b = load<f32>(state, 4);
  for (let i = 0; i < length >> 1; i++) {
    const even = load<f32>(LOWER + (<usize>i << 3));
    const odd = load<f32>(LOWER + (<usize>i << 3), 4);
    const y = (even - a) * SECOND;
    const p = a + y;
    a = even + y;
    const z = (odd - b) * FIRST;
    const q = b + z;
    b = odd + z;
    store<f32>(LOWER + (<usize>i << 2), 0.5 * (p + q));
    store<f32>(UPPER + (<usize>i << 2), 0.5 * (q - p));
  }
  store<f32>(state, a);
  store<f32>(state, b, 4);
}

/** Energy of a band in four parts; the last, which is lookahead for the next frame, counts half. */
function bandEnergy(x: usize, length: i32, carry: usize): f32 {
  const part = length >> 2;
  let total = load<f32>(carry);
  for (let k = 0; k < 4; k++) {
    let sum: f32 = 0;
    for (let i = k * part; i < (k + 1) * part; i++) {
      const s: f32 = load<f32>(x + (<usize>i << 2)) * 0.125;
      sum += s * s;
    }
    total += k == 3 ? 0.5 * sum : sum;
    if (k == 3) store<f32>(carry, sum);
  }
  return total;
}

/** Puts a channel's detector to its starting point. */
export function activityInit(c: EncoderChannel): void {
  const vad = vadOf(c);
  memory.fill(vad, 0, 128);
  c.vadFrames = 15;
  for (let b = 0; b < 4; b++) {
    store<f32>(vad + NOISE + (b << 2), 100 * 50.0 / <f32>(b + 1));
    store<f32>(vad + RATIO + (b << 2), 20);
  }
}

/** Measures the frame of `length` samples: activity, tilt and the quality of the lowest bands. */
export function measureActivity(c: EncoderChannel, length: i32): void {
  const channel = localDecoderOf(c);
  const vad = vadOf(c);
  memory.copy(LOWER, inputOf(c) + (<usize>channel.historyLength << 2), <usize>length << 2);
  let count = length;
  for (let b = 3; b > 0; b--) {
    split(vad + (<usize>(3 - b) << 3), count);
    count >>= 1;
    store<f32>(ENERGY + (b << 2), bandEnergy(UPPER, count, vad + CARRY + (b << 2)));
  }
  let previous = load<f32>(vad + DIFFERENCE);
  for (let i = 0; i < count; i++) {
    const x = load<f32>(LOWER + (<usize>i << 2));
    store<f32>(LOWER + (<usize>i << 2), 0.5 * (x - previous));
    previous = x;
  }
  store<f32>(vad + DIFFERENCE, previous);
  store<f32>(ENERGY, bandEnergy(LOWER, count, vad + CARRY));

  let squares: f32 = 0;
  let tilt: f32 = 0;
  let above: f32 = 0;
  const fast: f32 = c.vadFrames < 1000 ? 1 / (<f32>(c.vadFrames >> 4) + 1) : 0;
  c.vadFrames++;
  for (let b = 0; b < 4; b++) {
    const energy: f32 = load<f32>(ENERGY + (b << 2)) * (320 / <f32>length) + 50.0 / <f32>(b + 1);
    const noise = load<f32>(vad + NOISE + (b << 2));
    // Down at once, up slowly: the inverse level is smoothed, small energies weigh most.
    let rate: f32 = energy < noise ? 1 : energy > 8 * noise ? 0.125 : noise / energy;
    rate = max(rate * (1.0 / 64.0), rate * fast);
    const inverse: f32 = 1 / noise;
    const level: f32 = 1 / (inverse + rate * (1 / energy - inverse));
    store<f32>(vad + NOISE + (b << 2), level);
    let ratio: f32 = 0;
    if (energy > level) {
      ratio = log2(energy / level) * 3.0103;
      above += energy - level;
    }
    const weak = energy < 1e5 ? Mathf.sqrt(energy * 1e-5) : <f32>1;
    squares += ratio * ratio;
    const weight: f32 = b == 0 ? 0.915 : b == 1 ? 0.183 : -0.366;
    tilt += weight * ratio * weak;
    const smooth = vad + RATIO + (b << 2);
    store<f32>(smooth, load<f32>(smooth) + 0.12 * c.activity * c.activity * (ratio - load<f32>(smooth)));
  }
  const snr: f32 = Mathf.sqrt(squares * 0.25);
  let activity: f32 = sigmoid(0.65 * snr - 4.6);
  c.spectralTilt = 2 * (sigmoid(0.2 * tilt) - 0.5);
  if (above <= 0) activity *= 0.5;
  else if (above < 4096) activity *= 0.5 + 0.5 * Mathf.sqrt(above / 4096);
  c.activity = min(activity, 1);
  c.quality0 = sigmoid(0.25 * (load<f32>(vad + RATIO) - 16));
  c.quality1 = sigmoid(0.25 * (load<f32>(vad + RATIO, 4) - 16));
}
