/*
 * In what speech and music differ, over most of a second: speech changes its spectrum all the time and its loudness about
 * four times a second, its harmonics glide; music has notes that stay. Every number is measured per step of 20 ms; a mean
 * and a deviation of each run along while there is something to hear.
 */
import { sumInOrder } from "../lane-sums";
import { Analysis, persistenceOf, tracksOf } from "./analysis-state";
import { COHERENCE, ENERGIES } from "./analysis-spectrum";
import { TONALITY, bandsOf, levelsAgo } from "./features";

/** Numbers that are followed; of the first, the values and means say something too, of all of them the deviations. */
// @ts-ignore: decorator
@inline const FOLLOWED: i32 = 9;
// @ts-ignore: decorator
@inline const ABSOLUTE: i32 = 6;
/**
 * What the classifier looks at: 6 numbers now, their means, 9 deviations, and two about loudness. Colour and level by
 * themselves are left out: they tell the microphone, not what it heard.
 */
// @ts-ignore: decorator
@inline export const TEXTURE_SIZE: i32 = 2 * ABSOLUTE + FOLLOWED + 2;
export const TEXTURE = memory.data(96, 16);
/** The numbers of the step at hand. */
const NOW = memory.data(48, 16);

/** Running means move by this much a step: 0.7 s. */
// @ts-ignore: decorator
@inline const SLOW: f32 = 0.03;
/** A step this far (log2, 36 dB) below the loudest band counts for nothing. */
// @ts-ignore: decorator
@inline const HEARD: f32 = 12;

// Places behind means and variances in the tracks.
// @ts-ignore: decorator
@inline const FAST_LOUDNESS: usize = 4 * 18;
// @ts-ignore: decorator
@inline const SLOW_LOUDNESS: usize = 4 * 19;
// @ts-ignore: decorator
@inline const MODULATION: usize = 4 * 20;
// @ts-ignore: decorator
@inline const WEAK_SHARE: usize = 4 * 21;
// @ts-ignore: decorator
@inline const COUNT: usize = 4 * 22;

// @ts-ignore: decorator
@inline function put(vector: usize, i: i32, x: f32): void {
  store<f32>(vector + (<usize>i << 2), x);
}

/** Mean tonality of bands `from` to `end`. */
function tonalityOf(from: i32, end: i32): f32 {
  let sum: f32 = 0;
  for (let band = from; band < end; band++) sum += load<f32>(TONALITY + (<usize>band << 2));
  return sum / <f32>(end - from);
}

/** Per bin, up to 6 kHz: how long tones have lasted, and how peaky the spectrum is. */
function measureBins(a: Analysis): void {
  const persistence = persistenceOf(a);
  const rate = f32x4.splat(0.2);
  const zero = f32x4.splat(0);
  let lasting = zero;
  let weights = zero;
  let roots = zero;
  let energies = zero;
  for (let i: usize = 16; i < 480; i += 16) {
    const old = v128.load(persistence + i);
    const now = f32x4.add(old, f32x4.mul(rate, f32x4.sub(v128.load(COHERENCE + i), old)));
    v128.store(persistence + i, now);
    const e = v128.load(ENERGIES + i);
    const root = f32x4.sqrt(e);
    const weight = f32x4.sqrt(root);
    weights = f32x4.add(weights, weight);
    lasting = f32x4.add(lasting, f32x4.mul(weight, f32x4.max(zero, now)));
    roots = f32x4.add(roots, root);
    energies = f32x4.add(energies, e);
  }
  put(NOW, 4, sumInOrder(lasting) / (sumInOrder(weights) + 1e-6));
  const root = sumInOrder(roots);
  put(NOW, 5, root * root / (116 * sumInOrder(energies) + 1e-3));
}

/** Measures the step at hand into `TEXTURE`. `loudness`: log2 of its energy. */
export function measureTexture(a: Analysis, loudness: f32, loudest: f32): void {
  const bands = min(16, bandsOf(a));
  const now = levelsAgo(a, 0);
  const last = levelsAgo(a, 1);
  const older = levelsAgo(a, 3);
  let change: f32 = 0;
  let longer: f32 = 0;
  let heard: f32 = 0;
  let balance: f32 = 0;
  let low: f32 = 0;
  let high: f32 = 0;
  for (let band = 0; band < bands; band++) {
    const at = <usize>band << 2;
    const level = load<f32>(now + at);
    const weight = max<f32>(0, level - loudest + HEARD);
    change += weight * min<f32>(4, abs<f32>(level - load<f32>(last + at)));
    longer += weight * min<f32>(4, abs<f32>(level - load<f32>(older + at)));
    heard += weight;
    balance += weight * <f32>band;
    if (band < 8) low += level;
    else high += level;
  }
  put(NOW, 0, tonalityOf(0, 6));
  put(NOW, 1, tonalityOf(6, 12));
  put(NOW, 2, change / heard);
  put(NOW, 3, longer / heard);
  measureBins(a);
  put(NOW, 6, 0.1 * balance / heard);
  put(NOW, 7, 0.1 * (low / 8 - high / <f32>(bands - 8)));
  put(NOW, 8, 0.2 * loudness);
  follow(a, loudness);
}

/** Running means, deviations, and the modulation of loudness. */
function follow(a: Analysis, loudness: f32): void {
  const tracks = tracksOf(a);
  const count = load<f32>(tracks + COUNT);
  const rate = max<f32>(SLOW, 1 / (count + 1));
  store<f32>(tracks + COUNT, min<f32>(1000, count + 1));
  for (let i = 0; i < FOLLOWED; i++) {
    const mean = tracks + (<usize>i << 2);
    const variance = mean + 4 * FOLLOWED;
    const x = load<f32>(NOW + (<usize>i << 2));
    const d = x - load<f32>(mean);
    store<f32>(mean, load<f32>(mean) + rate * d);
    store<f32>(variance, load<f32>(variance) + rate * (d * d * (1 - rate) - load<f32>(variance)));
    if (i < ABSOLUTE) {
      put(TEXTURE, i, x);
      put(TEXTURE, ABSOLUTE + i, load<f32>(mean));
    }
    put(TEXTURE, 2 * ABSOLUTE + i, sqrt<f32>(max<f32>(0, load<f32>(variance))));
  }
  // The difference of two smoothings passes about 2 to 8 Hz.
  const first = count == 0;
  const fast = first ? loudness : load<f32>(tracks + FAST_LOUDNESS) + 0.5 * (loudness - load<f32>(tracks + FAST_LOUDNESS));
  const slow = first ? loudness : load<f32>(tracks + SLOW_LOUDNESS) + 0.15 * (loudness - load<f32>(tracks + SLOW_LOUDNESS));
  store<f32>(tracks + FAST_LOUDNESS, fast);
  store<f32>(tracks + SLOW_LOUDNESS, slow);
  const swing = min<f32>(4, abs<f32>(fast - slow));
  store<f32>(tracks + MODULATION, load<f32>(tracks + MODULATION) + rate * (swing - load<f32>(tracks + MODULATION)));
  const weak: f32 = 0.2 * loudness < load<f32>(tracks + 4 * 8) - 0.4 ? 1 : 0;
  store<f32>(tracks + WEAK_SHARE, load<f32>(tracks + WEAK_SHARE) + rate * (weak - load<f32>(tracks + WEAK_SHARE)));
  put(TEXTURE, TEXTURE_SIZE - 2, load<f32>(tracks + MODULATION));
  put(TEXTURE, TEXTURE_SIZE - 1, load<f32>(tracks + WEAK_SHARE));
}
