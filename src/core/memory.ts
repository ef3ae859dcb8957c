/// <reference lib="esnext.disposable" preserve="true" />
import { WasmError } from './errors.ts';

/** What every module of this package exports. */
export type MemoryExports = {
  readonly memory: { readonly buffer: ArrayBuffer };
  allocate(size: number): number;
  release(address: number, size: number): void;
};

/** The largest block that can be asked for: 64 MiB. */
export const MAX_BLOCK_BYTES: number = 64 * 1024 * 1024;

/**
 * A block of WebAssembly memory that a handle owns. Its views are *pinned*: `bytes` is right until
 * `release()`, also after the memory grew, provided the property is read anew.
 */
export class Block {
  readonly length: number;
  readonly #exports: MemoryExports;
  #address: number;
  #view: Uint8Array<ArrayBuffer> | undefined;

  /** @internal */
  constructor(exports: MemoryExports, address: number, length: number) {
    this.#exports = exports;
    this.#address = address;
    this.length = length;
  }

  /** Where the block lies, for calls into the module. Throws `released` afterwards. */
  get address(): number {
    if (this.#address === 0) throw new WasmError('released', 'the handle was closed');
    return this.#address;
  }

  /** The bytes themselves, not a copy. Growth of the memory detaches it: read the property again. */
  get bytes(): Uint8Array<ArrayBuffer> {
    // A view that growth detached has length 0. Asking the memory for its buffer costs several times as much.
    if (this.#view === undefined || this.#view.length === 0) {
      this.#view = new Uint8Array(this.#exports.memory.buffer, this.address, this.length);
    }
    return this.#view;
  }

  get released(): boolean {
    return this.#address === 0;
  }

  /** Wipes the block and gives it back. Idempotent. */
  release(): void {
    if (this.#address === 0) return;
    this.#exports.release(this.#address, this.length);
    this.#address = 0;
    this.#view = undefined;
  }

  [Symbol.dispose](): void {
    this.release();
  }
}

/** The memory of one instance. */
export class WasmMemory {
  readonly #exports: MemoryExports;

  /** @internal */
  constructor(exports: MemoryExports) {
    this.#exports = exports;
  }

  /** Size of the whole memory in bytes. */
  get byteLength(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /**
   * Reserves a zeroed block. This is the only operation that may grow the memory.
   * @throws {WasmError} `bad-argument` for a length outside 1..64 MiB, `out-of-memory`
   */
  allocate(length: number): Block {
    if (!Number.isInteger(length) || length < 1 || length > MAX_BLOCK_BYTES) {
      throw new WasmError('bad-argument', `length: expected 1..${MAX_BLOCK_BYTES}, got ${length}`);
    }
    let address: number;
    try {
      address = this.#exports.allocate(length) >>> 0;
    } catch (cause) {
      throw new WasmError('out-of-memory', `no room for ${length} bytes`, { cause });
    }
    return new Block(this.#exports, address, length);
  }

  /** A new view on `length` bytes from `address`: *borrowed*, valid until the next call. */
  view(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer, address, length);
  }
}
