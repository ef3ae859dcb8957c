// Faults that were measured in other libraries, each against ours: streams cut at any byte, carries of the
// counter, lengths that are not checked, results that change later, keys that stay in memory, hash updates
// that are not aligned.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { CTR, IGE } from 'sottovoce/adapters/gramjs';
import { MtcuteCrypto } from 'sottovoce/adapters/mtcute';
import { insecureRandomForTests } from 'sottovoce/internal';
import { concat, fromHex, throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const faults = suite('adapters/faults');
const source = prng(0xfa17);
const crypto = createCrypto();
const random = insecureRandomForTests(source.fill);
const mtcute = new MtcuteCrypto({ crypto, random });

/** CTR from single blocks (SP 800-38A 6.5): the counter is the whole iv. */
function reference(key, iv, length) {
  const counter = iv.slice();
  const blocks = [];
  for (let at = 0; at < length; at += 16) {
    blocks.push(crypto.aesEncryptBlock(key, counter).slice());
    increment(counter);
  }
  return concat(...blocks).subarray(0, length);
}

function increment(counter) {
  for (let i = 15; i >= 0; i--) {
    counter[i] = (counter[i] + 1) & 255;
    if (counter[i] !== 0) return;
  }
}

faults('a CTR stream that is cut between words: 5 and 11 bytes are 16', () => {
  const [key, iv] = [source.bytes(32), source.bytes(16)];
  const zeros = new Uint8Array(200);
  const expected = toHex(reference(key, iv, 200));
  for (let cut = 0; cut <= 40; cut++) {
    const gramjs = new CTR(key, iv);
    const provider = mtcute.createAesCtr(key, iv, true);
    for (const stream of [(part) => gramjs.encrypt(part), (part) => provider.process(part)]) {
      const parts = [0, cut, cut + 1, 200];
      const joined = concat(
        ...[0, 1, 2].map((i) => Uint8Array.from(stream(zeros.subarray(parts[i], parts[i + 1])))),
      );
      assert.is(toHex(joined), expected, `cut at ${cut}`);
    }
    gramjs.close();
    provider.close();
  }
});

faults('a counter that carries, out of every word', () => {
  const key = source.bytes(32);
  for (const words of [1, 2, 3, 4]) {
    const iv = source.bytes(16);
    iv.fill(255, 16 - 4 * words);
    const stream = mtcute.createAesCtr(key, iv, true);
    assert.equal(stream.process(new Uint8Array(1000)), reference(key, iv, 1000), `${words} words`);
    stream.close();
  }
});

faults('lengths are checked, and nothing is cut off', () => {
  const [key, iv] = [new Uint8Array(32), new Uint8Array(32)];
  const ige = mtcute.createAesIge(key, iv);
  for (const length of [1, 12, 15, 17, 31, 33]) {
    throwsCode('bad-length', () => ige.encrypt(new Uint8Array(length)));
    throwsCode('bad-length', () => ige.decrypt(new Uint8Array(length)));
    throwsCode('bad-length', () => new IGE(key, iv).encrypt(new Uint8Array(length)));
    throwsCode('bad-length', () => new IGE(key, iv).decryptIge(new Uint8Array(length)));
  }
  for (const wrong of [0, 16, 24, 31, 33]) {
    throwsCode('bad-length', () => mtcute.createAesIge(new Uint8Array(wrong), iv));
    throwsCode('bad-length', () => mtcute.createAesIge(key, new Uint8Array(wrong)));
    throwsCode('bad-length', () => new IGE(new Uint8Array(wrong), iv));
    throwsCode('bad-length', () => mtcute.createAesCtr(key, new Uint8Array(wrong + 1), true));
  }
  for (const value of ['text', 7, null, [1, 2], new Uint16Array(16)]) {
    const bad = /** @type {any} */ (value);
    throwsCode('bad-argument', () => ige.encrypt(bad));
    throwsCode('bad-argument', () => mtcute.sha256(bad));
    throwsCode('bad-argument', () => mtcute.sha1(bad));
    throwsCode('bad-argument', () => new CTR(key, new Uint8Array(16)).encrypt(bad));
  }
  assert.is(ige.encrypt(new Uint8Array(32)).length, 32, 'still of use');
});

faults('hash updates of any length give the hash of the whole', () => {
  const data = source.bytes(1000);
  for (const algorithm of /** @type {const} */ (['sha1', 'sha256', 'sha512'])) {
    const expected = crypto[algorithm](data).slice();
    for (const step of [1, 3, 5, 63, 65, 127]) {
      const hash = crypto.createHash(algorithm);
      for (let at = 0; at < data.length; at += step) hash.update(data.subarray(at, at + step));
      assert.equal(hash.digest(), expected, `${algorithm} in steps of ${step}`);
      hash.close();
    }
  }
});

/** Where 16 bytes of a secret lie in the memory of a core, or -1. */
function find(core, secret) {
  const memory = core.memory.view(0, core.memory.byteLength);
  for (let at = memory.indexOf(secret[0]); at >= 0; at = memory.indexOf(secret[0], at + 1)) {
    let same = 1;
    while (same < 16 && memory[at + same] === secret[same]) same++;
    if (same === 16) return at;
  }
  return -1;
}

faults('no key, iv or text stays in memory', () => {
  const own = createCrypto();
  const provider = new MtcuteCrypto({ crypto: own, random });
  const [key, iv, text] = [source.bytes(32), source.bytes(32), source.bytes(160)];
  const sealed = provider.createAesIge(key, iv).encrypt(text);
  provider.createAesIge(key, iv).decrypt(sealed);
  provider.sha256(text);
  provider.hmacSha256(text, key);
  provider.pbkdf2(key, iv, 2);
  const stream = provider.createAesCtr(key, iv.subarray(0, 16), true);
  stream.process(text);
  stream.close();
  for (const [what, secret] of Object.entries({ key, iv, text, sealed })) {
    assert.is(find(own, secret), -1, what);
  }
  own.close();
});

faults('factors: nothing hangs, and 1 is no factor', () => {
  assert.equal(mtcute.factorizePQ(fromHex('0ddf')), [Uint8Array.of(53), Uint8Array.of(67)]);
  for (const pq of ['', '00', '01', '61', '7fffffffffffffe7']) {
    throwsCode('bad-pq', () => mtcute.factorizePQ(fromHex(pq)));
  }
});

faults('compressed data that is cut, changed, or unfolds without end', () => {
  // "sottovoce " four times, by gzip -9 (RFC 1952).
  const packed = fromHex('1f8b08000000000002032bce2f29c92fcb4f4e5528c6cb0200a3244f9328000000');
  for (let length = 0; length < packed.length; length++) {
    throwsCode('bad-argument', () => mtcute.gunzip(packed.subarray(0, length)));
  }
  const bomb = packed.slice();
  bomb.fill(255, bomb.length - 4);
  throwsCode('bad-argument', () => mtcute.gunzip(bomb));
  assert.is(mtcute.gunzip(packed).length, 40);
  const small = new MtcuteCrypto({ crypto, maxGunzipBytes: 10 });
  throwsCode('bad-argument', () => small.gunzip(packed));
  assert.is(mtcute.gzip(source.bytes(100), 50), null);
  assert.ok((mtcute.gzip(new Uint8Array(1000), 100) ?? source.bytes(101)).length <= 100);
});

faults.run();
