// The streams of test/fixtures/opus/streams.json.
import fixture from '../fixtures/opus/streams.json' with { type: 'json' };
import { fromBase64 } from '../support/base64.js';
import { readBitFile } from './check/bit-file.js';

/**
 * @typedef {{ sampleRate: 48000 | 16000, channels: 1 | 2, samples: number, f32: string, s16?: string }}
 *   Configuration what a decoder of that format gives, by SHA-256
 */

/** @type {{ name: string, configurations: Configuration[], base64: string }[]} */
export const streams = /** @type {any} */ (fixture.streams);

/** Contents of a .bit file. @param {string} name */
export function streamBytes(name) {
  const stream = streams.find((candidate) => candidate.name === name);
  if (!stream) throw new Error(`no stream "${name}"`);
  return fromBase64(stream.base64);
}

/** @param {string} name */
export function packetsOf(name) {
  return readBitFile(streamBytes(name)).map(({ packet }) => packet);
}
