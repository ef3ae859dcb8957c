import { checkBytes, checkInteger, checkOptions } from '../../core/checks.ts';
import { badArgument, badLength, type MtprotoError } from '../errors.ts';
import { ByteQueue } from './byte-queue.ts';
import type { StreamFailure, TransportEvent } from './events.ts';

/** Which end of the connection a codec serves. */
export type TransportRole = 'client' | 'server';

/** Options of every envelope codec. */
export type EnvelopeOptions = {
  /** By default `client`. */
  readonly role?: TransportRole;
  /** Longest payload in bytes that is sent or received; by default, and at most, 2^24 - 4. */
  readonly maxPayloadBytes?: number;
};

/** Official clients send less than 2^24 bytes (transports.md 1). */
const MAX_PAYLOAD = 2 ** 24 - 4;
/** Less than this is no message but an error code, a quick ack or nothing (transports.md 1.2). */
export const MIN_MESSAGE = 16;

/** What an envelope's head says: bytes of head, payload and tail, or a quick ack, or that it is wrong. */
export type Head =
  | { readonly head: number; readonly payload: number; readonly tail: number; quickAck: boolean }
  | { readonly head: number; readonly token: number }
  | StreamFailure;

/**
 * An envelope puts messages into a stream of bytes and finds them again (transports.md 1). Any chunking
 * of the stream gives the same events; the memory is bounded by one envelope.
 */
export abstract class Envelope {
  /** What a client sends once, in front of everything; empty for `full`. Inside obfuscation it is not sent. */
  abstract readonly tag: Uint8Array;
  readonly role: TransportRole;
  readonly maxPayloadBytes: number;
  readonly #queue = new ByteQueue();
  #ended = false;

  /** @throws {MtprotoError} `bad-argument` */
  constructor(options: EnvelopeOptions = {}) {
    checkOptions(options, ['role', 'maxPayloadBytes', 'random'], badArgument);
    const { role = 'client', maxPayloadBytes = MAX_PAYLOAD } = options;
    if (role !== 'client' && role !== 'server') {
      throw badArgument('"role" expected client or server');
    }
    checkInteger('maxPayloadBytes', maxPayloadBytes, MIN_MESSAGE, MAX_PAYLOAD, badArgument);
    this.role = role;
    this.maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * Puts a message into an envelope. *Owned*.
   * @param payload a multiple of 4 bytes, at least 4
   * @param quickAck asks the server for a quick ack; not in `full`
   * @throws {MtprotoError} `bad-argument`, `bad-length`
   */
  encode(payload: Uint8Array, options: { readonly quickAck?: boolean } = {}): Uint8Array {
    checkBytes('payload', payload, badArgument);
    checkOptions(options, ['quickAck'], badArgument);
    const { length } = payload;
    if (length < 4 || length % 4 !== 0 || length > this.maxPayloadBytes) {
      throw badLength(
        `"payload" expected a multiple of 4 bytes up to ${this.maxPayloadBytes}, got ${length}`,
      );
    }
    const { quickAck = false } = options;
    if (typeof quickAck !== 'boolean') throw badArgument('"quickAck" expected a boolean');
    if (quickAck && this.role === 'server') throw badArgument('servers ask for no quick ack');
    return this.wrap(payload, quickAck);
  }

  /**
   * A server's quick ack. *Owned*.
   * @param token as {@link MessageCipher.quickAckToken} of the sender has it, top bit set
   * @throws {MtprotoError} `bad-argument`
   */
  encodeQuickAck(token: number): Uint8Array {
    checkInteger('token', token, 2 ** 31, 2 ** 32 - 1, badArgument);
    if (this.role !== 'server') throw badArgument('clients send no quick ack');
    return this.wrapToken(token);
  }

  /**
   * A server's error, such as -404. *Owned*.
   * @throws {MtprotoError} `bad-argument`
   */
  encodeError(code: number): Uint8Array {
    checkInteger('code', code, -(2 ** 31), -2, badArgument);
    const payload = new Uint8Array(4);
    new DataView(payload.buffer).setInt32(0, code, true);
    return this.encode(payload);
  }

  /**
   * Takes the next bytes of the stream.
   * @param chunk may be used again when the events were read, if no `packet` is kept
   * @returns what is complete now, in order; after a `failure` always nothing
   * @throws {MtprotoError} `bad-argument`
   */
  decode(chunk: Uint8Array): TransportEvent[] {
    checkBytes('chunk', chunk, badArgument);
    const events: TransportEvent[] = [];
    if (this.#ended) return events;
    this.#queue.push(chunk);
    for (let head = this.#next(); head !== undefined; head = this.#next()) {
      if (typeof head === 'string') {
        events.push({ type: 'failure', code: head });
        this.close();
        return events;
      }
      this.#read(head, events);
      if (this.#ended) return events;
    }
    this.#queue.keep();
    return events;
  }

  /** Head of the next envelope, when all of it is there; a failure as soon as it is known. */
  #next(): Head | undefined {
    const head = this.readHead(this.#queue);
    if (head === undefined || typeof head === 'string' || 'token' in head) return head;
    if (head.payload > this.maxPayloadBytes + this.slack) return 'too-long';
    return head.head + head.payload + head.tail <= this.#queue.length ? head : undefined;
  }

  #read(head: Exclude<Head, string>, events: TransportEvent[]): void {
    if ('token' in head) {
      this.#queue.skip(head.head);
      events.push({ type: 'quick-ack', token: head.token });
      return;
    }
    const before = this.#queue.take(head.head);
    const payload = this.#queue.take(head.payload);
    const failure = this.check(before, payload, this.#queue.take(head.tail));
    const event = failure === undefined ? this.#interpret(payload, head.quickAck) : failure;
    if (typeof event === 'string') {
      events.push({ type: 'failure', code: event });
      this.close();
    } else if (event !== null) events.push(event);
  }

  /** Short payloads are no messages (transports.md 1.2). */
  #interpret(payload: Uint8Array, quickAck: boolean): TransportEvent | StreamFailure | null {
    const { length } = payload;
    if (length >= MIN_MESSAGE) return { type: 'packet', payload, quickAck };
    if (length < 4) return 'bad-envelope';
    const view = new DataView(payload.buffer, payload.byteOffset, length);
    const code = view.getInt32(0, true);
    if (code === 0) return null;
    if (this.role === 'server' || code > 0) return 'bad-envelope';
    if (code === -1) {
      return length >= 8 ? { type: 'quick-ack', token: view.getUint32(4, true) } : 'bad-envelope';
    }
    return { type: 'error', code };
  }

  /** Bytes that an envelope may have beyond the longest payload. */
  protected get slack(): number {
    return 0;
  }

  protected abstract wrap(payload: Uint8Array, quickAck: boolean): Uint8Array;
  protected abstract wrapToken(token: number): Uint8Array;
  /** Looks at the head; undefined while bytes of it are missing. */
  protected abstract readHead(queue: ByteQueue): Head | undefined;

  /** What else must hold of a whole envelope. */
  protected check(
    _head: Uint8Array,
    _payload: Uint8Array,
    _tail: Uint8Array,
  ): StreamFailure | undefined {
    return undefined;
  }

  /** Bytes of an incomplete envelope that are kept. */
  get bufferedBytes(): number {
    return this.#queue.length;
  }

  /** Ends decoding and frees memory. Idempotent. */
  close(): void {
    this.#ended = true;
    this.#queue.clear();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** Top bit of a length: asks for a quick ack, or is a token. */
const TOP_BIT = 2 ** 31;

/** The head that intermediate and padded intermediate share: a length whose top bit means something. */
export function readLength(queue: ByteQueue): { length: number; marked: boolean } | undefined {
  if (queue.length < 4) return undefined;
  const value = queue.uint32(0);
  return { length: value % TOP_BIT, marked: value >= TOP_BIT };
}

/** The length of a payload and the payload, with room behind. */
export function withLength(payload: Uint8Array, length: number, quickAck: boolean): Uint8Array {
  const bytes = new Uint8Array(4 + length);
  new DataView(bytes.buffer).setUint32(0, quickAck ? length + TOP_BIT : length, true);
  bytes.set(payload, 4);
  return bytes;
}

export const noQuickAck = (): MtprotoError => badArgument('the full transport has no quick acks');
