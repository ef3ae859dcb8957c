import { SottovoceError } from './errors.ts';

/** The only reason a random source can fail for. */
export class RandomError extends SottovoceError {
  override readonly name = 'RandomError';
  readonly code = 'no-secure-random' as const;
}

declare const brand: unique symbol;

/**
 * Fills an array with random bytes. Branded, so that no plain function can be passed where secrets
 * are drawn: there is `systemRandom`, and `insecureRandomForTests` for tests.
 */
export type RandomSource = ((target: Uint8Array) => void) & { readonly [brand]: 'random' };

type CryptoScope = { crypto?: { getRandomValues?(target: Uint8Array): Uint8Array } };

/** getRandomValues refuses more than this in one call (Web Cryptography API, 10.1.1). */
const QUOTA = 65536;

/**
 * The runtime's cryptographically secure generator.
 * @throws {RandomError} where there is none (AudioWorklets): draw secrets on the main thread or in a
 *   worker.
 */
export const systemRandom: RandomSource = ((target: Uint8Array): void => {
  const { crypto } = globalThis as CryptoScope;
  if (typeof crypto?.getRandomValues !== 'function') {
    throw new RandomError('this scope has no crypto.getRandomValues');
  }
  for (let i = 0; i < target.length; i += QUOTA) {
    const part = new Uint8Array(Math.min(QUOTA, target.length - i));
    target.set(crypto.getRandomValues(part), i);
    part.fill(0);
  }
}) as RandomSource;

/** Marks a predictable generator as a source. For tests and known answers only. */
export function insecureRandomForTests(fill: (target: Uint8Array) => void): RandomSource {
  return fill as RandomSource;
}
