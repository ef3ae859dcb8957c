// Predictable pseudo-random data for tests that run in every runtime. Never for secrets.

/**
 * A seeded generator (splitmix32: a Weyl sequence through a 32-bit finalizer). One seed gives one
 * sequence, in every runtime.
 * @param {number} seed any 32-bit integer
 */
export function prng(seed) {
  let state = seed | 0;
  const next = () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  const float = () => next() / 2 ** 32;
  /** @param {Uint8Array} target */
  const fill = (target) => {
    for (let i = 0; i < target.length; i++) target[i] = next() >>> 24;
  };
  return {
    /** An integer in 0..2^32-1. */
    next,
    /** A number in 0..1, 1 excluded. */
    float,
    /** An integer in 0..limit-1. @param {number} limit */
    int: (limit) => Math.floor(float() * limit),
    /** Fills an array; fits `insecureRandomForTests`. */
    fill,
    /** A new array of that many bytes. @param {number} length */
    bytes(length) {
      const target = new Uint8Array(length);
      fill(target);
      return target;
    },
  };
}
