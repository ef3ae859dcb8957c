import { createCipheriv, createDiffieHellman, createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { concat } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const differential = suite('crypto/differential');
const crypto = createCrypto();
const random = prng(0xd1ff);

/** IGE of OpenSSL's CBC: with q[i] = p[i] ^ p[i-2], c[i] = CBC(q)[i] ^ p[i-1]. */
function igeByCbc(
  /** @type {Uint8Array} */ key,
  /** @type {Uint8Array} */ iv,
  /** @type {Uint8Array} */ data,
) {
  const before = concat(iv.subarray(16), data); // p[-1], p[0] ...
  const q = data.slice();
  for (let i = 16; i < q.length; i++) q[i] ^= before[i - 16];
  const cipher = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16)).setAutoPadding(false);
  const out = new Uint8Array(cipher.update(q));
  for (let i = 0; i < out.length; i++) out[i] ^= before[i];
  return out;
}

differential('AES blocks against OpenSSL', () => {
  for (let i = 0; i < 500; i++) {
    const [key, block] = [random.bytes(32), random.bytes(16)];
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    const expected = new Uint8Array(cipher.update(block));
    assert.ok(crypto.equal(crypto.aesEncryptBlock(key, block), expected));
    assert.ok(crypto.equal(crypto.aesDecryptBlock(key, expected), block));
  }
});

differential('IGE against CBC of OpenSSL', () => {
  for (let i = 0; i < 1000; i++) {
    const [key, iv, data] = [32, 32, 16 * random.int(i % 50 ? 20 : 5000)].map((n) =>
      random.bytes(n),
    );
    const expected = igeByCbc(key, iv, data);
    assert.ok(crypto.equal(crypto.aesIgeEncrypt(key, iv, data).slice(), expected));
    assert.ok(crypto.equal(crypto.aesIgeDecrypt(key, iv, expected).slice(), data));
  }
});

differential('CTR streams against OpenSSL', () => {
  for (let i = 0; i < 500; i++) {
    const [key, iv] = [random.bytes(32), random.bytes(16)];
    if (i & 1) iv.fill(0xff, 16 - random.int(17));
    const ours = crypto.createAesCtr(key, iv);
    const theirs = createCipheriv('aes-256-ctr', key, iv);
    for (let piece = 0; piece < 5; piece++) {
      const data = random.bytes(random.int(i % 50 ? 100 : 70_000));
      assert.ok(crypto.equal(ours.process(data).slice(), theirs.update(data)));
    }
    ours.close();
  }
});

differential('hashes against OpenSSL', () => {
  for (let i = 0; i < 1500; i++) {
    const data = random.bytes(random.int(i % 100 ? 600 : 150_000));
    for (const algorithm of /** @type {const} */ (['sha1', 'sha256', 'sha512'])) {
      const expected = createHash(algorithm).update(data).digest();
      assert.ok(crypto.equal(crypto[algorithm](data), expected), `${algorithm} ${data.length}`);
    }
  }
});

differential('exponentiation against the Diffie-Hellman of OpenSSL', () => {
  const theirs = createDiffieHellman(DH_PRIME, Uint8Array.of(3)); // checks the prime: slow
  for (let i = 0; i < 20; i++) {
    const exponent = random.bytes(256);
    exponent[0] &= 0x3f;
    theirs.setPrivateKey(exponent);
    const publicValue = theirs.generateKeys();
    const ours = crypto.modExp(Uint8Array.of(3), exponent, DH_PRIME).slice();
    assert.equal(ours, concat(new Uint8Array(256 - publicValue.length), publicValue));
    const secret = theirs.computeSecret(ours);
    const shared = crypto.modExp(ours, exponent, DH_PRIME);
    assert.equal(shared.slice(), concat(new Uint8Array(256 - secret.length), secret));
  }
});

differential('100 MB of input', () => {
  const data = new Uint8Array(100_000_000);
  for (let i = 0; i < data.length; i += 4099) data[i] = i;
  const { byteLength } = crypto.memory;
  const expected = createHash('sha1').update(data).digest();
  assert.ok(crypto.equal(crypto.sha1(data), expected));
  assert.is(crypto.memory.byteLength, byteLength);
});

differential.run();
