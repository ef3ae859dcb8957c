import { checkBytes, checkInteger, checkLength } from '../core/checks.ts';
import { fromHex, toHex } from '../core/hex.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { CryptoCore } from './crypto-core.ts';
import { badArgument, badLength } from './errors.ts';

/** Generator that goes with {@link DH_PRIME} in calls and secret chats. */
export const DH_GENERATOR = 3;

// The prime that Telegram's servers hand out (mtproto.md 7.1).
const PRIME_HEX =
  'c71caeb9c6b1c9048e6c522f70f13f73980d40238e3e21c14934d037563d930f' +
  '48198a0aa7c14058229493d22530f4dbfa336f6e0ac925139543aed44cce7c37' +
  '20fd51f69458705ac68cd4fe6b6b13abdc9746512969328454f18faf8c595f64' +
  '2477fe96bb2a941d5bcd1d4ac8cc49880708fa9b378e3c4f3a9060bee67cf9a4' +
  'a4a695811051907e162753b56b0f6b410dba74d8a84b2a14b3144e0ef1284754' +
  'fd17ed950d5965b4b9dd46582db1178d169c6bc465b0d6ff9ca3928fef5b9ae4' +
  'e418fc15e83ebea0f87fa9ff5eed70050ded2849f47bf959d956850ce929851f' +
  '0d8115f635b105ee2e4e15d04b2454bf6f4fadf034b10403119cd8e3b92fcc5b';

/** The known good 2048-bit safe prime of Telegram's servers, big-endian. Do not modify: copy it. */
export const DH_PRIME: Uint8Array = /* @__PURE__ */ fromHex(PRIME_HEX);

const toBigInt = (bytes: Uint8Array): bigint => BigInt(`0x0${toHex(bytes)}`);

/** Rounds of Miller-Rabin: a composite passes with a probability below 4^-20. */
const ROUNDS = 20;
const BASE_BYTES = 255;
/** Verdicts kept per core. */
const CACHE_SIZE = 16;
const SMALL_PRIMES = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101,
  103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197,
  199, 211, 223, 227, 229, 233, 239, 241, 251,
];

const verdicts = /* @__PURE__ */ new WeakMap<CryptoCore, Map<string, boolean>>();

/** Whether g is a quadratic residue mod p, by p mod a small number (mtproto.md 7.1). */
function isResidue(p: bigint, g: number): boolean {
  const mod = (n: number): number => Number(p % BigInt(n));
  switch (g) {
    case 2:
      return mod(8) === 7;
    case 3:
      return mod(3) === 2;
    case 4:
      return true;
    case 5:
      return [1, 4].includes(mod(5));
    case 6:
      return [19, 23].includes(mod(24));
    case 7:
      return [3, 5, 6].includes(mod(7));
    default:
      return false;
  }
}

function fixedBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(512, '0'));
}

/** One round of Miller-Rabin for an odd n = 2^s * d + 1 with a base drawn anew. */
function passesRound(crypto: CryptoCore, n: bigint, random: RandomSource): boolean {
  let d = n - 1n;
  let s = 0;
  for (; (d & 1n) === 0n; d >>= 1n) s++;
  const base = new Uint8Array(BASE_BYTES); // below n, which has more than 2040 bits
  do random(base);
  while (toBigInt(base) < 2n);
  const modulus = fixedBytes(n);
  let x = crypto.modExp(base, fixedBytes(d), modulus);
  for (let i = 0; i < s; i++) {
    const value = toBigInt(x);
    if (value === n - 1n || (i === 0 && value === 1n)) return true;
    if (i + 1 < s) x = crypto.modExp(x, Uint8Array.of(2), modulus);
  }
  return false;
}

/** Both p and (p - 1) / 2 prime; p has 2048 bits. */
function isSafePrime(crypto: CryptoCore, p: bigint, random: RandomSource): boolean {
  const q = p >> 1n;
  if ((p & 3n) !== 3n) return false; // q would be even
  for (const small of SMALL_PRIMES) {
    if (p % BigInt(small) === 0n || q % BigInt(small) === 0n) return false;
  }
  for (let round = 0; round < ROUNDS; round++) {
    if (!passesRound(crypto, p, random) || !passesRound(crypto, q, random)) return false;
  }
  return true;
}

/**
 * Whether (p, g) may be used for a key exchange (mtproto.md 7.1): p has 2048 bits, p and (p - 1) / 2
 * are prime, g is 2..7 and a quadratic residue. {@link DH_PRIME} is known; another prime costs up to
 * 40 exponentiations, about half a second, and its verdict is kept with the core (the last 16).
 *
 * @param prime big-endian, 256 bytes; any other length is refused
 * @param random source of the bases of the primality test
 * @throws {CryptoError} `bad-argument` for wrong types; a bad prime or generator gives `false`
 * @example
 * if (!checkDhConfig(crypto, config.p, config.g)) throw new Error('refused');
 */
export function checkDhConfig(
  crypto: CryptoCore,
  prime: Uint8Array,
  g: number,
  random: RandomSource = systemRandom,
): boolean {
  checkBytes('prime', prime, badArgument);
  checkInteger('g', g, -(2 ** 31), 2 ** 32 - 1, badArgument);
  if (prime.length !== 256 || prime[0]! < 0x80) return false;
  const hex = toHex(prime);
  const p = toBigInt(prime);
  if (!isResidue(p, g)) return false;
  if (hex === PRIME_HEX) return true;
  let known = verdicts.get(crypto);
  if (!known) verdicts.set(crypto, (known = new Map()));
  let verdict = known.get(hex);
  if (verdict === undefined) {
    verdict = isSafePrime(crypto, p, random);
    if (known.size >= CACHE_SIZE) known.delete(known.keys().next().value!);
    known.set(hex, verdict);
  }
  return verdict;
}

/**
 * Whether a public value may be used (mtproto.md 7.2). `strict`: 1 < gx < p - 1. `recommended`, which
 * official clients demand: 2^1984 < gx < p - 2^1984; equality is refused.
 *
 * @param prime big-endian, 256 bytes
 * @param gx big-endian, of any length
 * @throws {CryptoError} `bad-argument`, `bad-length`
 * @example
 * if (!checkPublicValue(DH_PRIME, gB).recommended) throw new Error('refused');
 */
export function checkPublicValue(
  prime: Uint8Array,
  gx: Uint8Array,
): { strict: boolean; recommended: boolean } {
  checkBytes('prime', prime, badArgument);
  checkLength('prime', prime, 256, badLength);
  checkBytes('gx', gx, badArgument);
  const p = toBigInt(prime);
  const value = toBigInt(gx);
  const margin = 1n << 1984n;
  return {
    strict: value > 1n && value < p - 1n,
    recommended: value > margin && value < p - margin,
  };
}
