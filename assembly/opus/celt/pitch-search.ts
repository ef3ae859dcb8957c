import { correlate, correlateFour } from "./correlate";
import { CeltEncoder } from "./encoder-state";
import { rawFrame } from "./input";

/*
 * The period at which a frame repeats, for the pre-filter (RFC 6716, section 5.3.1): normalised correlation of the
 * whitened signal at a quarter of the rate, refined at half the rate, then a check of the period's fractions, because two
 * periods match as well as one.
 */

/** Longest and shortest period, in samples at 48 kHz. */
// @ts-ignore: decorator
@inline const LONGEST: i32 = 1022;
// @ts-ignore: decorator
@inline const SHORTEST: i32 = 15;
/** Old samples at half rate: as many as the longest period needs. */
// @ts-ignore: decorator
@inline const OLD: i32 = 512;

/** The signal at half rate, `OLD` old samples and a frame; at a quarter of the rate; correlations per lag. */
const HALF_PADDED = memory.data(4112, 16);
/** Zeros lie in front. */
const HALF = HALF_PADDED + 32;
const QUARTER = memory.data(2112, 16);
/** Correlations of four lags. */
const FOUR = memory.data(16, 16);

/** How well the frame repeats at the period found, 0..1. */
export let pitchGain: f32 = 0;

/** Every other sample from `p` on, low-passed by 1/4, 1/2, 1/4. */
// @ts-ignore: decorator
@inline function halved(p: usize): v128 {
  const a = v128.load(p - 4), b = v128.load(p, 12);
  const c = v128.load(p, 4), d = v128.load(p, 20);
  const sides = f32x4.add(v128.shuffle<f32>(a, b, 0, 2, 4, 6), v128.shuffle<f32>(c, d, 0, 2, 4, 6));
  const middle = v128.shuffle<f32>(a, b, 1, 3, 5, 7);
  return f32x4.add(f32x4.mul(f32x4.splat(0.25), sides), f32x4.mul(f32x4.splat(0.5), middle));
}

/** Sum of the channels, low-passed, every other sample. */
function halve(state: CeltEncoder, samples: i32): i32 {
  const count = OLD + (samples >> 1);
  const from = rawFrame(0) - (<usize>(2 * OLD) << 2);
  const stride = rawFrame(1) - rawFrame(0);
  const stereo = state.channels == 2;
  for (let i: usize = 0; i < <usize>count << 2; i += 16) {
    const p = from + (i << 1);
    let v = halved(p);
    if (stereo) v = f32x4.add(v, halved(p + stride));
    v128.store(HALF + i, v);
  }
  return count;
}

/** Flattens the spectrum by a predictor of order 4, so that formants do not pass for pitch. */
function whiten(count: i32): void {
  let r0 = correlate(HALF, HALF, count) * 1.0001 + 1;
  let r1 = correlate(HALF, HALF + 4, count - 1) * 0.999936;
  let r2 = correlate(HALF, HALF + 8, count - 2) * 0.999744;
  let r3 = correlate(HALF, HALF + 12, count - 3) * 0.999424;
  let r4 = correlate(HALF, HALF + 16, count - 4) * 0.998976;
  // Levinson's recursion, unrolled.
  let e = r0;
  const k1 = -r1 / e;
  let a1 = k1;
  e *= 1 - k1 * k1;
  const k2 = -(r2 + a1 * r1) / e;
  let a2 = k2;
  a1 += k2 * a1;
  e *= 1 - k2 * k2;
  const k3 = -(r3 + a1 * r2 + a2 * r1) / e;
  let a3 = k3;
  const b1 = a1 + k3 * a2;
  const b2 = a2 + k3 * a1;
  e *= 1 - k3 * k3;
  const k4 = -(r4 + b1 * r3 + b2 * r2 + a3 * r1) / e;
  a1 = b1 + k4 * a3;
  a2 = b2 + k4 * b2;
  a3 += k4 * b1;
  let a4 = k4;
  a1 *= 0.9;
  a2 *= 0.81;
  a3 *= 0.729;
  a4 *= 0.6561;
  // A zero at -0.8 more: the top of the band is of no use.
  const c1: f32 = a1 + 0.8;
  const c2: f32 = a2 + 0.8 * a1;
  const c3: f32 = a3 + 0.8 * a2;
  const c4: f32 = a4 + 0.8 * a3;
  const c5: f32 = 0.8 * a4;
  // From the end, so that what is read is not replaced yet.
  const f1 = f32x4.splat(c1), f2 = f32x4.splat(c2), f3 = f32x4.splat(c3), f4 = f32x4.splat(c4), f5 = f32x4.splat(c5);
  for (let p = HALF + (<usize>(count - 4) << 2); p >= HALF; p -= 16) {
    let y = f32x4.add(v128.load(p), f32x4.mul(f1, v128.load(p - 4)));
    y = f32x4.add(y, f32x4.mul(f2, v128.load(p - 8)));
    const z = f32x4.add(f32x4.mul(f3, v128.load(p - 12)), f32x4.mul(f4, v128.load(p - 16)));
    v128.store(p, f32x4.add(y, f32x4.add(z, f32x4.mul(f5, v128.load(p - 20)))));
  }
}

/** Correlation at half rate with what was `lag` before. */
// @ts-ignore: decorator
@inline function match(count: i32, lag: i32): f32 {
  const target = HALF + (<usize>OLD << 2);
  return correlate(target, target - (<usize>lag << 2), count - OLD);
}

// @ts-ignore: decorator
@inline function energyAt(count: i32, lag: i32): f32 {
  const past = HALF + (<usize>(OLD - lag) << 2);
  return correlate(past, past, count - OLD);
}

/** Best lag at half rate, and in `bestGain` its normalised correlation. */
let bestGain: f32 = 0;

function coarse(count: i32): i32 {
  const quarter = count >> 1;
  for (let i = 0; i < quarter; i++) store<f32>(QUARTER + (<usize>i << 2), load<f32>(HALF + (<usize>i << 3)));
  const old = OLD >> 1;
  const length = quarter - old;
  const target = QUARTER + (<usize>old << 2);
  let first = -1;
  let second = -1;
  let firstScore: f32 = 0;
  let secondScore: f32 = 0;
  const shortest = 3 * SHORTEST >> 2;
  let energy = correlate(target - (<usize>shortest << 2), target - (<usize>shortest << 2), length) + 1;
  for (let lag = shortest; lag < LONGEST >> 2; lag++) {
    const past = target - (<usize>lag << 2);
    const lane = (lag - shortest) & 3;
    if (lane == 0) correlateFour(target, past, length, FOUR);
    const c = load<f32>(FOUR + (<usize>lane << 2));
    if (c > 0) {
      const score = c * (c / energy);
      if (score > secondScore) {
        if (score > firstScore) {
          second = first;
          secondScore = firstScore;
          first = lag;
          firstScore = score;
        } else {
          second = lag;
          secondScore = score;
        }
      }
    }
    const entering = load<f32>(past - 4);
    const last = load<f32>(past + (<usize>(length - 1) << 2));
    energy = max<f32>(1, energy + entering * entering - last * last);
  }
  let best = -1;
  let bestScore: f32 = 0;
  for (let round = 0; round < 2; round++) {
    const around = round ? second : first;
    if (around < 0) continue;
    for (let lag = max(SHORTEST, 2 * around - 2); lag <= min((LONGEST >> 1) - 1, 2 * around + 2); lag++) {
      const c = match(count, lag);
      if (c <= 0) continue;
      const score = c * (c / (energyAt(count, lag) + 1));
      if (score > bestScore) {
        bestScore = score;
        best = lag;
      }
    }
  }
  return best;
}

/** For 1/k of a period: which other multiple of it must match too. */
const SECOND = memory.data<u8>([0, 0, 3, 2, 3, 2, 5, 2, 3, 2, 3, 2, 5, 2, 3, 2], 16);

/** Whether a fraction of the period does as well. Gives the period at half rate, its gain in `bestGain`. */
function shorten(count: i32, found: i32, before: i32, gainBefore: f32): i32 {
  const target = HALF + (<usize>OLD << 2);
  const xx = correlate(target, target, count - OLD);
  const xy = match(count, found);
  const yy = energyAt(count, found);
  const gain0 = xy / sqrt<f32>(1 + xx * yy);
  let best = found;
  let bestXy = xy;
  let bestYy = yy;
  let bestNormal = gain0;
  const shortest = SHORTEST >> 1;
  for (let k = 2; k <= 15; k++) {
    const lag = (2 * found + k) / (2 * k);
    if (lag < max(shortest, 8)) break;
    const multiple = k == 2
      ? (lag + found > (LONGEST >> 1) - 1 ? found : found + lag)
      : (2 * <i32>load<u8>(SECOND + <usize>k) * found + k) / (2 * k);
    const both: f32 = 0.5 * (match(count, lag) + match(count, multiple));
    const energy: f32 = 0.5 * (energyAt(count, lag) + energyAt(count, multiple));
    const gain = both / sqrt<f32>(1 + xx * energy);
    let bonus: f32 = 0;
    if (abs(lag - before) <= 1) bonus = gainBefore;
    else if (abs(lag - before) <= 2 && 5 * k * k < found) bonus = 0.5 * gainBefore;
    let threshold = max<f32>(0.3, 0.7 * gain0 - bonus);
    if (lag < 3 * shortest) threshold = max<f32>(0.4, 0.85 * gain0 - bonus);
    if (lag < 2 * shortest) threshold = max<f32>(0.5, 0.9 * gain0 - bonus);
    if (gain > threshold) {
      best = lag;
      bestXy = both;
      bestYy = energy;
      bestNormal = gain;
    }
  }
  bestXy = max<f32>(0, bestXy);
  bestGain = bestYy <= bestXy ? 1 : bestXy / (bestYy + 1);
  bestGain = min(bestGain, bestNormal);
  return best;
}

/** Finds the period of the new frame, in samples at 48 kHz; how well it repeats is in `pitchGain`. */
export function findPitch(state: CeltEncoder, samples: i32): i32 {
  pitchGain = 0;
  const count = halve(state, samples);
  whiten(count);
  const found = coarse(count);
  if (found < 0) return SHORTEST;
  const lag = shorten(count, found, state.period >> 1, state.gain);
  pitchGain = bestGain;
  // To full rate by the neighbours' correlations.
  const a = match(count, max(1, lag - 1));
  const b = match(count, lag);
  const c = match(count, min((LONGEST >> 1), lag + 1));
  let offset = 0;
  if (c - a > 0.7 * (b - a)) offset = 1;
  else if (a - c > 0.7 * (b - c)) offset = -1;
  return max(SHORTEST, min(LONGEST, 2 * lag + offset));
}
