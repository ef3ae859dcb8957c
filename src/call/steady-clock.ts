import type { Clock } from '../core/clock.ts';

/** The longest step that is believed. Whoever waits here looks at the clock far more often. */
const MAX_STEP_MS = 1000;

/**
 * Another clock, without its jumps: it never goes backwards, and a step of more than a second counts as
 * a second. A machine that was asleep, or whose clock was set, then has not waited for hours.
 */
export class SteadyClock implements Clock {
  readonly #clock: Clock;
  #last: number;
  #now = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#last = clock.now();
  }

  now(): number {
    const now = this.#clock.now();
    const step = now - this.#last;
    this.#last = now;
    if (step > 0) this.#now += Math.min(step, MAX_STEP_MS);
    return this.#now;
  }

  setTimer(delayMs: number, callback: () => void): () => void {
    return this.#clock.setTimer(delayMs, callback);
  }
}
