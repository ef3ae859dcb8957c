/** Reads in one of two windows that take turns. */
const WINDOW = 64;
/** Reads that are later than this against those before follow a pause, and a new reckoning begins. */
const PAUSE_MS = 250;

/**
 * Time as a reader with a buffer of its own sees it. Reads come early and in bursts, and a packet has to
 * be there for the earliest: this gives each read the time at which it would come if all were as early.
 */
export class ReadClock {
  readonly #frameMs: number;
  #reads = 0;
  #recent = Number.POSITIVE_INFINITY;
  #older = Number.POSITIVE_INFINITY;
  #count = 0;

  /** `frameMs`: what one read takes. */
  constructor(frameMs: number) {
    this.#frameMs = frameMs;
  }

  /** Takes the time of a read, in ms; gives that of the regular one that is as early as the earliest. */
  read(now: number): number {
    const regular = this.#reads++ * this.#frameMs;
    const offset = now - regular;
    if (offset - Math.min(this.#recent, this.#older) > PAUSE_MS) {
      this.#recent = offset;
      this.#older = offset;
    } else if (offset < this.#recent) this.#recent = offset;
    const early = Math.min(this.#recent, this.#older);
    if (++this.#count >= WINDOW) {
      this.#older = this.#recent;
      this.#recent = Number.POSITIVE_INFINITY;
      this.#count = 0;
    }
    return regular + early;
  }
}
