import { badArgument } from './errors.ts';

/**
 * Draws msg_ids: unixtime * 2^32, strictly increasing, divisible by 4 from a client, 1 mod 4 for a
 * server's answers and 3 mod 4 for its other messages (mtproto.md 4.1).
 *
 * @example
 * const ids = new MessageIds(() => Date.now() / 1000);
 * const msgId = ids.next();
 */
export class MessageIds {
  readonly #now: () => number;
  #last = 0n;

  /**
   * @param now the server's time in seconds since 1970, with a fraction
   * @throws {MtprotoError} `bad-argument`
   */
  constructor(now: () => number) {
    if (typeof now !== 'function') throw badArgument('"now" expected a function');
    this.#now = now;
  }

  /**
   * The next msg_id.
   * @param kind by default that of a client's message
   * @throws {MtprotoError} `bad-argument`
   */
  next(kind: 'client' | 'answer' | 'notification' = 'client'): bigint {
    const rest = { client: 0n, answer: 1n, notification: 3n }[kind];
    if (rest === undefined) throw badArgument('"kind" expected client, answer or notification');
    const seconds = this.#now();
    const whole = Math.floor(seconds);
    const time = (BigInt(whole) << 32n) | BigInt(Math.floor((seconds - whole) * 2 ** 32));
    const least = (time > this.#last ? time : this.#last) & ~3n;
    let id = least | rest;
    if (id <= this.#last) id += 4n;
    this.#last = id;
    return id;
  }
}
