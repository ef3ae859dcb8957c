// How good is a received copy? Aligns it with its input and compares the two.
//
// The headline is the spectral similarity of the two auditory spectrograms: luminance times structure
// over patches of 3 bands x 3 frames, as in the neurogram similarity index (Hines and Harte, "Speech
// intelligibility prediction using a Neurogram Similarity Index Measure", Speech Communication 54,
// 2012). It looks at levels in critical bands, so it forgives the phase that a speech codec does not
// keep, and does not forgive noise, gaps or another text. 1 is the same, a copy that is fit for a call
// is above 0.85. Deterministic: same samples, same digits.
import { Fft } from './fft.mjs';

/** Name of the headline figure, as it stands in the report. */
export const QUALITY_NAME = 'spectralSimilarity';

const RATE = 48000;
const WINDOW = 2048;
const HOP = 960;
const BANDS = 27;
const BARK = 0.88; // width of a band: 27 of them reach from 100 Hz to 11 kHz, what a call carries
const RANGE_DB = 60;
const COARSE = 8; // samples averaged into one for the first search

/**
 * @typedef {object} Quality
 * @property {number | null} spectralSimilarity 0..1, 1 is the same; null when the input is silent or
 *   shorter than 0.1 s
 * @property {number | null} logSpectralDistanceDb dB, 0 is the same
 * @property {number | null} segmentalSnrDb dB, higher is better; low for speech codecs, which do not
 *   keep the phase
 * @property {number} delaySamples how late the copy is, in samples at 48 kHz
 * @property {number} gainDb level of the copy against the input
 */

/**
 * @param {Float32Array} input mono, 48 kHz
 * @param {Float32Array} copy mono, 48 kHz
 * @param {{ maxDelayMs?: number }} [options] how late or early the copy may be, 500 ms by default
 * @returns {Quality}
 */
export function compare(input, copy, { maxDelayMs = 500 } = {}) {
  const delaySamples = findDelay(input, copy, Math.round((maxDelayMs * RATE) / 1000));
  const moved = new Float32Array(input.length);
  for (let i = 0; i < moved.length; i++) moved[i] = copy[i + delaySamples] ?? 0;
  const from = powerOf(input);
  const to = powerOf(moved);
  const reference = spectrogram(input);
  const degraded = spectrogram(moved);
  const peak = reference.levels.reduce((best, level) => Math.max(best, level), -Infinity);
  const floor = Math.max(peak - RANGE_DB, -90);
  const silent = peak <= -90 || input.length < RATE / 10;
  const pair = { r: aboveFloor(reference, floor), d: aboveFloor(degraded, floor) };
  const round = (/** @type {number} */ value, /** @type {number} */ digits) =>
    Number(value.toFixed(digits));
  return {
    spectralSimilarity: silent ? null : round(similarity(pair.r, pair.d), 4),
    logSpectralDistanceDb: silent ? null : round(distance(pair.r, pair.d), 2),
    segmentalSnrDb: silent ? null : round(segmentalSnr(input, moved), 2),
    delaySamples,
    gainDb: from > 0 && to > 0 ? round(10 * Math.log10(to / from), 2) : to > 0 ? 99 : -99,
  };
}

/**
 * The lag with the largest cross-correlation: first over the whole range at 6 kHz by FFT, then around
 * it sample by sample.
 * @param {Float32Array} input
 * @param {Float32Array} copy
 * @param {number} limit samples to either side
 * @returns {number}
 */
export function findDelay(input, copy, limit) {
  const length = Math.min(input.length, 30 * RATE);
  const head = input.subarray(0, length);
  const tail = copy.subarray(0, length + limit);
  const coarse = coarseDelay(decimate(head), decimate(tail), Math.ceil(limit / COARSE)) * COARSE;
  let best = 0;
  let bestSum = -Infinity;
  for (let lag = coarse - COARSE; lag <= coarse + COARSE; lag++) {
    if (Math.abs(lag) > limit) continue;
    let sum = 0;
    const end = Math.min(head.length, tail.length - lag);
    for (let i = Math.max(0, -lag); i < end; i++) sum += (head[i] ?? 0) * (tail[i + lag] ?? 0);
    if (sum > bestSum) {
      bestSum = sum;
      best = lag;
    }
  }
  return bestSum > 0 ? best : 0;
}

/** @param {Float64Array} input @param {Float64Array} copy @param {number} limit @returns {number} */
function coarseDelay(input, copy, limit) {
  const size = 2 ** Math.ceil(Math.log2(Math.max(input.length, copy.length) + limit + 1));
  const fft = new Fft(size);
  const a = { re: padded(input, size), im: new Float64Array(size) };
  const b = { re: padded(copy, size), im: new Float64Array(size) };
  fft.forward(a.re, a.im);
  fft.forward(b.re, b.im);
  for (let i = 0; i < size; i++) {
    const aRe = a.re[i] ?? 0;
    const aIm = a.im[i] ?? 0;
    const bRe = b.re[i] ?? 0;
    const bIm = b.im[i] ?? 0;
    a.re[i] = aRe * bRe + aIm * bIm; // conj(A) * B
    a.im[i] = aRe * bIm - aIm * bRe;
  }
  fft.inverse(a.re, a.im);
  let best = 0;
  let bestValue = -Infinity;
  for (let lag = -limit; lag <= limit; lag++) {
    const value = a.re[(lag + size) % size] ?? 0;
    if (value > bestValue) {
      bestValue = value;
      best = lag;
    }
  }
  return best;
}

/** @param {Float32Array} pcm @returns {Float64Array} averages of COARSE samples */
function decimate(pcm) {
  const result = new Float64Array(Math.ceil(pcm.length / COARSE));
  for (let i = 0; i < pcm.length; i++) {
    const at = Math.floor(i / COARSE);
    result[at] = (result[at] ?? 0) + (pcm[i] ?? 0) / COARSE;
  }
  return result;
}

/** @param {Float64Array} values @param {number} size @returns {Float64Array} */
function padded(values, size) {
  const result = new Float64Array(size);
  result.set(values);
  return result;
}

/** @typedef {{ levels: Float64Array, frames: number }} Spectrogram frames x BANDS, in dB */

/** @param {Float32Array} pcm @returns {Spectrogram} */
function spectrogram(pcm) {
  const frames = Math.max(1, Math.ceil(pcm.length / HOP));
  const levels = new Float64Array(frames * BANDS);
  const fft = new Fft(WINDOW);
  const re = new Float64Array(WINDOW);
  const im = new Float64Array(WINDOW);
  const edges = bandEdges();
  for (let frame = 0; frame < frames; frame++) {
    const start = frame * HOP - (WINDOW - HOP) / 2;
    for (let i = 0; i < WINDOW; i++) {
      re[i] = (pcm[start + i] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / WINDOW));
    }
    im.fill(0);
    fft.forward(re, im);
    for (let band = 0; band < BANDS; band++) {
      let power = 0;
      for (let k = edges[band] ?? 0; k < (edges[band + 1] ?? 0); k++) {
        power += (re[k] ?? 0) ** 2 + (im[k] ?? 0) ** 2;
      }
      // A full-scale sine under a Hann window has the power (WINDOW / 4)^2 * 1.5 in its main lobe.
      levels[frame * BANDS + band] = 10 * Math.log10(power / ((WINDOW / 4) ** 2 * 1.5) + 1e-12);
    }
  }
  return { levels, frames };
}

/** Bins where the bands begin; f = 650 sinh(z / 7) with z in Bark. @returns {number[]} */
function bandEdges() {
  const first = 7 * Math.asinh(100 / 650);
  return Array.from({ length: BANDS + 1 }, (_, band) => {
    const hz = 650 * Math.sinh((first + band * BARK) / 7);
    return Math.round((hz * WINDOW) / RATE);
  });
}

/** @param {Spectrogram} image @param {number} floor dB @returns {Spectrogram} 0..RANGE_DB */
function aboveFloor({ levels, frames }, floor) {
  return { levels: levels.map((level) => Math.max(0, level - floor)), frames };
}

/** Frames in which the input has something to hear. @param {Spectrogram} r @returns {boolean[]} */
function activeFrames({ levels, frames }) {
  return Array.from({ length: frames }, (_, frame) => {
    let loudest = 0;
    for (let band = 0; band < BANDS; band++) {
      loudest = Math.max(loudest, levels[frame * BANDS + band] ?? 0);
    }
    return loudest > 15; // within 45 dB of the loudest band of all
  });
}

/** @param {Spectrogram} r @param {Spectrogram} d @returns {number} */
function similarity(r, d) {
  const c1 = (0.01 * RANGE_DB) ** 2;
  const c3 = (0.03 * RANGE_DB) ** 2 / 2;
  const active = activeFrames(r);
  let sum = 0;
  let count = 0;
  for (let frame = 1; frame < r.frames - 1; frame++) {
    if (!active[frame]) continue;
    for (let band = 1; band < BANDS - 1; band++) {
      let meanR = 0;
      let meanD = 0;
      let squareR = 0;
      let squareD = 0;
      let product = 0;
      for (let y = -1; y <= 1; y++) {
        for (let x = -1; x <= 1; x++) {
          const at = (frame + y) * BANDS + band + x;
          const weight = (y === 0 ? 0.5 : 0.25) * (x === 0 ? 0.5 : 0.25);
          const valueR = r.levels[at] ?? 0;
          const valueD = d.levels[at] ?? 0;
          meanR += weight * valueR;
          meanD += weight * valueD;
          squareR += weight * valueR * valueR;
          squareD += weight * valueD * valueD;
          product += weight * valueR * valueD;
        }
      }
      if (meanR === 0 && meanD === 0) continue; // nothing on either side says nothing
      const deviation = Math.sqrt(
        Math.max(0, squareR - meanR * meanR) * Math.max(0, squareD - meanD * meanD),
      );
      const luminance = (2 * meanR * meanD + c1) / (meanR * meanR + meanD * meanD + c1);
      const structure = (product - meanR * meanD + c3) / (deviation + c3);
      sum += luminance * Math.max(0, structure);
      count++;
    }
  }
  return count > 0 ? sum / count : 0;
}

/** @param {Spectrogram} r @param {Spectrogram} d @returns {number} */
function distance(r, d) {
  const active = activeFrames(r);
  let sum = 0;
  let count = 0;
  for (let frame = 0; frame < r.frames; frame++) {
    if (!active[frame]) continue;
    let squares = 0;
    for (let band = 0; band < BANDS; band++) {
      const at = frame * BANDS + band;
      squares += ((r.levels[at] ?? 0) - (d.levels[at] ?? 0)) ** 2;
    }
    sum += Math.sqrt(squares / BANDS);
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** Mean over frames of 20 ms, each clamped to -10..60 dB. @param {Float32Array} input @param {Float32Array} copy @returns {number} */
function segmentalSnr(input, copy) {
  const threshold = powerOf(input) / 100; // frames more than 20 dB below the mean are pauses
  let sum = 0;
  let count = 0;
  for (let start = 0; start < input.length; start += 960) {
    let signal = 0;
    let noise = 0;
    const end = Math.min(start + 960, input.length);
    for (let i = start; i < end; i++) {
      signal += (input[i] ?? 0) ** 2;
      noise += ((input[i] ?? 0) - (copy[i] ?? 0)) ** 2;
    }
    if (signal / (end - start) < threshold) continue;
    sum += Math.max(-10, Math.min(60, 10 * Math.log10(signal / (noise + 1e-20))));
    count++;
  }
  return count > 0 ? sum / count : 0;
}

/** @param {Float32Array} pcm @returns {number} mean square */
function powerOf(pcm) {
  let sum = 0;
  for (const value of pcm) sum += value * value;
  return pcm.length > 0 ? sum / pcm.length : 0;
}
