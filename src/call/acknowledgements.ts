/** The most messages that either side of a connection keeps track of. */
export const MAX_TRACKED = 65_536;

/** Words that the other side waits for, in order of arrival, each once. */
export class DueAcks {
  readonly #words: Set<number> = new Set();

  get size(): number {
    return this.#words.size;
  }

  /** Beyond the limit nothing is added: the other side will ask again by resending. */
  add(word: number): void {
    if (this.#words.size < MAX_TRACKED) this.#words.add(word);
  }

  /** The oldest, removed from the list. */
  take(): number | undefined {
    for (const word of this.#words) {
      this.#words.delete(word);
      return word;
    }
    return undefined;
  }

  clear(): void {
    this.#words.clear();
  }
}

/**
 * Which of the messages that need an acknowledgement were delivered, so that each is delivered once
 * however often it is resent.
 */
export class Deliveries {
  readonly #seen: Set<number> = new Set();
  #floor = 0;

  /** Whether `count` more messages can be remembered. */
  hasRoom(count: number): boolean {
    return this.#seen.size + count <= MAX_TRACKED;
  }

  /**
   * The first such message of a packet is the oldest that the sender holds unacknowledged. What lies
   * below was delivered, and is forgotten: the limit itself refuses it from now on, also when an
   * older packet is still on its way.
   */
  startFrom(counter: number): void {
    if (counter <= this.#floor) return;
    this.#floor = counter;
    for (const seen of this.#seen) if (seen < counter) this.#seen.delete(seen);
  }

  /** True when the message with this counter has to be delivered; then it counts as delivered. */
  accept(counter: number): boolean {
    if (counter < this.#floor || this.#seen.has(counter)) return false;
    this.#seen.add(counter);
    return true;
  }

  clear(): void {
    this.#seen.clear();
  }
}

/** A message that is resent until its word is acknowledged. */
export type Stored = {
  readonly bytes: Uint8Array;
  /** When it was last sent, in ms of the clock. */
  sentAt: number;
  /** The round in which it was last sent. */
  round: number;
  /** How often it was sent; beyond one, an acknowledgement does not tell which of them arrived. */
  attempts: number;
};

/** Own messages that were not acknowledged yet, oldest first. */
export class Unacknowledged {
  readonly #messages: Map<number, Stored> = new Map();
  readonly #minResendMs: number;
  /** What was sent in an earlier round counts as not sent: see `hurry()`. */
  #round = 0;

  /** Nothing is resent sooner than `minResendMs` after it was sent. */
  constructor(minResendMs: number) {
    this.#minResendMs = minResendMs;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** No more may be added. */
  get full(): boolean {
    return this.#messages.size >= MAX_TRACKED;
  }

  /** Keeps `bytes`, which become its own: sent at that time, or null when it was not sent yet. */
  add(word: number, bytes: Uint8Array, sentAt: number | null): void {
    const stored = { bytes, sentAt: 0, round: this.#round - 1, attempts: 0 };
    this.#messages.set(word, stored);
    if (sentAt !== null) this.markSent(stored, sentAt);
  }

  /** The word has to be equal in all 32 bits. The message is wiped; undefined for unknown words. */
  acknowledge(word: number): Stored | undefined {
    const stored = this.#messages.get(word);
    stored?.bytes.fill(0);
    this.#messages.delete(word);
    return stored;
  }

  [Symbol.iterator](): IterableIterator<Stored> {
    return this.#messages.values();
  }

  isDue({ round, sentAt }: Stored, now: number): boolean {
    return round !== this.#round || now - sentAt >= this.#minResendMs;
  }

  markSent(stored: Stored, now: number): void {
    stored.round = this.#round;
    stored.sentAt = now;
    stored.attempts++;
  }

  /** Makes every message due. */
  hurry(): void {
    this.#round++;
  }

  clear(): void {
    for (const message of this.#messages.values()) message.bytes.fill(0);
    this.#messages.clear();
  }
}
