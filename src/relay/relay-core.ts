import { copyBytes } from '../core/bytes.ts';
import type { Clock } from '../core/clock.ts';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import type { Address } from './address.ts';
import { RelayError } from './errors.ts';
import {
  BASE_BYTES,
  dataPayloadLength,
  encodePeerInfo,
  encodeSelfInfo,
  isSpecialFrame,
  parsePeerInfoRequest,
  parsePing,
  readU32,
} from './framing.ts';

/** What a datagram makes the relay send. */
export type RelayOutput = {
  /** Where it goes. */
  readonly to: Address;
  /** The datagram that came in, unchanged, or an owned reply. */
  readonly data: Uint8Array;
};

/** Options of a relay core. */
export type RelayCoreOptions = {
  /** Tells which ends have fallen silent. */
  clock: Pick<Clock, 'now'>;
  /** An end that has sent nothing for so long gives its place up, in ms. Default 30000. */
  idleMs?: number;
  /** Seconds since 1970, for self info replies. Default: the system's date. */
  unixTime?(): number;
};

/** Counters of a relay, since it was made. */
export type RelayStats = {
  /** Datagrams that came in. */
  received: number;
  /** Bytes of these. */
  receivedBytes: number;
  /** Data frames passed on. */
  forwarded: number;
  /** Bytes of these. */
  forwardedBytes: number;
  /** Self info and peer info replies. */
  answered: number;
  /** Dropped in silence: no frame at all, truncated, or a special frame that asks for nothing. */
  malformed: number;
  /** Dropped in silence: a base that is not registered. */
  unknown: number;
  /** Dropped in silence: a third suffix, or a suffix that is bound to another address. */
  refused: number;
  /** Dropped in silence: nobody is bound to the target suffix yet. */
  unreachable: number;
};

/** One of the two ends of a call. */
type End = { suffix: number; address: Address; lastSeen: number; asked: boolean };
type Entry = { base: Uint8Array; ends: End[] };

const ENDS_PER_BASE = 2;
const DEFAULT_IDLE_MS = 30_000;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

function checkBase(base: Uint8Array): Uint8Array {
  checkBytes('base', base, fail);
  if (base.length !== BASE_BYTES && base.length !== BASE_BYTES + 4) {
    throw fail(`"base" expected 12 bytes, or 16 of which 12 are used, got ${base.length}`);
  }
  return copyBytes(base, 0, BASE_BYTES);
}

/**
 * A blind relay without I/O: routes sealed packets between the two ends of a call by their tags, and
 * cannot read them. A base of 12 bytes is known to both ends; each end has a suffix of its own, which
 * is bound to the address that used it first. Whoever does not know a registered base gets silence.
 * Memory is bounded by the registered bases.
 *
 * @example
 * const core = new RelayCore({ clock });
 * core.register(base);
 * const output = core.receive(datagram, { host: '192.0.2.1', port: 4000 });
 * if (output) socket.send(output.data, output.to.port, output.to.host);
 */
export class RelayCore {
  /** Counters, kept up to date. */
  readonly stats: RelayStats = {
    received: 0,
    receivedBytes: 0,
    forwarded: 0,
    forwardedBytes: 0,
    answered: 0,
    malformed: 0,
    unknown: 0,
    refused: 0,
    unreachable: 0,
  };
  readonly #clock: Pick<Clock, 'now'>;
  readonly #idleMs: number;
  readonly #unixTime: () => number;
  /** By the first word of the base: a lookup makes no string. Bases are drawn at random. */
  readonly #entries: Map<number, Entry[]> = new Map();

  /** @throws {RelayError} `bad-argument` */
  constructor(options: RelayCoreOptions) {
    checkOptions(options, ['clock', 'idleMs', 'unixTime'], fail);
    const { clock, idleMs = DEFAULT_IDLE_MS, unixTime = () => Date.now() / 1000 } = options;
    checkMethods('clock', clock, ['now'], fail);
    checkInteger('idleMs', idleMs, 1, 0x7fffffff, fail);
    checkFunction('unixTime', unixTime, fail);
    this.#clock = clock;
    this.#idleMs = idleMs;
    this.#unixTime = unixTime;
  }

  /**
   * Serves a base from now on. Idempotent.
   * @param base 12 bytes, or a tag of 16 whose suffix is ignored; copied
   * @throws {RelayError} `bad-argument`
   */
  register(base: Uint8Array): void {
    const own = checkBase(base);
    if (this.#find(own)) return;
    const key = readU32(own, 0);
    const bucket = this.#entries.get(key);
    if (bucket) bucket.push({ base: own, ends: [] });
    else this.#entries.set(key, [{ base: own, ends: [] }]);
  }

  /**
   * Stops serving a base. Idempotent.
   * @throws {RelayError} `bad-argument`
   */
  unregister(base: Uint8Array): void {
    const own = checkBase(base);
    const key = readU32(own, 0);
    const left = (this.#entries.get(key) ?? []).filter((entry) => !sameBase(entry.base, own));
    if (left.length > 0) this.#entries.set(key, left);
    else this.#entries.delete(key);
  }

  /**
   * Takes one datagram.
   * @param datagram read only; a forwarded frame is this very array
   * @param from where it came from
   * @returns the one datagram to send, or null for silence
   * @throws {RelayError} `bad-argument` for wrong types; never for any bytes
   */
  receive(datagram: Uint8Array, from: Address): RelayOutput | null {
    const { stats } = this;
    checkBytes('datagram', datagram, fail);
    if (typeof from?.host !== 'string' || typeof from.port !== 'number') {
      throw fail('"from" expected an address with host and port');
    }
    stats.received++;
    stats.receivedBytes += datagram.length;
    return isSpecialFrame(datagram) ? this.#answer(datagram, from) : this.#forward(datagram, from);
  }

  #forward(frame: Uint8Array, from: Address): RelayOutput | null {
    const { stats } = this;
    if (dataPayloadLength(frame) < 0) {
      stats.malformed++;
      return null;
    }
    const known = this.#admit(frame, readU32(frame, 16), from);
    if (!known) return null;
    const target = readU32(frame, 12);
    const receiver = known.entry.ends.find((end) => end.suffix === target);
    if (!receiver || receiver === known.end) {
      stats.unreachable++;
      return null;
    }
    stats.forwarded++;
    stats.forwardedBytes += frame.length;
    return { to: receiver.address, data: frame };
  }

  #answer(frame: Uint8Array, from: Address): RelayOutput | null {
    const { stats } = this;
    const ping = parsePing(frame);
    const request = ping ?? parsePeerInfoRequest(frame);
    // Replies carry a constructor id as fourth word and are not answered: two relays cannot loop.
    if (!request) {
      stats.malformed++;
      return null;
    }
    const known = this.#admit(frame, readU32(frame, 12), from);
    if (!known) return null;
    const data = ping ? this.#selfInfo(ping, from) : peerInfo(request.tag, known.entry, known.end);
    if (!data) {
      stats.unreachable++;
      return null;
    }
    stats.answered++;
    return { to: from, data };
  }

  #selfInfo(ping: { tag: Uint8Array; queryId: bigint }, from: Address): Uint8Array {
    const date = Math.floor(this.#unixTime()) | 0;
    return encodeSelfInfo({ ...ping, date, host: from.host, port: from.port });
  }

  /** The base of a frame and the end that has sent it; null, and counted, when either is not known. */
  #admit(frame: Uint8Array, suffix: number, from: Address): { entry: Entry; end: End } | null {
    const entry = this.#find(frame);
    if (!entry) {
      this.stats.unknown++;
      return null;
    }
    const end = this.#bind(entry, suffix, from);
    if (!end) {
      this.stats.refused++;
      return null;
    }
    return { entry, end };
  }

  #find(frame: Uint8Array): Entry | undefined {
    return this.#entries.get(readU32(frame, 0))?.find((entry) => sameBase(entry.base, frame));
  }

  /** The end that this suffix and address are, bound now if there is room; undefined if refused. */
  #bind(entry: Entry, suffix: number, from: Address): End | undefined {
    const now = this.#clock.now();
    const { ends } = entry;
    for (let i = ends.length - 1; i >= 0; i--) {
      if (now - ends[i]!.lastSeen >= this.#idleMs) ends.splice(i, 1);
    }
    let end = ends.find((candidate) => candidate.suffix === suffix);
    if (!end) {
      if (suffix === 0 || ends.length >= ENDS_PER_BASE) return undefined;
      end = { suffix, address: { ...from }, lastSeen: now, asked: false };
      ends.push(end);
    } else if (end.address.port !== from.port || end.address.host !== from.host) {
      return undefined;
    }
    end.lastSeen = now;
    return end;
  }
}

function sameBase(base: Uint8Array, frame: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < BASE_BYTES; i++) difference |= base[i]! ^ frame[i]!;
  return difference === 0;
}

/**
 * Tells an end the address of the other, once the other has asked as well: asking is how an end shows
 * that it permits a direct path. The frame has room for IPv4 only.
 */
function peerInfo(tag: Uint8Array, entry: Entry, end: End): Uint8Array | null {
  end.asked = true;
  const peer = entry.ends.find((other) => other !== end);
  if (!peer?.asked || isIpv6(peer.address) || isIpv6(end.address)) return null;
  const { host: myHost, port: myPort } = end.address;
  const { host: peerHost, port: peerPort } = peer.address;
  return encodePeerInfo({ tag, myHost, myPort, peerHost, peerPort });
}

const isIpv6 = (address: Address): boolean => address.host.includes(':');
