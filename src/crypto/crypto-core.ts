import { base64 } from '../../build/wasm/crypto.js';
import { checkBytes, checkInteger, checkLength } from '../core/checks.ts';
import { InlinedModule, type Instance, instantiate, type WasmSource } from '../core/load.ts';
import type { WasmMemory } from '../core/memory.ts';
import { AesKey } from './aes-key.ts';
import { AesCtr, AesIge, runAesBlock, runAesIge } from './aes.ts';
import { type CryptoExports, Engine } from './engine.ts';
import { badArgument, badLength } from './errors.ts';
import { Hash, type HashAlgorithm, runHash } from './hash.ts';
import { runModExp, runModExpShared } from './mod-exp.ts';
import { PacketBuffer } from './packet-buffer.ts';
import { checkSharedKey, type SharedKey, sharedKeyFrom } from './shared-key.ts';

const inlined = /* @__PURE__ */ new InlinedModule(base64);

/** @internal AES key and iv of a message or packet. */
export type DerivedKey = { aesKey: Uint8Array; aesIv: Uint8Array };

/**
 * The primitives, on one WebAssembly instance with its own memory. All of them run in constant time
 * with respect to keys and data. Synchronous.
 *
 * Results are *borrowed* views into WASM memory, valid until the next call on this core or on an
 * object made by it, unless a `dst` is passed or the result has more than 64 KiB: then they are
 * *owned*. Borrowed views may be passed back in as arguments. One-shot calls never grow the memory;
 * the `create...` methods may, and that detaches every view taken before.
 *
 * Wrong arguments throw {@link CryptoError} and change nothing.
 */
export class CryptoCore {
  /** The memory of the instance. */
  readonly memory: WasmMemory;
  readonly #engine: Engine;

  /** @internal */
  constructor(instance: Instance<CryptoExports>) {
    this.#engine = new Engine(instance);
    this.memory = instance.memory;
  }

  /** SHA-1 (FIPS 180-4), 20 bytes: into `dst`, or *borrowed*. */
  sha1(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runHash(this.#engine, 'sha1', data, dst);
  }

  /** SHA-256 (FIPS 180-4), 32 bytes: into `dst`, or *borrowed*. */
  sha256(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runHash(this.#engine, 'sha256', data, dst);
  }

  /** SHA-512 (FIPS 180-4), 64 bytes: into `dst`, or *borrowed*. */
  sha512(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runHash(this.#engine, 'sha512', data, dst);
  }

  /** A hash of data that comes in pieces. */
  createHash(algorithm: HashAlgorithm): Hash {
    return new Hash(this.#engine, algorithm);
  }

  /** Expands a 32-byte AES-256 key once, for many calls. */
  createAesKey(key: Uint8Array): AesKey {
    this.#engine.checkOpen();
    return new AesKey(this.#engine, key);
  }

  /** AES-256 (FIPS 197) of one 16-byte block: into `dst`, or *borrowed*. */
  aesEncryptBlock(key: Uint8Array | AesKey, block: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runAesBlock(this.#engine, 'encrypt', key, block, dst);
  }

  /** The inverse of {@link aesEncryptBlock}. */
  aesDecryptBlock(key: Uint8Array | AesKey, block: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runAesBlock(this.#engine, 'decrypt', key, block, dst);
  }

  /**
   * Encrypts whole blocks with AES-256 in infinite garble extension mode, as MTProto uses it. No
   * padding is added.
   * @param key 32 bytes, or an {@link AesKey} whose schedule is reused
   * @param iv 32 bytes: previous ciphertext block, then previous plaintext block. Not modified.
   * @param data a multiple of 16 bytes, possibly none
   * @param dst receives `data.length` bytes; may be `data` itself
   * @returns `dst`, or a *borrowed* view (of more than 64 KiB: an *owned* array)
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   * @example
   * const sealed = crypto.aesIgeEncrypt(key, iv, padded).slice(); // keep a copy
   */
  aesIgeEncrypt(
    key: Uint8Array | AesKey,
    iv: Uint8Array,
    data: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runAesIge(this.#engine, 'encrypt', key, iv, data, dst);
  }

  /** The inverse of {@link aesIgeEncrypt}. */
  aesIgeDecrypt(
    key: Uint8Array | AesKey,
    iv: Uint8Array,
    data: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runAesIge(this.#engine, 'decrypt', key, iv, data, dst);
  }

  /** An IGE stream whose chaining value goes on from call to call. Key and iv have 32 bytes. */
  createAesIge(key: Uint8Array, iv: Uint8Array): AesIge {
    return new AesIge(this.#engine, key, iv);
  }

  /** A CTR stream (SP 800-38A). The key has 32 bytes; the iv 16: one big-endian counter. */
  createAesCtr(key: Uint8Array, iv: Uint8Array): AesCtr {
    return new AesCtr(this.#engine, key, iv);
  }

  /**
   * A 256-byte key in WASM memory.
   * @param bytes 1..256 bytes, a big-endian number: padded with zeros on the left
   */
  createSharedKey(bytes: Uint8Array): SharedKey {
    return sharedKeyFrom(this.#engine, bytes);
  }

  /** A buffer in which packets are sealed and opened. `capacity`: bytes of the body, 5 to 16 Mi. */
  createPacketBuffer(capacity: number): PacketBuffer {
    return new PacketBuffer(this.#engine, capacity);
  }

  /**
   * base^exponent mod modulus, in constant time with respect to base and exponent. The numbers are
   * big-endian, 1..256 bytes; the modulus is odd and public.
   * @returns 256 bytes, big-endian: `dst`, or a *borrowed* view
   * @throws {CryptoError} `bad-argument`, `bad-length`, `bad-modulus`, `released`
   */
  modExp(
    base: Uint8Array,
    exponent: Uint8Array,
    modulus: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runModExp(this.#engine, base, exponent, modulus, dst);
  }

  /** As {@link modExp}; the result becomes a key and never leaves WASM memory. */
  modExpShared(base: Uint8Array, exponent: Uint8Array, modulus: Uint8Array): SharedKey {
    return runModExpShared(this.#engine, base, exponent, modulus);
  }

  /** Whether two arrays have the same bytes; takes equally long wherever they differ. Lengths are public. */
  equal(a: Uint8Array, b: Uint8Array): boolean {
    this.#engine.checkOpen();
    checkBytes('a', a, badArgument);
    checkBytes('b', b, badArgument);
    return a.length === b.length && this.#engine.compare(a, b);
  }

  /** @internal Key derivation of messages (mtproto.md 2): 32-byte key, 32-byte iv, *owned*. */
  messageKdf(key: SharedKey, msgKey: Uint8Array, x: number): DerivedKey {
    return this.#derive('messageKdf', key, msgKey, x, 32);
  }

  /** @internal Key derivation of call packets (call-packets.md 2): 32-byte key, 16-byte iv, *owned*. */
  callKdf(key: SharedKey, msgKey: Uint8Array, x: number): DerivedKey {
    return this.#derive('callKdf', key, msgKey, x, 16);
  }

  #derive(
    kdf: 'messageKdf' | 'callKdf',
    key: SharedKey,
    msgKey: Uint8Array,
    x: number,
    ivBytes: number,
  ): DerivedKey {
    const engine = this.#engine;
    engine.checkOpen();
    checkBytes('msgKey', msgKey, badArgument);
    checkLength('msgKey', msgKey, 16, badLength);
    checkInteger('x', x, 0, 136, badArgument);
    const address = checkSharedKey(engine, key);
    const { resultAddress } = engine;
    engine.exports[kdf](address, x, engine.stageIv(msgKey), resultAddress, resultAddress + 32);
    engine.wipeStaging();
    const both = engine.takeResult(32 + ivBytes, new Uint8Array(32 + ivBytes));
    return { aesKey: both.slice(0, 32), aesIv: both.slice(32) };
  }

  /** @internal The 24 tables of assembly/crypto/aes-tables.ts, *owned*. */
  aesTables(): Uint8Array {
    this.#engine.checkOpen();
    return this.memory.view(this.#engine.exports.aesTables(), 384).slice();
  }

  /** Closes everything made by this core and wipes its memory. Idempotent. */
  close(): void {
    this.#engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * Makes an instance, synchronously, in every runtime.
 * @param source bytes of `sottovoce/wasm/crypto.wasm` (or `call.wasm`), or the module compiled from
 *   them; by default the inlined module, compiled on first use
 * @throws {WasmError} `bad-module`
 * @example
 * const crypto = createCrypto();
 * const digest = crypto.sha256(bytes).slice();
 */
export function createCrypto(source: WasmSource = inlined.module): CryptoCore {
  return new CryptoCore(instantiate<CryptoExports>(source, ['aesIgeEncrypt', 'callPacketSeal']));
}
