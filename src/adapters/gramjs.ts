/**
 * The AES of GramJS (`telegram`) and of its successor `teleproto` on this package: constant time, and
 * one line to swap. Also the shape of `@cryptography/aes`, which GramJS builds on.
 * @module
 */
import { checkBytes, checkLength } from '../core/checks.ts';
import { badArgument, badLength } from '../crypto/errors.ts';
import { type AesKey, systemRandom } from '../crypto/index.ts';
import { CtrStream } from './ctr-stream.ts';
import { sharedCrypto } from './shared-core.ts';
import { toBytes, toWords } from './words.ts';

/** The part of Node's Buffer that is used, where there is one. */
type BufferScope = {
  Buffer?: { from(buffer: ArrayBuffer, offset: number, length: number): Uint8Array };
};

/** GramJS wants Buffers: a view on the same memory, or the bytes where there are none. */
function toBuffer(bytes: Uint8Array<ArrayBuffer>): Uint8Array {
  const { Buffer } = globalThis as BufferScope;
  return Buffer?.from(bytes.buffer, bytes.byteOffset, bytes.length) ?? bytes;
}

/**
 * AES-256-IGE in both shapes: `encryptIge`/`decryptIge` of GramJS and teleproto, `encrypt`/`decrypt` of
 * `@cryptography/aes`. Every call starts from the iv. Results are *owned*.
 *
 * @example
 * const ige = new IGE(key, iv);
 * const sealed = ige.encryptIge(plain); // a Buffer
 * const words = ige.encrypt(plain); // a Uint32Array
 */
export class IGE {
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array;

  /**
   * @param key 32 bytes, or 8 big-endian words
   * @param iv 32 bytes, or 8 big-endian words
   * @throws {CryptoError} `bad-argument`, `bad-length`
   */
  constructor(key: Uint8Array | Uint32Array, iv: Uint8Array | Uint32Array) {
    this.#key = toBytes('key', key);
    this.#iv = toBytes('iv', iv);
    checkLength('key', this.#key, 32, badLength);
    checkLength('iv', this.#iv, 32, badLength);
  }

  /** A short last block is filled with random bytes, as both clients expect it. */
  encryptIge(plainText: Uint8Array): Uint8Array {
    checkBytes('plainText', plainText, badArgument);
    const padded = new Uint8Array((plainText.length + 15) & ~15);
    padded.set(plainText);
    systemRandomTail(padded, plainText.length);
    return toBuffer(this.#run('aesIgeEncrypt', padded, padded));
  }

  /** @throws {CryptoError} `bad-length` unless it is a multiple of 16 bytes */
  decryptIge(cipherText: Uint8Array): Uint8Array {
    checkBytes('cipherText', cipherText, badArgument);
    return toBuffer(this.#run('aesIgeDecrypt', cipherText, new Uint8Array(cipherText.length)));
  }

  /** @throws {CryptoError} `bad-length` unless it is a multiple of 16 bytes: nothing is cut off */
  encrypt(data: Uint8Array | Uint32Array): Uint32Array {
    const bytes = toBytes('data', data);
    return toWords(this.#run('aesIgeEncrypt', bytes, new Uint8Array(bytes.length)));
  }

  /** The inverse of {@link encrypt}. */
  decrypt(data: Uint8Array | Uint32Array): Uint32Array {
    const bytes = toBytes('data', data);
    return toWords(this.#run('aesIgeDecrypt', bytes, new Uint8Array(bytes.length)));
  }

  #run(
    method: 'aesIgeEncrypt' | 'aesIgeDecrypt',
    data: Uint8Array,
    dst: Uint8Array<ArrayBuffer>,
  ): Uint8Array<ArrayBuffer> {
    sharedCrypto()[method](this.#key, this.#iv, data, dst);
    return dst;
  }
}

function systemRandomTail(bytes: Uint8Array, from: number): void {
  if (from < bytes.length) systemRandom(bytes.subarray(from));
}

/**
 * AES-256-CTR of GramJS and teleproto: one stream, whose key is wiped when the object is collected.
 * Results are *owned*.
 */
export class CTR {
  readonly #stream: CtrStream;

  /**
   * @param key 32 bytes
   * @param iv 16 bytes, one big-endian counter
   * @throws {CryptoError} `bad-argument`, `bad-length`
   */
  constructor(key: Uint8Array, iv: Uint8Array) {
    this.#stream = new CtrStream(sharedCrypto(), key, iv);
  }

  /** The next bytes of the stream, of any number; decrypting is the same. */
  encrypt(data: Uint8Array): Uint8Array {
    checkBytes('data', data, badArgument);
    return toBuffer(this.#stream.process(data));
  }

  /** Wipes the key at once. Idempotent. */
  close(): void {
    this.#stream.close();
  }
}

const forgottenKeys = /* @__PURE__ */ new FinalizationRegistry<AesKey>((key) => key.close());

/**
 * AES of one block (FIPS 197), in the shape of `@cryptography/aes`: 16 bytes or 4 big-endian words in,
 * 4 big-endian words out. Results are *owned*; the key is wiped when the object is collected.
 */
export class AES {
  readonly #key: AesKey;

  /**
   * @param key 16, 24 or 32 bytes, or as many in big-endian words
   * @throws {CryptoError} `bad-argument`, `bad-length`
   */
  constructor(key: Uint8Array | Uint32Array) {
    this.#key = sharedCrypto().createAesKey(toBytes('key', key));
    forgottenKeys.register(this, this.#key);
  }

  /**
   * @param block 16 bytes, or 4 big-endian words
   * @throws {CryptoError} `bad-argument`, `bad-length`
   */
  encrypt(block: Uint8Array | Uint32Array): Uint32Array {
    return toWords(sharedCrypto().aesEncryptBlock(this.#key, toBytes('block', block)));
  }

  /**
   * The inverse of {@link encrypt}.
   * @param block 16 bytes, or 4 big-endian words
   * @throws {CryptoError} `bad-argument`, `bad-length`
   */
  decrypt(block: Uint8Array | Uint32Array): Uint32Array {
    return toWords(sharedCrypto().aesDecryptBlock(this.#key, toBytes('block', block)));
  }
}

/** The module objects of GramJS or teleproto that hold the classes. */
export type GramjsModules = {
  /** `telegram/crypto/IGE.js` */
  readonly ige: { IGE: unknown };
  /** `telegram/crypto/CTR.js` */
  readonly ctr?: { CTR: unknown };
};

/**
 * Puts {@link IGE} and {@link CTR} in the place of the client's own classes: everything that it encrypts
 * from then on goes through this package. Do it before the client connects.
 *
 * @returns puts the client's classes back
 * @example
 * import ige from 'telegram/crypto/IGE.js';
 * import ctr from 'telegram/crypto/CTR.js';
 * import { installGramjs } from 'sottovoce/adapters/gramjs';
 *
 * installGramjs({ ige, ctr }); // the same with teleproto/crypto/...
 */
export function installGramjs({ ige, ctr }: GramjsModules): () => void {
  const own = { ige: ige.IGE, ctr: ctr?.CTR };
  ige.IGE = IGE;
  if (ctr !== undefined) ctr.CTR = CTR;
  return () => {
    ige.IGE = own.ige;
    if (ctr !== undefined) ctr.CTR = own.ctr;
  };
}
