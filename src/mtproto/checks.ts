import { describe } from '../core/checks.ts';
import { CryptoCore } from '../crypto/crypto-core.ts';
import { SharedKey } from '../crypto/shared-key.ts';
import { badArgument } from './errors.ts';

/** @internal */
export function checkCore(crypto: unknown): asserts crypto is CryptoCore {
  if (!(crypto instanceof CryptoCore)) {
    throw badArgument(`"crypto" expected a CryptoCore, got ${describe(crypto)}`);
  }
}

/** @internal */
export function checkKey(name: string, key: unknown): asserts key is SharedKey {
  if (!(key instanceof SharedKey)) {
    throw badArgument(`"${name}" expected a SharedKey, got ${describe(key)}`);
  }
}

/** @internal */
export function checkRandom(random: unknown): void {
  if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
}
