import type { PathChannel } from '../../transport/types.ts';

/** Sends a text of one path; see `SealedMessage`. */
export type SendPathText = (round: number, text: string) => void;

/** Texts that wait for somebody who hears them. */
const MAX_WAITING = 64;

/** How often the peer may have a path opened anew, and how soon after the last time. */
const MAX_ROUNDS = 100;
const MIN_ROUND_MS = 1000;

/**
 * The texts of one negotiated path. Each transport that is opened on it is a round of its own, so that
 * nothing reaches one that was meant for the last; when one end begins a new round, the other has to
 * follow.
 */
export class PathTexts {
  readonly #send: SendPathText;
  #round = 0;
  /** The peer has begun a round that this end has not. */
  #follow = 0;
  #followed = 0;
  #followedAt = -Infinity;
  #handler: ((text: string) => void) | undefined;
  #waiting: string[] = [];

  constructor(send: SendPathText) {
    this.#send = send;
  }

  /** The channel of the next transport; the one before hears and says nothing any more. */
  next(): PathChannel {
    const round = this.#follow > this.#round ? this.#follow : this.#round + 1;
    if (round !== this.#follow) this.#waiting = [];
    this.#round = round;
    this.#handler = undefined;
    // The other end may be the one that has to begin: it cannot see that this one is new.
    if (round > 1) this.#send(round, '');
    return {
      send: (text) => {
        if (round === this.#round && text !== '') this.#send(round, text);
      },
      onMessage: (handler) => {
        if (round !== this.#round) return;
        this.#handler = handler;
        for (const text of this.#waiting.splice(0)) handler(text);
      },
    };
  }

  /**
   * A text of the peer came.
   * @returns true when the path has to be opened anew, because the peer has done so
   */
  hear(round: number, text: string, now: number): boolean {
    const current = Math.max(this.#round, this.#follow);
    if (round < current) return false;
    const begins = round > current;
    if (begins) {
      const soon = now - this.#followedAt < MIN_ROUND_MS;
      if (this.#round > 0 && (soon || this.#followed >= MAX_ROUNDS)) return false;
      this.#followed++;
      this.#followedAt = now;
      this.#follow = round;
      this.#handler = undefined;
      this.#waiting = [];
    }
    if (text !== '') {
      if (this.#handler) this.#handler(text);
      else if (this.#waiting.length < MAX_WAITING) this.#waiting.push(text);
    }
    return begins && this.#round > 0;
  }
}
