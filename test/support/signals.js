// Synthetic PCM for codec tests, and measures on it. Deterministic, in every runtime.
import { prng } from './prng.js';

/**
 * Something like a voice: twelve harmonics of 140 Hz whose level rises and falls three times a second.
 * A second channel has the same at 0.7.
 * @param {number} samples per channel
 * @param {number} sampleRate Hz
 * @param {number} [channels]
 * @param {number} [start] sample at which to begin
 */
export function voice(samples, sampleRate, channels = 1, start = 0) {
  const pcm = new Float32Array(samples * channels);
  for (let i = 0; i < samples; i++) {
    const t = (i + start) / sampleRate;
    let sum = 0;
    for (let h = 1; h <= 12; h++) sum += Math.sin(2 * Math.PI * h * 140 * t) / h;
    sum *= 0.15 * (0.6 + 0.4 * Math.sin(2 * Math.PI * 3 * t));
    for (let c = 0; c < channels; c++) pcm[i * channels + c] = c === 0 ? sum : 0.7 * sum;
  }
  return pcm;
}

/**
 * White noise.
 * @param {number} length samples
 * @param {number} [level] full scale = 1
 * @param {number} [seed]
 */
export function noise(length, level = 0.3, seed = 1) {
  const random = prng(seed);
  return Float32Array.from({ length }, () => level * (2 * random.float() - 1));
}

/** @param {Float32Array} pcm @returns {Int16Array} rounded and saturated */
export function toInt16(pcm) {
  return Int16Array.from(pcm, (x) => Math.max(-32768, Math.min(32767, Math.round(32768 * x))));
}

/** @param {ArrayLike<number>} pcm sum of squares */
export function energy(pcm) {
  let sum = 0;
  for (let i = 0; i < pcm.length; i++) sum += pcm[i] * pcm[i];
  return sum;
}

/**
 * Signal to noise ratio in dB of `copy`, which lags `original` by `delay` samples.
 * @param {ArrayLike<number>} original
 * @param {ArrayLike<number>} copy
 * @param {number} [delay]
 */
export function snr(original, copy, delay = 0) {
  let signal = 0;
  let error = 1e-20;
  for (let i = 0; i + delay < copy.length && i < original.length; i++) {
    signal += original[i] * original[i];
    error += (original[i] - copy[i + delay]) ** 2;
  }
  return 10 * Math.log10(signal / error);
}

/** @param {Float32Array[]} parts @returns {Float32Array} one after the other */
export function concat(parts) {
  const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
