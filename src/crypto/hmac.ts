import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkInteger } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { checkDst, type Engine, HMAC_BYTES } from './engine.ts';
import { badArgument, CryptoError } from './errors.ts';
import { type HashAlgorithm, hashOf } from './hash.ts';

/** Starts an HMAC at `state`. A key longer than a block is hashed first (RFC 2104 2). */
function start(engine: Engine, state: number, algorithm: HashAlgorithm, key: Uint8Array): void {
  const { kind, blockBytes } = hashOf(algorithm);
  const { exports, resultAddress } = engine;
  if (key.length <= blockBytes) {
    engine.absorb(key, (address, length) => exports.hmacInit(state, kind, address, length));
    if (key.length === 0) exports.hmacInit(state, kind, resultAddress, 0);
    return;
  }
  exports.hashInit(state, kind);
  engine.absorb(key, (address, length) => exports.hashUpdate(state, address, length));
  const length = exports.hashFinal(state, resultAddress);
  exports.hmacInit(state, kind, resultAddress, length);
  engine.wipeResult();
}

/** @internal */
export function runHmac(
  engine: Engine,
  algorithm: HashAlgorithm,
  key: Uint8Array,
  data: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  const { bytes } = hashOf(algorithm);
  checkBytes('key', key, badArgument);
  checkBytes('data', data, badArgument);
  checkDst(dst, bytes);
  // Both may be borrowed views of the areas that starting overwrites.
  const input = engine.owns(data) ? copyBytes(data) : data;
  const { exports, hashAddress: state } = engine;
  start(engine, state, algorithm, key);
  engine.absorb(input, (address, length) => exports.hashUpdate(state, address, length));
  exports.hmacFinal(state, engine.resultAddress);
  return engine.takeResult(bytes, dst);
}

/**
 * An HMAC (RFC 2104) of data that comes in pieces, with one key for many messages. Made by
 * {@link CryptoCore.createHmac}.
 * @example
 * const hmac = crypto.createHmac('sha256', key);
 * const code = hmac.update(head).update(rest).digest().slice();
 * const next = hmac.update(other).digest().slice(); // the same key again
 */
export class Hmac {
  readonly algorithm: HashAlgorithm;
  /** Length of the code in bytes. */
  readonly digestBytes: number;
  readonly #engine: Engine;
  /** The state of a key without data, then the one in use. */
  readonly #states: Block;

  /** @internal */
  constructor(engine: Engine, algorithm: HashAlgorithm, key: Uint8Array) {
    engine.checkOpen();
    this.algorithm = algorithm;
    this.digestBytes = hashOf(algorithm).bytes;
    checkBytes('key', key, badArgument);
    this.#engine = engine;
    start(engine, engine.hashAddress, algorithm, key); // before the allocation, which may detach `key`
    this.#states = engine.memory.allocate(2 * HMAC_BYTES);
    this.#states.bytes.set(engine.memory.view(engine.hashAddress, HMAC_BYTES));
    engine.wipeStaging();
    this.reset();
    engine.register(this);
  }

  /** Takes in more bytes, of any number. */
  update(data: Uint8Array): this {
    this.#checkOpen();
    checkBytes('data', data, badArgument);
    const state = this.#states.address + HMAC_BYTES;
    const { exports } = this.#engine;
    this.#engine.absorb(data, (address, length) => exports.hashUpdate(state, address, length));
    return this;
  }

  /**
   * Ends the message; the next `update` starts another with the same key.
   * @param dst receives `digestBytes` bytes
   * @returns `dst`, or a *borrowed* view
   */
  digest(dst?: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkDst(dst, this.digestBytes);
    this.#engine.exports.hmacFinal(this.#states.address + HMAC_BYTES, this.#engine.resultAddress);
    this.reset();
    return this.#engine.takeResult(this.digestBytes, dst);
  }

  /** Forgets what was taken in of the message. */
  reset(): this {
    this.#checkOpen();
    this.#states.bytes.copyWithin(HMAC_BYTES, 0, HMAC_BYTES);
    return this;
  }

  #checkOpen(): void {
    if (this.#states.released) throw new CryptoError('released', 'the Hmac was closed');
  }

  /** Wipes key and state. Idempotent. */
  close(): void {
    this.#states.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Longest derived key: 255 blocks, as HKDF has it. */
const MAX_BLOCKS = 255;

/** @internal PBKDF2 (RFC 8018 5.2). */
export function runPbkdf2(
  engine: Engine,
  algorithm: HashAlgorithm,
  password: Uint8Array,
  salt: Uint8Array,
  iterations: number,
  length: number,
): Uint8Array {
  engine.checkOpen();
  const { bytes } = hashOf(algorithm);
  checkBytes('password', password, badArgument);
  checkBytes('salt', salt, badArgument);
  if (salt.length > 1024) throw badArgument(`"salt" expected at most 1024 bytes`);
  checkInteger('iterations', iterations, 1, 2 ** 31 - 1, badArgument);
  checkInteger('length', length, 1, MAX_BLOCKS * bytes, badArgument);
  const { exports, hashAddress: state, resultAddress } = engine;
  const input = copyBytes(salt);
  start(engine, state, algorithm, password);
  const derived = new Uint8Array(length);
  for (let at = 0, index = 1; at < length; at += bytes, index++) {
    const address = engine.stageLong(input);
    exports.pbkdf2Block(state, address, input.length, iterations, index, resultAddress);
    const part = engine.memory.view(resultAddress, Math.min(bytes, length - at));
    derived.set(part, at);
  }
  engine.wipeResult();
  engine.wipeStaging();
  return derived;
}

/** @internal HKDF (RFC 5869). */
export function runHkdf(
  engine: Engine,
  algorithm: HashAlgorithm,
  key: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  engine.checkOpen();
  const { bytes, kind } = hashOf(algorithm);
  for (const [name, value] of Object.entries({ key, salt, info })) {
    checkBytes(name, value, badArgument);
  }
  checkInteger('length', length, 1, MAX_BLOCKS * bytes, badArgument);
  const { exports, hashAddress: state, resultAddress } = engine;
  const context = copyBytes(info);
  const input = engine.owns(key) ? copyBytes(key) : key;
  const update = (data: Uint8Array): void =>
    engine.absorb(data, (address, part) => exports.hashUpdate(state, address, part));
  start(engine, state, algorithm, salt);
  update(input);
  exports.hmacFinal(state, resultAddress);
  const pseudorandom = engine.stageResult(bytes); // the extracted key stays in WASM memory
  const derived = new Uint8Array(length);
  for (let at = 0, index = 1; at < length; at += bytes, index++) {
    exports.hmacInit(state, kind, pseudorandom, bytes);
    if (at > 0) exports.hashUpdate(state, resultAddress, bytes);
    update(context);
    update(Uint8Array.of(index));
    exports.hmacFinal(state, resultAddress);
    derived.set(engine.memory.view(resultAddress, Math.min(bytes, length - at)), at);
  }
  if (input !== key) input.fill(0);
  engine.wipeResult();
  engine.wipeStaging();
  return derived;
}
