import { copyBytes, joinBytes } from '../../core/bytes.ts';
import { checkBytes, checkInteger, checkLength, checkOptions } from '../../core/checks.ts';
import { type RandomSource, systemRandom } from '../../core/random.ts';
import { encodeUtf8 } from '../../core/utf8.ts';
import type { CryptoCore } from '../../crypto/index.ts';
import { badArgument, badLength, MtprotoError } from '../errors.ts';
import { ByteQueue } from './byte-queue.ts';
import { buildClientHello, RANDOM_OFFSET } from './client-hello.ts';
import type { StreamFailure } from './events.ts';
import {
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC_RECORD,
  encodeRecords,
  HANDSHAKE,
  RECORD_HEADER,
  RecordReader,
} from './tls-records.ts';

const DIGEST = 32;
const SECRET = 16;
const MAX_DOMAIN = 182;

/** Options of a {@link FakeTlsClient}. */
export type FakeTlsClientOptions = {
  /** The 16 bytes of the proxy's secret; see {@link parseProxySecret}. */
  readonly secret: Uint8Array;
  /** Whom the connection pretends to talk to. */
  readonly domain: string;
  /** Seconds since 1970, by the server's clock if it is known. */
  readonly unixTime: number;
  /** The runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

/**
 * @internal The digest of a ClientHello whose bytes 11..43 are zero: HMAC-SHA256 of it all, whose last
 * four bytes carry the time (transports.md 3). *Owned*.
 */
export function helloDigest(
  crypto: CryptoCore,
  secret: Uint8Array,
  zeroedHello: Uint8Array,
  unixTime: number,
): Uint8Array {
  const digest = crypto.hmacSha256(secret, zeroedHello, new Uint8Array(DIGEST));
  const view = new DataView(digest.buffer);
  view.setUint32(28, view.getUint32(28, true) ^ unixTime, true);
  return digest;
}

/** HMAC-SHA256 of the client's digest and an answer whose bytes 11..43 are zero. *Owned*. */
export function answerDigest(
  crypto: CryptoCore,
  secret: Uint8Array,
  clientDigest: Uint8Array,
  zeroedAnswer: Uint8Array,
): Uint8Array {
  return crypto.hmacSha256(secret, joinBytes([clientDigest, zeroedAnswer]), new Uint8Array(DIGEST));
}

/**
 * @internal Whether this is a whole greeting of a server that knows the secret and answers the hello
 * with this digest.
 */
export function isGenuine(
  crypto: CryptoCore,
  secret: Uint8Array,
  clientDigest: Uint8Array,
  greeting: Uint8Array,
): boolean {
  const queue = new ByteQueue();
  queue.push(greeting);
  if (greetingLength(queue) !== greeting.length) return false;
  const answer = copyBytes(greeting);
  answer.fill(0, RANDOM_OFFSET, RANDOM_OFFSET + DIGEST);
  const expected = answerDigest(crypto, secret, clientDigest, answer);
  return crypto.equal(expected, greeting.subarray(RANDOM_OFFSET, RANDOM_OFFSET + DIGEST));
}

/**
 * Length of the server's greeting: a handshake record, ChangeCipherSpec, a record of data.
 * Undefined while it cannot be told.
 */
function greetingLength(queue: ByteQueue): number | StreamFailure | undefined {
  let at = 0;
  for (const record of [[HANDSHAKE, 3, 3], CHANGE_CIPHER_SPEC_RECORD, [APPLICATION_DATA, 3, 3]]) {
    for (const [i, byte] of record.entries()) {
      if (at + i >= queue.length) return undefined;
      if (queue.at(at + i) !== byte) return 'bad-record';
    }
    if (record.length > 3) {
      at += record.length;
      continue;
    }
    if (queue.length < at + RECORD_HEADER) return undefined;
    const length = (queue.at(at + 3) << 8) | queue.at(at + 4);
    if (at === 0 && length < RANDOM_OFFSET + DIGEST - RECORD_HEADER) return 'bad-record';
    at += RECORD_HEADER + length;
  }
  return at;
}

/**
 * The client's side of fake TLS: a greeting that looks like TLS 1.3 and proves that both know the
 * secret, then records of data (transports.md 3). The proof is no encryption: obfuscation runs inside.
 * Chunks of any length; what is kept is bounded by the greeting.
 *
 * @example
 * using tls = new FakeTlsClient(crypto, { secret, domain, unixTime: Date.now() / 1000 });
 * socket.write(tls.hello);
 * socket.on('data', (chunk) => {
 *   const data = tls.decode(chunk);
 *   if (tls.failure) return socket.destroy();
 *   if (tls.open) handle(hidden.decrypt(data)); // now tls.encode(...) may be sent
 * });
 */
export class FakeTlsClient {
  /** The ClientHello: first bytes of the connection. */
  readonly hello: Uint8Array;
  readonly #crypto: CryptoCore;
  readonly #secret: Uint8Array;
  readonly #queue = new ByteQueue();
  readonly #records = new RecordReader(false);
  #state: 'greeting' | 'open' | 'failed' | 'closed' = 'greeting';
  #failure: StreamFailure | null = null;
  #first: readonly number[] = CHANGE_CIPHER_SPEC_RECORD;

  /** @throws {MtprotoError} `bad-argument`, `bad-length` */
  constructor(crypto: CryptoCore, options: FakeTlsClientOptions) {
    checkOptions(options, ['secret', 'domain', 'unixTime', 'random'], badArgument);
    const { secret, domain, unixTime, random = systemRandom } = options;
    checkSecret(secret);
    if (typeof domain !== 'string') throw badArgument('"domain" expected a text');
    const { length } = encodeUtf8(domain);
    if (length < 1 || length > MAX_DOMAIN) {
      throw badLength(`"domain" expected 1..${MAX_DOMAIN} bytes, got ${length}`);
    }
    if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
    const seconds = Math.floor(unixTime);
    checkInteger('unixTime', seconds, 0, 2 ** 32 - 1, badArgument);
    this.#crypto = crypto;
    this.#secret = copyBytes(secret);
    this.hello = buildClientHello(domain, random);
    this.hello.set(helloDigest(crypto, secret, this.hello, seconds), RANDOM_OFFSET);
  }

  /** Whether the server proved itself, so that data can be sent. */
  get open(): boolean {
    return this.#state === 'open';
  }

  /** Why the stream cannot go on; null while it can. Close the connection. */
  get failure(): StreamFailure | null {
    return this.#failure;
  }

  /**
   * Takes the next bytes of the server: returns the data in them, *owned*; nothing of the greeting, and
   * nothing after a failure.
   * @throws {MtprotoError} `bad-argument`, `released`
   */
  decode(chunk: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkBytes('chunk', chunk, badArgument);
    const parts: Uint8Array[] = [];
    if (this.#state === 'greeting') this.#fail(this.#greet(chunk, parts));
    else if (this.#state === 'open') this.#fail(this.#records.read(chunk, parts));
    return joinBytes(parts);
  }

  #greet(chunk: Uint8Array, parts: Uint8Array[]): StreamFailure | undefined {
    const queue = this.#queue;
    queue.push(chunk);
    const length = greetingLength(queue);
    if (typeof length === 'string') return length;
    if (length === undefined || length > queue.length) {
      queue.keep();
      return undefined;
    }
    const answer = queue.take(length);
    const rest = queue.take(queue.length);
    queue.clear();
    const digest = this.hello.subarray(RANDOM_OFFSET, RANDOM_OFFSET + DIGEST);
    if (!isGenuine(this.#crypto, this.#secret, digest, answer)) return 'bad-digest';
    this.#state = 'open';
    return this.#records.read(rest, parts);
  }

  #fail(failure: StreamFailure | undefined): void {
    if (failure === undefined) return;
    this.#state = 'failed';
    this.#failure = failure;
    this.#queue.clear();
  }

  /**
   * Puts data into records. *Owned*.
   * @throws {MtprotoError} `bad-argument`, `released`; `out-of-order` before the server proved itself
   */
  encode(data: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkBytes('data', data, badArgument);
    if (this.#state !== 'open') throw notOpen();
    const first = this.#first;
    this.#first = [];
    return encodeRecords(first, data);
  }

  /** Bytes of an incomplete greeting or record header that are kept. */
  get bufferedBytes(): number {
    return this.#queue.length + this.#records.bufferedBytes;
  }

  #checkOpen(): void {
    if (this.#state === 'closed')
      throw new MtprotoError('released', 'the FakeTlsClient was closed');
  }

  /** Wipes the secret. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#secret.fill(0);
    this.#queue.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

export function checkSecret(secret: unknown): asserts secret is Uint8Array {
  checkBytes('secret', secret, badArgument);
  checkLength('secret', secret, SECRET, badLength);
}

export const notOpen = (): MtprotoError =>
  new MtprotoError('out-of-order', 'the greeting is not complete');
