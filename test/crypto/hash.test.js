import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import fc from 'fast-check';
import { createCrypto } from 'sottovoce/crypto';
import { toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const hash = suite('crypto/hash');
const crypto = createCrypto();
const data = prng(0x5a).bytes(3 * 128 + 1);
/** @type {('sha1' | 'sha256' | 'sha512')[]} */
const algorithms = ['sha1', 'sha256', 'sha512'];

for (const algorithm of algorithms) {
  const size = algorithm === 'sha512' ? 128 : 64;
  const state = crypto.createHash(algorithm);

  hash(`${algorithm}: every split of 0..3 blocks is one call`, () => {
    for (let length = 0; length <= 3 * size + 1; length++) {
      const message = data.subarray(0, length);
      const expected = toHex(crypto[algorithm](message));
      for (let cut = 0; cut <= length; cut++) {
        state.reset().update(message.subarray(0, cut)).update(message.subarray(cut));
        assert.is(toHex(state.digest()), expected, `${length} cut at ${cut}`);
      }
    }
  });

  hash(`${algorithm}: many pieces, empty ones too`, () => {
    const cuts = fc.array(fc.integer({ min: 0, max: data.length }), { maxLength: 12 });
    const expected = toHex(crypto[algorithm](data));
    fc.assert(
      fc.property(cuts, (points) => {
        const all = [0, ...points.sort((a, b) => a - b), data.length];
        state.reset();
        for (let i = 1; i < all.length; i++) state.update(data.subarray(all[i - 1], all[i]));
        assert.is(toHex(state.digest()), expected);
      }),
      { numRuns: 100, seed: 2 },
    );
  });

  hash(`${algorithm}: two states do not disturb each other or the one-shot`, () => {
    const other = crypto.createHash(algorithm);
    const [a, b] = [data.subarray(0, 200), data.subarray(100)];
    const expected = [toHex(crypto[algorithm](a)), toHex(crypto[algorithm](b))];
    state.reset().update(a.subarray(0, 70));
    other.update(b.subarray(0, 9));
    crypto[algorithm](data);
    state.update(a.subarray(70));
    other.update(b.subarray(9));
    assert.equal([toHex(state.digest()), toHex(other.digest())], expected);
    other.close();
  });

  hash(`${algorithm}: into a destination`, () => {
    const dst = new Uint8Array(state.digestBytes);
    assert.is(crypto[algorithm](data, dst), dst);
    assert.equal(dst, crypto[algorithm](data));
    assert.is(state.algorithm, algorithm);
  });
}

hash('data of more than one work area', () => {
  const long = prng(3).bytes(200_001);
  const state = crypto.createHash('sha256');
  for (let i = 0; i < long.length; i += 1009) state.update(long.subarray(i, i + 1009));
  assert.is(toHex(state.digest()), toHex(crypto.sha256(long)));
  state.close();
});

hash.run();
