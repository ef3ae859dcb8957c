import { copyBytes } from '../../core/bytes.ts';
import { checkBytes, checkInteger, checkLength, checkOptions } from '../../core/checks.ts';
import { type RandomSource, systemRandom } from '../../core/random.ts';
import type { AesCtr, CryptoCore } from '../../crypto/index.ts';
import { badArgument, badLength, MtprotoError } from '../errors.ts';
import { ByteQueue } from './byte-queue.ts';

/** Envelopes that can run inside obfuscation. */
export type ObfuscatedEnvelope = 'abridged' | 'intermediate' | 'padded-intermediate';

/** The byte that stands four times in the header (transports.md 1 and 2.1). */
const TAGS: Readonly<Record<ObfuscatedEnvelope, number>> = {
  abridged: 0xef,
  intermediate: 0xee,
  'padded-intermediate': 0xdd,
};

/** Options of an {@link ObfuscatedClient}. */
export type ObfuscatedClientOptions = {
  readonly envelope: ObfuscatedEnvelope;
  /** The 16 bytes of a proxy's secret; see {@link parseProxySecret}. */
  readonly secret?: Uint8Array;
  /** Data centre that the proxy shall connect to: 10000 more for test servers, negative for media. */
  readonly dc?: number;
  /** The runtime's secure generator when absent. */
  readonly random?: RandomSource;
};

const HEADER = 64;
const SECRET = 16;
/** Draws of a header before the source is held to be broken: one in 200 is forbidden. */
const MAX_DRAWS = 100;

/** First words that mean something else: HEAD, POST, GET, OPTI, two tags, a record of TLS. */
const FORBIDDEN: readonly number[] = [
  0x48454144, 0x504f5354, 0x47455420, 0x4f505449, 0xdddddddd, 0xeeeeeeee, 0x16030102,
];

/** @internal Whether these 64 bytes may start a connection (transports.md 2.1). */
export function mayStart(init: Uint8Array): boolean {
  const view = new DataView(init.buffer, init.byteOffset, HEADER);
  return init[0] !== 0xef && !FORBIDDEN.includes(view.getUint32(0)) && view.getUint32(4) !== 0;
}

/** @internal Keys and ivs of both directions, in the client's terms (transports.md 2.2). */
export function obfuscationKeys(
  crypto: CryptoCore,
  init: Uint8Array,
  secret: Uint8Array | undefined,
): {
  encryptKey: Uint8Array;
  encryptIv: Uint8Array;
  decryptKey: Uint8Array;
  decryptIv: Uint8Array;
} {
  const reversed = copyBytes(init).reverse();
  const keyOf = (bytes: Uint8Array): Uint8Array => {
    const key = copyBytes(bytes, 8, 40);
    if (secret === undefined) return key;
    const joined = new Uint8Array(32 + SECRET);
    joined.set(key);
    joined.set(secret, 32);
    crypto.sha256(joined, key);
    joined.fill(0);
    return key;
  };
  return {
    encryptKey: keyOf(init),
    encryptIv: copyBytes(init, 40, 56),
    decryptKey: keyOf(reversed),
    decryptIv: reversed.slice(40, 56),
  };
}

/** The two streams; `mirrored` as the server sees them. */
function openStreams(
  crypto: CryptoCore,
  init: Uint8Array,
  secret: Uint8Array | undefined,
  mirrored: boolean,
): { send: AesCtr; receive: AesCtr } {
  const { encryptKey, encryptIv, decryptKey, decryptIv } = obfuscationKeys(crypto, init, secret);
  const first = crypto.createAesCtr(encryptKey, encryptIv);
  const second = crypto.createAesCtr(decryptKey, decryptIv);
  encryptKey.fill(0);
  decryptKey.fill(0);
  return mirrored ? { send: second, receive: first } : { send: first, receive: second };
}

function checkSecret(secret: unknown): void {
  if (secret === undefined) return;
  checkBytes('secret', secret, badArgument);
  checkLength('secret', secret, SECRET, badLength);
}

/** `dst`, or an owned array: what is cut into messages must outlast the next call. */
function run(stream: AesCtr, data: Uint8Array, dst: Uint8Array | undefined): Uint8Array {
  checkBytes('data', data, badArgument);
  return stream.process(data, dst ?? new Uint8Array(data.length));
}

/**
 * The client's side of an obfuscated connection (transports.md 2): AES-256-CTR over everything that
 * follows a header of 64 random-looking bytes. Chunks of any length.
 *
 * @example
 * using hidden = new ObfuscatedClient(crypto, { envelope: 'intermediate' });
 * socket.write(hidden.header);
 * socket.write(hidden.encrypt(envelope.encode(message)));
 * socket.on('data', (chunk) => envelope.decode(hidden.decrypt(chunk)).forEach(handle));
 */
export class ObfuscatedClient {
  /** The first 64 bytes of the connection. */
  readonly header: Uint8Array;
  readonly #send: AesCtr;
  readonly #receive: AesCtr;

  /** @throws {MtprotoError} `bad-argument`, `bad-length`, `bad-random` */
  constructor(crypto: CryptoCore, options: ObfuscatedClientOptions) {
    checkOptions(options, ['envelope', 'secret', 'dc', 'random'], badArgument);
    const { envelope, secret, dc, random = systemRandom } = options;
    if (!Object.hasOwn(TAGS, envelope)) {
      throw badArgument('"envelope" expected abridged, intermediate or padded-intermediate');
    }
    checkSecret(secret);
    if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
    if (dc !== undefined) checkInteger('dc', dc, -(2 ** 15), 2 ** 15 - 1, badArgument);
    const init = drawInit(random);
    init.fill(TAGS[envelope], 56, 60);
    if (dc !== undefined) new DataView(init.buffer).setInt16(60, dc, true);
    const { send, receive } = openStreams(crypto, init, secret, false);
    this.#send = send;
    this.#receive = receive;
    const encrypted = send.process(init); // the stream goes on from here
    this.header = init;
    init.set(encrypted.subarray(56), 56);
  }

  /**
   * Hides the next bytes to send: into `dst`, or *owned*.
   * @throws {MtprotoError} `bad-argument`
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  encrypt(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return run(this.#send, data, dst);
  }

  /**
   * Restores the next bytes received: into `dst`, or *owned*.
   * @throws {MtprotoError} `bad-argument`
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  decrypt(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    return run(this.#receive, data, dst);
  }

  /** Wipes the keys. Idempotent. */
  close(): void {
    this.#send.close();
    this.#receive.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function drawInit(random: RandomSource): Uint8Array<ArrayBuffer> {
  const init = new Uint8Array(HEADER);
  for (let draws = 0; draws < MAX_DRAWS; draws++) {
    random(init);
    if (mayStart(init)) return init;
  }
  throw new MtprotoError('bad-random', 'the random source gives no header');
}

/** Options of an {@link ObfuscatedServer}. */
export type ObfuscatedServerOptions = {
  /** The 16 bytes of the proxy's secret, where there is one. */
  readonly secret?: Uint8Array;
};

/**
 * The server's side of an obfuscated connection. It reads the header from the first bytes.
 *
 * @example
 * using hidden = new ObfuscatedServer(crypto);
 * socket.on('data', (chunk) => {
 *   const plain = hidden.decrypt(chunk); // empty until the header is complete
 *   if (hidden.failed) return socket.destroy();
 *   handle(hidden.envelope, plain);
 * });
 */
export class ObfuscatedServer {
  readonly #crypto: CryptoCore;
  readonly #secret: Uint8Array | undefined;
  readonly #queue = new ByteQueue();
  #streams: { send: AesCtr; receive: AesCtr } | undefined;
  #envelope: ObfuscatedEnvelope | null = null;
  #dc: number | null = null;
  #state: 'header' | 'open' | 'failed' | 'closed' = 'header';

  /** @throws {MtprotoError} `bad-argument`, `bad-length` */
  constructor(crypto: CryptoCore, options: ObfuscatedServerOptions = {}) {
    checkOptions(options, ['secret'], badArgument);
    checkSecret(options.secret);
    this.#crypto = crypto;
    this.#secret = options.secret && copyBytes(options.secret);
  }

  /** What the client uses inside; null until the header is complete. */
  get envelope(): ObfuscatedEnvelope | null {
    return this.#envelope;
  }

  /** The data centre that the header names; a random number when the client names none. */
  get dc(): number | null {
    return this.#dc;
  }

  /** Whether the header was none, or was made with another secret. Close the connection. */
  get failed(): boolean {
    return this.#state === 'failed';
  }

  /**
   * Restores the next bytes received: *owned*; nothing of the header, and nothing after a failure.
   * @throws {MtprotoError} `bad-argument`, `released`
   */
  decrypt(data: Uint8Array): Uint8Array {
    this.#checkOpen();
    checkBytes('data', data, badArgument);
    if (this.#state === 'failed') return new Uint8Array(0);
    if (this.#streams !== undefined) return run(this.#streams.receive, data, undefined);
    this.#queue.push(data);
    if (this.#queue.length < HEADER) {
      this.#queue.keep();
      return new Uint8Array(0);
    }
    const header = copyBytes(this.#queue.take(HEADER));
    const rest = this.#queue.take(this.#queue.length);
    this.#queue.clear();
    this.#open(header);
    if (this.#streams === undefined) return new Uint8Array(0);
    return run((this.#streams as { receive: AesCtr }).receive, rest, undefined);
  }

  /**
   * Hides the next bytes to send: into `dst`, or *owned*.
   * @throws {MtprotoError} `bad-argument`, `released`; `out-of-order` before the header is complete
   */
  encrypt(data: Uint8Array, dst?: Uint8Array): Uint8Array {
    this.#checkOpen();
    if (this.#streams === undefined) {
      throw new MtprotoError('out-of-order', 'the header of the client is not complete');
    }
    return run(this.#streams.send, data, dst);
  }

  #open(header: Uint8Array): void {
    const streams = openStreams(this.#crypto, header, this.#secret, true);
    const plain = streams.receive.process(header);
    const tag = plain[56]!;
    const found = Object.entries(TAGS).find(([, value]) => value === tag);
    const repeated = plain.subarray(56, 60).every((byte) => byte === tag);
    if (found === undefined || !repeated) {
      streams.send.close();
      streams.receive.close();
      this.#state = 'failed';
      return;
    }
    this.#envelope = found[0] as ObfuscatedEnvelope;
    this.#dc = new DataView(plain.buffer, plain.byteOffset, HEADER).getInt16(60, true);
    this.#streams = streams;
    this.#state = 'open';
  }

  #checkOpen(): void {
    if (this.#state === 'closed') {
      throw new MtprotoError('released', 'the ObfuscatedServer was closed');
    }
  }

  /** Wipes keys and secret. Idempotent. */
  close(): void {
    this.#state = 'closed';
    this.#streams?.send.close();
    this.#streams?.receive.close();
    this.#secret?.fill(0);
    this.#queue.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
