/** Bounds the open connections, of all and of each source. */
export class ConnectionLimit {
  readonly #bySource: Map<string, number> = new Map();
  readonly #max: number;
  readonly #maxPerSource: number;
  #open = 0;

  constructor(max: number, maxPerSource: number) {
    this.#max = max;
    this.#maxPerSource = maxPerSource;
  }

  get open(): number {
    return this.#open;
  }

  /** Counts one in, if there is room for it. */
  enter(host: string): boolean {
    const own = this.#bySource.get(host) ?? 0;
    if (this.#open >= this.#max || own >= this.#maxPerSource) return false;
    this.#bySource.set(host, own + 1);
    this.#open++;
    return true;
  }

  leave(host: string): void {
    const own = this.#bySource.get(host) ?? 0;
    if (own > 1) this.#bySource.set(host, own - 1);
    else this.#bySource.delete(host);
    this.#open--;
  }
}
