import { copyBytes } from '../core/bytes.ts';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkLength,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import {
  type CryptoCore,
  checkDhConfig,
  checkPublicValue,
  DH_GENERATOR,
  DH_PRIME,
  type SharedKey,
} from '../crypto/index.ts';
import { type EmojiFingerprint, emojiFingerprint } from './emoji.ts';
import { badArgument, CallError } from './errors.ts';

/** What both sides of the exchange take. */
export type ExchangeOptions = {
  /** The prime p, 256 bytes, big-endian; the one that every server gives out when absent. */
  readonly prime?: Uint8Array;
  /** The generator g, 2..7; 3 when absent. */
  readonly g?: number;
  /** Where the secret exponent comes from; the runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

/** 256 bytes: the length of p, of secret exponents and of the key. */
const NUMBER_BYTES = 256;

/** About one public value in 200 is too short; that this many are, happens in no lifetime. */
const MAX_DRAWS = 12;

/**
 * SHA-256 of the key, left-padded to 256 bytes, and of g_a as it was sent.
 * @internal
 */
export function emojiHash(crypto: CryptoCore, key: SharedKey, gA: Uint8Array): Uint8Array {
  const hash = crypto.createHash('sha256');
  const digest = hash.updateKey(key).update(gA).digest(new Uint8Array(32));
  hash.close();
  return digest;
}

/** The part that both roles share: the group, the secret exponent, the key. */
class Exchange {
  readonly crypto: CryptoCore;
  readonly prime: Uint8Array;
  readonly #g: Uint8Array;
  readonly #random: RandomSource;
  readonly #exponent: Block;
  #key: SharedKey | undefined;
  #emojis: EmojiFingerprint | undefined;
  #ended = false;

  constructor(crypto: CryptoCore, options: ExchangeOptions) {
    checkMethods('crypto', crypto, ['modExp', 'modExpShared', 'sha256'], badArgument);
    checkOptions(options, ['prime', 'g', 'random'], badArgument);
    const { prime = DH_PRIME, g = DH_GENERATOR, random = systemRandom } = options;
    checkBytes('prime', prime, badArgument);
    checkInteger('g', g, 0, 0x7fffffff, badArgument);
    checkFunction('random', random, badArgument);
    if (!checkDhConfig(crypto, prime, g, random)) {
      throw new CallError('bad-dh-config', 'the group (p, g) is not safe');
    }
    this.crypto = crypto;
    this.prime = copyBytes(prime);
    this.#g = Uint8Array.of(g);
    this.#random = random;
    this.#exponent = crypto.memory.allocate(NUMBER_BYTES);
  }

  checkOpen(): void {
    if (this.#ended) throw new CallError('released', 'the exchange has ended');
  }

  /** Draws the exponent until g to its power has 256 bytes: then every encoding of it is equal. */
  draw(): Uint8Array {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      this.#random(this.#exponent.bytes);
      const value = this.crypto.modExp(
        this.#g,
        this.#exponent.bytes,
        this.prime,
        new Uint8Array(NUMBER_BYTES),
      );
      if (value[0] !== 0 && this.#inRange(value)) return value;
    }
    throw this.fail('bad-random', 'the random source gives no usable exponent');
  }

  /** Forms the key from the other side's value, which must be in range. */
  agree(theirs: Uint8Array): SharedKey {
    if (theirs.length < 1 || theirs.length > NUMBER_BYTES || !this.#inRange(theirs)) {
      throw this.fail('public-value-out-of-range', 'the received public value is not acceptable');
    }
    this.#key = this.crypto.modExpShared(theirs, this.#exponent.bytes, this.prime);
    this.#exponent.release();
    return this.#key;
  }

  finish(gA: Uint8Array): void {
    const hash = emojiHash(this.crypto, this.key, gA);
    this.#emojis = emojiFingerprint(hash);
    hash.fill(0);
  }

  /** The last 8 bytes of the key's SHA-1 as a signed little-endian number. */
  get fingerprint(): bigint {
    const { buffer, byteOffset } = this.key.fingerprint;
    return new DataView(buffer, byteOffset, 8).getBigInt64(0, true);
  }

  get key(): SharedKey {
    this.checkOpen();
    if (this.#key === undefined) throw new CallError('out-of-order', 'there is no key yet');
    return this.#key;
  }

  get emojis(): EmojiFingerprint {
    this.checkOpen();
    if (this.#emojis === undefined) throw new CallError('out-of-order', 'there is no key yet');
    return this.#emojis;
  }

  /** Ends the exchange because a check failed; returns what is to be thrown. */
  fail(code: CallError['code'], message: string): CallError {
    this.close();
    return new CallError(code, message);
  }

  close(): void {
    this.#ended = true;
    this.#exponent.release();
    this.#key?.close();
    this.#key = undefined;
    this.#emojis = undefined;
  }

  #inRange(value: Uint8Array): boolean {
    const { strict, recommended } = checkPublicValue(this.prime, value);
    return strict && recommended;
  }
}

/** A step out of its turn changes nothing: it is either too early or a repetition. */
function wrongStep(taken: boolean, step: string): CallError {
  return taken
    ? new CallError('duplicate', `${step}() was called before`)
    : new CallError('out-of-order', `${step}() does not fit the state of the exchange`);
}

/**
 * The caller's side of the committed Diffie-Hellman exchange
 * (core.telegram.org/api/end-to-end/video-calls). No I/O: what a step returns goes to the
 * other side, by whatever carries signalling. The secret exponent and the key stay in WebAssembly
 * memory.
 *
 * Errors `out-of-order`, `duplicate` and `bad-argument` change nothing; a failed check wipes the
 * secrets and ends the exchange, after which every step throws `released`.
 *
 * @example
 * const exchange = new CallerExchange(crypto);
 * const { gAHash } = exchange.request(); // to the callee
 * const { gA, keyFingerprint } = exchange.accept(gB); // to the callee
 * showToUser(exchange.emojis());
 */
export class CallerExchange {
  readonly #exchange: Exchange;
  #gA: Uint8Array | undefined;
  #accepted = false;

  /**
   * @throws {CallError} `bad-dh-config` when (p, g) is not safe, `bad-argument`
   * @throws {RandomError} where there is no secure generator
   */
  constructor(crypto: CryptoCore, options: ExchangeOptions = {}) {
    this.#exchange = new Exchange(crypto, options);
  }

  /**
   * Draws the secret and commits to g_a.
   * @returns the commitment, SHA-256 of g_a: 32 bytes, owned
   * @throws {CallError} `duplicate`, `bad-random`, `released`
   */
  request(): { gAHash: Uint8Array } {
    this.#exchange.checkOpen();
    if (this.#gA !== undefined) throw wrongStep(true, 'request');
    this.#gA = this.#exchange.draw();
    return { gAHash: this.#exchange.crypto.sha256(this.#gA, new Uint8Array(32)) };
  }

  /**
   * Takes the callee's g_b (1 to 256 bytes) and forms the key.
   * @returns g_a (256 bytes, owned) and the key's fingerprint (signed 64 bits)
   * @throws {CallError} `public-value-out-of-range`, `out-of-order`, `duplicate`, `bad-argument`,
   *   `released`
   */
  accept(gB: Uint8Array): { gA: Uint8Array; keyFingerprint: bigint } {
    this.#exchange.checkOpen();
    checkBytes('gB', gB, badArgument);
    if (this.#gA === undefined || this.#accepted) throw wrongStep(this.#accepted, 'accept');
    this.#exchange.agree(gB);
    this.#exchange.finish(this.#gA);
    this.#accepted = true;
    return { gA: this.#gA.slice(), keyFingerprint: this.#exchange.fingerprint };
  }

  /** The four emojis for the users to compare. @throws {CallError} `out-of-order`, `released` */
  emojis(): EmojiFingerprint {
    return this.#exchange.emojis;
  }

  /** The call's key. `close()` wipes it. @throws {CallError} `out-of-order`, `released` */
  get sharedKey(): SharedKey {
    return this.#exchange.key;
  }

  /** Wipes exponent and key. Idempotent. */
  close(): void {
    this.#exchange.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/**
 * The callee's side of the committed Diffie-Hellman exchange; see `CallerExchange`, also for errors.
 *
 * @example
 * const exchange = new CalleeExchange(crypto);
 * exchange.requested(gAHash); // from the caller
 * const { gB } = exchange.accept(); // to the caller, when the user takes the call
 * exchange.confirm(gA, keyFingerprint); // from the caller
 * showToUser(exchange.emojis());
 */
export class CalleeExchange {
  readonly #exchange: Exchange;
  #gAHash: Uint8Array | undefined;
  #accepted = false;
  #confirmed = false;

  /**
   * @throws {CallError} `bad-dh-config` when (p, g) is not safe, `bad-argument`
   * @throws {RandomError} where there is no secure generator
   */
  constructor(crypto: CryptoCore, options: ExchangeOptions = {}) {
    this.#exchange = new Exchange(crypto, options);
  }

  /**
   * Keeps the caller's commitment. Only the first one counts.
   * @param gAHash exactly 32 bytes; copied
   * @throws {CallError} `duplicate`, `bad-argument`, `released`
   */
  requested(gAHash: Uint8Array): void {
    this.#exchange.checkOpen();
    if (this.#gAHash !== undefined) throw wrongStep(true, 'requested');
    checkBytes('gAHash', gAHash, badArgument);
    checkLength('gAHash', gAHash, 32, badArgument);
    this.#gAHash = copyBytes(gAHash);
  }

  /**
   * Draws the secret.
   * @returns g_b: 256 bytes, owned
   * @throws {CallError} `out-of-order`, `duplicate`, `bad-random`, `released`
   */
  accept(): { gB: Uint8Array } {
    this.#exchange.checkOpen();
    if (this.#gAHash === undefined || this.#accepted) throw wrongStep(this.#accepted, 'accept');
    const gB = this.#exchange.draw();
    this.#accepted = true;
    return { gB };
  }

  /**
   * Takes the caller's g_a, checks it against the commitment, forms the key and compares its
   * fingerprint with the caller's.
   * @param gA 1 to 256 bytes, hashed as they are
   * @param keyFingerprint 64 bits, signed or unsigned
   * @throws {CallError} `commitment-mismatch`, `public-value-out-of-range`, `fingerprint-mismatch`,
   *   `out-of-order`, `duplicate`, `bad-argument`, `released`
   */
  confirm(gA: Uint8Array, keyFingerprint: bigint): void {
    const exchange = this.#exchange;
    exchange.checkOpen();
    checkBytes('gA', gA, badArgument);
    if (typeof keyFingerprint !== 'bigint') {
      throw badArgument(`"keyFingerprint" expected a bigint, got ${typeof keyFingerprint}`);
    }
    if (!this.#accepted || this.#confirmed) throw wrongStep(this.#confirmed, 'confirm');
    const { crypto } = exchange;
    if (!crypto.equal(crypto.sha256(gA, new Uint8Array(32)), this.#gAHash!)) {
      throw exchange.fail('commitment-mismatch', 'the received g_a is not the one committed to');
    }
    exchange.agree(gA);
    if (exchange.fingerprint !== BigInt.asIntN(64, keyFingerprint)) {
      throw exchange.fail('fingerprint-mismatch', 'the two sides hold different keys');
    }
    exchange.finish(gA);
    this.#confirmed = true;
  }

  /** The four emojis for the users to compare. @throws {CallError} `out-of-order`, `released` */
  emojis(): EmojiFingerprint {
    return this.#exchange.emojis;
  }

  /** The call's key. `close()` wipes it. @throws {CallError} `out-of-order`, `released` */
  get sharedKey(): SharedKey {
    return this.#exchange.key;
  }

  /** Wipes exponent and key. Idempotent. */
  close(): void {
    this.#exchange.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
