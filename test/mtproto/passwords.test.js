import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { SrpServer, srpCheck, srpVerifier } from 'sottovoce/mtproto';
import { insecureRandomForTests } from 'sottovoce/internal';
import { throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const srp = suite('mtproto/passwords');
const crypto = createCrypto();
const source = prng(0x5e9);
const random = insecureRandomForTests(source.fill);
const algorithm = { salt1: source.bytes(40), salt2: source.bytes(16), g: 3, p: DH_PRIME };

srp('the right password is proven, a wrong one is not', () => {
  const verifier = srpVerifier(crypto, 'correct horse', algorithm, random);
  for (const [password, good] of [
    ['correct horse', true],
    ['battery staple', false],
  ]) {
    const server = new SrpServer(crypto, verifier, algorithm, random);
    const { srpB } = server;
    const { A, M1 } = srpCheck(crypto, String(password), algorithm, { srpB, random });
    assert.is(server.verify(A, M1), good);
    throwsCode('released', () => server.verify(A, M1));
  }
});

srp('values that would give the password away are refused', () => {
  const over = DH_PRIME.slice();
  for (const srpB of [new Uint8Array(256), new Uint8Array(0), source.bytes(247), over]) {
    throwsCode('public-value-out-of-range', () =>
      srpCheck(crypto, 'x', algorithm, { srpB, random }),
    );
  }
  const verifier = source.bytes(256);
  const server = new SrpServer(crypto, verifier, algorithm, random);
  assert.is(server.verify(new Uint8Array(256), new Uint8Array(32)), false);
  const other = new SrpServer(crypto, verifier, algorithm, random);
  assert.is(other.verify(DH_PRIME, new Uint8Array(32)), false);
});

srp('groups and arguments that are not acceptable', () => {
  const challenge = { srpB: source.bytes(256), random };
  throwsCode('bad-dh-config', () => srpCheck(crypto, 'x', { ...algorithm, g: 2 }, challenge));
  const even = { ...algorithm, p: new Uint8Array(256).fill(254) };
  throwsCode('bad-dh-config', () => srpVerifier(crypto, 'x', even, random));
  throwsCode('bad-length', () => srpCheck(crypto, '', algorithm, challenge));
  throwsCode('bad-argument', () => srpVerifier(crypto, /** @type {any} */ (7), algorithm, random));
  throwsCode('bad-length', () => srpVerifier(crypto, 'x', { ...algorithm, p: even.salt1 }, random));
});

srp('a broken random source ends it', () => {
  const zero = insecureRandomForTests((target) => target.fill(0));
  const srpB = source.bytes(256).fill(127, 0, 1);
  throwsCode('bad-random', () => srpCheck(crypto, 'x', algorithm, { srpB, random: zero }));
});

srp.run();
