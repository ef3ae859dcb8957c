import { decodeUtf8 } from '../core/utf8.ts';

/**
 * Reads big-endian fields. A field that runs past the end sets `failed` and reads as zero or empty,
 * so a parser checks once, at its end.
 */
export class ByteReader {
  failed = false;
  readonly #bytes: Uint8Array;
  #position = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#position;
  }

  /** Marks what was read as wrong. */
  fail(): void {
    this.failed = true;
  }

  u8(): number {
    return this.#integer(1);
  }

  u16(): number {
    return this.#integer(2);
  }

  u32(): number {
    return this.#integer(4);
  }

  /** A view on the next `length` bytes, not a copy. */
  bytes(length: number): Uint8Array {
    if (this.failed || length > this.remaining) {
      this.failed = true;
      return this.#bytes.subarray(0, 0);
    }
    const start = this.#position;
    this.#position += length;
    return this.#bytes.subarray(start, this.#position);
  }

  /** Length as u32 below 65536, then UTF-8. */
  string(): string {
    const length = this.u32();
    if (length > 0xffff) this.failed = true;
    return decodeUtf8(this.bytes(length));
  }

  #integer(size: number): number {
    if (this.failed || size > this.remaining) {
      this.failed = true;
      return 0;
    }
    let value = 0;
    for (let i = 0; i < size; i++) value = value * 256 + this.#bytes[this.#position++]!;
    return value;
  }
}
