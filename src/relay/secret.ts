import { checkBytes } from '../core/checks.ts';
import { encodeUtf8 } from '../core/utf8.ts';
import { type CryptoCore, createCrypto } from '../crypto/index.ts';
import { RelayError } from './errors.ts';

const MIN_BYTES = 16;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

/** Shared by whoever makes tickets and tokens, made on first use: a module takes a while to compile. */
let shared: CryptoCore | undefined;

/**
 * The operator's secret: what it signs is what a relay serves. Each use has a label of its own, so that
 * a code for one purpose is never one for another.
 * @internal
 */
export class OperatorSecret {
  readonly #crypto: CryptoCore;
  readonly #secret: Uint8Array;

  /** @throws {RelayError} `bad-argument` */
  constructor(secret: Uint8Array) {
    checkBytes('secret', secret, fail);
    if (secret.length < MIN_BYTES) {
      throw fail(`"secret" expected at least ${MIN_BYTES} bytes, got ${secret.length}`);
    }
    shared ??= createCrypto();
    this.#crypto = shared;
    this.#secret = Uint8Array.from(secret);
  }

  /** The first `length` bytes of HMAC-SHA256(secret, label || data), owned. */
  sign(label: string, data: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
    const text = encodeUtf8(label);
    const message = new Uint8Array(text.length + data.length);
    message.set(text);
    message.set(data, text.length);
    const code = this.#crypto.hmacSha256(this.#secret, message);
    return new Uint8Array(code.subarray(0, length));
  }

  /** Whether `code` is what `sign` gives; takes equally long wherever they differ. */
  verify(label: string, data: Uint8Array, code: Uint8Array): boolean {
    return this.#crypto.equal(this.sign(label, data, code.length), code);
  }

  /** Wipes it. Idempotent. */
  close(): void {
    this.#secret.fill(0);
  }
}
