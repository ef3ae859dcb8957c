// What a relay remembers of a call. All numbers are small integers, which cost no object each: times are
// in whole ms since the core was made, modulo 2^32.
import { wordAt } from './framing.ts';

/** Where frames come from and go to: a UDP socket, or one connection over TCP or WebSocket. */
export type RelayLine = {
  /** A handshake has shown that the other side receives what is sent to it: TCP and WebSocket. */
  readonly proven: boolean;
  /** Nothing can be sent any more. */
  readonly closed: boolean;
  /**
   * Sends a frame, or drops it; never waits, never throws.
   * @param frame not changed by anybody afterwards
   */
  send(frame: Uint8Array, port: number, host: string): void;
};

/** Bytes that a tag may send beyond what came in, once (reflector, section 7). */
export const BONUS_BYTES = 256;

/** Packets from a new address before it may speak for its end. */
const PACKETS_TO_TRUST = 3;
/** After so much silence of the old address, the new one hears what is sent as well; then it takes over. */
const SILENCE_TO_SHARE_MS = 300;
const SILENCE_TO_MOVE_MS = 2000;
/** Between two new addresses of an end. */
const BETWEEN_CANDIDATES_MS = 1000;
const SECOND_MS = 1000;
const REPLIES_PER_SECOND = 5;
/** Enough for any call, far from overflow. */
const MAX_CREDIT = 1 << 24;

/** What one end of a call may send. */
export type EndLimits = { readonly packetsPerSecond: number; readonly bytesPerSecond: number };

/** One end of a call at one address. */
export class End {
  readonly suffix: number;
  readonly line: RelayLine;
  readonly host: string;
  readonly port: number;
  /** Somebody receives at this address: a handshake or a proof has shown it. */
  proven: boolean;
  /** It has asked for the other end's address, and so permits a direct path. */
  asked = false;
  lastSeen: number;
  /** The same end at another address, as long as it is not clear that it has moved. */
  candidate: End | null = null;
  #packets = 0;
  /** Bytes that came from here and were not matched by bytes to here. */
  #credit = 0;
  #since: number;
  #second: number;
  #secondPackets = 0;
  #secondBytes = 0;
  #secondReplies = 0;

  constructor(suffix: number, line: RelayLine, host: string, port: number, now: number) {
    this.suffix = suffix;
    this.line = line;
    this.host = host;
    this.port = port;
    this.proven = line.proven;
    this.lastSeen = now;
    this.#since = now;
    this.#second = now;
  }

  isAt(line: RelayLine, host: string, port: number): boolean {
    return this.line === line && this.port === port && this.host === host;
  }

  /** A frame has come from here. False when it is one too many in this second. */
  hear(length: number, now: number, limits: EndLimits): boolean {
    this.lastSeen = now;
    if (this.#packets < PACKETS_TO_TRUST) this.#packets++;
    if (!this.proven && this.#credit < MAX_CREDIT) this.#credit += length;
    if (((now - this.#second) | 0) >= SECOND_MS) {
      this.#second = now;
      this.#secondPackets = 0;
      this.#secondBytes = 0;
      this.#secondReplies = 0;
    }
    this.#secondPackets++;
    this.#secondBytes += length;
    return (
      this.#secondPackets <= limits.packetsPerSecond && this.#secondBytes <= limits.bytesPerSecond
    );
  }

  /** Whether it may have one more answer in this second. */
  takeReply(): boolean {
    return ++this.#secondReplies <= REPLIES_PER_SECOND;
  }

  /** Whether so many bytes may go to it; takes them off, from the bonus of `session` too if it is given. */
  pay(length: number, session: Session | null): boolean {
    if (this.proven) return true;
    const lack = length - this.#credit;
    if (lack > 0) {
      if (!session || lack > session.bonus) return false;
      session.bonus -= lack;
    }
    this.#credit = lack > 0 ? 0 : -lack;
    return true;
  }

  get trusted(): boolean {
    return this.proven || this.#packets >= PACKETS_TO_TRUST;
  }

  /** The candidate, when it is to hear what this end hears: it is trusted and this end is silent. */
  listener(now: number): End | null {
    const { candidate } = this;
    if (!candidate?.trusted || ((now - this.lastSeen) | 0) < SILENCE_TO_SHARE_MS) return null;
    return ((now - candidate.lastSeen) | 0) < SILENCE_TO_MOVE_MS ? candidate : null;
  }

  /** Whether the candidate is to take over. */
  hasMoved(now: number): boolean {
    if (!this.candidate?.trusted) return false;
    return this.line.closed || ((now - this.lastSeen) | 0) >= SILENCE_TO_MOVE_MS;
  }

  /** Whether another address may become the candidate. */
  takesCandidate(now: number): boolean {
    const { candidate } = this;
    return candidate === null || ((now - candidate.#since) | 0) >= BETWEEN_CANDIDATES_MS;
  }
}

/** A call at the relay: a base, and at most two ends. */
export class Session {
  /** The base as three words. */
  readonly word0: number;
  readonly word1: number;
  readonly word2: number;
  /** Kept without ends: told to be served, not by a ticket. */
  readonly registered: boolean;
  bonus: number;
  first: End | null = null;
  second: End | null = null;
  /** The next one with the same first word. */
  next: Session | null = null;

  constructor(frame: Uint8Array, registered: boolean, bonus: number) {
    this.word0 = wordAt(frame, 0);
    this.word1 = wordAt(frame, 4);
    this.word2 = wordAt(frame, 8);
    this.registered = registered;
    this.bonus = bonus;
  }

  find(suffix: number): End | null {
    if (this.first?.suffix === suffix) return this.first;
    if (this.second?.suffix === suffix) return this.second;
    return null;
  }

  /** Puts an end in the place of another, or in a free one. False when there is none. */
  put(end: End, old: End | null): boolean {
    if (this.first === old) this.first = end;
    else if (this.second === old) this.second = end;
    else return false;
    return true;
  }

  /** Takes away ends that were silent for too long. */
  expire(now: number, idleMs: number): void {
    if (this.first && ((now - this.first.lastSeen) | 0) >= idleMs) this.first = null;
    if (this.second && ((now - this.second.lastSeen) | 0) >= idleMs) this.second = null;
  }
}
