import { type CapacityTrace, departure } from './capacity.ts';

/** What happens at a bottleneck when more comes than leaves. */
export type QueueConditions = {
  /** Bytes that may wait; what does not fit is dropped. Default 64000. */
  readonly bytes?: number;
  /** `tail-drop`: nothing else. `codel`: also RFC 8289, with its 5 ms and 100 ms. Default `tail-drop`. */
  readonly discipline?: 'tail-drop' | 'codel';
};

const DEFAULT_BYTES = 64_000;
/** RFC 8289, 4.2 and 4.3. */
const TARGET_MS = 5;
const INTERVAL_MS = 100;

/**
 * One server behind one queue. Because packets leave in the order in which they came, it is known on
 * arrival when each leaves.
 */
export class Bottleneck {
  readonly #capacity: number | CapacityTrace;
  readonly #limit: number;
  readonly #codel: boolean;
  /** When those that wait leave, and their sizes; what lies before `#head` has left. */
  #leaves: number[] = [];
  #sizes: number[] = [];
  #head = 0;
  #waiting = 0;
  #free = 0;
  /** CoDel: since when packets have waited too long, and where its control law stands. */
  #above = -1;
  #dropping = false;
  #dropNext = 0;
  #count = 0;
  #lastCount = 0;

  constructor(capacity: number | CapacityTrace, queue: QueueConditions = {}) {
    this.#capacity = capacity;
    this.#limit = queue.bytes ?? DEFAULT_BYTES;
    this.#codel = queue.discipline === 'codel';
  }

  /** Bytes that wait or are being sent, at a time. */
  backlog(now: number): number {
    while (this.#head < this.#leaves.length && this.#leaves[this.#head]! <= now) {
      this.#waiting -= this.#sizes[this.#head++]!;
    }
    if (this.#head > 256 && this.#head * 2 > this.#leaves.length) {
      this.#leaves = this.#leaves.slice(this.#head);
      this.#sizes = this.#sizes.slice(this.#head);
      this.#head = 0;
    }
    return this.#waiting;
  }

  /** Time at which a packet has left, in ms; -1 when it was dropped. `now` never goes back. */
  pass(now: number, bytes: number): number {
    if (this.backlog(now) + bytes > this.#limit) return -1;
    const start = Math.max(now, this.#free);
    if (this.#codel && this.#drops(start, start - now)) return -1;
    const left = departure(this.#capacity, start, 8 * bytes);
    this.#free = left;
    this.#leaves.push(left);
    this.#sizes.push(bytes);
    this.#waiting += bytes;
    return left;
  }

  /** RFC 8289, 5.6, for a packet that is taken from the queue at `now` after `sojourn` ms. */
  #drops(now: number, sojourn: number): boolean {
    if (sojourn < TARGET_MS) {
      this.#above = -1;
      this.#dropping = false;
      return false;
    }
    if (this.#above < 0) this.#above = now + INTERVAL_MS;
    if (now < this.#above) return false;
    if (!this.#dropping) {
      this.#dropping = true;
      const recent = this.#count - this.#lastCount;
      this.#count = recent > 1 && now - this.#dropNext < 16 * INTERVAL_MS ? recent : 1;
      this.#lastCount = this.#count;
    } else if (now < this.#dropNext) {
      return false;
    } else {
      this.#count++;
    }
    this.#dropNext = Math.max(now, this.#dropNext) + INTERVAL_MS / Math.sqrt(this.#count);
    return true;
  }
}
