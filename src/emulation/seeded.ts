/**
 * A seeded generator of numbers in 0..1, 1 excluded (splitmix32: a Weyl sequence through a 32-bit
 * finalizer). The same in every runtime; for the emulation only, never for secrets.
 */
export function seeded(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return ((z ^ (z >>> 16)) >>> 0) / 2 ** 32;
  };
}
