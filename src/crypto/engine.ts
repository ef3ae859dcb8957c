import { copyBytes } from '../core/bytes.ts';
import type { Instance } from '../core/load.ts';
import type { Block, MemoryExports, WasmMemory } from '../core/memory.ts';
import { checkBytes, checkLength } from '../core/checks.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';

/** What the crypto module (and the call module) exports beside its memory. */
export type CryptoExports = MemoryExports & {
  aesKeyExpand(schedule: number, key: number, bytes: number): void;
  aesBlockEncrypt(schedule: number, target: number, source: number): void;
  aesBlockDecrypt(schedule: number, target: number, source: number): void;
  aesIgeEncrypt(schedule: number, iv: number, target: number, source: number, length: number): void;
  aesIgeDecrypt(schedule: number, iv: number, target: number, source: number, length: number): void;
  aesIgeEncryptPair(...numbers: number[]): void;
  aesIgeDecryptPair(...numbers: number[]): void;
  sha256x4(target: number, p0: number, p1: number, p2: number, p3: number, length: number): void;
  aesCbcEncrypt(schedule: number, iv: number, target: number, source: number, length: number): void;
  aesCbcDecrypt(schedule: number, iv: number, target: number, source: number, length: number): void;
  aesCtrInit(state: number, schedule: number, iv: number): void;
  aesCtrProcess(state: number, target: number, source: number, length: number): void;
  aesTables(): number;
  hashInit(state: number, kind: number): void;
  hashUpdate(state: number, source: number, length: number): void;
  hashFinal(state: number, target: number): number;
  hmacInit(state: number, kind: number, key: number, length: number): void;
  hmacFinal(state: number, target: number): number;
  pbkdf2Block(
    state: number,
    salt: number,
    length: number,
    iterations: number,
    index: number,
    target: number,
  ): number;
  crc32Update(crc: number, source: number, length: number): number;
  messageKdf(key: number, x: number, msgKey: number, aesKey: number, aesIv: number): void;
  callKdf(key: number, x: number, msgKey: number, aesKey: number, aesIv: number): void;
  messageKdfV1(key: number, x: number, msgKey: number, aesKey: number, aesIv: number): void;
  modExp(target: number, base: number, exponent: number, bytes: number, modulus: number): number;
  modMultiply(target: number, a: number, b: number, modulus: number): void;
  modSubtract(target: number, a: number, b: number, modulus: number): void;
  bigMultiplyAdd(target: number, a: number, b: number, c: number): void;
  pqFactor(target: number, source: number): number;
  bytesEqual(a: number, b: number, length: number): number;
  callPacketSeal(key: number, x: number, body: number, length: number): number;
  callPacketOpen(key: number, x: number, body: number, length: number): number;
  messageSeal(key: number, x: number, body: number, length: number): number;
  messageOpen(key: number, x: number, body: number, length: number): number;
  messageV1Seal(key: number, x: number, body: number, length: number, hashed: number): number;
  messageV1Open(key: number, x: number, body: number, length: number, field: number): number;
  cloudMessageOpen(
    key: number,
    x: number,
    body: number,
    length: number,
    session: number,
    parity: number,
  ): number;
};

/** Sizes of the structs in the module (assembly/crypto: AES_KEY_BYTES, AES_CTR_BYTES, HASH_BYTES, HMAC_BYTES). */
export const AES_KEY_BYTES = 496;
export const AES_CTR_BYTES = 304;
export const HASH_BYTES = 208;
export const HMAC_BYTES = 416;

/** Data passes through a work area of this size; longer data in pieces. */
export const WORK_BYTES: number = 64 * 1024;

/** Something that holds secrets in the memory of an instance. */
export type Handle = { close(): void };

// Staging area: inputs are copied here before anything else happens, and no result ever lies in it,
// so that a borrowed view of an earlier result is as good an input as any other array.
const SCHEDULE = 0;
const HASH = 496; // or an HMAC
const KEY = 912;
const IV = 944;
const SESSION = 976;
const BASE = 992;
const EXPONENT = 1248;
const MODULUS = 1512;
const STAGING_BYTES = 1936; // KEY and 1024 bytes after it, for stageLong
/** Room for the exponent: 2048 bits and what SRP adds. */
export const EXPONENT_BYTES = 264;

/** Longest small result: a sum of SRP. */
const RESULT_BYTES = 264;

/**
 * One WebAssembly instance with its staging, result and work areas: what all objects of a
 * `CryptoCore` share. Nothing here allocates after construction, so a call never grows the memory.
 */
export class Engine {
  readonly exports: CryptoExports;
  readonly memory: WasmMemory;
  readonly #staging: Block;
  readonly #result: Block;
  readonly #work: Block;
  readonly #handles = new Set<Handle>();
  #workUsed = 0;
  #closed = false;

  constructor(instance: Instance<CryptoExports>) {
    this.exports = instance.exports;
    this.memory = instance.memory;
    this.#staging = this.memory.allocate(STAGING_BYTES);
    this.#result = this.memory.allocate(RESULT_BYTES);
    this.#work = this.memory.allocate(WORK_BYTES);
  }

  checkOpen(): void {
    if (this.#closed) throw new CryptoError('released', 'the CryptoCore was closed');
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Objects that must be closed with the core. */
  register(handle: Handle): void {
    this.#handles.add(handle);
  }

  unregister(handle: Handle): void {
    this.#handles.delete(handle);
  }

  get scheduleAddress(): number {
    return this.#staging.address + SCHEDULE;
  }

  get hashAddress(): number {
    return this.#staging.address + HASH;
  }

  get resultAddress(): number {
    return this.#result.address;
  }

  get workAddress(): number {
    return this.#work.address;
  }

  /** A key, or anything of up to 32 bytes; the other stage functions likewise return the address. */
  stageKey(bytes: Uint8Array): number {
    return this.#stage(KEY, bytes);
  }

  stageIv(bytes: Uint8Array): number {
    return this.#stage(IV, bytes);
  }

  stageSession(bytes: Uint8Array): number {
    return this.#stage(SESSION, bytes);
  }

  /** Big-endian numbers, padded with zeros on the left to 256 bytes. */
  stageBase(bytes: Uint8Array): number {
    return this.#stageNumber(BASE, bytes, 256);
  }

  /** The exponent, padded to `size` bytes. */
  stageExponent(bytes: Uint8Array, size = 256): number {
    return this.#stageNumber(EXPONENT, bytes, size);
  }

  stageModulus(bytes: Uint8Array): number {
    return this.#stageNumber(MODULUS, bytes, 256);
  }

  #stage(offset: number, bytes: Uint8Array): number {
    this.#staging.bytes.set(bytes, offset);
    return this.#staging.address + offset;
  }

  #stageNumber(offset: number, bytes: Uint8Array, size: number): number {
    const target = this.#staging.bytes;
    const shift = size - bytes.length;
    target.set(bytes, offset + shift);
    target.fill(0, offset, offset + shift);
    return this.#staging.address + offset;
  }

  /** The current value of a staged iv, *owned*. */
  stagedIv(length: number): Uint8Array<ArrayBuffer> {
    return this.#staging.bytes.slice(IV, IV + length);
  }

  /** Up to 1024 bytes: over the numbers, which are staged for no operation that needs this. */
  stageLong(bytes: Uint8Array): number {
    return this.#stage(KEY, bytes);
  }

  /** Moves the first bytes of the result area to the staging area. */
  stageResult(length: number): number {
    return this.#stage(KEY, this.#result.bytes.subarray(0, length));
  }

  /** Whether an array is a view into the memory of this instance. */
  owns(bytes: Uint8Array): boolean {
    return bytes.buffer === this.#work.bytes.buffer;
  }

  wipeResult(): void {
    this.#result.bytes.fill(0);
  }

  wipeStaging(): void {
    this.#staging.bytes.fill(0);
  }

  /** The first `length` bytes of the result area: into `dst`, or as a *borrowed* view. */
  takeResult(length: number, dst: Uint8Array | undefined): Uint8Array {
    const view = this.#result.bytes.subarray(0, length);
    if (dst === undefined) return view;
    dst.set(view);
    if (dst.buffer !== view.buffer) view.fill(0); // a borrowed view may be the destination
    return dst;
  }

  /**
   * Passes data through the work area in pieces and calls `run(address, length)` on each; the result
   * of a call replaces its input. `run` is called in order. Returns `dst`, a *borrowed* view when
   * everything fits the work area, else an *owned* array.
   */
  transform(
    data: Uint8Array,
    dst: Uint8Array | undefined,
    run: (address: number, length: number) => void,
  ): Uint8Array {
    const { length } = data;
    const work = this.#work.bytes;
    const { address } = this.#work;
    if (dst === undefined && length <= WORK_BYTES) {
      work.set(data);
      if (this.#workUsed > length) work.fill(0, length, this.#workUsed);
      this.#workUsed = length;
      run(address, length);
      return work.subarray(0, length);
    }
    const target = dst ?? new Uint8Array(length);
    // A target that begins inside the data, later on, would overwrite input not read yet.
    const source =
      length > WORK_BYTES && target.buffer === data.buffer && target.byteOffset > data.byteOffset
        ? copyBytes(data)
        : data;
    for (let i = 0; i < length; i += WORK_BYTES) {
      const end = Math.min(i + WORK_BYTES, length);
      work.set(source.subarray(i, end));
      run(address, end - i);
      target.set(work.subarray(0, end - i), i);
    }
    if (target.buffer === work.buffer)
      this.#workUsed = WORK_BYTES; // may be a borrowed view of it
    else this.#wipeWork(length);
    return target;
  }

  /** Passes data through the work area in pieces, for functions that only read. */
  absorb(data: Uint8Array, run: (address: number, length: number) => void): void {
    const { length } = data;
    const work = this.#work.bytes;
    const { address } = this.#work;
    for (let i = 0; i < length; i += WORK_BYTES) {
      const end = Math.min(i + WORK_BYTES, length);
      work.set(data.subarray(i, end));
      run(address, end - i);
    }
    this.#wipeWork(length);
  }

  #wipeWork(length: number): void {
    this.#work.bytes.fill(0, 0, Math.max(Math.min(length, WORK_BYTES), this.#workUsed));
    this.#workUsed = 0;
  }

  /** Two areas of `length` bytes each, up to half the work area. */
  compare(a: Uint8Array, b: Uint8Array): boolean {
    const half = WORK_BYTES / 2;
    const work = this.#work.bytes;
    const { address } = this.#work;
    let equal = 1;
    // Both may be borrowed views of the work area: take them out before it is overwritten.
    const [first, second] =
      b.buffer === work.buffer || a.buffer === work.buffer ? [copyBytes(a), copyBytes(b)] : [a, b];
    for (let i = 0; i < first.length; i += half) {
      const end = Math.min(i + half, first.length);
      work.set(first.subarray(i, end));
      work.set(second.subarray(i, end), half);
      equal &= this.exports.bytesEqual(address, address + half, end - i);
    }
    work.fill(0, 0, Math.min(first.length, half));
    work.fill(0, half, half + Math.min(first.length, half));
    this.#workUsed = 0;
    return equal === 1;
  }

  /** Closes every handle and wipes the areas. Idempotent. */
  close(): void {
    if (this.#closed) return;
    for (const handle of [...this.#handles]) handle.close();
    this.#staging.release();
    this.#result.release();
    this.#work.release();
    this.#closed = true;
  }
}

/** `dst`, when given, must be an array of exactly `length` bytes. */
export function checkDst(dst: unknown, length: number): asserts dst is Uint8Array | undefined {
  if (dst === undefined) return;
  checkBytes('dst', dst, badArgument);
  checkLength('dst', dst, length, badLength);
}
