// Known answers of the standards: AES and its modes, hashes, HMAC, HKDF, PBKDF2.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import data from '../fixtures/crypto/standards.json' with { type: 'json' };
import { concat, fromHex, toHex } from '../support/bytes.js';

const standards = suite('crypto/standards');
const crypto = createCrypto();

for (const { src, mode, key, iv, pt, ct } of data.aes) {
  standards(src, () => {
    const handle = crypto.createAesKey(fromHex(key));
    const [plain, cipher] = [fromHex(pt), fromHex(ct)];
    if (mode === 'ecb') {
      for (let i = 0; i < plain.length; i += 16) {
        const [p, c] = [plain, cipher].map((bytes) => bytes.subarray(i, i + 16));
        assert.is(toHex(crypto.aesEncryptBlock(handle, p)), toHex(c));
        assert.is(toHex(crypto.aesDecryptBlock(handle, c)), toHex(p));
      }
    } else if (mode === 'cbc') {
      const vector = fromHex(iv ?? '');
      assert.is(toHex(crypto.aesCbcEncrypt(handle, vector, plain)), ct);
      assert.is(toHex(crypto.aesCbcDecrypt(handle, vector, cipher)), pt);
    } else {
      assert.is(toHex(crypto.aesCtr(handle, fromHex(iv ?? ''), plain)), ct);
      const stream = crypto.createAesCtr(handle, fromHex(iv ?? ''));
      const parts = [5, 20, 39].map((n, i) => plain.subarray([0, 5, 25][i], [0, 5, 25][i] + n));
      assert.is(toHex(concat(...parts.map((part) => stream.process(part).slice()))), ct);
      stream.close();
    }
    handle.close();
  });
}

for (const { src, key, iv, pt, ct } of data.ige) {
  standards(src, () => {
    const handle = crypto.createAesKey(fromHex(key));
    assert.is(toHex(crypto.aesIgeEncrypt(handle, fromHex(iv), fromHex(pt))), ct);
    assert.is(toHex(crypto.aesIgeDecrypt(handle, fromHex(iv), fromHex(ct))), pt);
    handle.close();
  });
}

for (const { src, msg, repeat = 1, ...digests } of data.hash) {
  standards(`${src}, ${(msg.length / 2) * repeat} bytes`, () => {
    const one = fromHex(msg);
    const message = new Uint8Array(one.length * repeat);
    for (let i = 0; i < repeat; i++) message.set(one, i * one.length);
    for (const name of /** @type {const} */ (['sha1', 'sha256', 'sha512'])) {
      assert.is(toHex(crypto[name](message)), digests[name]);
    }
    assert.is(
      toHex(crypto.sha256x4([message, message, message, message])),
      digests.sha256.repeat(4),
    );
  });
}

for (const { src, key, msg, sha256, sha512 } of data.hmac) {
  standards(src, () => {
    assert.is(toHex(crypto.hmacSha256(fromHex(key), fromHex(msg))), sha256);
    assert.is(toHex(crypto.hmacSha512(fromHex(key), fromHex(msg))), sha512);
    const hmac = crypto.createHmac('sha512', fromHex(key));
    for (let i = 0; i < 2; i++) assert.is(toHex(hmac.update(fromHex(msg)).digest()), sha512);
    hmac.close();
  });
}

for (const { src, hash, key, salt, info, okm } of data.hkdf) {
  standards(src, () => {
    const [k, s, i] = [key, salt, info].map(fromHex);
    const name = /** @type {'sha1' | 'sha256'} */ (hash);
    assert.is(toHex(crypto.hkdf(name, k, s, i, okm.length / 2)), okm);
  });
}

for (const { src, hash, password, salt, iterations, dk } of data.pbkdf2) {
  standards(`${src}, ${iterations} iterations, ${dk.length / 2} bytes`, () => {
    const name = /** @type {'sha1' | 'sha512'} */ (hash);
    const [p, s] = [password, salt].map(fromHex);
    assert.is(toHex(crypto.pbkdf2(name, p, s, iterations, dk.length / 2)), dk);
  });
}

standards.run();
