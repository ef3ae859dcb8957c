// The quality metric of RFC 6716 section 6 (opus_compare) at 48 kHz: a masked distance of power spectra,
// as a percentage. 100 is identity; right decoders score above 99 against each other.

const SIZE = 480;
const HOP = 120;
const BINS = 200;
const EDGES = [
  0, 2, 4, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 68, 80, 96, 120, 156, 200,
];
const BANDS = EDGES.length - 1;
/** Added to every power. */
const FLOOR = 100_000;

const COSINES = Float64Array.from({ length: SIZE }, (_, i) => Math.cos((2 * Math.PI * i) / SIZE));
const WINDOW = Float64Array.from(
  { length: SIZE },
  (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / (SIZE - 1)),
);

/** Powers `[frame][channel][bin]`. */
function spectra(pcm, channels, frames) {
  const powers = new Float64Array(frames * channels * BINS);
  const x = new Float64Array(SIZE);
  for (let f = 0; f < frames; f++) {
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < SIZE; i++) x[i] = WINDOW[i] * pcm[(f * HOP + i) * channels + c];
      for (let j = 0; j < BINS; j++) {
        let re = 0;
        let im = 0;
        for (let i = 0, at = 0; i < SIZE; i++) {
          re += x[i] * COSINES[at];
          im += x[i] * COSINES[at < 120 ? at + 360 : at - 120]; // sine
          at += j;
          if (at >= SIZE) at -= SIZE;
        }
        powers[(f * channels + c) * BINS + j] = re * re + im * im + FLOOR;
      }
    }
  }
  return powers;
}

/** Mean power of each band, `[frame][channel][band]`, spread by masking. */
function maskers(powers, channels, frames) {
  const bands = new Float64Array(frames * channels * BANDS);
  for (let f = 0; f < frames; f++) {
    for (let c = 0; c < channels; c++) {
      const at = (f * channels + c) * BANDS;
      for (let b = 0; b < BANDS; b++) {
        let sum = 0;
        for (let j = EDGES[b]; j < EDGES[b + 1]; j++) sum += powers[(f * channels + c) * BINS + j];
        bands[at + b] = sum / (EDGES[b + 1] - EDGES[b]);
      }
      for (let b = 1; b < BANDS; b++) bands[at + b] += 0.1 * bands[at + b - 1];
      for (let b = BANDS - 2; b >= 0; b--) bands[at + b] += 0.03 * bands[at + b + 1];
      if (f > 0)
        for (let b = 0; b < BANDS; b++) bands[at + b] += 0.5 * bands[at - channels * BANDS + b];
    }
    if (channels === 2) {
      for (let b = 0; b < BANDS; b++) {
        const left = bands[f * 2 * BANDS + b];
        const right = bands[(f * 2 + 1) * BANDS + b];
        bands[f * 2 * BANDS + b] += 0.01 * right;
        bands[(f * 2 + 1) * BANDS + b] += 0.01 * left;
      }
    }
  }
  return bands;
}

/** Each frame becomes the sum of itself and the frame before, as it was. */
function addPrevious(powers, channels, frames) {
  for (let i = frames * channels * BINS - 1; i >= channels * BINS; i--) {
    powers[i] += powers[i - channels * BINS];
  }
}

/**
 * @param {Int16Array} reference interleaved, 48 kHz, at least 480 samples per channel
 * @param {Int16Array} tested same length
 * @param {number} channels of both
 * @returns {number} Q: 100 for identity, may be negative
 */
export function quality(reference, tested, channels) {
  const length = reference.length / channels;
  if (tested.length !== reference.length || length < SIZE) throw new Error('quality: lengths');
  const frames = Math.floor((length - SIZE + HOP) / HOP);
  const x = spectra(reference, channels, frames);
  const y = spectra(tested, channels, frames);
  const masks = maskers(x, channels, frames);
  for (let f = 0; f < frames * channels; f++) {
    for (let b = 0; b < BANDS; b++) {
      for (let j = EDGES[b]; j < EDGES[b + 1]; j++) {
        x[f * BINS + j] += 0.1 * masks[f * BANDS + b];
        y[f * BINS + j] += 0.1 * masks[f * BANDS + b];
      }
    }
  }
  addPrevious(x, channels, frames);
  addPrevious(y, channels, frames);

  let total = 0;
  for (let f = 0; f < frames; f++) {
    let squares = 0;
    for (let b = 0; b < BANDS; b++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        for (let j = EDGES[b]; j < EDGES[b + 1]; j++) {
          const ratio = y[(f * channels + c) * BINS + j] / x[(f * channels + c) * BINS + j];
          const d = ratio - Math.log(ratio) - 1;
          sum += j === 80 ? 0.01 * d : j === 79 || j === 81 ? 0.1 * d : d;
        }
      }
      squares += (sum / ((EDGES[b + 1] - EDGES[b]) * channels)) ** 2;
    }
    total += (squares / BANDS) ** 4;
  }
  const error = (total / frames) ** (1 / 16);
  return 100 * (1 - (0.5 * Math.log(1 + error)) / Math.log(1.13));
}
