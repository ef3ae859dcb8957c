import { checkFunction } from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import { badArgument } from './errors.ts';

type Timer = { at: number; order: number; callback: (() => void) | undefined };

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

function checkDuration(name: string, value: number): void {
  if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw badArgument(`"${name}" expected milliseconds >= 0, got ${value}`);
  }
}

/**
 * A clock whose time passes only when told to. Timers ring in order of time, and of setting where the
 * time is equal, so that a run is the same every time.
 * @example
 * const clock = new VirtualClock();
 * clock.setTimer(20, () => call.write(frame));
 * clock.advance(20);
 */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  #cancelled = 0;
  /** A binary heap: the first to ring is at 0. */
  #heap: Timer[] = [];

  /**
   * @param startMs what `now()` gives at first
   * @throws {EmulationError} `bad-argument`
   */
  constructor(startMs: number = 0) {
    checkDuration('startMs', startMs);
    this.#now = startMs;
  }

  /** Milliseconds; fractions are kept. */
  now(): number {
    return this.#now;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#heap.length - this.#cancelled;
  }

  /**
   * Calls `callback` once, `delayMs` from now; not before `advance` gets there, even with 0.
   * @returns cancels it; idempotent
   * @throws {EmulationError} `bad-argument`
   */
  setTimer(delayMs: number, callback: () => void): () => void {
    checkDuration('delayMs', delayMs);
    checkFunction('callback', callback, badArgument);
    const timer: Timer = { at: this.#now + delayMs, order: this.#order++, callback };
    this.#push(timer);
    return () => {
      if (timer.callback === undefined) return;
      timer.callback = undefined;
      this.#cancelled++;
      if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#compact();
    };
  }

  /**
   * Lets time pass and rings what is due, also what is set on the way. When a callback throws, time
   * stands at its timer and the others are still to ring.
   * @param ms how long
   * @throws {EmulationError} `bad-argument`
   */
  advance(ms: number): void {
    checkDuration('ms', ms);
    this.advanceTo(this.#now + ms);
  }

  /**
   * As `advance`, up to a moment; does nothing when that is over.
   * @throws {EmulationError} `bad-argument`
   */
  advanceTo(timeMs: number): void {
    checkDuration('timeMs', timeMs);
    for (let next = this.#heap[0]; next && next.at <= timeMs; next = this.#heap[0]) {
      this.#pop();
      const { callback } = next;
      if (callback === undefined) {
        this.#cancelled--;
        continue;
      }
      next.callback = undefined;
      if (next.at > this.#now) this.#now = next.at;
      callback();
    }
    if (timeMs > this.#now) this.#now = timeMs;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(timer);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= length) break;
      if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }

  /** Cancelled timers are dropped where they are found; this finds those that lie far ahead. */
  #compact(): void {
    const kept = this.#heap.filter(({ callback }) => callback !== undefined);
    this.#heap = [];
    this.#cancelled = 0;
    for (const timer of kept) this.#push(timer);
  }
}
