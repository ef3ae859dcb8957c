import { checkBytes } from '../core/checks.ts';
import { badArgument } from '../crypto/errors.ts';

/** The bytes of what `@cryptography/aes` takes: bytes, or big-endian words as numbers. */
export function toBytes(name: string, value: Uint8Array | Uint32Array): Uint8Array {
  if (!(value instanceof Uint32Array)) {
    checkBytes(name, value, badArgument);
    return value;
  }
  const bytes = new Uint8Array(4 * value.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < value.length; i++) view.setUint32(4 * i, value[i]!);
  return bytes;
}

/** Bytes, a multiple of 4, as big-endian words. */
export function toWords(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i));
}
