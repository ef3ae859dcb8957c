import { checkBytes } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { badArgument } from './errors.ts';

/** 1 when a < b as big-endian numbers of one length, without a branch on their bytes. */
function isBelow(a: Uint8Array, b: Uint8Array): number {
  let borrow = 0;
  for (let i = a.length - 1; i >= 0; i--) borrow = (a[i]! - b[i]! - borrow) >>> 31;
  return borrow;
}

/**
 * A number drawn uniformly from 0..limit-1. What is drawn in vain (less than every second time) is
 * forgotten, so time tells nothing of the result.
 * @param limit big-endian, not zero
 * @param random source; the system's by default
 * @returns big-endian, as many bytes as `limit` has, *owned*
 * @throws {CryptoError} `bad-argument` for zero
 * @throws {RandomError} where there is no secure source
 * @example
 * const secret = randomBelow(DH_PRIME);
 */
export function randomBelow(limit: Uint8Array, random: RandomSource = systemRandom): Uint8Array {
  checkBytes('limit', limit, badArgument);
  const first = limit.findIndex((byte) => byte !== 0);
  if (first < 0) throw badArgument('"limit" expected a number above zero');
  const mask = 2 ** (32 - Math.clz32(limit[first]!)) - 1;
  const number = new Uint8Array(limit.length);
  do {
    random(number.subarray(first));
    number[first]! &= mask;
  } while (isBelow(number, limit) === 0);
  return number;
}
