import { copyBytes, joinBytes } from '../../core/bytes.ts';
import { checkBytes, checkInteger, checkOptions } from '../../core/checks.ts';
import { type RandomSource, systemRandom } from '../../core/random.ts';
import type { CryptoCore } from '../../crypto/index.ts';
import { badArgument, MtprotoError } from '../errors.ts';
import { ByteQueue } from './byte-queue.ts';
import { RANDOM_OFFSET } from './client-hello.ts';
import type { StreamFailure } from './events.ts';
import { answerDigest, checkSecret, helloDigest, notOpen } from './fake-tls.ts';
import {
  APPLICATION_DATA,
  CHANGE_CIPHER_SPEC_RECORD,
  encodeRecords,
  HANDSHAKE,
  RECORD_HEADER,
  RecordReader,
} from './tls-records.ts';
import { fakeX25519Share } from './x25519-share.ts';

/** Options of a {@link FakeTlsServer}. */
export type FakeTlsServerOptions = {
  /** The 16 bytes of the secret. */
  readonly secret: Uint8Array;
  /** The clock, in seconds since 1970. */
  readonly now: () => number;
  /** How far, in seconds, the client's clock may be off; 120 when absent. */
  readonly maxSkew?: number;
  /** Whether this digest was not seen before: a proxy accepts each once. All pass when absent. */
  readonly isFresh?: (digest: Uint8Array) => boolean;
  /** The runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

const DIGEST = 32;
/** Longest ClientHello: one record (RFC 8446 5.1). */
const MAX_HELLO = 2 ** 14;
/** Session id, with its length in front. */
const SESSION_OFFSET = RANDOM_OFFSET + DIGEST;
const SESSION = 33;
/** Bytes of made-up data that end the greeting. */
const MIN_DATA = 1024;
const MAX_EXTRA = 2048;

/**
 * The server's side of fake TLS (transports.md 3), for tests and proxies. It reads the ClientHello,
 * checks its proof, and makes the answer.
 *
 * @example
 * using tls = new FakeTlsServer(crypto, { secret, now: () => Date.now() / 1000 });
 * socket.on('data', (chunk) => {
 *   const data = tls.decode(chunk);
 *   if (tls.failure) return socket.destroy(); // a proxy would pass the bytes on to the real site
 *   const answer = tls.takeAnswer();
 *   if (answer) socket.write(answer);
 *   handle(hidden.decrypt(data));
 * });
 */
export class FakeTlsServer {
  readonly #crypto: CryptoCore;
  readonly #options: Required<FakeTlsServerOptions>;
  readonly #queue = new ByteQueue();
  readonly #records = new RecordReader(true);
  #state: 'greeting' | 'open' | 'failed' | 'closed' = 'greeting';
  #failure: StreamFailure | null = null;
  #answer: Uint8Array | null = null;

  /** @throws {MtprotoError} `bad-argument`, `bad-length` */
  constructor(crypto: CryptoCore, options: FakeTlsServerOptions) {
    checkOptions(options, ['secret', 'now', 'maxSkew', 'isFresh', 'random'], badArgument);
    const { secret, now, maxSkew = 120, isFresh = () => true, random = systemRandom } = options;
    checkSecret(secret);
    checkInteger('maxSkew', maxSkew, 0, 2 ** 31, badArgument);
    for (const [name, value] of Object.entries({ now, isFresh, random })) {
      if (typeof value !== 'function') throw badArgument(`"${name}" expected a function`);
    }
    this.#crypto = crypto;
    this.#options = { secret: copyBytes(secret), now, maxSkew, isFresh, random };
  }

  /** Whether the client proved itself. */
  get open(): boolean {
    return this.#state === 'open';
  }

  /** Why the stream cannot go on; null while it can. */
  get failure(): StreamFailure | null {
    return this.#failure;
  }

  /** The greeting to send, once: null before the client proved itself, and afterwards. *Owned*. */
  takeAnswer(): Uint8Array | null {
    const answer = this.#answer;
    this.#answer = null;
    return answer;
  }

  /**
   * Takes the next bytes of the client: returns the data in them, *owned*; nothing of the greeting, and
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
    for (const [i, byte] of [HANDSHAKE, 3, 1].entries()) {
      if (i < queue.length && queue.at(i) !== byte) return 'bad-record';
    }
    if (queue.length < RECORD_HEADER) {
      queue.keep();
      return undefined;
    }
    const length = (queue.at(3) << 8) | queue.at(4);
    if (length > MAX_HELLO) return 'too-long';
    if (length < SESSION_OFFSET + SESSION - RECORD_HEADER) return 'bad-record';
    if (queue.length < RECORD_HEADER + length) {
      queue.keep();
      return undefined;
    }
    const hello = copyBytes(queue.take(RECORD_HEADER + length));
    const rest = queue.take(queue.length);
    queue.clear();
    return this.#accept(hello) ?? this.#records.read(rest, parts);
  }

  #accept(hello: Uint8Array): StreamFailure | undefined {
    const { secret, now, maxSkew, isFresh } = this.#options;
    const digest = hello.slice(RANDOM_OFFSET, RANDOM_OFFSET + DIGEST);
    hello.fill(0, RANDOM_OFFSET, RANDOM_OFFSET + DIGEST);
    const expected = helloDigest(this.#crypto, secret, hello, 0);
    const difference = new DataView(digest.slice(28).buffer);
    const own = new DataView(expected.buffer);
    const unixTime = (difference.getUint32(0, true) ^ own.getUint32(28, true)) >>> 0;
    const proven = this.#crypto.equal(expected.subarray(0, 28), digest.subarray(0, 28));
    if (!proven || Math.abs(unixTime - now()) > maxSkew || !isFresh(digest.slice())) {
      return 'bad-digest';
    }
    this.#answer = this.#greeting(digest, hello.subarray(SESSION_OFFSET, SESSION_OFFSET + SESSION));
    this.#state = 'open';
    return undefined;
  }

  /** ServerHello with the client's session id, ChangeCipherSpec, and data that nobody can read. */
  #greeting(clientDigest: Uint8Array, session: Uint8Array): Uint8Array {
    const { secret, random } = this.#options;
    const share = fakeX25519Share(random);
    const hello = [
      ...[2, 0, 0, 118, 3, 3, ...new Array<number>(DIGEST).fill(0), ...session],
      ...[0x13, 0x01, 0, 0, 46, 0, 0x33, 0, 36, 0, 0x1d, 0, 32, ...share],
      ...[0, 0x2b, 0, 2, 3, 4],
    ];
    const extra = new Uint8Array(2);
    random(extra);
    const data = new Uint8Array(MIN_DATA + (((extra[0]! << 8) | extra[1]!) % MAX_EXTRA));
    random(data);
    const answer = joinBytes([
      Uint8Array.from([HANDSHAKE, 3, 3, 0, hello.length, ...hello]),
      Uint8Array.from(CHANGE_CIPHER_SPEC_RECORD),
      Uint8Array.of(APPLICATION_DATA, 3, 3, data.length >> 8, data.length & 255),
      data,
    ]);
    answer.set(answerDigest(this.#crypto, secret, clientDigest, answer), RANDOM_OFFSET);
    return answer;
  }

  #fail(failure: StreamFailure | undefined): void {
    if (failure === undefined) return;
    this.#state = 'failed';
    this.#failure = failure;
    this.#queue.clear();
  }

  /**
   * Puts data into records. *Owned*.
   * @throws {MtprotoError} `bad-argument`, `released`; `out-of-order` before the client proved itself
   */
  encode(data: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkBytes('data', data, badArgument);
    if (this.#state !== 'open') throw notOpen();
    return encodeRecords([], data);
  }

  /** Bytes of an incomplete greeting or record header that are kept. */
  get bufferedBytes(): number {
    return this.#queue.length + this.#records.bufferedBytes;
  }

  #checkOpen(): void {
    if (this.#state === 'closed')
      throw new MtprotoError('released', 'the FakeTlsServer was closed');
  }

  /** Wipes the secret. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#options.secret.fill(0);
    this.#queue.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
