import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { factorizePq, rsaPad, rsaPrivateKey, rsaPublicKey, rsaUnpad } from 'sottovoce/mtproto';
import { insecureRandomForTests } from 'sottovoce/internal';
import vectors from '../fixtures/vectors/mtproto.json' with { type: 'json' };
import { fromHex, throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const rsa = suite('mtproto/rsa');
const crypto = createCrypto();
/** @type {any} */
const { n, e, d } = vectors.groups.rsa_pad;
const key = rsaPrivateKey(crypto, fromHex(n), fromHex(e), fromHex(d));
const source = prng(0x125a);
const random = insecureRandomForTests(source.fill);

rsa('what is padded comes back, at every length', () => {
  for (const length of [0, 1, 96, 143, 144]) {
    const data = source.bytes(length);
    const opened = rsaUnpad(crypto, rsaPad(crypto, data, key, random), key);
    assert.equal(opened?.subarray(0, length), data);
    assert.is(opened?.length, 192);
  }
  throwsCode('bad-length', () => rsaPad(crypto, new Uint8Array(145), key, random));
});

rsa('every change is refused', () => {
  const sent = rsaPad(crypto, source.bytes(100), key, random);
  for (const bit of [0, 7, 800, 2047]) {
    const wrong = sent.slice();
    wrong[bit >> 3] ^= 1 << (bit & 7);
    assert.is(rsaUnpad(crypto, wrong, key), null);
  }
  for (const wrong of [
    sent.subarray(1),
    new Uint8Array(256),
    new Uint8Array(256).fill(255),
    key.n,
  ]) {
    assert.is(rsaUnpad(crypto, wrong, key), null);
  }
});

rsa('keys that are none', () => {
  const even = key.n.slice();
  even[255] &= 254;
  for (const [modulus, exponent, code] of [
    [key.n.subarray(1), key.e, 'bad-length'],
    [new Uint8Array(256).fill(1), key.e, 'bad-length'],
    [even, key.e, 'bad-argument'],
    [key.n, new Uint8Array(0), 'bad-length'],
    [key.n, Uint8Array.of(1), 'bad-argument'],
    [key.n, Uint8Array.of(2), 'bad-argument'],
    [key.n, new Uint8Array(9).fill(1), 'bad-length'],
    ['n', key.e, 'bad-argument'],
  ]) {
    throwsCode(/** @type {string} */ (code), () =>
      rsaPublicKey(crypto, /** @type {any} */ (modulus), /** @type {any} */ (exponent)),
    );
  }
  throwsCode('bad-length', () => rsaPrivateKey(crypto, key.n, key.e, new Uint8Array(257)));
  const padded = rsaPublicKey(crypto, new Uint8Array([0, ...key.n]), new Uint8Array([0, 1, 0, 1]));
  assert.equal(padded.fingerprint, key.fingerprint);
});

rsa('a random source that always gives the same ends the draw', () => {
  // Half of all envelopes do not fit this modulus.
  const small = rsaPublicKey(crypto, new Uint8Array(256).fill(128, 0, 1).fill(1, 255), key.e);
  const outcomes = new Set();
  for (let fill = 0; fill < 12; fill++) {
    const stuck = insecureRandomForTests((target) => target.fill(fill));
    try {
      outcomes.add(rsaPad(crypto, new Uint8Array(9), small, stuck).length);
    } catch (error) {
      outcomes.add(/** @type {any} */ (error).code);
    }
  }
  assert.equal([...outcomes].sort(), [256, 'bad-random']);
});

rsa('factors: products of primes, and what is none', () => {
  const { p, q } = factorizePq(crypto, fromHex('00256595edb7766797'));
  assert.is(toHex(p), '5a300d4b');
  assert.is(toHex(q), '6a26db65');
  for (const pq of ['', '00', '02', '04', '61', '69', '7fffffffffffffffff', 'fffffffffffffff1']) {
    throwsCode('bad-pq', () => factorizePq(crypto, fromHex(pq)));
  }
});

rsa.run();
