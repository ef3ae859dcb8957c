// MTKruto's package is on JSR only: the contract of its two hooks, as its source states it, is tested.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { createIge256, ige256Decrypt, ige256Encrypt } from 'sottovoce/adapters/mtkruto';
import vectors from '../fixtures/vectors/mtproto.json' with { type: 'json' };
import { fromHex, throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

/**
 * The type that setIge256Encrypt and setIge256Decrypt take: assigning is the test.
 * @typedef {(data: Uint8Array, key: Uint8Array, iv: Uint8Array) => Uint8Array<ArrayBuffer>} Ige256
 */

const mtkruto = suite('adapters/mtkruto');
const crypto = createCrypto();
const source = prng(0x317);

/** @type {{ ige256Encrypt: Ige256, ige256Decrypt: Ige256 }[]} */
const HOOKS = [{ ige256Encrypt, ige256Decrypt }, createIge256(crypto)];

for (const [index, hooks] of HOOKS.entries()) {
  const whose = index === 0 ? 'the shared core' : 'a core of its own';

  mtkruto(`known answers, on ${whose}`, () => {
    for (const { key, iv, pt, ct } of vectors.groups.aes256_ige.cases) {
      const [secret, start] = [fromHex(key), fromHex(iv)];
      assert.equal(hooks.ige256Encrypt(fromHex(pt), secret, start), fromHex(ct));
      assert.equal(hooks.ige256Decrypt(fromHex(ct), secret, start), fromHex(pt));
    }
  });

  mtkruto(`sync, stateless, out of place, on a plain buffer of its own, on ${whose}`, () => {
    const [data, key, iv] = [source.bytes(67).subarray(3), source.bytes(32), source.bytes(32)];
    const before = [data, key, iv].map((bytes) => bytes.slice());
    const first = hooks.ige256Encrypt(data, key, iv);
    const copy = first.slice();
    assert.is(first.buffer.constructor, ArrayBuffer);
    assert.is(first.byteOffset, 0);
    assert.is(first.buffer.byteLength, 64);
    assert.equal(hooks.ige256Encrypt(data, key, iv), first);
    assert.equal(hooks.ige256Decrypt(first, key, iv), data);
    assert.equal(first, copy);
    assert.equal(
      [data, key, iv].map((bytes) => bytes.slice()),
      before,
    );
  });

  mtkruto(`wrong lengths are errors, on ${whose}`, () => {
    const [data, key] = [new Uint8Array(32), new Uint8Array(32)];
    for (const hook of [hooks.ige256Encrypt, hooks.ige256Decrypt]) {
      throwsCode('bad-length', () => hook(new Uint8Array(17), key, key));
      throwsCode('bad-length', () => hook(data, new Uint8Array(16), key));
      throwsCode('bad-length', () => hook(data, key, new Uint8Array(16)));
      throwsCode('bad-argument', () => hook(/** @type {any} */ ('text'), key, key));
      assert.is(hook(new Uint8Array(0), key, key).length, 0);
    }
  });
}

mtkruto.run();
