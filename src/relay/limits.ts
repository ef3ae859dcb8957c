import { sourceBytes } from './address.ts';

/** Milliseconds between: none when the clock was set back, or its 32 bits began anew (after 24.8 days). */
const elapsed = (from: number, to: number): number => Math.max(0, to - from);

/** Allows so many events a second, and `burst` at once: one more for every share of a second. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filled: number = Number.NEGATIVE_INFINITY;

  constructor(perSecond: number, burst: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Whether there may be one more, at `now` in ms. */
  take(now: number): boolean {
    const earned = (elapsed(this.#filled, now) * this.#perSecond) / 1000;
    const tokens = Math.min(this.#burst, this.#tokens + earned);
    this.#filled = now;
    this.#tokens = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }
}

const BUCKETS = 4096;

/**
 * Allows so many events a second to each source: one IPv4 address, or one IPv6 network of 64 bits.
 * Sources share a fixed number of buckets by a seeded hash, so that no number of forged addresses
 * takes more memory, and nobody can choose whom to share with.
 */
export class SourceLimiter {
  readonly #tokens: Float64Array;
  readonly #filled: Float64Array;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #seed: number;

  constructor(perSecond: number, burst: number, seed: number) {
    this.#tokens = new Float64Array(BUCKETS).fill(burst);
    this.#filled = new Float64Array(BUCKETS).fill(Number.NEGATIVE_INFINITY);
    this.#perMs = perSecond / 1000;
    this.#burst = burst;
    this.#seed = seed;
  }

  /** Whether this source may once more, at `now` in ms. */
  take(host: string, now: number): boolean {
    const at = this.#bucket(host);
    const earned = elapsed(this.#filled[at]!, now) * this.#perMs;
    const tokens = Math.min(this.#burst, this.#tokens[at]! + earned);
    this.#filled[at] = now;
    this.#tokens[at] = tokens < 1 ? tokens : tokens - 1;
    return tokens >= 1;
  }

  #bucket(host: string): number {
    const bytes = sourceBytes(host);
    if (!bytes) return 0;
    let hash = this.#seed;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193); // FNV-1a
    return ((hash ^ (hash >>> 15)) >>> 0) % BUCKETS;
  }
}

/** Remembers numbers for the hour of their use and the one after; forgets no sooner, and never grows past its limit. */
export class RecentNumbers {
  readonly #limit: number;
  #hour = 0;
  #current: Set<number> = new Set();
  #before: Set<number> = new Set();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether it is new, and kept from now on. False, too, when there is no room left. */
  add(value: number, hour: number): boolean {
    if (hour !== this.#hour) {
      this.#before = hour === this.#hour + 1 ? this.#current : new Set();
      this.#current = new Set();
      this.#hour = hour;
    }
    if (this.#current.has(value) || this.#before.has(value)) return false;
    if (this.#current.size >= this.#limit) return false;
    this.#current.add(value);
    return true;
  }
}
