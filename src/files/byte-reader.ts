import { checkBytes, describe } from '../core/checks.ts';
import { badArgument } from './errors.ts';

/**
 * Where bytes come from: a whole file in memory, or its pieces in order. A Node stream, a web
 * `ReadableStream` where it can be iterated, and a generator all fit.
 */
export type ByteSource = Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** Takes bytes from a source in the portions that a format asks for. @internal */
export class ByteReader {
  readonly #chunks: Iterator<Uint8Array> | AsyncIterator<Uint8Array>;
  #buffer: Uint8Array<ArrayBufferLike> = new Uint8Array();
  #own = new Uint8Array();
  #start = 0;
  #end = 0;
  #position = 0;
  #ended = false;

  constructor(source: ByteSource) {
    this.#chunks = iterate(source);
  }

  /** Bytes skipped so far: the place in the file. */
  get position(): number {
    return this.#position;
  }

  /**
   * The next `length` bytes, fewer only at the end of the source. They stay to be read.
   * @returns a view, valid until the next call
   */
  async peek(length: number): Promise<Uint8Array> {
    while (this.#end - this.#start < length && !this.#ended) await this.#pull(length);
    return this.#buffer.subarray(this.#start, Math.min(this.#end, this.#start + length));
  }

  /** Passes over bytes that `peek` returned. */
  skip(length: number): void {
    this.#start += length;
    this.#position += length;
  }

  /** Passes over `length` bytes, peeked or not; returns false if the source ends before. */
  async skipFar(length: number): Promise<boolean> {
    for (let left = length; left > 0; ) {
      const piece = await this.peek(Math.min(left, 65_536));
      if (piece.length === 0) return false;
      this.skip(piece.length);
      left -= piece.length;
    }
    return true;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #pull(wanted: number): Promise<void> {
    const { done, value } = await this.#chunks.next();
    if (done) {
      this.#ended = true;
      return;
    }
    checkBytes('chunk', value, badArgument);
    const kept = this.#end - this.#start;
    if (kept === 0) {
      this.#buffer = value;
      this.#start = 0;
      this.#end = value.length;
      return;
    }
    // What was kept may lie in memory of the source: it is joined in a buffer of our own, used again.
    const size = kept + value.length;
    const rest = this.#buffer.subarray(this.#start, this.#end);
    if (this.#own.length < size)
      this.#own = new Uint8Array(Math.max(size, Math.min(2 * wanted, 1 << 20)));
    this.#own.set(rest); // like copyWithin where both are the same memory
    this.#own.set(value, kept);
    this.#buffer = this.#own;
    this.#start = 0;
    this.#end = kept + value.length;
  }
}

function iterate(source: ByteSource): Iterator<Uint8Array> | AsyncIterator<Uint8Array> {
  if (source instanceof Uint8Array) return [source][Symbol.iterator]();
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = (source ?? {}) as Partial<
    AsyncIterable<Uint8Array> & Iterable<Uint8Array>
  >;
  if (typeof later === 'function') return later.call(source);
  if (typeof now === 'function' && typeof source !== 'string') return now.call(source);
  throw badArgument(`"source" expected bytes or an iterable of them, got ${describe(source)}`);
}
