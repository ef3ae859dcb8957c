import { checkInteger, checkOptions } from '../core/checks.ts';
import { badArgument } from './errors.ts';
import { checkMsgId } from './msg-id.ts';

/** Options of a {@link MessageWindow}. */
export type MessageWindowOptions = {
  /** How many msg_ids are remembered; 400 when absent. */
  readonly size?: number;
  /** The server's time in seconds since 1970; null while it is not known. Not checked when absent. */
  readonly now?: () => number | null;
};

/** What a msg_id is: only `new` ones may be handled. A `repeated` one is acknowledged once more. */
export type MessageAge = 'new' | 'repeated' | 'too-old' | 'bad-time';

/** Seconds that a message may be behind, and ahead of, the server's time (mtproto.md 4.2, check 8). */
const MAX_BEHIND = 300;
const MAX_AHEAD = 30;

/**
 * The checks of a receiver that need memory and a clock (mtproto.md 4.2, 7 and 8): a msg_id is not one
 * of the last, nor older than all of them, and its time is near the server's. Offer only msg_ids of
 * messages that {@link MessageCipher.open} accepted. One window per session.
 *
 * @example
 * const message = cipher.open(packet, { sessionId });
 * if (message !== null && window.accept(message.msgId) === 'new') handle(message);
 */
export class MessageWindow {
  readonly #size: number;
  readonly #now: (() => number | null) | undefined;
  /** In ascending order. */
  readonly #seen: bigint[] = [];

  /** @throws {MtprotoError} `bad-argument` */
  constructor(options: MessageWindowOptions = {}) {
    checkOptions(options, ['size', 'now'], badArgument);
    const { size = 400, now } = options;
    checkInteger('size', size, 1, 65536, badArgument);
    if (now !== undefined && typeof now !== 'function') {
      throw badArgument('"now" expected a function');
    }
    this.#size = size;
    this.#now = now;
  }

  /**
   * Remembers a msg_id if it is `new`.
   * @param options `anyTime`: for bad_server_salt, bad_msg_notification and new_session_created, by
   *   which a client learns the time
   * @throws {MtprotoError} `bad-argument`
   */
  accept(msgId: bigint, options: { readonly anyTime?: boolean } = {}): MessageAge {
    checkMsgId(msgId);
    checkOptions(options, ['anyTime'], badArgument);
    const seen = this.#seen;
    let index = seen.length;
    while (index > 0 && seen[index - 1]! > msgId) index--; // most often the newest
    if (index > 0 && seen[index - 1] === msgId) return 'repeated';
    if (index === 0 && seen.length === this.#size) return 'too-old';
    if (options.anyTime !== true && !this.#isTimely(msgId)) return 'bad-time';
    seen.splice(index, 0, msgId);
    if (seen.length > this.#size) seen.shift();
    return 'new';
  }

  #isTimely(msgId: bigint): boolean {
    const now = this.#now?.() ?? null;
    if (now === null) return true;
    const ahead = Number(msgId) / 2 ** 32 - now;
    return ahead >= -MAX_BEHIND && ahead <= MAX_AHEAD;
  }
}
