import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkLength } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { AesKey, checkKey, scheduleOf } from './aes-key.ts';
import { AES_CTR_BYTES, checkDst, type Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';

/** @internal Which way a cipher runs. */
export type Direction = 'encrypt' | 'decrypt';

/** @internal */
export function checkBlocks(name: string, value: unknown): asserts value is Uint8Array {
  checkBytes(name, value, badArgument);
  if (value.length % 16 !== 0) {
    throw badLength(`"${name}" expected a multiple of 16 bytes, got ${value.length}`);
  }
}

/** @internal One block (FIPS 197). */
export function runAesBlock(
  engine: Engine,
  direction: Direction,
  key: Uint8Array | AesKey,
  block: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  checkKey(engine, key);
  checkBytes('block', block, badArgument);
  checkLength('block', block, 16, badLength);
  checkDst(dst, 16);
  const { exports, resultAddress } = engine;
  const source = engine.stageIv(block);
  const schedule = scheduleOf(engine, key);
  if (direction === 'encrypt') exports.aesBlockEncrypt(schedule, resultAddress, source);
  else exports.aesBlockDecrypt(schedule, resultAddress, source);
  engine.wipeStaging();
  return engine.takeResult(16, dst);
}

/** The chained modes: name of the functions in the module, and bytes of the iv. */
const MODES = {
  ige: { encrypt: 'aesIgeEncrypt', decrypt: 'aesIgeDecrypt', ivBytes: 32 },
  cbc: { encrypt: 'aesCbcEncrypt', decrypt: 'aesCbcDecrypt', ivBytes: 16 },
} as const;

/** @internal A mode that chains whole blocks. */
export type ChainedMode = keyof typeof MODES;

/** @internal A chained mode from a given iv; `after` hears of the chaining value before it is wiped. */
export function runAesChained(
  engine: Engine,
  mode: ChainedMode,
  direction: Direction,
  key: Uint8Array | AesKey,
  iv: Uint8Array,
  data: Uint8Array,
  dst: Uint8Array | undefined,
  after?: (iv: Uint8Array) => void,
): Uint8Array {
  engine.checkOpen();
  checkKey(engine, key);
  const { ivBytes, [direction]: name } = MODES[mode];
  checkBytes('iv', iv, badArgument);
  checkLength('iv', iv, ivBytes, badLength);
  checkBlocks('data', data);
  checkDst(dst, data.length);
  const run = engine.exports[name];
  const chain = engine.stageIv(iv);
  const schedule = scheduleOf(engine, key);
  const result = engine.transform(data, dst, (address, length) =>
    run(schedule, chain, address, address, length),
  );
  after?.(engine.stagedIv(ivBytes));
  engine.wipeStaging();
  return result;
}

/** What the two stream classes share: a key, a chaining value, and both directions. */
class AesChain {
  readonly #engine: Engine;
  readonly #mode: ChainedMode;
  readonly #key: AesKey;
  readonly #iv: Block;

  /** @internal */
  constructor(engine: Engine, mode: ChainedMode, key: Uint8Array, iv: Uint8Array) {
    engine.checkOpen();
    const { ivBytes } = MODES[mode];
    checkBytes('key', key, badArgument);
    checkLength('key', key, 32, badLength);
    checkBytes('iv', iv, badArgument);
    checkLength('iv', iv, ivBytes, badLength);
    const first = copyBytes(iv); // the allocations below may detach it
    this.#engine = engine;
    this.#mode = mode;
    this.#key = new AesKey(engine, key);
    this.#iv = engine.memory.allocate(ivBytes);
    this.#iv.bytes.set(first);
    first.fill(0);
    engine.register(this);
  }

  /** The chaining value, *owned*; at first the iv. */
  get iv(): Uint8Array {
    this.#checkOpen();
    return this.#iv.bytes.slice();
  }

  /**
   * Encrypts a multiple of 16 bytes.
   * @param dst receives `data.length` bytes; may be `data` itself
   * @returns `dst`, or a *borrowed* view (of more than 64 KiB: an *owned* array)
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  encrypt(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return this.#run('encrypt', data, dst);
  }

  /** Decrypts a multiple of 16 bytes. Result and errors as of `encrypt`. */
  decrypt(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return this.#run('decrypt', data, dst);
  }

  #run(direction: Direction, data: Uint8Array, dst: Uint8Array | undefined): Uint8Array {
    this.#checkOpen();
    const iv = this.#iv.bytes;
    const after = (next: Uint8Array): void => {
      iv.set(next);
      next.fill(0);
    };
    return runAesChained(this.#engine, this.#mode, direction, this.#key, iv, data, dst, after);
  }

  #checkOpen(): void {
    if (this.#iv.released) throw new CryptoError('released', 'the stream was closed');
  }

  /** Wipes key and chaining value. Idempotent. */
  close(): void {
    this.#key.close();
    this.#iv.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * AES-256-IGE as a stream: every call goes on from the chaining value that the last one left, which is
 * its last ciphertext block and its last plaintext block. Made by {@link CryptoCore.createAesIge}. Use
 * one object per direction.
 */
export class AesIge extends AesChain {
  /** @internal */
  constructor(engine: Engine, key: Uint8Array, iv: Uint8Array) {
    super(engine, 'ige', key, iv);
  }
}

/**
 * AES-256-CBC as a stream, without padding: every call goes on from the last ciphertext block. Made by
 * {@link CryptoCore.createAesCbc}. Use one object per direction.
 */
export class AesCbc extends AesChain {
  /** @internal */
  constructor(engine: Engine, key: Uint8Array, iv: Uint8Array) {
    super(engine, 'cbc', key, iv);
  }
}

/** @internal CTR from the start of a stream. */
export function runAesCtr(
  engine: Engine,
  key: Uint8Array | AesKey,
  iv: Uint8Array,
  data: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  checkKey(engine, key);
  checkBytes('iv', iv, badArgument);
  checkLength('iv', iv, 16, badLength);
  checkBytes('data', data, badArgument);
  checkDst(dst, data.length);
  const { exports, hashAddress: state } = engine; // the room of a hash is free here
  const counter = engine.stageIv(iv);
  exports.aesCtrInit(state, scheduleOf(engine, key), counter);
  const result = engine.transform(data, dst, (address, length) =>
    exports.aesCtrProcess(state, address, address, length),
  );
  engine.wipeStaging();
  return result;
}

/**
 * AES-CTR as a stream: any split of the input gives the same output, and encrypting is
 * decrypting. The counter is the whole 16-byte iv, big-endian. Made by {@link CryptoCore.createAesCtr}.
 */
export class AesCtr {
  readonly #engine: Engine;
  readonly #state: Block;

  /** @internal */
  constructor(engine: Engine, key: Uint8Array | AesKey, iv: Uint8Array) {
    engine.checkOpen();
    checkKey(engine, key);
    checkBytes('iv', iv, badArgument);
    checkLength('iv', iv, 16, badLength);
    const schedule = scheduleOf(engine, key);
    const stagedIv = engine.stageIv(iv);
    this.#engine = engine;
    this.#state = engine.memory.allocate(AES_CTR_BYTES);
    engine.exports.aesCtrInit(this.#state.address, schedule, stagedIv);
    engine.wipeStaging();
    engine.register(this);
  }

  /**
   * En- or decrypts the next bytes of the stream, of any number.
   * @param dst receives `data.length` bytes; may be `data` itself.
   * @returns `dst`, or a *borrowed* view (of more than 64 KiB: an *owned* array).
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  process(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    if (this.#state.released) throw new CryptoError('released', 'the AesCtr was closed');
    checkBytes('data', data, badArgument);
    checkDst(dst, data.length);
    const { address: state } = this.#state;
    const { exports } = this.#engine;
    return this.#engine.transform(data, dst, (address, length) =>
      exports.aesCtrProcess(state, address, address, length),
    );
  }

  /** Wipes key and key stream. Idempotent. */
  close(): void {
    this.#state.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
