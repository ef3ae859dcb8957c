import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import { toHex } from '../core/hex.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { encodeAck, encodeMessage, parseRoomFrame } from '../core/room-frames.ts';
import { RelayError } from './errors.ts';
import { readU32 } from './framing.ts';
import { SourceLimiter, TokenBucket } from './limits.ts';
import { ROOM_BYTES, RoomGate } from './room-token.ts';

/** Why a member is put out; codes of a WebSocket's own range (RFC 6455, 7.4.2). */
export const ROOM_CLOSE = {
  /** No frame that is known, or one before joining. */
  malformed: 4400,
  /** No good token. */
  token: 4401,
  /** Two others are in. */
  full: 4403,
  /** The same member came again on another connection. */
  replaced: 4409,
  /** More than a member may send, or a source may come, or may wait for the other. Come again later. */
  limited: 4429,
  /** The server has no room left, or goes down. Come again later. */
  busy: 4503,
} as const;

/** The connection of a member, as the rooms see it. */
export type RoomLine = {
  /** Sends one frame. Never throws. */
  send(frame: Uint8Array): void;
  /** Ends the connection with a code of `ROOM_CLOSE`. */
  close(code: number): void;
};

/** What a connection tells the rooms. */
export type RoomVisitor = {
  /** A frame has come in. Never throws for bytes. */
  receive(frame: Uint8Array): void;
  /** The connection is gone. Idempotent. */
  leave(): void;
  /** Whether it is in a room. */
  readonly joined: boolean;
};

/** Options of the rooms. */
export type SignallingRoomsOptions = {
  clock: Pick<Clock, 'now'>;
  /** The operator's, at least 16 bytes. */
  secret: Uint8Array;
  /** Default 10000. */
  maxRooms?: number;
  /** Bytes of one message, at most. Default 20480: a sealed message of 16 KiB, and what is around it. */
  maxMessageBytes?: number;
  /** Messages that may wait for a member. Default 64. */
  maxQueue?: number;
  /** Bytes that may wait for a member. Default 131072. */
  maxQueueBytes?: number;
  /** Messages of a member in a second; three times as many at once. Default 20. */
  messagesPerSecond?: number;
  /** A room that nobody is in, or a place that its member has left, is given up after so long, in ms. Default 60000. */
  idleMs?: number;
  /** Seconds since 1970. Default: the system's date. */
  unixTime?(): number;
  /** Seeds the table of sources. Default: the runtime's secure generator. */
  random?: RandomSource;
};

/** Counters of the rooms. */
export type RoomStats = {
  /** Members that came in, again or for the first time. */
  joined: number;
  /** Messages taken. */
  messages: number;
  /** Bytes of these. */
  messageBytes: number;
  /** Visitors that were put out. */
  refused: number;
};

/** One of the two places of a room. What waits for it is kept here, also before anybody has come. */
type Place = {
  member: string | null;
  visitor: Visitor | null;
  left: number;
  /** Number of the last message that came from the member. */
  received: number;
  /** Number of the last message for the member. */
  sent: number;
  waiting: { number: number; data: Uint8Array }[];
  waitingBytes: number;
};
type Room = { readonly name: string; readonly places: readonly [Place, Place] };

const OPTIONS = [
  'clock',
  'secret',
  'maxRooms',
  'maxMessageBytes',
  'maxQueue',
  'maxQueueBytes',
  'messagesPerSecond',
  'idleMs',
  'unixTime',
  'random',
];
const JOINS_PER_SECOND = 5;
const BURST = 3;
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

/**
 * Rooms of two, in which signalling messages are passed on, without I/O. A message is kept until the other
 * member has acknowledged it, over any number of connections. What is in it is nobody's business here.
 * @internal
 */
export class SignallingRooms {
  readonly stats: RoomStats = { joined: 0, messages: 0, messageBytes: 0, refused: 0 };
  readonly clock: Pick<Clock, 'now'>;
  readonly maxMessageBytes: number;
  readonly maxQueue: number;
  readonly maxQueueBytes: number;
  readonly messagesPerSecond: number;
  readonly #maxRooms: number;
  readonly #idleMs: number;
  readonly #gate: RoomGate;
  readonly #joins: SourceLimiter;
  readonly #rooms: Map<string, Room> = new Map();
  #closed = false;

  /** @throws {RelayError} `bad-argument` */
  constructor(options: SignallingRoomsOptions) {
    checkOptions(options, OPTIONS, fail);
    const { clock, secret, maxRooms = 10_000, maxMessageBytes = 20_480, maxQueue = 64 } = options;
    const { maxQueueBytes = 131_072, messagesPerSecond = 20, idleMs = 60_000 } = options;
    const { random = systemRandom } = options;
    checkMethods('clock', clock, ['now'], fail);
    checkFunction('random', random, fail);
    const counts = {
      maxRooms,
      maxMessageBytes,
      maxQueue,
      maxQueueBytes,
      messagesPerSecond,
      idleMs,
    };
    for (const [name, value] of Object.entries(counts)) {
      checkInteger(name, value, 1, 0x7fffffff, fail);
    }
    this.clock = clock;
    this.maxMessageBytes = maxMessageBytes;
    this.maxQueue = maxQueue;
    this.maxQueueBytes = maxQueueBytes;
    this.messagesPerSecond = messagesPerSecond;
    this.#maxRooms = maxRooms;
    this.#idleMs = idleMs;
    this.#gate = new RoomGate(secret, options.unixTime);
    const seed = new Uint8Array(4);
    random(seed);
    this.#joins = new SourceLimiter(JOINS_PER_SECOND, 10 * JOINS_PER_SECOND, readU32(seed, 0));
  }

  /** Rooms that are open. */
  get size(): number {
    return this.#rooms.size;
  }

  /** A connection has been opened from this address. */
  visit(line: RoomLine, host: string): RoomVisitor {
    return new Visitor(this, line, host);
  }

  /** Puts a visitor into its room; null, and its line is closed, if there is no place for it. */
  admit(
    visitor: Visitor,
    host: string,
    token: Uint8Array,
    member: Uint8Array,
  ): { room: Room; own: Place; other: Place } | null {
    if (this.#closed) return this.refuse(visitor, ROOM_CLOSE.busy);
    if (!this.#joins.take(host, this.clock.now())) return this.refuse(visitor, ROOM_CLOSE.limited);
    const worth = this.#gate.check(token);
    const name = toHex(token.subarray(0, ROOM_BYTES));
    const known = worth === 'none' ? undefined : this.#rooms.get(name);
    const id = toHex(member);
    // who is in may come back after the token has expired; nobody else may
    const inside = known?.places.find((place) => place.member === id);
    if (worth === 'none' || (worth === 'expired' && !inside))
      return this.refuse(visitor, ROOM_CLOSE.token);
    if (!known && this.#rooms.size >= this.#maxRooms) {
      return this.refuse(visitor, ROOM_CLOSE.busy);
    }
    const room = known ?? { name, places: [emptyPlace(), emptyPlace()] as const };
    const own = inside ?? room.places.find((place) => this.#isFree(place));
    if (!own) return this.refuse(visitor, ROOM_CLOSE.full);
    if (!inside) {
      if (own.member !== null) Object.assign(own, emptyPlace());
      own.member = id;
    }
    own.visitor?.replace();
    own.visitor = visitor;
    this.#rooms.set(name, room);
    this.stats.joined++;
    return { room, own, other: room.places[0] === own ? room.places[1] : room.places[0] };
  }

  refuse(visitor: Visitor, code: number): null {
    this.stats.refused++;
    visitor.close(code);
    return null;
  }

  #isFree(place: Place): boolean {
    if (place.member === null) return true;
    return place.visitor === null && this.clock.now() - place.left >= this.#idleMs;
  }

  /** Gives up rooms that nobody is in. To be called every second or so. */
  sweep(): void {
    for (const [name, room] of this.#rooms) {
      const dead = ({ visitor, left }: Place): boolean =>
        visitor === null && this.clock.now() - left >= this.#idleMs;
      if (room.places.every(dead)) this.#rooms.delete(name);
    }
  }

  /** Puts everybody out and lets nobody in. */
  close(): void {
    this.#closed = true;
    for (const { places } of this.#rooms.values()) {
      for (const { visitor } of places) visitor?.close(ROOM_CLOSE.busy);
    }
    this.#rooms.clear();
    this.#gate.close();
  }
}

function emptyPlace(): Place {
  return {
    member: null,
    visitor: null,
    left: Number.NEGATIVE_INFINITY,
    received: 0,
    sent: 0,
    waiting: [],
    waitingBytes: 0,
  };
}

class Visitor implements RoomVisitor {
  readonly #rooms: SignallingRooms;
  readonly #line: RoomLine;
  readonly #host: string;
  readonly #bucket: TokenBucket;
  #own: Place | null = null;
  #other: Place | null = null;
  #closed = false;

  constructor(rooms: SignallingRooms, line: RoomLine, host: string) {
    this.#rooms = rooms;
    this.#line = line;
    this.#host = host;
    const { messagesPerSecond } = rooms;
    this.#bucket = new TokenBucket(messagesPerSecond, BURST * messagesPerSecond);
  }

  get joined(): boolean {
    return this.#own !== null && !this.#closed;
  }

  receive(frame: Uint8Array): void {
    checkBytes('frame', frame, fail);
    if (this.#closed) return;
    if (!this.#bucket.take(this.#rooms.clock.now())) {
      this.#rooms.refuse(this, ROOM_CLOSE.limited);
      return;
    }
    const parsed = parseRoomFrame(frame);
    if (parsed?.kind === 'join' && !this.#own) this.#join(parsed.token, parsed.member);
    else if (parsed?.kind === 'message' && this.#own) this.#take(parsed.number, parsed.data);
    else if (parsed?.kind === 'ack' && this.#own) forget(this.#own, parsed.number);
    else this.#rooms.refuse(this, ROOM_CLOSE.malformed);
  }

  #join(token: Uint8Array, member: Uint8Array): void {
    const admitted = this.#rooms.admit(this, this.#host, token, member);
    if (!admitted) return;
    this.#own = admitted.own;
    this.#other = admitted.other;
    this.#line.send(encodeAck(this.#own.received));
    for (const { number, data } of this.#own.waiting) this.#line.send(encodeMessage(number, data));
  }

  #take(number: number, data: Uint8Array): void {
    const { stats, maxMessageBytes, maxQueue, maxQueueBytes } = this.#rooms;
    const own = this.#own!;
    const other = this.#other!;
    if (number > own.received + 1 || data.length > maxMessageBytes) {
      this.#rooms.refuse(this, ROOM_CLOSE.malformed);
      return;
    }
    if (number === own.received + 1) {
      const full = other.waiting.length >= maxQueue;
      if (full || other.waitingBytes + data.length > maxQueueBytes) {
        this.#rooms.refuse(this, ROOM_CLOSE.limited);
        return;
      }
      own.received = number;
      stats.messages++;
      stats.messageBytes += data.length;
      other.sent++;
      other.waiting.push({ number: other.sent, data });
      other.waitingBytes += data.length;
      other.visitor?.pass(other.sent, data);
    }
    this.#line.send(encodeAck(own.received));
  }

  pass(number: number, data: Uint8Array): void {
    this.#line.send(encodeMessage(number, data));
  }

  /** Its member has come on another connection. */
  replace(): void {
    this.#own = null;
    this.close(ROOM_CLOSE.replaced);
  }

  close(code: number): void {
    if (this.#closed) return;
    this.leave();
    this.#line.close(code);
  }

  leave(): void {
    this.#closed = true;
    if (this.#own) {
      this.#own.visitor = null;
      this.#own.left = this.#rooms.clock.now();
    }
    this.#own = null;
  }
}

/** What the member has acknowledged needs no keeping. */
function forget(place: Place, number: number): void {
  while (place.waiting.length > 0 && place.waiting[0]!.number <= number) {
    place.waitingBytes -= place.waiting.shift()!.data.length;
  }
}
