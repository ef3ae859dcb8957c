import { base64 } from '../../build/wasm/crypto.js';
import { checkBytes, checkInteger, checkLength } from '../core/checks.ts';
import { InlinedModule, type Instance, instantiate, type WasmSource } from '../core/load.ts';
import type { WasmMemory } from '../core/memory.ts';
import { AesKey } from './aes-key.ts';
import { AesCbc, AesCtr, AesIge, runAesBlock, runAesChained, runAesCtr } from './aes.ts';
import { type CryptoExports, Engine } from './engine.ts';
import { badArgument, badLength } from './errors.ts';
import { Hash, type HashAlgorithm, runHash, runSha256x4 } from './hash.ts';
import { Hmac, runHkdf, runHmac, runPbkdf2 } from './hmac.ts';
import { runFactorPq, runModExp, runModExpShared, runModular, runMultiplyAdd } from './mod-exp.ts';
import { type IgeJob, runAesIgePair } from './ige-pair.ts';
import { PacketBatch } from './packet-batch.ts';
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

  /**
   * SHA-256 of four messages of one length at a time: takes little more than half the time of four calls.
   * @param messages four arrays
   * @returns the four digests, 128 bytes: `dst`, or a *borrowed* view
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  sha256x4(
    messages: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array],
    dst?: Uint8Array,
  ): Uint8Array {
    return runSha256x4(this.#engine, messages, dst);
  }

  /** A hash of data that comes in pieces. */
  createHash(algorithm: HashAlgorithm): Hash {
    return new Hash(this.#engine, algorithm);
  }

  /** HMAC-SHA256 (RFC 2104) under a key of any length, 32 bytes: into `dst`, or *borrowed*. */
  hmacSha256(key: Uint8Array, data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runHmac(this.#engine, 'sha256', key, data, dst);
  }

  /** HMAC-SHA512 (RFC 2104) under a key of any length, 64 bytes: into `dst`, or *borrowed*. */
  hmacSha512(key: Uint8Array, data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runHmac(this.#engine, 'sha512', key, data, dst);
  }

  /** An HMAC of data that comes in pieces, or of many messages under one key of any length. */
  createHmac(algorithm: HashAlgorithm, key: Uint8Array): Hmac {
    return new Hmac(this.#engine, algorithm, key);
  }

  /**
   * PBKDF2 over HMAC (RFC 8018 5.2). 100,000 iterations of SHA-512, as the two-factor check of
   * Telegram demands them, take about 0.1 s, during which nothing else runs.
   * @param salt at most 1024 bytes
   * @param length bytes wanted, 1 to 255 digests
   * @returns *owned*
   * @throws {CryptoError} `bad-argument`, `released`
   */
  pbkdf2(
    algorithm: HashAlgorithm,
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    length: number,
  ): Uint8Array {
    return runPbkdf2(this.#engine, algorithm, password, salt, iterations, length);
  }

  /**
   * HKDF (RFC 5869): extracts from `key` with `salt`, and expands with `info`.
   * @param length bytes wanted, 1 to 255 digests
   * @returns *owned*
   * @throws {CryptoError} `bad-argument`, `released`
   */
  hkdf(
    algorithm: HashAlgorithm,
    key: Uint8Array,
    salt: Uint8Array,
    info: Uint8Array,
    length: number,
  ): Uint8Array {
    return runHkdf(this.#engine, algorithm, key, salt, info, length);
  }

  /**
   * CRC-32 (IEEE 802.3), as an unsigned number. Not constant time: for what is sent in the clear.
   * @param crc that of the bytes before `data`
   */
  crc32(data: Uint8Array, crc = 0): number {
    const engine = this.#engine;
    engine.checkOpen();
    checkBytes('data', data, badArgument);
    checkInteger('crc', crc, 0, 2 ** 32 - 1, badArgument);
    let value = crc;
    engine.absorb(data, (address, length) => {
      value = engine.exports.crc32Update(value, address, length);
    });
    return value >>> 0;
  }

  /**
   * Expands an AES key of 16, 24 or 32 bytes once, for many calls. Only through such a key do the
   * methods below work with AES-128 or AES-192: a key given as bytes must have 32.
   */
  createAesKey(key: Uint8Array): AesKey {
    this.#engine.checkOpen();
    return new AesKey(this.#engine, key);
  }

  /** AES (FIPS 197) of one 16-byte block: into `dst`, or *borrowed*. */
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
    return runAesChained(this.#engine, 'ige', 'encrypt', key, iv, data, dst);
  }

  /** The inverse of {@link aesIgeEncrypt}. */
  aesIgeDecrypt(
    key: Uint8Array | AesKey,
    iv: Uint8Array,
    data: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runAesChained(this.#engine, 'ige', 'decrypt', key, iv, data, dst);
  }

  /**
   * Two independent IGE encryptions at a time. One alone leaves half of the processor idle, because each block
   * waits for the one before: the pair takes about 0.7 times as long as two calls.
   * @returns both results: `dst`, or *borrowed* views (of more than 32 KiB: *owned* arrays)
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   * @example
   * const [a, b] = crypto.aesIgeEncryptPair({ key, iv, data }, { key: key2, iv: iv2, data: data2 });
   */
  aesIgeEncryptPair(first: IgeJob, second: IgeJob): [Uint8Array, Uint8Array] {
    return runAesIgePair(this.#engine, 'encrypt', first, second);
  }

  /** The inverse of {@link aesIgeEncryptPair}. */
  aesIgeDecryptPair(first: IgeJob, second: IgeJob): [Uint8Array, Uint8Array] {
    return runAesIgePair(this.#engine, 'decrypt', first, second);
  }

  /** An IGE stream whose chaining value goes on from call to call. Key and iv have 32 bytes. */
  createAesIge(key: Uint8Array, iv: Uint8Array): AesIge {
    return new AesIge(this.#engine, key, iv);
  }

  /**
   * Encrypts whole blocks with AES in cipher block chaining mode (SP 800-38A 6.2). No padding is added.
   * @param key 32 bytes, or an {@link AesKey}
   * @param iv 16 bytes, not modified
   * @param data a multiple of 16 bytes, possibly none
   * @param dst receives `data.length` bytes; may be `data` itself
   * @returns `dst`, or a *borrowed* view (of more than 64 KiB: an *owned* array)
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  aesCbcEncrypt(
    key: Uint8Array | AesKey,
    iv: Uint8Array,
    data: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runAesChained(this.#engine, 'cbc', 'encrypt', key, iv, data, dst);
  }

  /** The inverse of {@link aesCbcEncrypt}. */
  aesCbcDecrypt(
    key: Uint8Array | AesKey,
    iv: Uint8Array,
    data: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runAesChained(this.#engine, 'cbc', 'decrypt', key, iv, data, dst);
  }

  /** A CBC stream whose chaining value goes on from call to call. The key has 32 bytes, the iv 16. */
  createAesCbc(key: Uint8Array, iv: Uint8Array): AesCbc {
    return new AesCbc(this.#engine, key, iv);
  }

  /**
   * En- or decrypts with AES in counter mode (SP 800-38A 6.5), from the start of a stream.
   * @param key 32 bytes, or an {@link AesKey}
   * @param iv 16 bytes, one big-endian counter; not modified
   * @param data any number of bytes
   * @param dst receives `data.length` bytes; may be `data` itself
   * @returns `dst`, or a *borrowed* view (of more than 64 KiB: an *owned* array)
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  aesCtr(key: Uint8Array | AesKey, iv: Uint8Array, data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runAesCtr(this.#engine, key, iv, data, dst);
  }

  /** A CTR stream. The key has 32 bytes or is an {@link AesKey}; the iv 16: one big-endian counter. */
  createAesCtr(key: Uint8Array | AesKey, iv: Uint8Array): AesCtr {
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

  /** Room for `size` packets with bodies of up to `capacity` bytes, sealed or opened in one call. */
  createPacketBatch(size: number, capacity: number): PacketBatch {
    return new PacketBatch(this.#engine, size, capacity);
  }

  /**
   * base^exponent mod modulus, in constant time with respect to base and exponent. The numbers are
   * big-endian, 1..256 bytes, the exponent up to 264; the modulus is odd and public. Exponents of up to
   * 2048 bits take equally long, longer ones by their length in bytes.
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

  /** As {@link modExp}, for a public exponent (RSA): the time follows its length in bytes. */
  modExpPublic(
    base: Uint8Array,
    exponent: Uint8Array,
    modulus: Uint8Array,
    dst?: Uint8Array,
  ): Uint8Array {
    return runModExp(this.#engine, base, exponent, modulus, dst, 1);
  }

  /** a * b mod modulus, in constant time; conventions of {@link modExp}. With b = 1: a mod modulus. */
  modMultiply(a: Uint8Array, b: Uint8Array, modulus: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runModular(this.#engine, 'modMultiply', a, b, modulus, dst);
  }

  /** a - b mod modulus, never negative, in constant time; conventions of {@link modExp}. */
  modSubtract(a: Uint8Array, b: Uint8Array, modulus: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runModular(this.#engine, 'modSubtract', a, b, modulus, dst);
  }

  /**
   * a + b * c, not reduced, in constant time: the exponent of SRP (mtproto.md 9).
   * @param a big-endian, 1..256 bytes
   * @param b big-endian, 1..32 bytes, as is `c`
   * @returns 264 bytes, big-endian: `dst`, or a *borrowed* view
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  multiplyAdd(a: Uint8Array, b: Uint8Array, c: Uint8Array, dst?: Uint8Array): Uint8Array {
    return runMultiplyAdd(this.#engine, a, b, c, dst);
  }

  /**
   * Splits a public number into its two primes (mtproto.md 6, step 3). Tries are bounded: any number
   * is answered within a fraction of a second.
   * @param pq big-endian, 1..8 bytes
   * @returns p <= q, big-endian without leading zeros, *owned*; `null` when the number is 2^63 or more or
   *   is no product of two primes
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  factorPq(pq: Uint8Array): [p: Uint8Array, q: Uint8Array] | null {
    return runFactorPq(this.#engine, pq);
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

  /** @internal Key derivation of MTProto 1.0 (mtproto.md 3): 32-byte key, 32-byte iv, *owned*. */
  messageKdfV1(key: SharedKey, msgKey: Uint8Array, x: number): DerivedKey {
    return this.#derive('messageKdfV1', key, msgKey, x, 32);
  }

  #derive(
    kdf: 'messageKdf' | 'messageKdfV1' | 'callKdf',
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
