import { checkBytes } from './checks.ts';
import { SottovoceError } from './errors.ts';

/** `no-secure-random`: this scope has no secure generator. `bad-argument`: what to fill is no Uint8Array. */
export type RandomErrorCode = 'no-secure-random' | 'bad-argument';

/** Errors of random sources. */
export class RandomError extends SottovoceError {
  override readonly name = 'RandomError';
  readonly code: RandomErrorCode;

  constructor(code: RandomErrorCode, message: string) {
    super(message);
    this.code = code;
  }
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
 * @throws {RandomError} `no-secure-random` where there is none (AudioWorklets): draw secrets on the main
 *   thread or in a worker; `bad-argument`
 */
export const systemRandom: RandomSource = ((target: Uint8Array): void => {
  checkBytes('target', target, (message) => new RandomError('bad-argument', message));
  const { crypto } = globalThis as CryptoScope;
  if (typeof crypto?.getRandomValues !== 'function') {
    throw new RandomError('no-secure-random', 'this scope has no crypto.getRandomValues');
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
