import { gunzipSync, zlibSync } from 'fflate';
import { CryptoError } from '../crypto/index.ts';
import type { CryptoCore } from '../crypto/index.ts';

/** DEFLATE makes of one byte at most this many (RFC 1951: 258 bytes for 2 bits). */
const MAX_RATIO = 1032;

/** zlib-framed bytes (RFC 1950), or null when they are longer than `maxSize`. */
export function compress(data: Uint8Array, maxSize: number): Uint8Array | null {
  const result = zlibSync(data);
  return result.length > maxSize ? null : result;
}

/**
 * What a gzip member holds (RFC 1952). The trailer is believed only within limits, and its CRC is
 * checked, which fflate does not do.
 * @throws {CryptoError} `bad-argument` for anything that is no such member, or is longer than `maxBytes`
 */
export function decompress(crypto: CryptoCore, data: Uint8Array, maxBytes: number): Uint8Array {
  if (data.length < 18) throw badGzip('it is too short');
  const trailer = new DataView(data.buffer, data.byteOffset + data.length - 8, 8);
  const size = trailer.getUint32(4, true);
  if (size > maxBytes) throw badGzip(`it holds more than ${maxBytes} bytes`);
  if (size > data.length * MAX_RATIO) throw badGzip('its trailer is wrong');
  let result: Uint8Array;
  try {
    result = gunzipSync(data, { out: new Uint8Array(size) });
  } catch (cause) {
    throw badGzip('it is damaged', cause);
  }
  if (result.length !== size || crypto.crc32(result) !== trailer.getUint32(0, true)) {
    throw badGzip('its checksum is wrong');
  }
  return result;
}

const badGzip = (why: string, cause?: unknown): CryptoError =>
  new CryptoError('bad-argument', `"data" expected gzip: ${why}`, { cause });
