import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { deriveTables } from '../../scripts/derive-aes-tables.mjs';
import { toHex } from '../support/bytes.js';

const tables = suite('crypto/aes-tables');

// SHA-256 of the 24 tables, and of the S-box of FIPS 197 figure 7 in order of its input.
const TABLES_SHA256 = '5c2e313103b60f6e3c9d79c285078f2d6ef7dc9acc91b2c7f75947df950fe93b';
const SBOX_SHA256 = 'c2d8e5eed6cbebd8625fc18f81486a7733c04f9b0129ffbe974c68b90308b4f2';

tables('the module holds what derives from the definition of AES', () => {
  const crypto = createCrypto();
  const held = crypto.aesTables();
  const derived = deriveTables();
  assert.is(derived.length, 24);
  for (const [n, { name, bytes }] of derived.entries()) {
    assert.is(toHex(held.subarray(16 * n, 16 * n + 16)), toHex(Uint8Array.from(bytes)), name);
  }
  assert.is(toHex(crypto.sha256(held)), TABLES_SHA256);
});

tables('the last-round tables compute the S-box', () => {
  const crypto = createCrypto();
  const at = (/** @type {number} */ n) => crypto.aesTables().subarray(16 * n, 16 * n + 16);
  const [inv, ainv, inputLow, inputHigh] = [at(0), at(1), at(2), at(3)];
  const [u, t] = [at(10), at(11)];
  const read = (/** @type {Uint8Array} */ table, /** @type {number} */ n) => table[n] ?? 0;
  const sbox = Uint8Array.from({ length: 256 }, (_, byte) => {
    const g = inputLow[byte & 15] ^ inputHigh[byte >> 4];
    const [i, k] = [g >> 4, g & 15];
    const io = read(inv, read(inv, i) ^ read(ainv, k)) ^ i ^ k;
    const jo = read(inv, read(inv, i ^ k) ^ read(ainv, k)) ^ i;
    return read(u, io) ^ read(t, jo) ^ 0x63;
  });
  assert.is(sbox[0], 0x63);
  assert.is(sbox[0x53], 0xed); // the example of FIPS 197 5.1.1
  assert.is(toHex(crypto.sha256(sbox)), SBOX_SHA256);
});

tables.run();
