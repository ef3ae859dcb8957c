/** First size of the memory for what is incomplete; it doubles as bytes arrive, not as they are announced. */
const FIRST_BYTES = 256;

/**
 * Bytes of a stream that are not used up yet. What lies whole in the newest chunk is handed out as a
 * view of it; only what is incomplete at the end of a chunk is copied.
 */
export class ByteQueue {
  #chunk: Uint8Array = EMPTY;
  #offset = 0;
  #kept: Uint8Array = EMPTY;
  #keptBytes = 0;

  /** Bytes that can be read. */
  get length(): number {
    return this.#keptBytes + this.#chunk.length - this.#offset;
  }

  /** Adds the next chunk; the one before must have been read up or kept. */
  push(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#offset = 0;
  }

  /** The byte at `index` of what can be read. */
  at(index: number): number {
    return index < this.#keptBytes
      ? this.#kept[index]!
      : this.#chunk[this.#offset + index - this.#keptBytes]!;
  }

  /** An unsigned little-endian 32-bit number at `index`. */
  uint32(index: number): number {
    const [a, b, c, d] = [0, 1, 2, 3].map((i) => this.at(index + i)) as [
      number,
      number,
      number,
      number,
    ];
    return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
  }

  skip(length: number): void {
    this.take(length);
  }

  /** The next `length` bytes, which must be there: a view of the chunk, or memory of its own. */
  take(length: number): Uint8Array {
    if (this.#keptBytes === 0) {
      const start = this.#offset;
      this.#offset += length;
      return this.#chunk.subarray(start, this.#offset);
    }
    const kept = Math.min(length, this.#keptBytes);
    const rest = length - kept;
    const result = new Uint8Array(length);
    result.set(this.#kept.subarray(0, kept));
    result.set(this.#chunk.subarray(this.#offset, this.#offset + rest), kept);
    this.#offset += rest;
    this.#kept.copyWithin(0, kept, this.#keptBytes);
    this.#keptBytes -= kept;
    return result;
  }

  /** Copies what is left of the chunk, which is the caller's again. */
  keep(): void {
    const rest = this.#chunk.subarray(this.#offset);
    this.#chunk = EMPTY;
    this.#offset = 0;
    const needed = this.#keptBytes + rest.length;
    if (needed > this.#kept.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#kept.length, FIRST_BYTES));
      larger.set(this.#kept.subarray(0, this.#keptBytes));
      this.#kept = larger;
    }
    this.#kept.set(rest, this.#keptBytes);
    this.#keptBytes = needed;
    if (needed === 0) this.#kept = EMPTY;
  }

  /** Forgets everything. */
  clear(): void {
    this.#chunk = EMPTY;
    this.#offset = 0;
    this.#kept = EMPTY;
    this.#keptBytes = 0;
  }
}

const EMPTY: Uint8Array = /* @__PURE__ */ new Uint8Array(0);
