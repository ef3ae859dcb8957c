import { encodeUtf8 } from '../core/utf8.ts';
import { badArgument } from './errors.ts';

/** Writes big-endian fields into an array that grows. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(64);
  #length = 0;

  /** What was written: a view that later writes may leave behind. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(value: number): void {
    this.#integer(value, 1);
  }

  u16(value: number): void {
    this.#integer(value, 2);
  }

  u32(value: number): void {
    this.#integer(value, 4);
  }

  bytes(data: Uint8Array): void {
    this.#room(data.length);
    this.#bytes.set(data, this.#length);
    this.#length += data.length;
  }

  /** Length as u32, then UTF-8. @throws {CallError} `bad-argument` from 65536 bytes on */
  string(name: string, text: unknown): void {
    if (typeof text !== 'string')
      throw badArgument(`"${name}" expected a string, got ${typeof text}`);
    const data = encodeUtf8(text);
    if (data.length > 0xffff) {
      throw badArgument(`"${name}" expected at most 65535 bytes, got ${data.length}`);
    }
    this.u32(data.length);
    this.bytes(data);
  }

  #integer(value: number, size: number): void {
    this.#room(size);
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) {
      this.#bytes[this.#length++] = value >>> shift;
    }
  }

  #room(length: number): void {
    const needed = this.#length + length;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.written);
    this.#bytes = larger;
  }
}
