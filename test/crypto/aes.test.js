import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { createCrypto } from 'sottovoce/crypto';
import { concat, fromHex, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const aes = suite('crypto/aes');
const crypto = createCrypto();
const random = prng(0xae5);
const key = random.bytes(32);
const runs = { numRuns: 60, seed: 1 };
const bytes = (/** @type {number} */ length) =>
  fc.uint8Array({ minLength: length, maxLength: length });

aes('a key handle and its bytes give the same', () => {
  const handle = crypto.createAesKey(key);
  const [iv, data] = [random.bytes(32), random.bytes(80)];
  const expected = crypto.aesIgeEncrypt(key, iv, data).slice();
  assert.equal(crypto.aesIgeEncrypt(handle, iv, data), expected);
  assert.equal(crypto.aesIgeDecrypt(handle, iv, expected), data);
  const block = data.subarray(3, 19);
  const sealed = crypto.aesEncryptBlock(key, block).slice();
  assert.equal(crypto.aesEncryptBlock(handle, block), sealed);
  assert.equal(crypto.aesDecryptBlock(handle, sealed), block);
  handle.close();
});

aes('every key bit and every data bit matters', () => {
  const block = random.bytes(16);
  const seen = new Set([toHex(crypto.aesEncryptBlock(key, block))]);
  for (let bit = 0; bit < 256; bit++) {
    const other = key.slice();
    other[bit >> 3] ^= 1 << (bit & 7);
    seen.add(toHex(crypto.aesEncryptBlock(other, block)));
  }
  for (let bit = 0; bit < 128; bit++) {
    const other = block.slice();
    other[bit >> 3] ^= 1 << (bit & 7);
    seen.add(toHex(crypto.aesEncryptBlock(key, other)));
    assert.equal(crypto.aesDecryptBlock(key, crypto.aesEncryptBlock(key, other)), other);
  }
  assert.is(seen.size, 1 + 256 + 128);
});

aes('IGE: decryption undoes encryption', () => {
  const input = fc.tuple(
    bytes(32),
    bytes(32),
    fc.integer({ min: 0, max: 40 }).chain((n) => bytes(16 * n)),
  );
  fc.assert(
    fc.property(input, ([k, iv, data]) => {
      const sealed = crypto.aesIgeEncrypt(k, iv, data).slice();
      assert.equal(crypto.aesIgeDecrypt(k, iv, sealed), data);
    }),
    runs,
  );
});

aes('IGE: in place is out of place, and the iv stays', () => {
  const [iv, data] = [random.bytes(32), random.bytes(160)];
  const before = toHex(iv);
  const expected = crypto.aesIgeEncrypt(key, iv, data).slice();
  const place = data.slice();
  assert.is(crypto.aesIgeEncrypt(key, iv, place, place), place);
  assert.equal(place, expected);
  crypto.aesIgeDecrypt(key, iv, place, place);
  assert.equal(place, data);
  assert.is(toHex(iv), before);
});

aes('IGE: a stream in pieces is one call, and its iv is the last two blocks', () => {
  const [iv, data] = [random.bytes(32), random.bytes(16 * 9)];
  const whole = crypto.aesIgeEncrypt(key, iv, data).slice();
  for (let first = 0; first <= 9; first++) {
    for (let second = first; second <= 9; second++) {
      const cuts = [0, 16 * first, 16 * second, data.length];
      const out = crypto.createAesIge(key, iv);
      const back = crypto.createAesIge(key, iv);
      const parts = [0, 1, 2].map((i) => out.encrypt(data.subarray(cuts[i], cuts[i + 1])).slice());
      assert.equal(concat(...parts), whole);
      assert.equal(concat(...parts.map((part) => back.decrypt(part).slice())), data);
      assert.equal(out.iv, concat(whole.subarray(-16), data.subarray(-16)));
      assert.equal(back.iv, out.iv);
      out.close();
      back.close();
    }
  }
});

aes('CTR: every split of three blocks gives the same stream', () => {
  const [iv, data] = [random.bytes(16), random.bytes(51)];
  const one = crypto.createAesCtr(key, iv);
  const whole = one.process(data).slice();
  one.close();
  for (let first = 0; first <= data.length; first++) {
    for (let second = first; second <= data.length; second += 5) {
      const stream = crypto.createAesCtr(key, iv);
      const cuts = [0, first, second, data.length];
      const parts = [0, 1, 2].map((i) =>
        stream.process(data.subarray(cuts[i], cuts[i + 1])).slice(),
      );
      assert.equal(concat(...parts), whole, `${first}, ${second}`);
      stream.close();
    }
  }
  const back = crypto.createAesCtr(key, iv);
  assert.equal(back.process(whole, whole), data);
  back.close();
});

aes('CTR: the counter carries over every byte', () => {
  const zeros = new Uint8Array(16 * 5);
  for (let width = 0; width <= 16; width++) {
    // the low `width` bytes are ones but for 0..3: the carry falls on each block of a pair
    for (let before = 0; before < 4 && width > 0; before++) {
      const iv = concat(new Uint8Array(16 - width).fill(0x37), new Uint8Array(width).fill(0xff));
      iv[15] -= before;
      const stream = crypto.createAesCtr(key, iv);
      const keyStream = stream.process(zeros).slice();
      stream.close();
      let counter = BigInt(`0x${toHex(iv)}`);
      for (let block = 0; block < 5; block++) {
        const hex = (counter++ % (1n << 128n)).toString(16).padStart(32, '0');
        const expected = crypto.aesEncryptBlock(key, fromHex(hex));
        assert.equal(keyStream.subarray(16 * block, 16 * block + 16), expected, `${width}`);
      }
    }
  }
});

aes('long data passes in pieces', () => {
  const iv = random.bytes(32);
  const length = 3 * 65536 + 48;
  const data = random.bytes(length);
  const ige = crypto.createAesIge(key, iv);
  const parts = [];
  for (let i = 0; i < length; i += 4096) {
    parts.push(ige.encrypt(data.subarray(i, Math.min(i + 4096, length))).slice());
  }
  const expected = concat(...parts);
  ige.close();
  const owned = crypto.aesIgeEncrypt(key, iv, data);
  assert.is.not(owned.buffer, crypto.memory.view(0, 1).buffer);
  assert.ok(crypto.equal(owned, expected));
  assert.ok(crypto.equal(crypto.aesIgeDecrypt(key, iv, owned, owned), data));
});

aes('a destination that overlaps its long input further on', () => {
  const iv = random.bytes(32);
  const length = 3 * 65536;
  const arena = random.bytes(length + 64);
  const data = arena.subarray(0, length);
  const expected = crypto.aesIgeEncrypt(key, iv, data).slice();
  const shifted = crypto.aesIgeEncrypt(key, iv, data, arena.subarray(48, 48 + length));
  assert.ok(crypto.equal(shifted, expected));
});

aes.run();
