import { type Clock, systemTime } from '../core/clock.ts';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { RelayError } from './errors.ts';
import {
  BASE_BYTES,
  DATA_HEADER_BYTES,
  encodePeerInfo,
  encodeSelfInfo,
  isSpecial,
  parsePeerInfoRequest,
  parsePing,
  readU32,
  statedLength,
  TAG_BYTES,
  wordAt,
} from './framing.ts';
import { RecentNumbers, SourceLimiter, TokenBucket } from './limits.ts';
import { BONUS_BYTES, End, type EndLimits, type RelayLine, Session } from './session.ts';
import { SessionTable } from './session-table.ts';
import { checkAudience, PROOF_BYTES, TicketGate } from './ticket.ts';

/** Options of a relay core. */
export type RelayCoreOptions = {
  /** Tells which ends have fallen silent. */
  clock: Pick<Clock, 'now'>;
  /** The operator's, at least 16 bytes: tags that it has signed are served. Default: none are. */
  secret?: Uint8Array;
  /** The name of this relay, if its tickets are for it alone. */
  audience?: string;
  /** An end that has sent nothing for so long gives its place up, in ms. Default 30000. */
  idleMs?: number;
  /** Calls at a time, at most. Default 10000. */
  maxSessions?: number;
  /** Frames of one end, at most, in a second. Default 1000. */
  packetsPerSecond?: number;
  /** Bytes of one end, at most, in a second. Default 500000. */
  bytesPerSecond?: number;
  /** Bytes of a frame, at most. Default 4096. */
  maxFrameBytes?: number;
  /** Tickets that are checked for one source, at most, in a second; 10 times as many at once. Default 10. */
  ticketsPerSecond?: number;
  /** Seconds since 1970, for tickets and self info replies. Default: the system's date. */
  unixTime?(): number;
  /** Seeds the tables. Default: the runtime's secure generator. */
  random?: RandomSource;
};

/** Counters of a relay, since it was made. */
export type RelayStats = {
  /** Frames that came in. */
  received: number;
  /** Bytes of these. */
  receivedBytes: number;
  /** Data frames passed on. */
  forwarded: number;
  /** Bytes of these. */
  forwardedBytes: number;
  /** Self info and peer info replies. */
  answered: number;
  /** Dropped in silence: no frame at all, truncated, too long, from port 0, or a special frame that asks for nothing. */
  malformed: number;
  /** Dropped in silence: a base that is not registered and no ticket. */
  unknown: number;
  /** Dropped in silence: a third suffix, or a suffix that is bound to another address. */
  refused: number;
  /** Dropped in silence: nobody is bound to the target suffix yet, or its connection is closed. */
  unreachable: number;
  /** Dropped: more than an end or a source may send, or a full table. */
  limited: number;
  /** Not sent: an unproven address would have had more bytes than came from it. */
  unproven: number;
  /** Calls that a ticket has opened. */
  opened: number;
  /** Ends that have moved to another address. */
  moved: number;
};

const OPTIONS = [
  'clock',
  'secret',
  'audience',
  'idleMs',
  'maxSessions',
  'packetsPerSecond',
  'bytesPerSecond',
  'maxFrameBytes',
  'ticketsPerSecond',
  'unixTime',
  'random',
];
/** A padded ping: as long as the answer with a proof is. */
const PADDED_PING_BYTES = 72;
const PROOF_OFFSET = 40;
const STREAM_HELLO_BYTES = TAG_BYTES + 4;
/** Ticket checks in a second for all sources together: a tenth of a processor. */
const ALL_TICKETS_PER_SECOND = 2000;
/** Tickets of two hours whose bonus is spent. */
const MAX_SPENT = 100_000;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

/**
 * A blind relay without I/O: routes sealed packets between the two ends of a call by their tags, and
 * cannot read them. A base of 12 bytes is known to both ends; each end has a suffix of its own, which
 * is bound to the address that uses it. Whoever knows neither a registered base nor a ticket gets
 * silence. What goes to an address is never more than what came from it, but for 256 bytes once per
 * tag, until the address has shown that it receives. Memory is bounded by `maxSessions`.
 *
 * @example
 * const core = new RelayCore({ clock, secret });
 * const line = { proven: false, closed: false, send: (frame, port, host) => socket.send(frame, port, host) };
 * socket.on('message', (frame, from) => core.receive(frame, line, from.address, from.port));
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
    limited: 0,
    unproven: 0,
    opened: 0,
    moved: 0,
  };
  readonly #clock: Pick<Clock, 'now'>;
  readonly #start: number;
  readonly #idleMs: number;
  readonly #maxFrame: number;
  readonly #limits: EndLimits;
  readonly #unixTime: () => number;
  readonly #tickets: TicketGate | null;
  readonly #proofs: TicketGate;
  readonly #sources: SourceLimiter;
  readonly #everybody: TokenBucket;
  readonly #spent: RecentNumbers = new RecentNumbers(MAX_SPENT);
  readonly #sessions: SessionTable;
  #draining = false;

  /** @throws {RelayError} `bad-argument` */
  constructor(options: RelayCoreOptions) {
    checkOptions(options, OPTIONS, fail);
    const { clock, secret, audience = '', idleMs = 30_000, maxSessions = 10_000 } = options;
    const { packetsPerSecond = 1000, bytesPerSecond = 500_000, maxFrameBytes = 4096 } = options;
    const { ticketsPerSecond = 10, random = systemRandom } = options;
    const { unixTime = systemTime } = options;
    checkMethods('clock', clock, ['now'], fail);
    checkAudience(audience);
    const counts = { idleMs, maxSessions, packetsPerSecond, bytesPerSecond, ticketsPerSecond };
    for (const [name, value] of Object.entries(counts)) {
      checkInteger(name, value, 1, 0x3fffffff, fail);
    }
    checkInteger('maxFrameBytes', maxFrameBytes, 128, 65_507, fail);
    checkFunction('unixTime', unixTime, fail);
    checkFunction('random', random, fail);
    const seeds = new Uint8Array(32 + 4);
    random(seeds);
    this.#clock = clock;
    this.#start = clock.now();
    this.#idleMs = idleMs;
    this.#maxFrame = maxFrameBytes;
    this.#limits = { packetsPerSecond, bytesPerSecond };
    this.#unixTime = unixTime;
    this.#tickets = secret === undefined ? null : new TicketGate(secret, audience, unixTime);
    this.#proofs = this.#tickets ?? new TicketGate(seeds.subarray(4), '', unixTime);
    this.#sources = new SourceLimiter(ticketsPerSecond, 10 * ticketsPerSecond, readU32(seeds, 0));
    this.#everybody = new TokenBucket(ALL_TICKETS_PER_SECOND, ALL_TICKETS_PER_SECOND);
    this.#sessions = new SessionTable(maxSessions);
  }

  /** Calls in the table, those without an end included. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /** Calls that run: those with an end. */
  get running(): number {
    let running = 0;
    this.#sessions.each(({ first, second }) => {
      if (first || second) running++;
    });
    return running;
  }

  /**
   * Serves a base from now on, ticket or not. Idempotent.
   * @param base 12 bytes, or a tag of 16 whose suffix is ignored; copied
   * @throws {RelayError} `bad-argument`
   */
  register(base: Uint8Array): void {
    checkBase(base);
    if (this.#sessions.find(base)) return;
    this.#sessions.add(new Session(base, true, BONUS_BYTES));
  }

  /**
   * Stops serving a base. Idempotent.
   * @throws {RelayError} `bad-argument`
   */
  unregister(base: Uint8Array): void {
    checkBase(base);
    const session = this.#sessions.find(base);
    if (session) this.#sessions.remove(session);
  }

  /** Opens no more calls; those that run go on. */
  drain(): void {
    this.#draining = true;
  }

  /** Wipes its copy of the secret; serves no ticket any more. Idempotent. */
  close(): void {
    this.#draining = true;
    this.#proofs.close();
  }

  /** Takes away ends, and calls, that have been silent for too long. To be called every second or so. */
  sweep(): void {
    const now = this.#now();
    this.#sessions.each((session) => {
      session.expire(now, this.#idleMs);
      if (!session.first && !session.second && !session.registered) this.#sessions.remove(session);
    });
  }

  /**
   * Takes one frame, and sends at most two.
   * @param frame not to be changed afterwards: it is passed on as it is
   * @param line where it came in
   * @param host the sender's IP address
   * @param port the sender's port
   * @throws {RelayError} `bad-argument` for wrong types; never for any bytes
   */
  receive(frame: Uint8Array, line: RelayLine, host: string, port: number): void {
    const { stats } = this;
    checkBytes('frame', frame, fail);
    if (typeof host !== 'string' || typeof port !== 'number') {
      throw fail('"host" and "port" expected a text and a number');
    }
    if (typeof line?.send !== 'function') throw fail('"line" expected an object with send()');
    const { length } = frame;
    stats.received++;
    stats.receivedBytes += length;
    // nothing can be sent to port 0, and a socket throws when it is told to
    if (length < STREAM_HELLO_BYTES || length > this.#maxFrame || port === 0) {
      stats.malformed++;
    } else if (isSpecial(frame)) {
      this.#answer(frame, line, host, port);
    } else if (length === STREAM_HELLO_BYTES && line.proven && readU32(frame, TAG_BYTES) === 0) {
      this.#greet(frame, line, host, port);
    } else {
      this.#forward(frame, line, host, port);
    }
  }

  #now(): number {
    return (this.#clock.now() - this.#start) | 0;
  }

  #forward(frame: Uint8Array, line: RelayLine, host: string, port: number): void {
    const { stats } = this;
    const room = frame.length - DATA_HEADER_BYTES;
    if (room <= 0 || statedLength(frame) > room) {
      stats.malformed++;
      return;
    }
    const now = this.#now();
    const session = this.#find(frame, host, now);
    if (!session) return;
    const sender = this.#bind(session, wordAt(frame, 16), line, host, port, now);
    if (!sender) return;
    if (!sender.hear(frame.length, now, this.#limits)) {
      stats.limited++;
      return;
    }
    if (!sender.trusted && session.find(sender.suffix) !== sender) {
      stats.refused++;
      return;
    }
    const receiver = session.find(wordAt(frame, 12));
    if (!receiver || receiver.suffix === sender.suffix || receiver.line.closed) {
      stats.unreachable++;
      return;
    }
    if (this.#send(frame, receiver, session)) {
      stats.forwarded++;
      stats.forwardedBytes += frame.length;
    }
    const listener = receiver.candidate && receiver.listener(now);
    if (listener) this.#send(frame, listener, session);
  }

  /** Answers a ping or a peer info request. Replies are not answered: two relays cannot loop. */
  #answer(frame: Uint8Array, line: RelayLine, host: string, port: number): void {
    const { stats } = this;
    const ping = parsePing(frame);
    if (!ping && !parsePeerInfoRequest(frame)) {
      stats.malformed++;
      return;
    }
    const now = this.#now();
    const session = this.#find(frame, host, now);
    const end = session && this.#bind(session, wordAt(frame, 12), line, host, port, now);
    if (!end) return;
    if (!end.hear(frame.length, now, this.#limits) || !end.takeReply()) {
      stats.limited++;
      return;
    }
    const padded = frame.length >= PADDED_PING_BYTES && !end.proven;
    if (ping && padded) {
      const proof = frame.subarray(PROOF_OFFSET, PROOF_OFFSET + PROOF_BYTES);
      end.proven = this.#proofs.proves(host, port, proof);
    }
    const reply = ping
      ? this.#selfInfo(ping, host, port, padded && !end.proven)
      : peerInfo(frame, session, end);
    if (!reply) stats.unreachable++;
    else if (this.#send(reply, end, session)) stats.answered++;
  }

  /** Answers the hello of a stream as if it were a ping with query id 0. */
  #greet(frame: Uint8Array, line: RelayLine, host: string, port: number): void {
    const now = this.#now();
    const session = this.#find(frame, host, now);
    const end = session && this.#bind(session, wordAt(frame, 12), line, host, port, now);
    if (!end) return;
    if (!end.hear(frame.length, now, this.#limits) || !end.takeReply()) {
      this.stats.limited++;
      return;
    }
    const ping = { tag: frame.subarray(0, TAG_BYTES), queryId: 0n };
    if (this.#send(this.#selfInfo(ping, host, port, false), end, session)) this.stats.answered++;
  }

  #selfInfo(
    ping: { tag: Uint8Array; queryId: bigint },
    host: string,
    port: number,
    withProof: boolean,
  ): Uint8Array {
    const date = Math.floor(this.#unixTime()) | 0;
    const info = encodeSelfInfo({ ...ping, date, host, port });
    const proof = withProof ? this.#proofs.proof(host, port) : null;
    if (!proof) return info;
    const reply = new Uint8Array(info.length + proof.length);
    reply.set(info);
    reply.set(proof, info.length);
    return reply;
  }

  #send(frame: Uint8Array, end: End, session: Session): boolean {
    // the bonus is for the ends themselves, not for whoever claims to be one of them
    const bonus = session.find(end.suffix) === end;
    if (!end.pay(frame.length, bonus ? session : null)) {
      this.stats.unproven++;
      return false;
    }
    end.line.send(frame, end.port, end.host);
    return true;
  }

  /** The session of a frame, opened now if the frame has a ticket; null, and counted, if it is none. */
  #find(frame: Uint8Array, host: string, now: number): Session | null {
    const { stats } = this;
    const known = this.#sessions.find(frame);
    if (known) return known;
    const tickets = this.#tickets;
    if (!tickets || this.#draining) {
      stats.unknown++;
      return null;
    }
    const limited = !this.#sources.take(host, now) || !this.#everybody.take(now);
    if (limited || this.#sessions.full) {
      stats.limited++;
      return null;
    }
    if (!tickets.admits(frame)) {
      stats.unknown++;
      return null;
    }
    // The six random bytes of a ticket: it has its bonus once, however often it opens a session.
    const random = readU32(frame, 0) + 2 ** 32 * (frame[4]! + 256 * frame[5]!);
    const bonus = this.#spent.add(random, tickets.hour) ? BONUS_BYTES : 0;
    const session = new Session(frame, false, bonus);
    this.#sessions.add(session);
    stats.opened++;
    return session;
  }

  /** The end that this suffix and address are, bound now if there is room; null, and counted, if refused. */
  #bind(
    session: Session,
    suffix: number,
    line: RelayLine,
    host: string,
    port: number,
    now: number,
  ): End | null {
    const end = session.find(suffix);
    if (end?.isAt(line, host, port)) return end;
    if (end && ((now - end.lastSeen) | 0) < this.#idleMs) {
      return this.#move(session, end, line, host, port, now);
    }
    const bound = suffix === 0 ? null : new End(suffix, line, host, port, now);
    if (!end) session.expire(now, this.#idleMs);
    if (!bound || !session.put(bound, end)) {
      this.stats.refused++;
      return null;
    }
    return bound;
  }

  /**
   * A frame of an end from another address than before. Whoever saw one packet could send it, so the new
   * address takes over only when it is trusted and the old one has been silent; in between both hear
   * what is sent (reflector, section 6).
   */
  #move(
    session: Session,
    end: End,
    line: RelayLine,
    host: string,
    port: number,
    now: number,
  ): End | null {
    if (!end.candidate?.isAt(line, host, port)) {
      if (!end.takesCandidate(now)) {
        this.stats.refused++;
        return null;
      }
      end.candidate = new End(end.suffix, line, host, port, now);
    }
    const { candidate } = end;
    if (end.hasMoved(now)) {
      session.put(candidate, end);
      this.stats.moved++;
    }
    return candidate;
  }
}

function checkBase(base: Uint8Array): void {
  checkBytes('base', base, fail);
  if (base.length !== BASE_BYTES && base.length !== TAG_BYTES) {
    throw fail(`"base" expected 12 bytes, or 16 of which 12 are used, got ${base.length}`);
  }
}

/**
 * Tells an end the address of the other, once the other has asked as well: asking is how an end shows
 * that it permits a direct path. The frame has room for IPv4 only.
 */
function peerInfo(frame: Uint8Array, session: Session | null, end: End): Uint8Array | null {
  end.asked = true;
  const peer = session?.first?.suffix === end.suffix ? session.second : session?.first;
  if (!peer?.asked || peer.host.includes(':') || end.host.includes(':')) return null;
  const tag = frame.subarray(0, TAG_BYTES);
  const { host: myHost, port: myPort } = end;
  return encodePeerInfo({ tag, myHost, myPort, peerHost: peer.host, peerPort: peer.port });
}
