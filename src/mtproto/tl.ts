// The few TL primitives that the key exchange and the binding of keys need: numbers are
// little-endian, strings carry their length and are padded to 4 bytes (core.telegram.org/mtproto/TL).
import { badLength, badMessage } from './errors.ts';

/** Longest string: its length has 24 bits. */
const MAX_STRING = 2 ** 24 - 1;
/** Strings from this length on have a 4-byte head. */
const LONG_STRING = 254;

/** Constructor of `Vector t`. */
const VECTOR = 0x1cb5c415;

/** Writes into memory of its own that grows; `wipe()` when a secret was written. */
export class TlWriter {
  #bytes = new Uint8Array(512);
  #length = 0;

  /** An unsigned 32-bit number: a constructor, a count. */
  uint32(value: number): this {
    const at = this.#extend(4);
    new DataView(this.#bytes.buffer).setUint32(at, value, true);
    return this;
  }

  /** A signed 32-bit number. */
  int32(value: number): this {
    return this.uint32(value >>> 0);
  }

  /** An unsigned 64-bit number. */
  uint64(value: bigint): this {
    const at = this.#extend(8);
    new DataView(this.#bytes.buffer).setBigUint64(at, value, true);
    return this;
  }

  /** Bytes as they are: int128, int256, a long in wire order. */
  raw(bytes: Uint8Array): this {
    const at = this.#extend(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** A string of bytes. */
  bytes(bytes: Uint8Array): this {
    const { length } = bytes;
    if (length > MAX_STRING) throw badLength(`a string has up to ${MAX_STRING} bytes`);
    if (length < LONG_STRING) this.raw(Uint8Array.of(length));
    else this.raw(Uint8Array.of(LONG_STRING, length & 255, (length >> 8) & 255, length >> 16));
    this.raw(bytes);
    this.#extend(-this.#length & 3);
    return this;
  }

  /** A vector of longs in wire order, 8 bytes each. */
  longs(values: readonly Uint8Array[]): this {
    this.uint32(VECTOR).uint32(values.length);
    for (const value of values) this.raw(value);
    return this;
  }

  /** What was written: a view, until more is written or it is wiped. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written, *owned*. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  wipe(): void {
    this.#bytes.fill(0);
    this.#length = 0;
  }

  #extend(length: number): number {
    const at = this.#length;
    const needed = at + length;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      larger.set(this.#bytes);
      this.#bytes.fill(0);
      this.#bytes = larger;
    }
    this.#length = needed;
    return at;
  }
}

/** Reads; whatever is not there throws `bad-message`. Byte results are views of the data. */
export class TlReader {
  readonly #data: Uint8Array;
  readonly #view: DataView;
  #offset = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
    this.#view = new DataView(data.buffer, data.byteOffset, data.length);
  }

  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#data.length - this.#offset;
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8), true);
  }

  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#data.subarray(at, at + length);
  }

  bytes(): Uint8Array {
    const start = this.#offset;
    let length = this.#data[this.#take(1)]!;
    if (length === 255) throw badMessage('a string of TL cannot begin with 255');
    if (length === LONG_STRING) length = this.uint24();
    const result = this.raw(length);
    this.#take((start - this.#offset) & 3);
    return result;
  }

  /** Longs in wire order, up to `max` of them. */
  longs(max: number): Uint8Array[] {
    this.expect(VECTOR);
    const count = this.uint32();
    if (count > max) throw badMessage(`a vector of ${count} longs, more than the ${max} allowed`);
    return Array.from({ length: count }, () => this.raw(8));
  }

  /** The constructor that must come here. */
  expect(kind: number): void {
    const got = this.uint32();
    if (got !== kind) throw badMessage(`expected ${id(kind)}, got ${id(got)}`);
  }

  uint24(): number {
    const at = this.#take(3);
    return this.#data[at]! | (this.#data[at + 1]! << 8) | (this.#data[at + 2]! << 16);
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#data.length - at) {
      throw badMessage(`the message ends at ${this.#data.length} bytes, within a field`);
    }
    this.#offset = at + length;
    return at;
  }
}

const id = (kind: number): string => `#${kind.toString(16).padStart(8, '0')}`;
