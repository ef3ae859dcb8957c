import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { fromHex, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const modExp = suite('crypto/mod-exp');
const crypto = createCrypto();
const random = prng(0xe4b);

const big = (/** @type {Uint8Array} */ bytes) => BigInt(`0x${toHex(bytes)}`);
/** @param {bigint} base @param {bigint} exponent @param {bigint} modulus */
function power(base, exponent, modulus) {
  let result = 1n % modulus;
  base %= modulus;
  for (; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % modulus;
    base = (base * base) % modulus;
  }
  return result;
}
/** @param {Uint8Array} base @param {Uint8Array} exponent @param {Uint8Array} modulus */
function check(base, exponent, modulus) {
  const got = crypto.modExp(base, exponent, modulus);
  assert.is(got.length, 256);
  const expected = power(big(base), big(exponent), big(modulus));
  assert.is(toHex(got), expected.toString(16).padStart(512, '0'));
}
const odd = (/** @type {Uint8Array} */ bytes) => {
  bytes[bytes.length - 1] |= 1;
  return bytes;
};

modExp('random numbers of the full width', () => {
  for (let i = 0; i < 6; i++) check(random.bytes(256), random.bytes(256), odd(random.bytes(256)));
});

modExp('moduli of every size class', () => {
  for (const length of [1, 2, 3, 4, 7, 8, 31, 128, 254, 255]) {
    check(random.bytes(256), random.bytes(4), odd(random.bytes(length)));
  }
  check(random.bytes(9), random.bytes(4), Uint8Array.of(1));
  check(random.bytes(9), random.bytes(4), Uint8Array.of(0, 0, 3));
});

modExp('the ends of the ranges', () => {
  const ones = new Uint8Array(256).fill(0xff);
  const zeros = new Uint8Array(256);
  const less = DH_PRIME.slice();
  less[255] -= 1;
  for (const base of [zeros, Uint8Array.of(1), Uint8Array.of(2), less, DH_PRIME, ones]) {
    for (const exponent of [zeros, Uint8Array.of(1), Uint8Array.of(2), less]) {
      check(base, exponent, DH_PRIME);
    }
  }
  check(ones, ones, ones);
  check(less, ones, DH_PRIME);
});

modExp('limbs of all ones and of one bit, where carries are longest', () => {
  for (const pattern of ['fffffff0000000', '0000000fffffff', '80000000000001', 'fffffffffffffe']) {
    const bytes = fromHex(pattern.repeat(37).slice(0, 512).padStart(512, 'f'));
    check(bytes, random.bytes(2), odd(bytes.slice().reverse()));
    check(bytes, Uint8Array.of(3), new Uint8Array(256).fill(0xff));
  }
});

modExp('two sides agree', () => {
  const [a, b] = [random.bytes(256), random.bytes(256)];
  const [gA, gB] = [a, b].map((x) => crypto.modExp(Uint8Array.of(3), x, DH_PRIME).slice());
  const shared = crypto.modExp(gA, b, DH_PRIME).slice();
  assert.equal(crypto.modExp(gB, a, DH_PRIME), shared);
  const key = crypto.modExpShared(gB, a, DH_PRIME);
  const same = crypto.createSharedKey(shared);
  assert.equal(key.fingerprint, same.fingerprint);
  assert.equal(key.auxHash, same.auxHash);
});

modExp('a result may be the next argument', () => {
  const exponent = random.bytes(256);
  const expected = power(power(3n, big(exponent), big(DH_PRIME)), 3n, big(DH_PRIME));
  const first = crypto.modExp(Uint8Array.of(3), exponent, DH_PRIME);
  assert.is(big(crypto.modExp(first, Uint8Array.of(3), DH_PRIME, first)), expected);
  assert.is(big(first), expected);
});

modExp.run();
