import { checkBytes } from '../core/checks.ts';
import type { RandomSource } from '../core/random.ts';
import type { CryptoCore } from '../crypto/index.ts';
import { badArgument, MtprotoError } from './errors.ts';
import { minimal } from './rsa.ts';

/** Both factors, big-endian without leading zeros, p < q. */
export type PqFactors = { p: Uint8Array; q: Uint8Array };

/**
 * Factors the product of two primes that a server sends to make clients work (mtproto.md 6, step 3).
 * The tries are bounded; nothing of it is secret. *Owned*.
 *
 * @param pq big-endian, below 2^63
 * @throws {MtprotoError} `bad-argument`; `bad-pq` when it is not the product of two different primes
 * @example
 * const { p, q } = factorizePq(crypto, resPq.pq);
 */
export function factorizePq(crypto: CryptoCore, pq: Uint8Array): PqFactors {
  checkBytes('pq', pq, badArgument);
  const number = minimal(pq);
  const factors = number.length < 1 || number.length > 8 ? null : crypto.factorPq(number);
  if (factors === null) throw new MtprotoError('bad-pq', 'pq is not the product of two primes');
  const [p, q] = factors;
  if (crypto.equal(p, q)) throw new MtprotoError('bad-pq', 'pq is the square of a prime');
  return { p, q };
}

/** Draws of a prime near 2^31; about one odd number in ten is one. */
const MAX_DRAWS = 2000;

/** @internal For a server: two primes between 2^30 and 2^31 and their product. */
export function drawPq(random: RandomSource): PqFactors & { pq: Uint8Array } {
  const first = drawPrime(random, 0);
  const second = drawPrime(random, first);
  const [p, q] = first < second ? [first, second] : [second, first];
  return { p: bigEndian(BigInt(p)), q: bigEndian(BigInt(q)), pq: bigEndian(BigInt(p) * BigInt(q)) };
}

function drawPrime(random: RandomSource, other: number): number {
  const bytes = new Uint8Array(4);
  const view = new DataView(bytes.buffer);
  for (let draws = 0; draws < MAX_DRAWS; draws++) {
    random(bytes);
    const candidate = (view.getUint32(0) & 0x3fffffff) | 0x40000001;
    if (candidate !== other && isPrime(candidate)) return candidate;
  }
  throw new MtprotoError('bad-random', 'the random source gives no primes');
}

/** Miller-Rabin with the bases 2, 3, 5 and 7, which is exact below 3,215,031,751. */
function isPrime(n: number): boolean {
  const [modulus, last] = [BigInt(n), BigInt(n - 1)];
  return [2n, 3n, 5n, 7n].every((base) => {
    let d = n - 1;
    while (d % 2 === 0) d /= 2;
    let x = 1n;
    for (let bit = 30; bit >= 0; bit--) {
      x = (x * x) % modulus;
      if ((d >> bit) & 1) x = (x * base) % modulus;
    }
    if (x === 1n) return true;
    for (; d < n - 1; d *= 2) {
      if (x === last) return true;
      x = (x * x) % modulus;
    }
    return false;
  });
}

function bigEndian(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return minimal(bytes).slice();
}
