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
  aesIgeEncryptPair: IgePair;
  aesIgeDecryptPair: IgePair;
  sha256Once(target: number, source: number, length: number): void;
  sha256x4Start(): void;
  sha256x4Update(p0: number, p1: number, p2: number, p3: number, length: number): void;
  sha256x4Final(
    target: number,
    p0: number,
    p1: number,
    p2: number,
    p3: number,
    rest: number,
    total: number,
  ): void;
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
  callPacketsSeal(jobs: number, count: number): void;
  callPacketsOpen(jobs: number, count: number): void;
  messagesSeal(jobs: number, count: number): void;
  messagesOpen(jobs: number, count: number): void;
  cloudMessageOpen(
    key: number,
    x: number,
    body: number,
    length: number,
    session: number,
    parity: number,
  ): number;
};

type IgePair = (
  schedule: number,
  iv: number,
  target: number,
  source: number,
  schedule2: number,
  iv2: number,
  target2: number,
  source2: number,
  length: number,
) => void;

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
// so that a borrowed view of an earlier result is as good an input as any other array. What most calls
// use lies first: the area is wiped up to the end of what was used.
const IV = 0;
const KEY = 32;
const SCHEDULE = 64;
const SESSION = 560;
const HASH = 576; // or an HMAC
const BASE = 992;
const EXPONENT = 1248;
const MODULUS = 1512;
const LONG = 992; // 1024 bytes over the numbers, for operations without any
const SECOND_IV = 992;
const SECOND_KEY = 1024;
const SECOND_SCHEDULE = 1056;
const STAGING_BYTES = 2016;
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
  /** Bytes of the staging and work areas that are in use. */
  #staged = 0;
  #worked = 0;
  /** The view that was handed out last: calls of one size get it again. */
  #view: Uint8Array<ArrayBuffer> = new Uint8Array(0);
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
    return this.#use(SCHEDULE, AES_KEY_BYTES);
  }

  get hashAddress(): number {
    return this.#use(HASH, HMAC_BYTES);
  }

  /** Address of a staging field that is going to be written. */
  #use(offset: number, length: number): number {
    if (this.#staged < offset + length) this.#staged = offset + length;
    return this.#staging.address + offset;
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

  /** Another iv and key beside the first, for two streams at a time. */
  stageSecondIv(bytes: Uint8Array): number {
    return this.#stage(SECOND_IV, bytes);
  }

  stageSecondKey(bytes: Uint8Array): number {
    return this.#stage(SECOND_KEY, bytes);
  }

  get secondScheduleAddress(): number {
    return this.#use(SECOND_SCHEDULE, AES_KEY_BYTES);
  }

  /** Up to 1024 bytes. */
  stageLong(bytes: Uint8Array): number {
    return this.#stage(LONG, bytes);
  }

  #stage(offset: number, bytes: Uint8Array): number {
    this.#staging.bytes.set(bytes, offset);
    return this.#use(offset, bytes.length);
  }

  #stageNumber(offset: number, bytes: Uint8Array, size: number): number {
    const target = this.#staging.bytes;
    const shift = size - bytes.length;
    target.set(bytes, offset + shift);
    target.fill(0, offset, offset + shift);
    return this.#use(offset, size);
  }

  /** The current value of a staged iv, *owned*. */
  stagedIv(length: number): Uint8Array<ArrayBuffer> {
    return this.#staging.bytes.slice(IV, IV + length);
  }

  /** Moves the first bytes of the result area to the staging area. */
  stageResult(length: number): number {
    return this.#stage(KEY, this.#result.bytes.subarray(0, length));
  }

  /**
   * Whether an array is a view into the memory of this instance. Nothing lies at its start; and asking a
   * small array for its buffer would make V8 create one.
   */
  owns(bytes: Uint8Array): boolean {
    return bytes.byteOffset !== 0 && bytes.buffer === this.#work.bytes.buffer;
  }

  wipeResult(): void {
    this.#result.bytes.fill(0);
  }

  wipeStaging(): void {
    this.#staging.bytes.fill(0, 0, this.#staged);
    this.#staged = 0;
  }

  /** The first `length` bytes of the result area: into `dst`, or as a *borrowed* view. */
  takeResult(length: number, dst: Uint8Array | undefined): Uint8Array {
    const view = this.#borrow(this.#result, length);
    if (dst === undefined) return view;
    dst.set(view);
    if (!this.owns(dst)) view.fill(0); // a borrowed view may be the destination
    return dst;
  }

  /** A view of the first bytes of an area: the last one again when it is the same. */
  #borrow(block: Block, length: number): Uint8Array<ArrayBuffer> {
    const view = this.#view;
    // A view that growth detached has length and offset 0.
    if (view.length === length && view.byteOffset === block.address) return view;
    return (this.#view = block.bytes.subarray(0, length));
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
    if (dst === undefined && length <= WORK_BYTES) {
      run(this.load(data), length);
      return this.#borrow(this.#work, length);
    }
    const work = this.#work.bytes;
    const { address } = this.#work;
    if (data === dst && this.owns(data)) {
      run(data.byteOffset, length); // in place, in the memory of the module
      return data;
    }
    const target = dst ?? new Uint8Array(length);
    // A target that begins inside the data, later on, would overwrite input not read yet.
    const source =
      length > WORK_BYTES && target.buffer === data.buffer && target.byteOffset > data.byteOffset
        ? copyBytes(data)
        : data;
    if (length <= WORK_BYTES) {
      run(this.load(source), length);
      target.set(this.#borrow(this.#work, length));
    } else {
      for (let i = 0; i < length; i += WORK_BYTES) {
        const end = Math.min(i + WORK_BYTES, length);
        work.set(source.subarray(i, end));
        run(address, end - i);
        target.set(work.subarray(0, end - i), i);
      }
      this.#worked = WORK_BYTES;
    }
    if (!this.owns(target)) this.#wipeWork(); // it may be a borrowed view of the work area
    return target;
  }

  /** Where data lies in the memory of the module, or 0. */
  placeOf(data: Uint8Array): number {
    return this.owns(data) ? data.byteOffset : 0;
  }

  /** Copies data into the work area, wipes what an earlier call left behind it, and returns its address. */
  load(data: Uint8Array): number {
    const { length } = data;
    const work = this.#work.bytes;
    work.set(data);
    if (this.#worked > length) work.fill(0, length, this.#worked);
    this.#worked = length;
    return this.#work.address;
  }

  /** Passes data through the work area in pieces, for functions that only read. */
  absorb(data: Uint8Array, run: (address: number, length: number) => void): void {
    const { length } = data;
    if (length === 0) return;
    const work = this.#work.bytes;
    if (this.owns(data)) {
      run(data.byteOffset, length); // it lies in the memory of the module already
      return;
    }
    if (length <= WORK_BYTES) {
      run(this.load(data), length);
    } else {
      const { address } = this.#work;
      for (let i = 0; i < length; i += WORK_BYTES) {
        const end = Math.min(i + WORK_BYTES, length);
        work.set(data.subarray(i, end));
        run(address, end - i);
      }
      this.#worked = WORK_BYTES;
    }
    this.#wipeWork();
  }

  /**
   * Divides the work area among `count` arrays of up to `length` bytes. Returns the distance between them, a
   * multiple of 64: pieces may have as many bytes.
   */
  divide(count: number, length: number): number {
    const stride = Math.min((length + 63) & ~63, WORK_BYTES / count);
    if (this.#worked > count * stride) this.#wipeWork();
    this.#worked = count * stride;
    return stride;
  }

  /** The whole work area: a *borrowed* view. */
  get work(): Uint8Array<ArrayBuffer> {
    return this.#work.bytes;
  }

  wipeWork(): void {
    this.#wipeWork();
  }

  #wipeWork(): void {
    this.#work.bytes.fill(0, 0, this.#worked);
    this.#worked = 0;
  }

  /** Two areas of `length` bytes each, up to half the work area. */
  compare(a: Uint8Array, b: Uint8Array): boolean {
    const half = WORK_BYTES / 2;
    const work = this.#work.bytes;
    const { address } = this.#work;
    let equal = 1;
    // Both may be borrowed views of the work area: take them out before it is overwritten.
    const [first, second] = this.owns(a) || this.owns(b) ? [copyBytes(a), copyBytes(b)] : [a, b];
    for (let i = 0; i < first.length; i += half) {
      const end = Math.min(i + half, first.length);
      work.set(first.subarray(i, end));
      work.set(second.subarray(i, end), half);
      equal &= this.exports.bytesEqual(address, address + half, end - i);
    }
    // An earlier result may lie here too, and is void now.
    work.fill(0, 0, Math.max(half + Math.min(first.length, half), this.#worked));
    this.#worked = 0;
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
