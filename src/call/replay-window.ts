/** How many counters, the largest included, are still acceptable. */
const SIZE = 64;

/**
 * Accepts each counter once, and none that is 64 or more below the largest accepted. Each slot holds
 * the newest counter that is congruent to its index; inside the window there is only one.
 */
export class ReplayWindow {
  readonly #seen: Int32Array = new Int32Array(SIZE).fill(-1);
  #largest = 0;

  /** True when `counter` (0..2^30 - 1) is new; it is not new a second time. */
  accept(counter: number): boolean {
    if (counter + SIZE <= this.#largest) return false;
    const slot = counter % SIZE;
    if (this.#seen[slot] === counter) return false;
    this.#seen[slot] = counter;
    if (counter > this.#largest) this.#largest = counter;
    return true;
  }
}
