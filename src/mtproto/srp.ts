import { copyBytes, joinBytes } from '../core/bytes.ts';
import { checkBytes, checkInteger, checkLength, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { encodeUtf8 } from '../core/utf8.ts';
import { type CryptoCore, checkDhConfig } from '../crypto/index.ts';
import { checkRandom } from './checks.ts';
import { badArgument, badLength, MtprotoError } from './errors.ts';
import { isSafeValue, NUMBER_BYTES } from './exchange-secrets.ts';
import { isBelow, minimal } from './rsa.ts';

/**
 * passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow, as account.getPassword gives it.
 */
export type PasswordAlgorithm = {
  /** For a new password: what the server gave, and 32 random bytes more. */
  readonly salt1: Uint8Array;
  /** What the server gave. */
  readonly salt2: Uint8Array;
  /** Generator of the group, 2..7. */
  readonly g: number;
  /** 256 bytes, big-endian. */
  readonly p: Uint8Array;
};

const ITERATIONS = 100_000;
/** @internal Shortest srp_B that tdlib takes. */
export const MIN_B = 248;
/** Draws of an exponent before the source is held to be broken. */
const MAX_DRAWS = 12;

/** SHA-256 of the parts; the copy that is hashed is wiped. *Owned*. */
function hash(crypto: CryptoCore, ...parts: Uint8Array[]): Uint8Array {
  const joined = joinBytes(parts);
  const digest = crypto.sha256(joined, new Uint8Array(32));
  joined.fill(0);
  return digest;
}

/** @internal Big-endian, padded with zeros on the left: 256 bytes, *owned*. */
export function padded(number: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(NUMBER_BYTES);
  bytes.set(number, NUMBER_BYTES - number.length);
  return bytes;
}

/** @internal PH1 and x of mtproto.md 9. Takes about a tenth of a second. */
export function passwordHash(
  crypto: CryptoCore,
  password: Uint8Array,
  { salt1, salt2 }: PasswordAlgorithm,
): { ph1: Uint8Array; x: Uint8Array } {
  const inner = hash(crypto, salt1, password, salt1);
  const ph1 = hash(crypto, salt2, inner, salt2);
  const slow = crypto.pbkdf2('sha512', ph1, salt1, ITERATIONS, 64);
  const x = hash(crypto, salt2, slow, salt2);
  inner.fill(0);
  slow.fill(0);
  return { ph1, x };
}

/** @internal k, the multiplier, and the parts of M1 that are public. */
export function srpConstants(
  crypto: CryptoCore,
  { salt1, salt2, g, p }: PasswordAlgorithm,
): { k: Uint8Array; prefix: Uint8Array; generator: Uint8Array } {
  const generator = padded(Uint8Array.of(g));
  const k = hash(crypto, p, generator);
  const [hashP, hashG] = [hash(crypto, p), hash(crypto, generator)];
  const mixed = hashP.map((byte, i) => byte ^ hashG[i]!);
  const prefix = joinBytes([mixed, hash(crypto, salt1), hash(crypto, salt2)]);
  return { k, prefix, generator };
}

/**
 * v, the number by which a server knows a password: `new_password_hash` of account.updatePasswordSettings
 * (mtproto.md 9). 256 bytes, *owned*. Takes about a tenth of a second, during which nothing else runs.
 *
 * @param password a text, or its UTF-8 bytes; not empty: that means no password
 * @throws {MtprotoError} `bad-argument`, `bad-length`, `bad-dh-config`
 * @example
 * const hash = srpVerifier(crypto, 'correct horse', { salt1, salt2, g, p });
 */
export function srpVerifier(
  crypto: CryptoCore,
  password: Uint8Array | string,
  algorithm: PasswordAlgorithm,
  random: RandomSource = systemRandom,
): Uint8Array {
  checkAlgorithm(crypto, algorithm, random);
  const bytes = passwordBytes(password);
  const { ph1, x } = passwordHash(crypto, bytes, algorithm);
  const v = new Uint8Array(NUMBER_BYTES);
  crypto.modExp(Uint8Array.of(algorithm.g), x, algorithm.p, v);
  for (const secret of [ph1, x, bytes]) secret.fill(0);
  return v;
}

/** @internal All values of a run, for the known answers; the caller wipes them. */
export function srpRun(
  crypto: CryptoCore,
  x: Uint8Array,
  a: Uint8Array,
  srpB: Uint8Array,
  algorithm: PasswordAlgorithm,
): { A: Uint8Array; u: Uint8Array; s: Uint8Array; M1: Uint8Array } {
  const { g, p } = algorithm;
  const { k, prefix, generator } = srpConstants(crypto, algorithm);
  const A = crypto.modExp(Uint8Array.of(g), a, p, new Uint8Array(NUMBER_BYTES));
  const B = padded(srpB);
  const u = hash(crypto, A, B);
  const v = crypto.modExp(generator, x, p, new Uint8Array(NUMBER_BYTES));
  const kv = crypto.modMultiply(k, v, p, new Uint8Array(NUMBER_BYTES));
  const t = crypto.modSubtract(B, kv, p, new Uint8Array(NUMBER_BYTES));
  const exponent = crypto.multiplyAdd(a, u, x, new Uint8Array(264));
  const s = crypto.modExp(t, exponent, p, new Uint8Array(NUMBER_BYTES));
  const key = hash(crypto, s);
  const M1 = hash(crypto, prefix, A, B, key);
  for (const secret of [v, kv, t, exponent, key]) secret.fill(0);
  return { A, u, s, M1 };
}

/**
 * Proves a password without sending it (mtproto.md 9): `A` and `M1` of inputCheckPasswordSRP. *Owned*.
 * Takes about a tenth of a second, during which nothing else runs.
 *
 * @param password a text, or its UTF-8 bytes; not empty: then it is inputCheckPasswordEmpty
 * @param challenge `srpB` as account.getPassword gives it, 248..256 bytes
 * @throws {MtprotoError} `bad-argument`, `bad-length`; `bad-dh-config`, `public-value-out-of-range` when
 *   the server's numbers are not safe; `bad-random`
 * @example
 * const { A, M1 } = srpCheck(crypto, 'correct horse', { salt1, salt2, g, p }, { srpB });
 */
export function srpCheck(
  crypto: CryptoCore,
  password: Uint8Array | string,
  algorithm: PasswordAlgorithm,
  challenge: { readonly srpB: Uint8Array; readonly random?: RandomSource },
): { A: Uint8Array; M1: Uint8Array } {
  checkOptions(challenge, ['srpB', 'random'], badArgument);
  const { srpB, random = systemRandom } = challenge;
  checkBytes('srpB', srpB, badArgument);
  checkRandom(random);
  checkAlgorithm(crypto, algorithm, random);
  const B = minimal(srpB);
  const inRange = B.length >= MIN_B && B.length <= NUMBER_BYTES && isBelow(padded(B), algorithm.p);
  if (!inRange) throw new MtprotoError('public-value-out-of-range', 'srp_B is not acceptable');
  const bytes = passwordBytes(password);
  const { ph1, x } = passwordHash(crypto, bytes, algorithm);
  const a = new Uint8Array(NUMBER_BYTES);
  try {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      random(a);
      const { A, u, s, M1 } = srpRun(crypto, x, a, B, algorithm);
      s.fill(0);
      if (isSafeValue(algorithm.p, A) && u.some((byte) => byte !== 0)) return { A, M1 };
    }
  } finally {
    for (const secret of [ph1, x, bytes, a]) secret.fill(0);
  }
  throw new MtprotoError('bad-random', 'the random source gives no usable exponent');
}

function passwordBytes(password: unknown): Uint8Array {
  const bytes = typeof password === 'string' ? encodeUtf8(password) : password;
  checkBytes('password', bytes, badArgument);
  if (bytes.length === 0) throw badLength('"password" is empty: that means no check');
  return copyBytes(bytes);
}

function checkAlgorithm(
  crypto: CryptoCore,
  algorithm: PasswordAlgorithm,
  random: RandomSource,
): void {
  checkOptions(algorithm, ['salt1', 'salt2', 'g', 'p'], badArgument);
  const { salt1, salt2, g, p } = algorithm;
  checkBytes('salt1', salt1, badArgument);
  if (salt1.length > 1024) throw badLength('"salt1" expected at most 1024 bytes');
  checkBytes('salt2', salt2, badArgument);
  checkInteger('g', g, 0, 0x7fffffff, badArgument);
  checkBytes('p', p, badArgument);
  checkLength('p', p, NUMBER_BYTES, badLength);
  if (!checkDhConfig(crypto, p, g, random)) {
    throw new MtprotoError('bad-dh-config', 'the group (p, g) is not safe');
  }
}
