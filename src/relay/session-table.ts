import { wordAt } from './framing.ts';
import type { Session } from './session.ts';

/** The sessions of a relay by their bases; at most `limit`. A lookup makes no object. */
export class SessionTable {
  readonly #byWord: Map<number, Session> = new Map();
  readonly #limit: number;
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#size;
  }

  get full(): boolean {
    return this.#size >= this.#limit;
  }

  /** The session whose base is the first 12 bytes. */
  find(frame: Uint8Array): Session | null {
    let session = this.#byWord.get(wordAt(frame, 0)) ?? null;
    if (session === null) return null;
    const word1 = wordAt(frame, 4);
    const word2 = wordAt(frame, 8);
    while (session && (session.word1 !== word1 || session.word2 !== word2)) session = session.next;
    return session;
  }

  add(session: Session): void {
    session.next = this.#byWord.get(session.word0) ?? null;
    this.#byWord.set(session.word0, session);
    this.#size++;
  }

  remove(session: Session): void {
    let before: Session | null = this.#byWord.get(session.word0) ?? null;
    if (before === session) {
      if (session.next) this.#byWord.set(session.word0, session.next);
      else this.#byWord.delete(session.word0);
    } else {
      while (before && before.next !== session) before = before.next;
      if (!before) return;
      before.next = session.next;
    }
    session.next = null;
    this.#size--;
  }

  /** Calls `visit` with each; it may remove the one that it is given. */
  each(visit: (session: Session) => void): void {
    for (const head of this.#byWord.values()) {
      for (let session: Session | null = head; session; ) {
        const { next }: Session = session;
        visit(session);
        session = next;
      }
    }
  }
}
