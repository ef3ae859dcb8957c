// Helpers of the Opus tests.
import { prng } from './prng.js';
import { voice } from './signals.js';

/** @param {any} error @returns {string} */
function code(error) {
  return error.name === 'OpusError' ? error.code : String(error);
}

/** The code of the OpusError that `call` throws; '' when it throws none, the name of any other. */
export function codeOf(call) {
  try {
    call();
  } catch (error) {
    return code(error);
  }
  return '';
}

/** The same for a promise. */
export async function rejectionOf(promise) {
  try {
    await promise;
  } catch (error) {
    return code(error);
  }
  return '';
}

/** @param {number} size @returns {number[]} a frame length, RFC 6716 section 3.2.1 */
function lengthOf(size) {
  return size < 252 ? [size] : [252 + (size & 3), (size - 252 - (size & 3)) >> 2];
}

/**
 * Writes a packet the way RFC 6716 section 3.2 says, by a plain second implementation.
 * @param {number} config 0 to 31
 * @param {boolean} stereo
 * @param {0 | 1 | 2 | 3} code
 * @param {Uint8Array[]} frames
 * @param {{ vbr?: boolean, padding?: number, selfDelimited?: boolean }} [options] `padding`: trailing bytes
 */
export function makePacket(config, stereo, code, frames, options = {}) {
  const { vbr = code === 2, padding = 0, selfDelimited = false } = options;
  const bytes = [(config << 3) | (stereo ? 4 : 0) | code];
  if (code === 3) {
    bytes.push(frames.length | (vbr ? 0x80 : 0) | (padding > 0 ? 0x40 : 0));
    let rest = padding;
    for (; rest > 254; rest -= 254) bytes.push(255);
    if (padding > 0) bytes.push(rest);
  }
  if (vbr) for (const frame of frames.slice(0, -1)) bytes.push(...lengthOf(frame.length));
  if (selfDelimited) bytes.push(...lengthOf(frames[frames.length - 1].length));
  for (const frame of frames) bytes.push(...frame);
  for (let i = 0; i < padding; i++) bytes.push(0);
  return Uint8Array.from(bytes);
}

/** @param {number[]} sizes @param {number} [seed] @returns {Uint8Array[]} */
export function makeFrames(sizes, seed = 1) {
  const random = prng(seed);
  return sizes.map((size) => random.bytes(size));
}

/** Encodes `count` frames of a signal and gives copies of the packets. */
export function run(encoder, count = 5, signal = voice) {
  return Array.from({ length: count }, (_, i) => {
    const { frameSamples, sampleRate, channels } = encoder;
    return encoder.encode(signal(frameSamples, sampleRate, channels, i * frameSamples)).slice();
  });
}
