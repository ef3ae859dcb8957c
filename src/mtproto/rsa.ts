import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkLength } from '../core/checks.ts';
import type { RandomSource } from '../core/random.ts';
import type { CryptoCore } from '../crypto/crypto-core.ts';
import { checkCore, checkRandom } from './checks.ts';
import { badArgument, badLength, MtprotoError } from './errors.ts';
import { TlWriter } from './tl.ts';

/** A server's key as clients know it. */
export type RsaPublicKey = {
  /** Modulus, 256 bytes, big-endian. */
  readonly n: Uint8Array;
  /** Exponent, big-endian without leading zeros. */
  readonly e: Uint8Array;
  /** 8 bytes in wire order by which resPQ and req_DH_params name it. */
  readonly fingerprint: Uint8Array;
};

/** The server's side of it. */
export type RsaPrivateKey = RsaPublicKey & {
  /** Private exponent, 1..256 bytes, big-endian. */
  readonly d: Uint8Array;
};

/** Length of numbers modulo n. */
const NUMBER = 256;
/** Longest data that RSA_PAD takes, and what it is padded to. */
const MAX_DATA = 144;
const PADDED = 192;
/** A draw fails with a probability below 1/2; that this many do, happens in no lifetime. */
const MAX_DRAWS = 128;

/**
 * A 2048-bit public key with its fingerprint: the last 8 bytes of SHA-1 of n and e as TL strings
 * (mtproto.md 6). *Owned*.
 *
 * @param n big-endian, 2048 bits, odd
 * @param e big-endian, odd, 1..8 bytes, above 1
 * @throws {MtprotoError} `bad-argument`, `bad-length`
 * @example
 * const key = rsaPublicKey(crypto, modulus, Uint8Array.of(1, 0, 1));
 */
export function rsaPublicKey(crypto: CryptoCore, n: Uint8Array, e: Uint8Array): RsaPublicKey {
  checkBytes('n', n, badArgument);
  checkBytes('e', e, badArgument);
  const modulus = minimal(n);
  const exponent = minimal(e);
  if (modulus.length !== NUMBER || modulus[0]! < 0x80) throw badLength('"n" expected 2048 bits');
  if (exponent.length < 1 || exponent.length > 8) throw badLength('"e" expected 1..8 bytes');
  if ((modulus[NUMBER - 1]! & 1) === 0) throw badArgument('"n" expected an odd number');
  if ((exponent[exponent.length - 1]! & 1) === 0 || (exponent.length === 1 && exponent[0] === 1)) {
    throw badArgument('"e" expected an odd number above 1');
  }
  const digest = crypto.sha1(new TlWriter().bytes(modulus).bytes(exponent).written);
  return { n: copyBytes(modulus), e: copyBytes(exponent), fingerprint: digest.slice(12, 20) };
}

/**
 * The server's key. `d` is referred to, not copied: wipe it when the server ends.
 * @throws {MtprotoError} `bad-argument`, `bad-length`
 * @example
 * const key = rsaPrivateKey(crypto, modulus, Uint8Array.of(1, 0, 1), privateExponent);
 */
export function rsaPrivateKey(
  crypto: CryptoCore,
  n: Uint8Array,
  e: Uint8Array,
  d: Uint8Array,
): RsaPrivateKey {
  checkBytes('d', d, badArgument);
  if (d.length < 1 || d.length > NUMBER) throw badLength(`"d" expected 1..256 bytes`);
  return { ...rsaPublicKey(crypto, n, e), d };
}

/**
 * @internal Steps 3 to 5 of RSA_PAD (mtproto.md 6): temp_key xor SHA256(enc), then enc, the
 * AES-256-IGE under temp_key of the reversed data and a hash. 256 bytes, *owned*.
 */
export function rsaEnvelope(
  crypto: CryptoCore,
  padded: Uint8Array,
  tempKey: Uint8Array,
): Uint8Array {
  const envelope = new Uint8Array(NUMBER);
  const hashed = envelope.subarray(32);
  hashed.set(padded);
  hashed.subarray(0, PADDED).reverse();
  keyedHash(crypto, tempKey, padded, hashed.subarray(PADDED));
  crypto.aesIgeEncrypt(tempKey, ZERO_IV, hashed, hashed);
  xorHash(crypto, tempKey, hashed, envelope.subarray(0, 32));
  return envelope;
}

/**
 * RSA_PAD (mtproto.md 6, step 5): what carries p_q_inner_data to the server. 256 bytes, *owned*.
 *
 * @param data at most 144 bytes
 * @throws {MtprotoError} `bad-argument`, `bad-length`, `bad-random`
 * @example
 * const encryptedData = rsaPad(crypto, innerData, serverKey, systemRandom);
 */
export function rsaPad(
  crypto: CryptoCore,
  data: Uint8Array,
  key: RsaPublicKey,
  random: RandomSource,
): Uint8Array {
  checkCore(crypto);
  checkRandom(random);
  checkBytes('data', data, badArgument);
  if (data.length > MAX_DATA) {
    throw badLength(`"data" expected up to ${MAX_DATA} bytes, got ${data.length}`);
  }
  const padded = new Uint8Array(PADDED);
  padded.set(data);
  random(padded.subarray(data.length));
  const tempKey = new Uint8Array(32);
  try {
    for (let draws = 0; draws < MAX_DRAWS; draws++) {
      random(tempKey);
      const envelope = rsaEnvelope(crypto, padded, tempKey);
      if (isBelow(envelope, key.n)) {
        const encrypted = crypto.modExpPublic(envelope, key.e, key.n, new Uint8Array(NUMBER));
        envelope.fill(0);
        return encrypted;
      }
    }
  } finally {
    padded.fill(0);
    tempKey.fill(0);
  }
  throw new MtprotoError('bad-random', 'the random source gives no usable key for RSA_PAD');
}

/**
 * The way back, for a server: the 192 bytes of data and padding, *owned*; or `null`, whatever was
 * wrong. An attacker learns nothing from it: the hash covers everything.
 *
 * @param encrypted 256 bytes
 * @throws {MtprotoError} `bad-argument`
 * @example
 * const padded = rsaUnpad(crypto, request.encryptedData, key);
 * if (padded === null) throw new Error('refused');
 */
export function rsaUnpad(
  crypto: CryptoCore,
  encrypted: Uint8Array,
  key: RsaPrivateKey,
): Uint8Array | null {
  checkBytes('encrypted', encrypted, badArgument);
  if (encrypted.length !== NUMBER || !isBelow(encrypted, key.n)) return null; // public
  const envelope = crypto.modExp(encrypted, key.d, key.n, new Uint8Array(NUMBER));
  const sealed = envelope.subarray(32);
  const tempKey = new Uint8Array(32);
  xorHash(crypto, envelope.subarray(0, 32), sealed, tempKey);
  crypto.aesIgeDecrypt(tempKey, ZERO_IV, sealed, sealed);
  const padded = sealed.slice(0, PADDED).reverse();
  const expected = keyedHash(crypto, tempKey, padded, new Uint8Array(32));
  const good = crypto.equal(expected, sealed.subarray(PADDED));
  envelope.fill(0);
  tempKey.fill(0);
  if (good) return padded;
  padded.fill(0);
  return null;
}

const ZERO_IV: Uint8Array = /* @__PURE__ */ new Uint8Array(32);

/** SHA256(key || data) into `dst`. */
function keyedHash(
  crypto: CryptoCore,
  key: Uint8Array,
  data: Uint8Array,
  dst: Uint8Array,
): Uint8Array {
  const hash = crypto.createHash('sha256');
  hash.update(key).update(data).digest(dst);
  hash.close();
  return dst;
}

/** value xor SHA256(data) into `dst`. */
function xorHash(crypto: CryptoCore, value: Uint8Array, data: Uint8Array, dst: Uint8Array): void {
  const digest = crypto.sha256(data);
  for (let i = 0; i < 32; i++) dst[i] = value[i]! ^ digest[i]!;
}

/**
 * @internal Big-endian, equally long. The answer is no secret: what is compared is public, or a redraw
 * can be seen, and says nothing.
 */
export function isBelow(value: Uint8Array, limit: Uint8Array): boolean {
  for (let i = 0; i < limit.length; i++) {
    if (value[i]! !== limit[i]!) return value[i]! < limit[i]!;
  }
  return false;
}

/** @internal Without leading zeros; a view. */
export function minimal(value: Uint8Array): Uint8Array {
  let start = 0;
  while (start < value.length && value[start] === 0) start++;
  return value.subarray(start);
}

/** @internal */
export function checkPublicKey(name: string, key: RsaPublicKey): void {
  if (typeof key !== 'object' || key === null) throw badArgument(`"${name}" expected RSA keys`);
  checkBytes(`${name}.n`, key.n, badArgument);
  checkLength(`${name}.n`, key.n, NUMBER, badLength);
  checkBytes(`${name}.e`, key.e, badArgument);
  checkBytes(`${name}.fingerprint`, key.fingerprint, badArgument);
  checkLength(`${name}.fingerprint`, key.fingerprint, 8, badLength);
}
