// Sketches: two sums of samples with pseudo-random signs for each 20 ms block and channel. Differences
// between the sums of two signals estimate the mean square difference of the signals.

/** Samples of a block at 48 kHz. */
export const BLOCK = 960;
/** Largest difference of one sum outside concealed passages. */
export const BLOCK_LIMIT = 15;
/** Largest root mean square difference of a stream, in LSB of 16 bits. */
export const RMS_LIMIT = 0.1;

/** @param {number} n sample from the start @param {number} k 0 or 1 */
function sign(n, k) {
  let h = Math.imul(4 * n + k + 1, 0x9e3779b1);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca77);
  h ^= h >>> 13;
  return h & 1 ? 1 : -1;
}

/**
 * @param {Int16Array} pcm interleaved
 * @param {number} channels
 * @returns {Int32Array} `[block][channel][k]`; a last block that is not full counts as padded with zeros
 */
export function sketch(pcm, channels) {
  const samples = pcm.length / channels;
  const sums = new Int32Array(Math.ceil(samples / BLOCK) * channels * 2);
  for (let n = 0; n < samples; n++) {
    const at = Math.floor(n / BLOCK) * channels * 2;
    const first = sign(n, 0);
    const second = sign(n, 1);
    for (let c = 0; c < channels; c++) {
      const x = pcm[n * channels + c];
      sums[at + 2 * c] += first * x;
      sums[at + 2 * c + 1] += second * x;
    }
  }
  return sums;
}

/** @param {Uint8Array} bytes int32, little-endian */
export function readSketch(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: bytes.length >> 2 }, (_, i) => view.getInt32(4 * i, true));
}

/**
 * @param {Int32Array} ours
 * @param {Int32Array} reference same length
 * @param {number} channels
 */
export function compareSketches(ours, reference, channels) {
  const perBlock = 2 * channels;
  const blocks = reference.length / perBlock;
  let squares = 0;
  let largest = 0;
  let agreeing = 0;
  let firstBad = -1;
  let ourEnergy = 0;
  let referenceEnergy = 0;
  for (let b = 0; b < blocks; b++) {
    let worst = 0;
    for (let i = b * perBlock; i < (b + 1) * perBlock; i++) {
      const d = ours[i] - reference[i];
      squares += d * d;
      worst = Math.max(worst, Math.abs(d));
      ourEnergy += ours[i] ** 2;
      referenceEnergy += reference[i] ** 2;
    }
    largest = Math.max(largest, worst);
    if (worst <= BLOCK_LIMIT) agreeing++;
    else if (firstBad < 0) firstBad = b;
  }
  return {
    /** In LSB, estimated. */
    rms: Math.sqrt(squares / reference.length / BLOCK),
    /** Largest difference of a sum. */
    largest,
    /** Share of blocks within BLOCK_LIMIT. */
    agreement: agreeing / blocks,
    /** First block beyond it, -1 for none. */
    firstBad,
    /** dB, ours against the reference. */
    level: 10 * Math.log10((ourEnergy + 1) / (referenceEnergy + 1)),
  };
}
