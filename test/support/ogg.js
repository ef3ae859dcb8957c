// Takes Ogg files apart and puts them together again, wrongly if a test wants it.

/** The CRC of RFC 3533, bit by bit. @param {Uint8Array} bytes */
function crc(bytes) {
  let sum = 0;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const top = sum >>> 31;
      sum = (sum << 1) | ((byte >> bit) & 1);
      if (top) sum ^= 0x04c11db7;
    }
  }
  for (let i = 0; i < 32; i++) sum = sum >>> 31 ? (sum << 1) ^ 0x04c11db7 : sum << 1;
  return sum >>> 0;
}

/**
 * @typedef {{ flags: number, granule: number, serial: number, sequence: number, lacing: number[],
 *   body: Uint8Array }} Page
 */

/** @param {Uint8Array} file @returns {Page[]} */
export function pagesOf(file) {
  const pages = [];
  for (let at = 0; at < file.length; ) {
    const view = new DataView(file.buffer, file.byteOffset + at);
    const segments = view.getUint8(26);
    const lacing = [...file.subarray(at + 27, at + 27 + segments)];
    const start = at + 27 + segments;
    const end = start + lacing.reduce((a, b) => a + b, 0);
    pages.push({
      flags: view.getUint8(5),
      granule: Number(view.getBigInt64(6, true)),
      serial: view.getUint32(14, true),
      sequence: view.getUint32(18, true),
      lacing,
      body: file.slice(start, end),
    });
    at = end;
  }
  return pages;
}

/** @param {Page} page @returns {Uint8Array} with the right checksum */
export function writePage({ flags, granule, serial, sequence, lacing, body }) {
  const bytes = new Uint8Array(27 + lacing.length + body.length);
  const view = new DataView(bytes.buffer);
  bytes.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigInt64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, sequence, true);
  view.setUint8(26, lacing.length);
  bytes.set(lacing, 27);
  bytes.set(body, 27 + lacing.length);
  view.setUint32(22, crc(bytes), true);
  return bytes;
}

/** @param {Page[]} pages */
export const writePages = (pages) => join(pages.map(writePage));

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
export function join(parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/**
 * All of an iterable.
 * @template T
 * @param {AsyncIterable<T> | Iterable<T>} source
 * @returns {Promise<T[]>}
 */
export async function all(source) {
  const items = [];
  for await (const item of source) items.push(item);
  return items;
}

/**
 * The error that a promise ends with.
 * @param {Promise<unknown>} promise
 * @returns {Promise<any>}
 */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}
