// WAV files (RIFF, Microsoft multimedia standards update 1994): reads integer and float PCM, mono or
// stereo, at any usual rate, as 48 kHz mono; writes 16-bit PCM.
import { openSync, writeSync, closeSync, readFileSync } from 'node:fs';
import { resample } from './resample.mjs';

/** Rate of everything after reading, in Hz. */
export const RATE = 48000;
/** Longest input that is taken, in seconds. */
export const MAX_SECONDS = 600;

const FORMAT_PCM = 1;
const FORMAT_FLOAT = 3;
const FORMAT_EXTENSIBLE = 0xfffe;

/** A file that cannot be used as input; the message is one line for the user. */
export class WavError extends Error {
  name = 'WavError';
}

/** @typedef {{ format: number, channels: number, rate: number, bits: number }} WavFormat */
/** @typedef {{ pcm: Float32Array, format: WavFormat }} WavAudio */

/**
 * Reads a file.
 * @param {string} path
 * @returns {WavAudio} mono samples at 48 kHz in -1..1, and what the file held
 * @throws {WavError} with one clear line
 */
export function readWav(path) {
  let bytes;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    /** @type {Record<string, string>} */
    const reasons = {
      ENOENT: 'no such file',
      EISDIR: 'is a folder',
      EACCES: 'may not be read',
    };
    throw new WavError(`${path}: ${reasons[code ?? ''] ?? `cannot be read (${code})`}`);
  }
  try {
    return decodeWav(bytes);
  } catch (error) {
    if (error instanceof WavError) throw new WavError(`${path}: ${error.message}`);
    throw error;
  }
}

/**
 * Decodes a WAV image.
 * @param {Uint8Array} bytes
 * @returns {WavAudio}
 * @throws {WavError}
 */
export function decodeWav(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') {
    throw new WavError(bytes.length === 0 ? 'the file is empty' : 'not a WAV file');
  }
  /** @type {WavFormat | undefined} */
  let format;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const id = tag(view, at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    const left = bytes.length - start;
    if (id === 'fmt ') {
      if (size < 16 || size > left) throw new WavError('truncated: the fmt chunk is cut off');
      format = readFormat(view, start, size);
    } else if (id === 'data') {
      if (!format) throw new WavError('no fmt chunk before the data chunk');
      // Programs that write into a pipe cannot know the size and put the largest one.
      const length = size === 0xffffffff ? left : size;
      if (length > left) {
        throw new WavError(`truncated: the data chunk needs ${length} bytes, ${left} are there`);
      }
      return { pcm: readSamples(view, start, length, format), format };
    }
    at = start + size + (size & 1); // chunks are padded to an even length
  }
  throw new WavError('truncated: no data chunk');
}

/** @param {DataView} view @param {number} at @returns {string} */
function tag(view, at) {
  let text = '';
  for (let i = 0; i < 4; i++) text += String.fromCharCode(view.getUint8(at + i));
  return text;
}

/** @param {DataView} view @param {number} at @param {number} size @returns {WavFormat} */
function readFormat(view, at, size) {
  let format = view.getUint16(at, true);
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const align = view.getUint16(at + 12, true);
  const bits = view.getUint16(at + 14, true);
  // In the extensible form the real format is the head of the subformat GUID.
  if (format === FORMAT_EXTENSIBLE && size >= 26) format = view.getUint16(at + 24, true);
  const integer = format === FORMAT_PCM && [8, 16, 24, 32].includes(bits);
  const float = format === FORMAT_FLOAT && [32, 64].includes(bits);
  if (!integer && !float) {
    throw new WavError(
      `unsupported WAV encoding (format ${format}, ${bits} bits): expected integer or float PCM`,
    );
  }
  if (channels !== 1 && channels !== 2) {
    throw new WavError(`${channels} channels: expected mono or stereo`);
  }
  if (rate < 4000 || rate > 384000) {
    throw new WavError(`a rate of ${rate} Hz: expected 4000 to 384000`);
  }
  if (align !== (channels * bits) / 8) {
    throw new WavError(`not a valid WAV file: a sample frame of ${align} bytes`);
  }
  return { format, channels, rate, bits };
}

/**
 * @param {DataView} view
 * @param {number} start
 * @param {number} length bytes
 * @param {WavFormat} format
 * @returns {Float32Array}
 */
function readSamples(view, start, length, { format, channels, rate, bits }) {
  const width = bits / 8;
  const count = Math.floor(length / (width * channels));
  if (count === 0) throw new WavError('holds no samples');
  if (count > MAX_SECONDS * rate) {
    throw new WavError(`${Math.round(count / rate)} s long: expected at most ${MAX_SECONDS} s`);
  }
  /** @type {(at: number) => number} */
  const read =
    format === FORMAT_FLOAT
      ? bits === 32
        ? (at) => view.getFloat32(at, true)
        : (at) => view.getFloat64(at, true)
      : {
          8: (/** @type {number} */ at) => (view.getUint8(at) - 128) / 128,
          16: (/** @type {number} */ at) => view.getInt16(at, true) / 32768,
          24: (/** @type {number} */ at) =>
            (view.getUint8(at) | (view.getInt16(at + 1, true) << 8)) / 8388608,
          32: (/** @type {number} */ at) => view.getInt32(at, true) / 2147483648,
        }[/** @type {8 | 16 | 24 | 32} */ (bits)];
  const mono = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = start + i * width * channels;
    let value = read(at);
    if (channels === 2) value = (value + read(at + width)) / 2;
    if (!Number.isFinite(value)) throw new WavError(`sample ${i} is not a number`);
    mono[i] = Math.max(-1, Math.min(1, value));
  }
  return rate === RATE ? mono : resample(mono, rate, RATE);
}

/**
 * A 16-bit WAV file that is written piece by piece. The header is right after every piece, so a file
 * that is cut short by Ctrl-C can be played.
 */
export class WavWriter {
  #file;
  #channels;
  #bytes = 0;
  #open = true;

  /** @param {string} path @param {number} [channels] */
  constructor(path, channels = 1) {
    this.#channels = channels;
    this.#file = openSync(path, 'w');
    this.#writeHeader();
  }

  /** Samples per channel so far. */
  get length() {
    return this.#bytes / 2 / this.#channels;
  }

  /** @param {Float32Array} pcm interleaved, -1..1 */
  write(pcm) {
    if (!this.#open) return;
    const data = new DataView(new ArrayBuffer(pcm.length * 2));
    for (let i = 0; i < pcm.length; i++) data.setInt16(2 * i, toInt16(pcm[i] ?? 0), true);
    writeSync(this.#file, data, 0, data.byteLength, 44 + this.#bytes);
    this.#bytes += data.byteLength;
    this.#writeHeader();
  }

  close() {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }

  #writeHeader() {
    const header = new DataView(new ArrayBuffer(44));
    const text = (/** @type {number} */ at, /** @type {string} */ word) => {
      for (let i = 0; i < 4; i++) header.setUint8(at + i, word.charCodeAt(i));
    };
    text(0, 'RIFF');
    header.setUint32(4, 36 + this.#bytes, true);
    text(8, 'WAVE');
    text(12, 'fmt ');
    header.setUint32(16, 16, true);
    header.setUint16(20, FORMAT_PCM, true);
    header.setUint16(22, this.#channels, true);
    header.setUint32(24, RATE, true);
    header.setUint32(28, RATE * 2 * this.#channels, true);
    header.setUint16(32, 2 * this.#channels, true);
    header.setUint16(34, 16, true);
    text(36, 'data');
    header.setUint32(40, this.#bytes, true);
    writeSync(this.#file, header, 0, 44, 0);
  }
}

/** @param {number} value @returns {number} rounded and clipped to 16 bits */
function toInt16(value) {
  return Math.max(-32768, Math.min(32767, Math.round(value * 32768)));
}
