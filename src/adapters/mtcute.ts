/**
 * The crypto of mtcute (https://mtcute.dev) on this package: constant time, and one line to swap.
 * @module
 */
import { checkBytes, checkInteger, checkLength, checkOptions } from '../core/checks.ts';
import { badArgument, badLength } from '../crypto/errors.ts';
import { type CryptoCore, type RandomSource, systemRandom } from '../crypto/index.ts';
import { factorizePq } from '../mtproto/index.ts';
import { CtrStream } from './ctr-stream.ts';
import { compress, decompress } from './gzip.ts';
import { sharedCrypto } from './shared-core.ts';

/** Options of an {@link MtcuteCrypto}. */
export type MtcuteCryptoOptions = {
  /** The core to compute on; by default one that all adapters share, made on first use. */
  readonly crypto?: CryptoCore;
  /** The runtime's secure generator when absent. */
  readonly random?: RandomSource;
  /** Most bytes that compressed data may unfold to; 64 MiB when absent. */
  readonly maxGunzipBytes?: number;
};

/** mtcute's `IAesCtr`: one stream, whose output is *owned*. */
export type MtcuteAesCtr = { process(data: Uint8Array): Uint8Array; close(): void };

/** mtcute's `IEncryptionScheme`: every call starts from the iv; the output is *owned*. */
export type MtcuteAesIge = {
  encrypt(data: Uint8Array): Uint8Array;
  decrypt(data: Uint8Array): Uint8Array;
};

/**
 * A complete `ICryptoProvider` of mtcute. Results are *owned*: mtcute keeps them for long. Everything
 * is synchronous, `pbkdf2` included, which takes a tenth of a second for a password. Compression is
 * fflate's; nothing else is needed of the runtime but its random source.
 *
 * @example
 * import { TelegramClient } from '@mtcute/node';
 * import { MtcuteCrypto } from 'sottovoce/adapters/mtcute';
 *
 * const client = new TelegramClient({ apiId, apiHash, crypto: new MtcuteCrypto() });
 */
export class MtcuteCrypto {
  readonly #given: CryptoCore | undefined;
  readonly #random: RandomSource;
  readonly #maxGunzipBytes: number;

  /** @throws {CryptoError} `bad-argument` */
  constructor(options: MtcuteCryptoOptions = {}) {
    checkOptions(options, ['crypto', 'random', 'maxGunzipBytes'], badArgument);
    const { crypto, random = systemRandom, maxGunzipBytes = 64 * 1024 * 1024 } = options;
    if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
    checkInteger('maxGunzipBytes', maxGunzipBytes, 1, 2 ** 31 - 1, badArgument);
    this.#given = crypto;
    this.#random = random;
    this.#maxGunzipBytes = maxGunzipBytes;
  }

  get #crypto(): CryptoCore {
    return this.#given ?? sharedCrypto();
  }

  /** Makes the core, so that the first message need not wait for it. Calling it is not necessary. */
  initialize(): void {
    this.#crypto;
  }

  sha1(data: Uint8Array): Uint8Array {
    return this.#crypto.sha1(data, new Uint8Array(20));
  }

  sha256(data: Uint8Array): Uint8Array {
    return this.#crypto.sha256(data, new Uint8Array(32));
  }

  /** @param algo `sha1`, `sha256` or `sha512` */
  pbkdf2(
    password: Uint8Array,
    salt: Uint8Array,
    iterations: number,
    keylen = 64,
    algo = 'sha512',
  ): Uint8Array {
    if (algo !== 'sha1' && algo !== 'sha256' && algo !== 'sha512') {
      throw badArgument('"algo" expected sha1, sha256 or sha512');
    }
    return this.#crypto.pbkdf2(algo, password, salt, iterations, keylen);
  }

  hmacSha256(data: Uint8Array, key: Uint8Array): Uint8Array {
    return this.#crypto.hmacSha256(key, data, new Uint8Array(32));
  }

  /** @param _encrypt both directions are the same */
  createAesCtr(key: Uint8Array, iv: Uint8Array, _encrypt?: boolean): MtcuteAesCtr {
    return new CtrStream(this.#crypto, key, iv);
  }

  /** Key and iv are referred to, as mtcute's own provider does it, and read by every call. */
  createAesIge(key: Uint8Array, iv: Uint8Array): MtcuteAesIge {
    checkBytes('key', key, badArgument);
    checkLength('key', key, 32, badLength);
    checkBytes('iv', iv, badArgument);
    checkLength('iv', iv, 32, badLength);
    const crypto = this.#crypto;
    return {
      encrypt: (data) => crypto.aesIgeEncrypt(key, iv, data, sameLength(data)),
      decrypt: (data) => crypto.aesIgeDecrypt(key, iv, data, sameLength(data)),
    };
  }

  /** @throws {MtprotoError} `bad-pq` when it is not the product of two primes */
  factorizePQ(pq: Uint8Array): [Uint8Array, Uint8Array] {
    const { p, q } = factorizePq(this.#crypto, pq);
    return [p, q];
  }

  /** zlib-framed; null when longer than `maxSize`. */
  gzip(data: Uint8Array, maxSize: number): Uint8Array | null {
    checkBytes('data', data, badArgument);
    return compress(data, maxSize);
  }

  /** @throws {CryptoError} `bad-argument` for damaged data, and for more than `maxGunzipBytes` */
  gunzip(data: Uint8Array): Uint8Array {
    checkBytes('data', data, badArgument);
    return decompress(this.#crypto, data, this.#maxGunzipBytes);
  }

  randomFill(buf: Uint8Array): void {
    this.#random(buf);
  }

  randomBytes(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    this.#random(bytes);
    return bytes;
  }
}

function sameLength(data: Uint8Array): Uint8Array {
  checkBytes('data', data, badArgument);
  return new Uint8Array(data.length);
}
