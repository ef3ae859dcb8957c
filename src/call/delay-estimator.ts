import { TICKS_PER_MS } from './rtp.ts';

/** Ticks of one class of delays: 1 ms. */
const CLASS = 48;
/** Classes that are told apart: 1 s. */
const CLASSES = 1024;
/** So many lie below the first packet, for those that are faster. */
const BELOW = 128;
/** After so many packets the older half is forgotten: what is known covers 8 to 16 s of 20 ms. */
const HALF = 400;
/** So many in a row beyond the target mean another path: what was known before says nothing about it. */
const LATE_RUN = 10;

/** Impairment in points of the E-model (ITU-T G.107): 0.024 for each ms, 0.134 beyond 177.3 ms. */
const SLOPE = 0.024;
const STEEP = 0.11;
const KNEE_MS = 177.3;
/** G.107 7-29 for concealed speech: half of 95 points at this share of missing frames. */
const MISSING_MAX = 95;
const MISSING_HALF = 0.12;

/**
 * Follows how delays of a stream are distributed, and says how long it pays to wait. Delays are
 * relative: arrival less timestamp, in ticks of the RTP clock, with an unknown constant. Two histograms
 * take turns, so that a burst is forgotten at a certain time.
 */
export class DelayEstimator {
  #recent: Uint32Array = new Uint32Array(CLASSES);
  #older: Uint32Array = new Uint32Array(CLASSES);
  /** Class number of the first entry; NaN before the first packet. */
  #base = Number.NaN;
  #count = 0;
  #total = 0;
  /** The longest delay of each. */
  #recentLongest = Number.NEGATIVE_INFINITY;
  #olderLongest = Number.NEGATIVE_INFINITY;
  #target = 0;
  #fastest = 0;
  #stale = true;
  #lateRun = 0;
  #pathMs = 60;

  /** Delays that are known at present. */
  get count(): number {
    return this.#total;
  }

  /** One-way delay of the fastest packets as far as it is known, in ms: waiting costs more on long paths. */
  set pathMs(ms: number) {
    if (Math.abs(ms - this.#pathMs) > 5) this.#stale = true;
    this.#pathMs = ms;
  }

  /** Takes the delay of a frame, once when it is there. */
  add(delay: number): void {
    this.#lateRun = delay > this.target + CLASS ? this.#lateRun + 1 : 0;
    if (this.#lateRun >= LATE_RUN) this.clear();
    const number = Math.floor(delay / CLASS);
    let at = number - this.#base;
    if (!(at >= -CLASSES && at < 2 * CLASSES)) {
      this.clear(); // the first packet, or another time base
      this.#base = number - BELOW;
      at = BELOW;
    } else if (at < 0 || at >= CLASSES) {
      const by = at < 0 ? at - BELOW : at - CLASSES + BELOW;
      this.#recent = shifted(this.#recent, by);
      this.#older = shifted(this.#older, by);
      this.#base += by;
      at -= by;
    }
    if (this.#count >= HALF) {
      [this.#older, this.#recent] = [this.#recent, this.#older];
      this.#recent.fill(0);
      this.#total = this.#count;
      this.#count = 0;
      this.#olderLongest = this.#recentLongest;
      this.#recentLongest = Number.NEGATIVE_INFINITY;
    }
    if (delay > this.#recentLongest) this.#recentLongest = delay;
    this.#recent[at]!++;
    this.#count++;
    this.#total++;
    // A late one matters at once, others can wait.
    if (delay > this.#target || this.#total < 16 || this.#count % 8 === 0) this.#stale = true;
  }

  /** Up to which delay it pays to wait. 0 before the first packet. */
  get target(): number {
    this.#update();
    return this.#target;
  }

  /** The least delay that is known, to a class. */
  get fastest(): number {
    this.#update();
    return this.#fastest;
  }

  clear(): void {
    this.#recent.fill(0);
    this.#older.fill(0);
    this.#base = Number.NaN;
    this.#count = 0;
    this.#total = 0;
    this.#lateRun = 0;
    this.#recentLongest = Number.NEGATIVE_INFINITY;
    this.#olderLongest = Number.NEGATIVE_INFINITY;
    this.#target = 0;
    this.#fastest = 0;
    this.#stale = true;
  }

  /**
   * The delay whose impairment is least, that of later frames missing included. Computed when asked
   * for after a change.
   */
  #update(): void {
    if (!this.#stale || this.#total === 0) return;
    this.#stale = false;
    const [recent, older] = [this.#recent, this.#older];
    let first = 0;
    while (recent[first]! + older[first]! === 0) first++;
    let missing = 0;
    let best = Number.POSITIVE_INFINITY;
    let target = first;
    for (let at = CLASSES - 1; at >= first; at--) {
      const here = recent[at]! + older[at]!;
      if (here === 0) continue;
      const share = missing / this.#total;
      const ms = this.#pathMs + ((at + 1 - first) * CLASS) / TICKS_PER_MS;
      const cost =
        SLOPE * ms +
        STEEP * Math.max(0, ms - KNEE_MS) +
        (MISSING_MAX * share) / (share + MISSING_HALF);
      if (cost < best) {
        best = cost;
        target = at;
      }
      missing += here;
    }
    this.#fastest = (this.#base + first) * CLASS;
    const longest = Math.max(this.#recentLongest, this.#olderLongest);
    this.#target = Math.min((this.#base + target + 1) * CLASS, longest);
  }
}

/** Entries moved down by `by` places (up when negative); what leaves on a side is counted on its edge. */
function shifted(counts: Uint32Array, by: number): Uint32Array {
  const moved = new Uint32Array(CLASSES);
  counts.forEach((count, at) => {
    moved[Math.min(CLASSES - 1, Math.max(0, at - by))]! += count;
  });
  return moved;
}
