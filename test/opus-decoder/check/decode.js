// Runs engines through the public decoder.
import { OpusDecoder } from 'sottovoce/opus';

/** @typedef {import('sottovoce/opus').OpusEngine} OpusEngine */
/** @typedef {{ packet: Uint8Array, range: number }} Entry */

/** @param {any} error */
export function codeOf(error) {
  return error?.name === 'OpusError' ? error.code : String(error?.stack ?? error);
}

/** The final range after the last packet, null where the engine hides it. @param {OpusDecoder} decoder */
export function rangeOf(decoder) {
  try {
    return decoder.finalRange;
  } catch (error) {
    if (codeOf(error) === 'not-supported') return null;
    throw error;
  }
}

/** @param {Int16Array[]} parts */
export function join(parts) {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Decodes all packets to s16.
 * @param {OpusEngine} engine
 * @param {readonly Entry[]} entries
 * @param {import('sottovoce/opus').OpusDecoderOptions} options
 */
export async function decodeAll(engine, entries, options) {
  const decoder = await OpusDecoder.create({ ...options, engine });
  try {
    /** @type {(number | null)[]} */
    const ranges = [];
    const parts = entries.map(({ packet }) => {
      const pcm = decoder.decodeInt16(packet).slice();
      ranges.push(rangeOf(decoder));
      return pcm;
    });
    return { pcm: join(parts), parts, ranges };
  } finally {
    decoder.close();
  }
}

/**
 * Decodes all packets to f32, one array for each.
 * @param {OpusEngine} engine
 * @param {readonly Entry[]} entries
 * @param {import('sottovoce/opus').OpusDecoderOptions} options
 */
export async function decodeFloats(engine, entries, options) {
  const decoder = await OpusDecoder.create({ ...options, engine });
  try {
    return entries.map(({ packet }) => decoder.decode(packet).slice());
  } finally {
    decoder.close();
  }
}
