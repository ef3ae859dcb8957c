// Two IGE operations and four hashes at a time: lengths, views, errors.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const pair = suite('crypto/pair');
const random = prng(0x9a12);
const crypto = createCrypto();
const job = (/** @type {number} */ length) => ({
  key: random.bytes(32),
  iv: random.bytes(32),
  data: random.bytes(length),
});

for (const [m, n] of [
  [0, 0],
  [0, 48],
  [16, 16],
  [160, 48],
  [32768, 16],
  [32784, 32784],
  [70000, 131072],
]) {
  pair(`${m} and ${n} bytes as one after the other`, () => {
    const [a, b] = [job(m & ~15), job(n & ~15)];
    const [x, y] = [a, b].map(({ key, iv, data }) => crypto.aesIgeEncrypt(key, iv, data).slice());
    const [one, two] = crypto.aesIgeEncryptPair(a, b).map((bytes) => bytes.slice());
    assert.ok(crypto.equal(one, x) && crypto.equal(two, y));
    // in place
    const [p, q] = [x.slice(), y.slice()];
    crypto.aesIgeDecryptPair({ ...a, data: p, dst: p }, { ...b, data: q, dst: q });
    assert.ok(crypto.equal(p, a.data) && crypto.equal(q, b.data));
  });
}

pair('borrowed results are good inputs', () => {
  const [a, b] = [job(96), job(64)];
  const [one, two] = crypto.aesIgeEncryptPair(a, b);
  const [three, four] = crypto.aesIgeDecryptPair({ ...a, data: one }, { ...b, data: two });
  assert.is(toHex(three), toHex(a.data));
  assert.is(toHex(four), toHex(b.data));
});

pair('keys of different sizes', () => {
  const [a, b] = [job(96), job(64)];
  const handle = crypto.createAesKey(random.bytes(16));
  const expected = crypto.aesIgeEncrypt(handle, a.iv, a.data).slice();
  const [one, two] = crypto.aesIgeEncryptPair({ ...a, key: handle }, b);
  assert.is(toHex(one), toHex(expected));
  assert.is(toHex(two.slice()), toHex(crypto.aesIgeEncrypt(b.key, b.iv, b.data)));
  handle.close();
});

pair('wrong arguments of a pair', () => {
  const good = job(32);
  for (const bad of [
    null,
    {},
    { ...good, key: random.bytes(16) },
    { ...good, iv: random.bytes(16) },
    { ...good, data: random.bytes(17) },
    { ...good, dst: new Uint8Array(16) },
  ]) {
    for (const jobs of [
      [good, bad],
      [bad, good],
    ]) {
      const [a, b] = /** @type {[any, any]} */ (jobs);
      assert.throws(
        () => crypto.aesIgeEncryptPair(a, b),
        (error) => ['bad-argument', 'bad-length'].includes(error.code),
      );
    }
  }
});

pair('four hashes of every length around the block', () => {
  for (const n of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 16383, 16384, 16385, 40000]) {
    const messages = /** @type {[any, any, any, any]} */ ([0, 1, 2, 3].map(() => random.bytes(n)));
    const digests = toHex(crypto.sha256x4(messages, new Uint8Array(128)));
    assert.is(digests, messages.map((message) => toHex(crypto.sha256(message))).join(''));
  }
  const digest = crypto.sha256(random.bytes(9));
  const four = crypto.sha256x4([digest, digest, digest, digest]).slice(0, 32);
  assert.is(toHex(four).length, 64);
});

pair('wrong arguments of four hashes', () => {
  const one = random.bytes(8);
  throwsCode('bad-argument', () => crypto.sha256x4(/** @type {any} */ ([one, one, one])));
  throwsCode('bad-argument', () => crypto.sha256x4(/** @type {any} */ (one)));
  throwsCode('bad-argument', () => crypto.sha256x4(/** @type {any} */ ([one, one, one, 5])));
  throwsCode('bad-length', () => crypto.sha256x4([one, one, one, random.bytes(9)]));
  throwsCode('bad-length', () => crypto.sha256x4([one, one, one, one], new Uint8Array(32)));
});

pair.run();
