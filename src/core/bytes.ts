/**
 * A copy of some bytes, on memory of its own. Node's Buffer is a Uint8Array whose `slice()` is no copy
 * but a view: what a caller gave must be copied by this.
 */
export function copyBytes(
  source: Uint8Array,
  start = 0,
  end: number = source.length,
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(source.subarray(start, end));
}

/** Parts behind each other, on memory of their own. */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
