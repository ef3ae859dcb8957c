import type { Clock } from '../core/clock.ts';
import { toHex } from '../core/hex.ts';
import type { RandomSource } from '../core/random.ts';
import type { StunMessage } from './stun.ts';

/** How often and for how long a request is repeated (RFC 8489, 6.2.1). */
export type RetryPlan = {
  /** Until the first repetition, in ms; doubles each time. */
  readonly firstMs: number;
  /** Times that it is sent. */
  readonly sends: number;
  /** After the last one, in ms. */
  readonly lastMs: number;
};

/** RTO, Rc and Rm of RFC 8489: gives up after 39.5 s. */
export const SERVER_PLAN: RetryPlan = { firstMs: 500, sends: 7, lastMs: 8000 };

/** Requests under way at once; more are refused. */
const MAX_PENDING = 256;

/** Whether a response is from whom the request went to. `source` is as the owner names it. */
export type IsGenuine = (response: StunMessage, data: Uint8Array, source: string) => boolean;

type Pending = {
  readonly isGenuine: IsGenuine;
  readonly done: (response: StunMessage | null) => void;
  cancel(): void;
};

/** Requests that wait for their response, each under its transaction id. */
export class Transactions {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #pending: Map<string, Pending> = new Map();

  constructor(clock: Clock, random: RandomSource) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Twelve random bytes: they also keep off who cannot see the request (RFC 8489, 5). */
  createId(): Uint8Array {
    const id = new Uint8Array(12);
    this.#random(id);
    return id;
  }

  /**
   * Sends a request until it is answered.
   * @param transmit sends it once
   * @param isGenuine decides whether a response with the right id is believed
   * @param done hears the response, borrowed; null when none came
   * @returns ends it without `done`
   */
  start(
    id: Uint8Array,
    transmit: () => void,
    plan: RetryPlan,
    isGenuine: IsGenuine,
    done: (response: StunMessage | null) => void,
  ): () => void {
    const key = toHex(id);
    if (this.#pending.size >= MAX_PENDING) {
      const cancel = this.#clock.setTimer(0, () => done(null));
      return cancel;
    }
    let cancelTimer: (() => void) | undefined;
    const cancel = (): void => {
      cancelTimer?.();
      this.#pending.delete(key);
    };
    this.#pending.set(key, { isGenuine, done, cancel });
    const step = (sent: number, waitMs: number): void => {
      const last = sent === plan.sends;
      cancelTimer = this.#clock.setTimer(last ? plan.lastMs : waitMs, () => {
        if (last) {
          cancel();
          done(null);
        } else {
          transmit();
          step(sent + 1, waitMs * 2);
        }
      });
    };
    step(1, plan.firstMs);
    transmit();
    return cancel;
  }

  /**
   * Ends the request that a response answers, if it is genuine; else the true one may still come
   * (RFC 8489, 9.1.5).
   * @returns false when none is waiting for it, or it is not believed
   */
  answer(response: StunMessage, data: Uint8Array, source: string): boolean {
    const found = this.#pending.get(toHex(response.transactionId));
    if (!found?.isGenuine(response, data, source)) return false;
    found.cancel();
    found.done(response);
    return true;
  }

  /** Ends all of them; nobody hears of it. */
  close(): void {
    for (const { cancel } of [...this.#pending.values()]) cancel();
  }
}
