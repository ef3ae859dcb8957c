import type { Block } from '../core/memory.ts';
import type { RandomSource } from '../core/random.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import { checkPublicValue } from '../crypto/index.ts';
import { MtprotoError } from './errors.ts';

/** 256 bytes: the length of p, of secret exponents and of the key. */
export const NUMBER_BYTES = 256;

/** Draws of an exponent before the source is held to be broken: one in 2^64 is out of range. */
const MAX_DRAWS = 12;

/**
 * The secrets of one authorization, in WASM memory: new_nonce, the temporary AES key with its iv, and
 * the exponent. What is derived from them is written here too (mtproto.md 6, step 7).
 */
export class ExchangeSecrets {
  readonly #crypto: CryptoCore;
  readonly #block: Block;

  constructor(crypto: CryptoCore) {
    this.#crypto = crypto;
    this.#block = crypto.memory.allocate(352);
  }

  /** 32 bytes, *pinned*. */
  get newNonce(): Uint8Array {
    return this.#block.bytes.subarray(0, 32);
  }

  /** tmp_aes_key, 32 bytes, *pinned*. */
  get aesKey(): Uint8Array {
    return this.#block.bytes.subarray(32, 64);
  }

  /** tmp_aes_iv, 32 bytes, *pinned*. Both directions start from it. */
  get aesIv(): Uint8Array {
    return this.#block.bytes.subarray(64, 96);
  }

  get #exponent(): Uint8Array {
    return this.#block.bytes.subarray(96, 352);
  }

  /** Derives the temporary key and iv from new_nonce and server_nonce. */
  deriveTemporaryKey(serverNonce: Uint8Array): void {
    const hash = this.#crypto.createHash('sha1');
    const digest = new Uint8Array(20);
    hash.update(this.newNonce).update(serverNonce).digest(digest);
    this.aesKey.set(digest);
    hash.reset().update(serverNonce).update(this.newNonce).digest(digest);
    this.aesKey.set(digest.subarray(0, 12), 20);
    this.aesIv.set(digest.subarray(12));
    hash.reset().update(this.newNonce).update(this.newNonce).digest(digest);
    this.aesIv.set(digest, 8);
    this.aesIv.set(this.newNonce.subarray(0, 4), 28);
    hash.close();
    digest.fill(0);
  }

  /** First salt of the new key: new_nonce[0..8] xor server_nonce[0..8], *owned*. */
  serverSalt(serverNonce: Uint8Array): Uint8Array {
    const { newNonce } = this;
    return Uint8Array.from({ length: 8 }, (_, i) => newNonce[i]! ^ serverNonce[i]!);
  }

  /** Encrypts hash || data || padding under the temporary key. *Owned*. */
  seal(data: Uint8Array, random: RandomSource): Uint8Array {
    const length = 20 + data.length;
    const sealed = new Uint8Array((length + 15) & ~15);
    sealed.set(this.#crypto.sha1(data));
    sealed.set(data, 20);
    random(sealed.subarray(length));
    return this.#crypto.aesIgeEncrypt(this.aesKey, this.aesIv, sealed, sealed);
  }

  /**
   * Decrypts the way back: the object in front, whose length `lengthOf` finds, must have the hash, and
   * at most 15 bytes may follow it. *Owned*; null whatever is wrong.
   */
  open<T extends { length: number }>(
    sealed: Uint8Array,
    decode: (data: Uint8Array) => T,
  ): T | null {
    if (sealed.length < 32 || sealed.length % 16 !== 0) return null;
    const plain = new Uint8Array(sealed.length);
    this.#crypto.aesIgeDecrypt(this.aesKey, this.aesIv, sealed, plain);
    const data = plain.subarray(20);
    let object: T;
    try {
      object = decode(data);
    } catch {
      return null;
    }
    if (data.length - object.length > 15) return null;
    const digest = this.#crypto.sha1(data.subarray(0, object.length));
    return this.#crypto.equal(digest, plain.subarray(0, 20)) ? object : null;
  }

  /** Draws an exponent until g to its power is in range, and returns that power: 256 bytes, *owned*. */
  drawExponent(g: number, prime: Uint8Array, random: RandomSource): Uint8Array {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      random(this.#exponent);
      const power = new Uint8Array(NUMBER_BYTES);
      this.#crypto.modExp(Uint8Array.of(g), this.#exponent, prime, power);
      if (isSafeValue(prime, power)) return power;
    }
    throw new MtprotoError('bad-random', 'the random source gives no usable exponent');
  }

  /** The key: their value to the power of our exponent. */
  agree(theirs: Uint8Array, prime: Uint8Array): SharedKey {
    return this.#crypto.modExpShared(theirs, this.#exponent, prime);
  }

  /** Wipes everything. Idempotent. */
  close(): void {
    this.#block.release();
  }
}

/** What mtproto.md 7.2 demands of a received public value, and its length. */
export function isSafeValue(prime: Uint8Array, value: Uint8Array): boolean {
  if (value.length < 1 || value.length > NUMBER_BYTES) return false;
  const { strict, recommended } = checkPublicValue(prime, value);
  return strict && recommended;
}
