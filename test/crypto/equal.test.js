import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { prng } from '../support/prng.js';

const equal = suite('crypto/equal');
const crypto = createCrypto();

equal('tells arrays apart by every bit and by length', () => {
  const random = prng(0xe9);
  for (const length of [0, 1, 16, 33]) {
    const a = random.bytes(length);
    assert.ok(crypto.equal(a, a.slice()));
    assert.not.ok(crypto.equal(a, new Uint8Array(length + 1)));
    for (let bit = 0; bit < 8 * length; bit++) {
      const b = a.slice();
      b[bit >> 3] ^= 1 << (bit & 7);
      assert.not.ok(crypto.equal(a, b));
    }
  }
});

equal('long arrays, and a difference in any piece', () => {
  const a = prng(1).bytes(100_000);
  const b = a.slice();
  assert.ok(crypto.equal(a, b));
  for (const at of [0, 32_767, 32_768, 65_536, 99_999]) {
    b[at] ^= 0x80;
    assert.not.ok(crypto.equal(a, b), `${at}`);
    b[at] ^= 0x80;
  }
});

equal('borrowed views on either side', () => {
  const digest = crypto.sha256(Uint8Array.of(1)).slice();
  assert.ok(crypto.equal(crypto.sha256(Uint8Array.of(1)), digest));
  assert.ok(crypto.equal(digest, crypto.sha256(Uint8Array.of(1))));
  const stream = crypto.createAesCtr(new Uint8Array(32), new Uint8Array(16));
  const work = stream.process(new Uint8Array(60_000));
  assert.ok(crypto.equal(work.subarray(100, 50_100), work.slice(100, 50_100)));
  stream.close();
});

equal.run();
