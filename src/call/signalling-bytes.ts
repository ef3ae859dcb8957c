// A signalling message as bytes: u32 length of a JSON text, the text, and the binary fields one after
// the other. In the text a binary field is {"bytes": length} and a 64-bit number {"number": "digits"}.
import { decodeUtf8, encodeUtf8 } from '../core/utf8.ts';
import { isCount, isObject } from './fields.ts';
import { parseSignallingMessage, type SignallingMessage } from './signalling.ts';

const HEADER_BYTES = 4;
/** Nothing in a message is deeper: message, endpoints, endpoint, tag. */
const MAX_DEPTH = 6;

/** @returns owned */
export function encodeSignallingMessage(message: SignallingMessage): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) {
      parts.push(value);
      return { bytes: value.length };
    }
    if (typeof value === 'bigint') return { number: String(value) };
    if (Array.isArray(value)) return value.map(plain);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
  };
  const text = encodeUtf8(JSON.stringify(plain(message)));
  const length = parts.reduce((sum, part) => sum + part.length, HEADER_BYTES + text.length);
  const bytes = new Uint8Array(length);
  new DataView(bytes.buffer).setUint32(0, text.length);
  bytes.set(text, HEADER_BYTES);
  let at = HEADER_BYTES + text.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @returns owned; null for anything else. Never throws for bytes. */
export function decodeSignallingMessage(bytes: Uint8Array): SignallingMessage | null {
  if (bytes.length < HEADER_BYTES) return null;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
  if (length > bytes.length - HEADER_BYTES) return null;
  let at = HEADER_BYTES + length;
  const full = (value: unknown, depth: number): unknown => {
    if (depth > MAX_DEPTH) return null;
    if (Array.isArray(value)) return value.map((item) => full(item, depth + 1));
    if (!isObject(value)) return value;
    const { bytes: count, number } = value;
    if (isCount(count, bytes.length - at)) {
      at += count;
      return bytes.subarray(at - count, at);
    }
    if (typeof number === 'string' && /^-?[0-9]{1,20}$/.test(number)) return BigInt(number);
    const fields = Object.entries(value).map(([name, field]) => [name, full(field, depth + 1)]);
    return Object.fromEntries(fields);
  };
  try {
    const text = decodeUtf8(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
    return parseSignallingMessage(full(JSON.parse(text), 0));
  } catch {
    return null; // JSON.parse, of what is no JSON
  }
}
