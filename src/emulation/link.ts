import { copyBytes } from '../core/bytes.ts';
import type { Clock } from '../core/clock.ts';
import { Bottleneck } from './bottleneck.ts';
import { checkConditions, type LinkConditions } from './conditions.ts';
import { seeded } from './seeded.ts';

/** Counters of one direction, in datagrams. */
export type LinkStats = {
  /** Handed in. */
  sent: number;
  /** Handed out, second copies included. */
  delivered: number;
  /** Lost at random. */
  lost: number;
  /** Lost in an outage. */
  cut: number;
  /** Dropped by the queue. */
  dropped: number;
  /** Handed out twice. */
  duplicated: number;
  /** Handed out with a wrong bit. */
  corrupted: number;
  /** Bytes handed in, without headers. */
  bytes: number;
};

const EXPONENTIAL_LIMIT = 10;

/**
 * One direction of an emulated path. For every datagram it draws the same number of random numbers,
 * whatever the conditions are, so that runs with one seed compare like with like.
 */
export class EmulatedLink {
  readonly stats: LinkStats = {
    sent: 0,
    delivered: 0,
    lost: 0,
    cut: 0,
    dropped: 0,
    duplicated: 0,
    corrupted: 0,
    bytes: 0,
  };
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #deliver: (data: Uint8Array) => void;
  #conditions: LinkConditions = {};
  #bottleneck: Bottleneck | undefined;
  #start = 0;
  #bad = false;
  #outage = 0;
  /** Nobody who keeps to the order arrives before this. */
  #lastArrival = 0;

  constructor(clock: Clock, seed: number, deliver: (data: Uint8Array) => void) {
    this.#clock = clock;
    this.#random = seeded(seed);
    this.#deliver = deliver;
  }

  /** From now on; what is on its way arrives as it would have. */
  change(conditions: LinkConditions): void {
    checkConditions(conditions);
    const { capacity, queue } = conditions;
    this.#conditions = conditions;
    this.#start = this.#clock.now();
    this.#bottleneck = capacity === undefined ? undefined : new Bottleneck(capacity, queue);
    this.#outage = 0;
    this.#lastArrival = 0;
    this.#bad = false;
  }

  /** Bytes that wait in the queue, headers included. */
  get backlog(): number {
    return this.#bottleneck?.backlog(this.#clock.now() - this.#start) ?? 0;
  }

  /** `data` may be borrowed. */
  send(data: Uint8Array): void {
    const { stats } = this;
    const { headerBytes = 28, delayMs = 0, reorder, duplicate = 0 } = this.#conditions;
    stats.sent++;
    stats.bytes += data.length;
    const lost = this.#loses(this.#random(), this.#random());
    const jitter = this.#jitter(this.#random());
    const later = this.#random();
    const twice = this.#random();
    const changed = this.#random();
    const bit = this.#random();
    const now = this.#clock.now() - this.#start;
    const held = this.#held(now);
    if (held < 0) {
      stats.cut++;
      return;
    }
    const left = this.#bottleneck?.pass(held, data.length + headerBytes) ?? held;
    if (left < 0) {
      stats.dropped++;
      return;
    }
    if (lost) {
      stats.lost++;
      return;
    }
    let arrival = left + delayMs + jitter;
    if (reorder && later < reorder.probability) arrival += reorder.ms;
    else {
      arrival = Math.max(arrival, this.#lastArrival);
      this.#lastArrival = arrival;
    }
    const copy = copyBytes(data);
    if (changed < (this.#conditions.corrupt ?? 0) && copy.length > 0) {
      const at = Math.floor(bit * 8 * copy.length);
      copy[at >> 3]! ^= 1 << (at & 7);
      stats.corrupted++;
    }
    this.#arrive(arrival - now, copy);
    if (twice < duplicate) {
      stats.duplicated++;
      this.#arrive(arrival - now, copyBytes(copy));
    }
  }

  #arrive(delay: number, data: Uint8Array): void {
    this.#clock.setTimer(delay, () => {
      this.stats.delivered++;
      this.#deliver(data);
    });
  }

  #loses(first: number, second: number): boolean {
    const { loss = 0 } = this.#conditions;
    if (typeof loss === 'number') return second < loss;
    const { toBad, toGood, lossGood = 0, lossBad = 1 } = loss;
    this.#bad = this.#bad ? first >= toGood : first < toBad;
    return second < (this.#bad ? lossBad : lossGood);
  }

  #jitter(random: number): number {
    const { jitter } = this.#conditions;
    if (jitter === undefined) return 0;
    if (jitter.kind === 'uniform') return jitter.ms * random;
    return jitter.ms * Math.min(EXPONENTIAL_LIMIT, -Math.log(1 - random));
  }

  /** When a datagram may go on that comes at `now`; -1 when an outage swallows it. */
  #held(now: number): number {
    const { outages } = this.#conditions;
    if (outages === undefined) return now;
    for (let next = outages[this.#outage]; next; next = outages[++this.#outage]) {
      const end = next.atMs + next.durationMs;
      if (now < next.atMs) return now;
      if (now < end) return next.holds ? end : -1;
    }
    return now;
  }
}
