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
