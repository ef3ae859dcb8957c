// Sample rate conversion by a rational factor: polyphase windowed sinc, Kaiser window.
// J. O. Smith, "Digital Audio Resampling"; window: J. F. Kaiser, 1974.

const ZERO_CROSSINGS = 32;
const BETA = 9; // about 90 dB of stop band

/**
 * @param {Float32Array} input
 * @param {number} from Hz, whole
 * @param {number} to Hz, whole
 * @returns {Float32Array} round(length * to / from) samples, without delay
 */
export function resample(input, from, to) {
  const divisor = gcd(from, to);
  const up = to / divisor;
  const down = from / divisor;
  const stretch = Math.max(1, from / to); // the low-pass follows the lower of the two rates
  const half = Math.ceil(ZERO_CROSSINGS * stretch);
  const phases = makePhases(up, half, stretch);
  const output = new Float32Array(Math.max(1, Math.round((input.length * up) / down)));
  for (let n = 0; n < output.length; n++) {
    const position = n * down;
    const centre = Math.floor(position / up);
    const taps = (position % up) * 2 * half;
    const first = centre - half + 1;
    const begin = Math.max(0, -first);
    const end = Math.min(2 * half, input.length - first);
    let sum = 0;
    for (let k = begin; k < end; k++) sum += (input[first + k] ?? 0) * (phases[taps + k] ?? 0);
    output[n] = sum;
  }
  return output;
}

/**
 * One row of 2 * half taps per phase, each row with a sum of 1.
 * @param {number} count @param {number} half @param {number} stretch
 * @returns {Float32Array}
 */
function makePhases(count, half, stretch) {
  const rows = new Float32Array(count * 2 * half);
  for (let phase = 0; phase < count; phase++) {
    const row = rows.subarray(phase * 2 * half, (phase + 1) * 2 * half);
    let sum = 0;
    for (let k = 0; k < row.length; k++) {
      const x = k - half + 1 - phase / count;
      const tap = sinc(x / stretch) * kaiser(x / half);
      row[k] = tap;
      sum += tap;
    }
    for (let k = 0; k < row.length; k++) row[k] = (row[k] ?? 0) / sum;
  }
  return rows;
}

/** @param {number} x @returns {number} */
function sinc(x) {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** @param {number} x -1..1 @returns {number} */
function kaiser(x) {
  return Math.abs(x) >= 1 ? 0 : bessel(BETA * Math.sqrt(1 - x * x)) / bessel(BETA);
}

/** Modified Bessel function of the first kind, order 0. @param {number} x @returns {number} */
function bessel(x) {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

/** @param {number} a @param {number} b @returns {number} */
function gcd(a, b) {
  return b === 0 ? a : gcd(b, a % b);
}
