/** What an estimator is told, as in a {@link QualityReport}. */
export type BandwidthSample = {
  readonly intervalMs: number;
  readonly sentBps: number;
  readonly throughputBps: number;
  readonly queueMs: number;
  readonly queueTrend: number;
  readonly loss: number;
  readonly meanLoss: number;
};

/** Bit/s that are believed before anything is known, and the least that ever are. */
const START = 64_000;
const FLOOR = 12_000;
const CEILING = 510_000;
/** A queue that is this long and does not shrink is ours (ms, ms per second). */
const QUEUE_MS = 60;
const STANDING_QUEUE_MS = 25;
/** Loss that is taken for a limit whatever the queue is. */
const DROWNED = 0.35;
/** What is left of the throughput when a queue has built up: it has to drain. */
const BACK_OFF = 0.85;
/** Growth per second; and how far beyond what is known to pass. */
const GROWTH = 0.15;
const BEYOND = 1.5;
const BEYOND_BPS = 16_000;
/** A queue that so many reports in a row find unchanged, however little is sent, is a longer path. */
const PATIENCE = 10;
const UNCHANGED = 20;

/**
 * What a path carries. A queue that grows, or one that stands while less arrives than is sent, is a
 * limit; loss alone is not. Voice seldom fills a path, so the estimate grows only a little beyond what
 * has passed.
 */
export class BandwidthEstimator {
  #capacity = START;
  /** Part of the queue that is none. */
  #longer = 0;
  #unchanged = 0;

  /** In bit/s. */
  get capacityBps(): number {
    return this.#capacity;
  }

  add(sample: BandwidthSample): void {
    const { intervalMs, sentBps, throughputBps, queueTrend, loss, meanLoss } = sample;
    this.#longer = Math.min(this.#longer, sample.queueMs);
    const queueMs = sample.queueMs - this.#longer;
    const standing = queueMs > QUEUE_MS && Math.abs(queueTrend) < UNCHANGED;
    this.#unchanged = standing ? this.#unchanged + 1 : 0;
    if (this.#unchanged >= PATIENCE) this.#longer = sample.queueMs;
    const growing = queueMs > QUEUE_MS && queueTrend > -UNCHANGED;
    const choked = queueMs > STANDING_QUEUE_MS && loss > 0.05 && throughputBps < 0.85 * sentBps;
    if (growing || choked || meanLoss > DROWNED) {
      const carried = Math.max(FLOOR, BACK_OFF * throughputBps);
      this.#capacity = Math.min(this.#capacity, carried);
      return;
    }
    const limit = BEYOND * throughputBps + BEYOND_BPS;
    if (this.#capacity >= limit || queueMs > STANDING_QUEUE_MS) return;
    const grown = this.#capacity * (1 + (GROWTH * Math.min(intervalMs, 1000)) / 1000);
    this.#capacity = Math.min(grown, limit, CEILING);
  }
}
