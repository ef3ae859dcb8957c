// Runs one operation of an instrumented module with many secrets and compares what it showed.
import { instrument } from './instrument.js';

/**
 * @typedef {Record<string, any>} Exports
 * @typedef {object} Scenario
 * @property {string} name
 * @property {(exports: Exports) => any} prepare what is public: allocates, lays out inputs; not observed
 * @property {(exports: Exports, place: any, secret: Uint8Array, index: number) => void} [load] lays the
 *   secret into memory; not observed
 * @property {(exports: Exports, place: any) => void} run the operation, observed
 */

/** A module with its bookkeeping, compiled once. */
export class Tracer {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    const { bytes: rewritten, sites } = instrument(bytes);
    this.sites = sites;
    this.module = new WebAssembly.Module(/** @type {any} */ (rewritten));
  }

  /**
   * One run in a fresh instance, so that an allocator has the same history each time.
   * @param {Scenario} scenario
   * @param {Uint8Array} secret
   * @param {number} index of the secret
   * @param {number} [target] an event to capture
   */
  run(scenario, secret, index, target = -1) {
    /** @type {Exports} */
    const exports = new WebAssembly.Instance(this.module).exports;
    const place = scenario.prepare(exports);
    scenario.load?.(exports, place, secret, index);
    exports['trace.hash'].value = 0n;
    exports['trace.count'].value = 0;
    exports['trace.target'].value = target;
    scenario.run(exports, place);
    const read = (/** @type {string} */ name) => exports[`trace.${name}`].value;
    return {
      hash: read('hash'),
      count: read('count'),
      prefix: read('prefix'),
      site: read('site'),
      value: read('value'),
    };
  }

  /**
   * Runs the scenario with every secret.
   * @param {Scenario} scenario
   * @param {Uint8Array[]} secrets at least two
   * @returns {{ events: number, leak: null | { effect: string, func: number, offset: number,
   *   event: number, values: [number, number], secrets: [number, number] } }} the first event in
   *   which two secrets differ, or no leak
   */
  compare(scenario, secrets) {
    const first = this.run(scenario, secrets[0], 0);
    for (let i = 1; i < secrets.length; i++) {
      const other = this.run(scenario, secrets[i], i);
      if (other.hash !== first.hash || other.count !== first.count) {
        return { events: first.count, leak: this.#locate(scenario, secrets, i, first, other) };
      }
    }
    return { events: first.count, leak: null };
  }

  /**
   * Bisects for the first event that differs: the hash up to an event is equal before it only.
   * @returns {any}
   */
  #locate(scenario, secrets, i, first, other) {
    let low = 0;
    let high = Math.min(first.count, other.count) - 1;
    const at = (/** @type {number} */ event) => [
      this.run(scenario, secrets[0], 0, event),
      this.run(scenario, secrets[i], i, event),
    ];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const [a, b] = at(middle);
      if (a.prefix === b.prefix) low = middle;
      else high = middle - 1;
    }
    const [a, b] = at(low);
    return { ...this.sites[a.site], event: low, values: [a.value, b.value], secrets: [0, i] };
  }
}

/**
 * Secrets that branches on parity, sign, zero or weight tell apart: all zero, all one, one bit set,
 * one bit clear, and random ones.
 * @param {number} length in bytes
 * @param {{ bytes(n: number): Uint8Array }} prng
 */
export function secretsFor(length, prng, total = 64) {
  /** @type {Uint8Array[]} */
  const list = [new Uint8Array(length), new Uint8Array(length).fill(255)];
  const bits = [0, 1, 7, 8, 31, 32, 63, 64, 127, length * 4, length * 8 - 8, length * 8 - 1];
  for (const bit of bits.filter((b) => b >= 0 && b < length * 8)) {
    const one = new Uint8Array(length);
    one[bit >> 3] = 1 << (bit & 7);
    list.push(
      one,
      one.map((byte) => ~byte),
    );
  }
  while (list.length < total) list.push(prng.bytes(length));
  return list;
}
