import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkDhConfig, checkPublicValue, createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { insecureRandomForTests } from 'sottovoce/internal';
import { fromHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const dh = suite('crypto/dh');
const crypto = createCrypto();
let drawn = 0;
const random = insecureRandomForTests((target) => {
  drawn++;
  prng(drawn).fill(target);
});
const wide = (/** @type {bigint} */ n) => fromHex(n.toString(16).padStart(512, '0'));
const P = BigInt(`0x${[...DH_PRIME].map((b) => b.toString(16).padStart(2, '0')).join('')}`);

// RFC 3526, group 14: 2^2048 - 2^1984 - 1 + 2^64 * (floor(2^1918 pi) + 124476), a safe prime = 7 mod 8
const GROUP_14 = fromHex(
  'ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74' +
    '020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437' +
    '4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed' +
    'ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf05' +
    '98da48361c55d39a69163fa8fd24cf5f83655d23dca3ad961c62f356208552bb' +
    '9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b' +
    'e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf695581718' +
    '3995497cea956ae515d2261898fa051015728e5a8aacaa68ffffffffffffffff',
);

dh('the built-in prime needs no test', () => {
  drawn = 0;
  for (let g = 0; g < 10; g++) {
    assert.is(checkDhConfig(crypto, DH_PRIME, g, random), [3, 4, 7].includes(g), `${g}`);
  }
  assert.is(drawn, 0);
});

dh(
  'another safe prime is tested once, with at least 15 bases for each of p and (p - 1) / 2',
  () => {
    drawn = 0;
    assert.is(checkDhConfig(crypto, GROUP_14, 2, random), true);
    const first = drawn;
    assert.ok(first >= 30);
    assert.is(checkDhConfig(crypto, GROUP_14, 3, random), true);
    assert.is(checkDhConfig(crypto, GROUP_14, 2, random), true);
    assert.is(drawn, first);
  },
);

dh('composites are refused, whatever divides them', () => {
  // 3 mod 4, so that (n - 1) / 2 is odd and does not decide
  for (const factor of [2n ** 1024n - 105n, 65537n, 257n, 3n * 5n * 7n]) {
    let n = ((2n ** 2048n - 1n) / factor) * factor;
    while (n % 4n !== 3n) n -= factor;
    assert.is(checkDhConfig(crypto, wide(n), 4, random), false);
  }
});

dh('a prime that is no safe prime is refused', () => {
  // The prime below 2^2048 nearest to it with (p - 1) / 2 odd and composite, without small factors.
  assert.is(checkDhConfig(crypto, wide(2n ** 2048n - 11837n), 4, random), false);
});

dh('neighbours of the known prime are refused', () => {
  for (const delta of [-24n, -2n, -1n, 1n, 2n, 24n]) {
    for (const g of [3, 4, 7]) {
      assert.is(checkDhConfig(crypto, wide(P + delta), g, random), false);
    }
  }
});

dh('lengths and sizes', () => {
  for (const bytes of [
    new Uint8Array(0),
    new Uint8Array(256),
    DH_PRIME.subarray(1),
    Uint8Array.of(0, ...DH_PRIME),
    Uint8Array.of(0, ...DH_PRIME.subarray(0, 255)),
    wide(P >> 1n),
    new Uint8Array(256).fill(0xff),
  ]) {
    assert.is(checkDhConfig(crypto, bytes, 4, random), false);
  }
});

dh('the cache is bounded', () => {
  const own = createCrypto();
  const odd = wide(P + 24n * 5n);
  for (let i = 0; i < 40; i++) {
    odd[100] = i;
    checkDhConfig(own, odd, 4, random);
  }
  assert.is(checkDhConfig(own, DH_PRIME, 4, random), true);
});

dh('public values at both bounds', () => {
  const margin = 2n ** 1984n;
  /** @type {[bigint, boolean, boolean][]} */
  const cases = [
    [0n, false, false],
    [1n, false, false],
    [2n, true, false],
    [margin - 1n, true, false],
    [margin, true, false],
    [margin + 1n, true, true],
    [P - margin - 1n, true, true],
    [P - margin, true, false],
    [P - margin + 1n, true, false],
    [P - 2n, true, false],
    [P - 1n, false, false],
    [P, false, false],
    [P + 1n, false, false],
    [2n ** 2048n - 1n, false, false],
  ];
  for (const [value, strict, recommended] of cases) {
    assert.equal(checkPublicValue(DH_PRIME, wide(value)), { strict, recommended });
  }
  assert.equal(checkPublicValue(DH_PRIME, new Uint8Array(0)), {
    strict: false,
    recommended: false,
  });
  const long = Uint8Array.of(1, ...new Uint8Array(256));
  assert.equal(checkPublicValue(DH_PRIME, long), { strict: false, recommended: false });
});

dh.run();
