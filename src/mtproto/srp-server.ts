import { copyBytes, joinBytes } from '../core/bytes.ts';
import { checkBytes, checkLength } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { CryptoCore } from '../crypto/index.ts';
import { badArgument, badLength, MtprotoError } from './errors.ts';
import { isSafeValue, NUMBER_BYTES } from './exchange-secrets.ts';
import { minimal } from './rsa.ts';
import { MIN_B, type PasswordAlgorithm, padded, srpConstants } from './srp.ts';

const MAX_DRAWS = 12;

/**
 * The server's side of the two-factor check (mtproto.md 9), for test servers: it holds v, not the
 * password. One object makes one challenge and judges one answer.
 *
 * @example
 * using check = new SrpServer(crypto, verifier, { salt1, salt2, g, p });
 * send({ srpB: check.srpB });
 * if (!check.verify(answer.A, answer.M1)) refuse();
 */
export class SrpServer {
  /** The challenge, big-endian without leading zeros, at least 248 bytes. */
  readonly srpB: Uint8Array;
  readonly #crypto: CryptoCore;
  readonly #verifier: Uint8Array;
  readonly #algorithm: PasswordAlgorithm;
  readonly #exponent = new Uint8Array(NUMBER_BYTES);
  #ended = false;

  /**
   * @param verifier v, 256 bytes
   * @throws {MtprotoError} `bad-argument`, `bad-length`, `bad-random`
   */
  constructor(
    crypto: CryptoCore,
    verifier: Uint8Array,
    algorithm: PasswordAlgorithm,
    random: RandomSource = systemRandom,
  ) {
    checkBytes('verifier', verifier, badArgument);
    checkLength('verifier', verifier, NUMBER_BYTES, badLength);
    this.#crypto = crypto;
    this.#verifier = copyBytes(verifier);
    this.#algorithm = algorithm;
    this.srpB = this.#challenge(random);
  }

  /** B = k v + g^b mod p. */
  #challenge(random: RandomSource): Uint8Array {
    const { g, p } = this.#algorithm;
    const { k } = srpConstants(this.#crypto, this.#algorithm);
    const zero = Uint8Array.of(0);
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      random(this.#exponent);
      const power = this.#crypto.modExp(Uint8Array.of(g), this.#exponent, p).slice();
      const product = this.#crypto.modMultiply(k, this.#verifier, p);
      const negative = this.#crypto.modSubtract(zero, product, p).slice();
      const B = minimal(this.#crypto.modSubtract(power, negative, p).slice());
      if (B.length >= MIN_B) return B;
    }
    throw new MtprotoError('bad-random', 'the random source gives no usable exponent');
  }

  /** @internal S = (A v^u)^b mod p. */
  shared(A: Uint8Array): Uint8Array {
    const { p } = this.#algorithm;
    const u = this.#crypto.sha256(joinBytes([A, padded(this.srpB)])).slice();
    const power = this.#crypto.modExp(this.#verifier, u, p).slice();
    const base = this.#crypto.modMultiply(A, power, p).slice();
    return this.#crypto.modExp(base, this.#exponent, p).slice();
  }

  /**
   * Judges an answer, once; the object is wiped then.
   * @returns false, whatever is wrong with it
   * @throws {MtprotoError} `bad-argument`, `released`
   */
  verify(A: Uint8Array, M1: Uint8Array): boolean {
    if (this.#ended) throw new MtprotoError('released', 'the SrpServer has ended');
    checkBytes('A', A, badArgument);
    checkBytes('M1', M1, badArgument);
    const safe = A.length === NUMBER_BYTES && isSafeValue(this.#algorithm.p, A);
    const good = safe && this.#crypto.equal(this.#expected(A), M1);
    this.close();
    return good;
  }

  #expected(A: Uint8Array): Uint8Array {
    const { prefix } = srpConstants(this.#crypto, this.#algorithm);
    const key = this.#crypto.sha256(this.shared(A)).slice();
    return this.#crypto.sha256(joinBytes([prefix, A, padded(this.srpB), key])).slice();
  }

  /** Wipes exponent and verifier. Idempotent. */
  close(): void {
    this.#ended = true;
    this.#exponent.fill(0);
    this.#verifier.fill(0);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
