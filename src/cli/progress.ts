/// <reference types="node" />
import process from 'node:process';

const WIDTH = 30;
const EVERY_MS = 100;

/** Seconds as m:ss or h:mm:ss. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A bar on standard error, if that is a terminal; silent otherwise. */
export class Progress {
  readonly #shown: boolean;
  readonly #start = performance.now();
  #last = Number.NEGATIVE_INFINITY;

  constructor(quiet: boolean) {
    this.#shown = process.stderr.isTTY === true && !quiet;
  }

  /**
   * @param part of the work that is done, 0 to 1; undefined where the whole is not known
   * @param seconds of audio so far
   */
  update(part: number | undefined, seconds: number): void {
    const now = performance.now();
    if (!this.#shown || now - this.#last < EVERY_MS) return;
    this.#last = now;
    const speed = (1000 * seconds) / Math.max(1, now - this.#start);
    const filled = Math.round(WIDTH * Math.min(1, part ?? 0));
    const bar =
      part === undefined
        ? ''
        : `[${'#'.repeat(filled)}${'-'.repeat(WIDTH - filled)}] ${String(Math.round(100 * part)).padStart(3)} %  `;
    process.stderr.write(`\r${bar}${clock(seconds)}  ${speed.toFixed(0)}x\x1b[K`);
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#shown && this.#last > 0) process.stderr.write('\r\x1b[K');
  }
}
