import { copyBytes } from '../core/bytes.ts';
import { checkBytes } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { checkDst, type Engine, HASH_BYTES, WORK_BYTES } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';
import { checkSharedKey, type SharedKey } from './shared-key.ts';

/** The hash functions of FIPS 180-4 that MTProto uses. */
export type HashAlgorithm = 'sha1' | 'sha256' | 'sha512';

/** Number in the module (assembly/crypto/hash.ts, HashKind); bytes of a digest and of a block. */
type HashFacts = { readonly kind: number; readonly bytes: number; readonly blockBytes: number };

const ALGORITHMS: Readonly<Record<HashAlgorithm, HashFacts>> = {
  sha1: { kind: 0, bytes: 20, blockBytes: 64 },
  sha256: { kind: 1, bytes: 32, blockBytes: 64 },
  sha512: { kind: 2, bytes: 64, blockBytes: 128 },
};

/** @internal The facts of an algorithm that a caller named. */
export function hashOf(algorithm: HashAlgorithm): HashFacts {
  if (typeof algorithm !== 'string' || !Object.hasOwn(ALGORITHMS, algorithm)) {
    throw new CryptoError('bad-argument', '"algorithm" expected sha1, sha256 or sha512');
  }
  return ALGORITHMS[algorithm];
}

/** @internal */
export function runHash(
  engine: Engine,
  algorithm: HashAlgorithm,
  data: Uint8Array,
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  const { kind, bytes } = ALGORITHMS[algorithm];
  checkBytes('data', data, badArgument);
  checkDst(dst, bytes);
  const { exports } = engine;
  if (kind === 1 && data.length <= WORK_BYTES) {
    const place = engine.placeOf(data);
    exports.sha256Once(engine.resultAddress, place || engine.load(data), data.length);
    if (place === 0) engine.wipeWork();
    return engine.takeResult(bytes, dst);
  }
  const { hashAddress } = engine;
  exports.hashInit(hashAddress, kind);
  engine.absorb(data, (address, length) => exports.hashUpdate(hashAddress, address, length));
  exports.hashFinal(hashAddress, engine.resultAddress);
  return engine.takeResult(bytes, dst);
}

/**
 * A hash of data that comes in pieces. Made by {@link CryptoCore.createHash}.
 * @example
 * const digest = crypto.createHash('sha256').update(head).update(rest).digest().slice();
 */
export class Hash {
  readonly algorithm: HashAlgorithm;
  /** Length of the digest in bytes. */
  readonly digestBytes: number;
  readonly #engine: Engine;
  readonly #kind: number;
  readonly #state: Block;
  #finished = false;

  /** @internal */
  constructor(engine: Engine, algorithm: HashAlgorithm) {
    engine.checkOpen();
    const { kind, bytes } = hashOf(algorithm);
    this.algorithm = algorithm;
    this.#kind = kind;
    this.digestBytes = bytes;
    this.#engine = engine;
    this.#state = engine.memory.allocate(HASH_BYTES);
    engine.exports.hashInit(this.#state.address, this.#kind);
    engine.register(this);
  }

  /**
   * Takes in more bytes, of any number.
   * @throws {CryptoError} `bad-argument`; `released` after `close()` or, without `reset()`, `digest()`
   */
  update(data: Uint8Array): this {
    this.#checkOpen();
    checkBytes('data', data, badArgument);
    const { address: state } = this.#state;
    const { exports } = this.#engine;
    this.#engine.absorb(data, (address, length) => exports.hashUpdate(state, address, length));
    return this;
  }

  /** @internal Takes in the 256 bytes of a key, which stay in WASM memory. */
  updateKey(key: SharedKey): this {
    this.#checkOpen();
    const address = checkSharedKey(this.#engine, key);
    this.#engine.exports.hashUpdate(this.#state.address, address, 256);
    return this;
  }

  /**
   * Ends the hash and wipes its state; `reset()` starts another.
   * @param dst receives `digestBytes` bytes
   * @returns `dst`, or a *borrowed* view
   */
  digest(dst?: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkDst(dst, this.digestBytes);
    this.#engine.exports.hashFinal(this.#state.address, this.#engine.resultAddress);
    this.#finished = true;
    return this.#engine.takeResult(this.digestBytes, dst);
  }

  /** Forgets everything taken in and starts anew. */
  reset(): this {
    if (this.#state.released) throw new CryptoError('released', 'the Hash was closed');
    this.#engine.exports.hashInit(this.#state.address, this.#kind);
    this.#finished = false;
    return this;
  }

  #checkOpen(): void {
    if (this.#state.released) throw new CryptoError('released', 'the Hash was closed');
    if (this.#finished) throw new CryptoError('released', 'the digest was taken; call reset()');
  }

  /** Wipes the state. Idempotent. */
  close(): void {
    this.#state.release();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** @internal Four messages of one length at a time. */
export function runSha256x4(
  engine: Engine,
  messages: readonly Uint8Array[],
  dst: Uint8Array | undefined,
): Uint8Array {
  engine.checkOpen();
  if (!Array.isArray(messages) || messages.length !== 4) {
    throw badArgument('"messages" expected an array of four');
  }
  for (const message of messages as Uint8Array[]) checkBytes('messages', message, badArgument);
  const [a, b, c, d] = messages as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const { length } = a;
  if (b.length !== length || c.length !== length || d.length !== length) {
    throw badLength('"messages" expected four arrays of one length');
  }
  checkDst(dst, 128);
  const { exports, work, workAddress, resultAddress } = engine;
  // Borrowed views of the work area would be overwritten by the first pieces.
  const safe = (one: Uint8Array): Uint8Array => (engine.owns(one) ? copyBytes(one) : one);
  const [s0, s1, s2, s3] = [safe(a), safe(b), safe(c), safe(d)];
  const stride = engine.divide(4, length);
  exports.sha256x4Start();
  for (let at = 0; at <= length; at += stride) {
    const end = Math.min(at + stride, length);
    const part = end - at;
    const piece = (one: Uint8Array): Uint8Array => (part === length ? one : one.subarray(at, end));
    work.set(piece(s0), 0);
    work.set(piece(s1), stride);
    work.set(piece(s2), 2 * stride);
    work.set(piece(s3), 3 * stride);
    const whole = part & ~63;
    const p = workAddress;
    exports.sha256x4Update(p, p + stride, p + 2 * stride, p + 3 * stride, whole);
    if (part < stride || end === length) {
      const q = p + whole;
      const rest = part - whole;
      exports.sha256x4Final(
        resultAddress,
        q,
        q + stride,
        q + 2 * stride,
        q + 3 * stride,
        rest,
        length,
      );
      break;
    }
  }
  engine.wipeWork();
  return engine.takeResult(128, dst);
}
