import { copyBytes } from '../core/bytes.ts';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import type { Address } from '../relay/address.ts';
import {
  BASE_BYTES,
  DATA_HEADER_BYTES,
  dataFrameLength,
  dataPayloadLength,
  encodeHello,
  encodeStreamHello,
  makeTag,
  parseSelfInfo,
  readU32,
  writeDataFrame,
} from '../relay/framing.ts';
import { TransportError } from './errors.ts';
import type { DatagramTransport } from './types.ts';

/** Options of a path through a relay. */
export type RelayTransportOptions = {
  /** Carries datagrams to the relay and from it, and from nobody else. Closed together with this. */
  transport: DatagramTransport;
  /** The call's tag: 12 bytes that both ends share; of 16 bytes the first 12 are used. */
  peerTag: Uint8Array;
  /** Gives the suffixes: 1 for the caller, 2 for the callee. */
  role: 'caller' | 'callee';
  /** Own suffix instead, 1..2^32-1. */
  ownSuffix?: number;
  /** The peer's suffix instead, 1..2^32-1. */
  peerSuffix?: number;
  /** The transport is a stream to the relay: its shorter hello is used. Default false. */
  stream?: boolean;
  /** Times the hellos. */
  clock: Clock;
};

/** Counters of a path through a relay. */
export type RelayTransportStats = {
  /** Hellos sent. */
  hellos: number;
  /** Data frames passed on to the handler. */
  received: number;
  /** Frames of a foreign base, of another sender, or malformed. */
  dropped: number;
};

const HELLO_MS = 500;
const KEEP_ALIVE_MS = 10_000;
/** The largest payload whose frame, header and padding included, is a UDP datagram of 65504 bytes. */
const MAX_PAYLOAD_BYTES = 65_480;

/** A padded hello is as long as the answer that holds a proof of the address (reflector, section 7). */
const PADDED_HELLO_BYTES = 72;
const PROOF_AT_HELLO = 40;
const PROOF_AT_ANSWER = 64;
const PROOF_BYTES = 8;

const OPTIONS = ['transport', 'peerTag', 'role', 'ownSuffix', 'peerSuffix', 'stream', 'clock'];
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

/**
 * A path to the peer through a relay with suffix tags. Says hello every 500 ms until anything valid
 * comes back, from then on every 10 s so that the mapping of a NAT stays open. Over UDP the hello is as
 * long as the answer, and brings back the proof that the relay puts into it: until the relay knows that
 * this address receives, it sends no more to it than came from it.
 * @example
 * const socket = await openUdpSocket({ host: '0.0.0.0' });
 * const path = new RelayTransport({ transport: socket.connect(relay), peerTag, role: 'caller', clock });
 * await path.ready;
 */
export class RelayTransport implements DatagramTransport {
  /** Resolves when the relay has answered, rejects with `released` when closed before. */
  readonly ready: Promise<void>;
  /** Counters, kept up to date. */
  readonly stats: RelayTransportStats = { hellos: 0, received: 0, dropped: 0 };
  readonly #transport: DatagramTransport;
  readonly #base: Uint8Array;
  readonly #own: number;
  readonly #peer: number;
  readonly #hello: Uint8Array;
  readonly #clock: Clock;
  #frame: Uint8Array = new Uint8Array(2048);
  #handler: ((data: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  #cancel: (() => void) | undefined;
  #answered = false;
  #provedAt: number = Number.NEGATIVE_INFINITY;
  #closed = false;
  #reflexive: Address | undefined;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;

  /** Says hello at once. @throws {TransportError} `bad-argument` */
  constructor(options: RelayTransportOptions) {
    checkOptions(options, OPTIONS, fail);
    const { transport, peerTag, role, clock } = options;
    checkMethods('transport', transport, ['send', 'onDatagram', 'close'], fail);
    checkMethods('clock', clock, ['now', 'setTimer'], fail);
    checkBytes('peerTag', peerTag, fail);
    if (peerTag.length !== BASE_BYTES && peerTag.length !== BASE_BYTES + 4) {
      throw fail(`"peerTag" expected 12 or 16 bytes, got ${peerTag.length}`);
    }
    if (role !== 'caller' && role !== 'callee') throw fail('"role" expected caller or callee');
    this.#own = options.ownSuffix ?? (role === 'caller' ? 1 : 2);
    this.#peer = options.peerSuffix ?? (role === 'caller' ? 2 : 1);
    checkInteger('ownSuffix', this.#own, 1, 0xffffffff, fail);
    checkInteger('peerSuffix', this.#peer, 1, 0xffffffff, fail);
    this.#base = copyBytes(peerTag, 0, BASE_BYTES);
    if (typeof (options.stream ?? false) !== 'boolean') throw fail('"stream" expected a boolean');
    const tag = makeTag(this.#base, this.#own);
    this.#hello = options.stream ? encodeStreamHello(tag) : paddedHello(tag);
    this.#transport = transport;
    this.#clock = clock;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // nobody has to wait for it
    transport.onDatagram((frame) => this.#receive(frame));
    transport.onClose?.(() => this.#lost());
    this.#greet();
  }

  /** Own address as the relay sees it, once it has told. */
  get reflexiveAddress(): Address | undefined {
    return this.#reflexive;
  }

  /**
   * Sends a payload to the peer. Does nothing once closed.
   * @param data at most 65480 bytes, read before this returns
   * @throws {TransportError} `bad-argument`
   */
  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (this.#closed) return;
    if (data.length > MAX_PAYLOAD_BYTES) {
      throw fail(`"data" expected at most ${MAX_PAYLOAD_BYTES} bytes, got ${data.length}`);
    }
    const length = dataFrameLength(data.length);
    if (length > this.#frame.length) this.#frame = new Uint8Array(length);
    writeDataFrame(this.#frame, this.#base, this.#peer, this.#own, data);
    this.#transport.send(this.#frame.subarray(0, length));
  }

  /**
   * Sets who hears what the peer sends; replaces the one before.
   * @param handler gets a view that is borrowed for the call
   * @throws {TransportError} `bad-argument`
   */
  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, fail);
    this.#handler = handler;
  }

  /**
   * Sets who is told that the connection under this path has ended by itself; never with UDP.
   * @throws {TransportError} `bad-argument`
   */
  onClose(handler: () => void): void {
    checkFunction('handler', handler, fail);
    this.#onClose = handler;
  }

  /** Closes this path and the transport under it. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancel?.();
    this.#handler = undefined;
    this.#transport.close();
    this.#settle?.reject(new TransportError('released', 'the path was closed before it was ready'));
  }

  #lost(): void {
    if (this.#closed) return;
    const handler = this.#onClose;
    this.close();
    handler?.();
  }

  #greet(): void {
    this.stats.hellos++;
    this.#transport.send(this.#hello);
    const delay = this.#answered ? KEEP_ALIVE_MS : HELLO_MS;
    this.#cancel = this.#clock.setTimer(delay, () => this.#greet());
  }

  #receive(frame: Uint8Array): void {
    if (this.#closed) return;
    if (!this.#ours(frame)) {
      this.stats.dropped++;
      return;
    }
    const length = dataPayloadLength(frame);
    if (length < 0) {
      const info = parseSelfInfo(frame);
      if (!info) {
        this.stats.dropped++;
        return;
      }
      this.#reflexive = { host: info.host, port: info.port };
      this.#becomeReady();
      this.#prove(frame);
      return;
    }
    if (readU32(frame, 16) !== this.#peer) {
      this.stats.dropped++;
      return;
    }
    this.#becomeReady();
    this.stats.received++;
    this.#handler?.(frame.subarray(DATA_HEADER_BYTES, DATA_HEADER_BYTES + length));
  }

  /** An answer with a proof asks for it: at once, but not more often than any hello. */
  #prove(answer: Uint8Array): void {
    const now = this.#clock.now();
    if (answer.length < PROOF_AT_ANSWER + PROOF_BYTES) return;
    if (this.#hello.length < PADDED_HELLO_BYTES || now - this.#provedAt < HELLO_MS) return;
    this.#provedAt = now;
    const proof = answer.subarray(PROOF_AT_ANSWER, PROOF_AT_ANSWER + PROOF_BYTES);
    this.#hello.set(proof, PROOF_AT_HELLO);
    this.stats.hellos++;
    this.#transport.send(this.#hello);
  }

  /** The first 12 bytes must match; the receiver's suffix is not compared, as in the reference. */
  #ours(frame: Uint8Array): boolean {
    if (frame.length < BASE_BYTES) return false;
    let difference = 0;
    for (let i = 0; i < BASE_BYTES; i++) difference |= frame[i]! ^ this.#base[i]!;
    return difference === 0;
  }

  #becomeReady(): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#cancel?.();
    this.#cancel = this.#clock.setTimer(KEEP_ALIVE_MS, () => this.#greet());
    this.#settle?.resolve();
  }
}

function paddedHello(tag: Uint8Array): Uint8Array {
  const hello = new Uint8Array(PADDED_HELLO_BYTES);
  hello.set(encodeHello(tag));
  return hello;
}
