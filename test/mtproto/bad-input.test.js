import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, systemRandom } from 'sottovoce/crypto';
import {
  bindTempAuthKey,
  keyVisualization,
  MessageCipher,
  MessageCipherV1,
  newNonceHash,
  openBindTempAuthKey,
  rsaPad,
} from 'sottovoce/mtproto';
import { insecureRandomForTests } from 'sottovoce/internal';
import { survives } from '../support/odd-values.js';
import { prng } from '../support/prng.js';

const input = suite('mtproto/bad-input');
const crypto = createCrypto();
const random = insecureRandomForTests(prng(0xbad).fill);
const key = crypto.createSharedKey(new Uint8Array(256).fill(7));
const fields = {
  salt: new Uint8Array(8),
  sessionId: new Uint8Array(8),
  msgId: 4n,
  seqNo: 1,
  body: new Uint8Array(12),
};

for (const Cipher of [MessageCipher, MessageCipherV1]) {
  input(
    `${Cipher.name}: odd arguments are refused with a code, and the cipher stays usable`,
    () => {
      survives('crypto', (value) => new Cipher(value, key));
      survives('key', (value) => new Cipher(crypto, value));
      survives('options', (value) => new Cipher(crypto, key, value));
      survives('role', (role) => new Cipher(crypto, key, { role }));
      survives('random', (value) => new Cipher(crypto, key, { random: value }));
      const cipher = new Cipher(crypto, key, { random });
      const server = new Cipher(crypto, key, { role: 'server', random });
      survives('fields', (value) => cipher.seal(value));
      survives('padding', (value) => cipher.seal(fields, value));
      for (const name of Object.keys(fields)) {
        survives(name, (value) => cipher.seal({ ...fields, [name]: value }));
      }
      survives('packet', (value) => cipher.open(value, { sessionId: fields.sessionId }));
      survives('expected', (value) => cipher.open(new Uint8Array(104), value));
      survives('sessionId', (sessionId) => cipher.open(new Uint8Array(104), { sessionId }));
      const opened = server.open(cipher.seal(fields), { sessionId: fields.sessionId });
      assert.equal(opened, fields);
      cipher.close();
      server.close();
    },
  );
}

input('functions on keys refuse odd cores, keys and sources', () => {
  const binding = {
    nonce: new Uint8Array(8),
    tempSessionId: new Uint8Array(8),
    expiresAt: 1,
    msgId: 4n,
    random,
  };
  for (const [name, act] of /** @type {const} */ ([
    [
      'bindTempAuthKey',
      (/** @type {any} */ c, /** @type {any} */ k) => bindTempAuthKey(c, k, k, binding),
    ],
    ['openBindTempAuthKey', (c, k) => openBindTempAuthKey(c, k, k, new Uint8Array(104))],
    ['newNonceHash', (c, k) => newNonceHash(c, k, new Uint8Array(32), 1)],
    ['keyVisualization', (c, k) => keyVisualization(c, k)],
  ])) {
    survives(`${name}: crypto`, (value) => act(value, key));
    survives(`${name}: key`, (value) => act(crypto, value));
  }
  survives('binding', (value) => bindTempAuthKey(crypto, key, key, value));
  survives('random', (value) => bindTempAuthKey(crypto, key, key, { ...binding, random: value }));
  survives('rsaPad', (value) => rsaPad(value, value, value, value));
  survives('systemRandom', (value) => systemRandom(value));
});

input.run();
