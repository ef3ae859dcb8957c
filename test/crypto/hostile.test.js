import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  checkDhConfig,
  checkPublicValue,
  createCrypto,
  CryptoError,
  DH_PRIME,
} from 'sottovoce/crypto';
import { throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const hostile = suite('crypto/hostile');
const crypto = createCrypto();
const random = prng(0xbad);
const [key, iv, iv16, data] = [32, 32, 16, 64].map((n) => random.bytes(n));
const shared = crypto.createSharedKey(random.bytes(256));
const packet = crypto.createPacketBuffer(64);
const ige = crypto.createAesIge(key, iv);
const ctr = crypto.createAesCtr(key, iv16);
const hash = crypto.createHash('sha256');

/** A view whose memory was taken away by growth. */
function detached() {
  const other = createCrypto();
  const view = other.sha256(data);
  other.memory.allocate(1 << 20);
  return view;
}

/** Not byte arrays. @type {any[]} */
const junk = [
  undefined,
  null,
  NaN,
  0,
  -1,
  32,
  'abc',
  {},
  [],
  [1, 2, 3],
  true,
  32n,
  () => data,
  new Uint16Array(32),
  new Uint8ClampedArray(32),
  new Float32Array(16),
  new DataView(new ArrayBuffer(32)),
  new ArrayBuffer(32),
  { length: 32, buffer: new ArrayBuffer(32) },
  detached(),
];

/** Every function with a hole for a byte array. @type {Record<string, (x: any) => unknown>} */
const holes = {
  sha1: (x) => crypto.sha1(x),
  sha256: (x) => crypto.sha256(x),
  sha512: (x) => crypto.sha512(x),
  update: (x) => hash.update(x),
  createAesKey: (x) => crypto.createAesKey(x),
  'aesEncryptBlock key': (x) => crypto.aesEncryptBlock(x, iv16),
  'aesEncryptBlock block': (x) => crypto.aesEncryptBlock(key, x),
  'aesDecryptBlock block': (x) => crypto.aesDecryptBlock(key, x),
  'aesIgeEncrypt key': (x) => crypto.aesIgeEncrypt(x, iv, data),
  'aesIgeEncrypt iv': (x) => crypto.aesIgeEncrypt(key, x, data),
  'aesIgeEncrypt data': (x) => crypto.aesIgeEncrypt(key, iv, x),
  'aesIgeDecrypt data': (x) => crypto.aesIgeDecrypt(key, iv, x),
  'createAesIge key': (x) => crypto.createAesIge(x, iv),
  'createAesIge iv': (x) => crypto.createAesIge(key, x),
  'ige encrypt': (x) => ige.encrypt(x),
  'ige decrypt': (x) => ige.decrypt(x),
  'createAesCtr key': (x) => crypto.createAesCtr(x, iv16),
  'createAesCtr iv': (x) => crypto.createAesCtr(key, x),
  'ctr process': (x) => ctr.process(x),
  createSharedKey: (x) => crypto.createSharedKey(x),
  'modExp base': (x) => crypto.modExp(x, key, DH_PRIME),
  'modExp exponent': (x) => crypto.modExp(key, x, DH_PRIME),
  'modExp modulus': (x) => crypto.modExp(key, key, x),
  'modExpShared base': (x) => crypto.modExpShared(x, key, DH_PRIME),
  'equal a': (x) => crypto.equal(x, data),
  'equal b': (x) => crypto.equal(data, x),
  openCall: (x) => packet.openCall(shared, 0, x),
  openMessage: (x) => packet.openMessage(shared, 0, x),
  'openCall key': (x) => packet.openCall(x, 0, data),
  'sealCall key': (x) => packet.sealCall(x, 0, 32),
  'sealMessage key': (x) => packet.sealMessage(x, 0, 32),
  checkDhConfig: (x) => checkDhConfig(crypto, x, 3),
  'checkPublicValue prime': (x) => checkPublicValue(x, DH_PRIME),
  'checkPublicValue gx': (x) => checkPublicValue(DH_PRIME, x),
  createHash: (x) => crypto.createHash(x),
};

for (const [name, call] of Object.entries(holes)) {
  hostile(`${name}: wrong types`, () => {
    for (const value of junk) {
      const error = throwsCode('bad-argument', () => call(value));
      assert.instance(error, CryptoError);
      assert.match(error.message, /^"\w+" expected /);
    }
  });
}

hostile('wrong destinations, and nothing is written', () => {
  /** @type {((dst: any) => unknown)[]} */
  const calls = [
    (dst) => crypto.sha256(data, dst),
    (dst) => crypto.aesEncryptBlock(key, iv16, dst),
    (dst) => crypto.aesIgeEncrypt(key, iv, data, dst),
    (dst) => ige.encrypt(data, dst),
    (dst) => ctr.process(data, dst),
    (dst) => hash.digest(dst),
    (dst) => crypto.modExp(key, key, DH_PRIME, dst),
  ];
  for (const call of calls) {
    for (const value of junk.slice(1)) throwsCode('bad-argument', () => call(value));
    for (const length of [0, 15, 31, 33, 63, 65, 255, 257]) {
      const dst = new Uint8Array(length);
      throwsCode('bad-length', () => call(dst));
      assert.ok(dst.every((byte) => byte === 0));
    }
  }
});

hostile('wrong lengths', () => {
  for (const n of [0, 1, 16, 24, 31, 33, 64]) {
    const bytes = new Uint8Array(n);
    if (n !== 16 && n !== 24) throwsCode('bad-length', () => crypto.createAesKey(bytes));
    throwsCode('bad-length', () => crypto.aesIgeEncrypt(bytes, iv, data));
    throwsCode('bad-length', () => crypto.aesIgeEncrypt(key, bytes, data));
    throwsCode('bad-length', () => crypto.createAesIge(key, bytes));
    throwsCode('bad-length', () => crypto.createAesCtr(bytes, iv16));
    if (n === 16) continue;
    throwsCode('bad-length', () => crypto.createAesCtr(key, bytes));
    throwsCode('bad-length', () => crypto.aesEncryptBlock(key, bytes));
    if (n % 16 === 0) continue;
    throwsCode('bad-length', () => crypto.aesIgeEncrypt(key, iv, bytes));
    throwsCode('bad-length', () => crypto.aesIgeDecrypt(key, iv, bytes));
    throwsCode('bad-length', () => ige.encrypt(bytes));
  }
  for (const n of [0, 257, 1000]) {
    const bytes = new Uint8Array(n).fill(1);
    throwsCode('bad-length', () => crypto.createSharedKey(bytes));
    throwsCode('bad-length', () => crypto.modExp(bytes, key, DH_PRIME));
    if (n !== 257) throwsCode('bad-length', () => crypto.modExp(key, bytes, DH_PRIME));
    throwsCode('bad-length', () => crypto.modExp(key, key, bytes));
  }
  throwsCode('bad-length', () => packet.sealMessage(shared, 0, 24));
});

hostile('even moduli', () => {
  throwsCode('bad-modulus', () => crypto.modExp(key, key, new Uint8Array(256)));
  throwsCode('bad-modulus', () => crypto.modExp(key, key, Uint8Array.of(1, 0)));
  throwsCode('bad-modulus', () => crypto.modExpShared(key, key, Uint8Array.of(2)));
});

hostile('wrong numbers', () => {
  const numbers = [NaN, Infinity, -1, 1.5, 2 ** 32, 2 ** 32 + 16, '32', null, undefined, 16n];
  for (const n of /** @type {any[]} */ (numbers)) {
    throwsCode('bad-argument', () => crypto.createPacketBuffer(n));
    throwsCode('bad-argument', () => packet.sealCall(shared, 0, n));
    throwsCode('bad-argument', () => packet.sealMessage(shared, 0, n));
    throwsCode('bad-argument', () => packet.sealCall(shared, n, 32));
    throwsCode('bad-argument', () => packet.openCall(shared, n, data));
    throwsCode('bad-argument', () => packet.openMessage(shared, n, data));
  }
  for (const length of [0, 4, 65]) {
    throwsCode('bad-argument', () => packet.sealCall(shared, 0, length));
  }
  for (const x of [1, 16, 120, 144]) {
    throwsCode('bad-argument', () => packet.sealCall(shared, x, 32));
  }
  throwsCode('bad-argument', () => packet.sealMessage(shared, 128, 32));
});

hostile('keys of another core', () => {
  const other = createCrypto();
  throwsCode('bad-argument', () => other.aesIgeEncrypt(crypto.createAesKey(key), iv, data));
  throwsCode('bad-argument', () => other.createPacketBuffer(64).sealCall(shared, 0, 32));
});

hostile('closed handles', () => {
  const own = createCrypto();
  const [aesKey, stream, counter, state, secret, buffer] = [
    own.createAesKey(key),
    own.createAesIge(key, iv),
    own.createAesCtr(key, iv16),
    own.createHash('sha1'),
    own.createSharedKey(key),
    own.createPacketBuffer(64),
  ];
  const open = own.createPacketBuffer(64);
  for (const handle of [aesKey, stream, counter, state, secret, buffer]) handle.close();
  const key2 = own.createSharedKey(key);
  for (const call of [
    () => own.aesEncryptBlock(aesKey, iv16),
    () => stream.encrypt(data),
    () => stream.iv,
    () => counter.process(data),
    () => state.update(data),
    () => state.digest(),
    () => state.reset(),
    () => open.sealCall(secret, 0, 32),
    () => open.openCall(secret, 0, data),
    () => buffer.body,
    () => buffer.sealCall(key2, 0, 32),
    () => buffer.openCall(key2, 0, data),
  ]) {
    throwsCode('released', call);
  }
  own.close();
  for (const call of [
    () => own.sha1(data),
    () => own.createHash('sha1'),
    () => own.aesIgeEncrypt(key, iv, data),
    () => own.modExp(key, key, DH_PRIME),
    () => own.modExpShared(key, key, DH_PRIME),
    () => own.equal(data, data),
    () => open.body,
    () => open.sealCall(key2, 0, 32),
  ]) {
    throwsCode('released', call);
  }
});

hostile('a digest is taken once', () => {
  const state = crypto.createHash('sha256').update(data);
  state.digest();
  throwsCode('released', () => state.update(data));
  throwsCode('released', () => state.digest());
  assert.equal(state.reset().update(data).digest().slice(), crypto.sha256(data));
});

hostile('odd offsets and shared memory', () => {
  const expected = crypto.aesIgeEncrypt(key, iv, data).slice();
  const arena = new Uint8Array(200);
  const at = (/** @type {number} */ offset, /** @type {Uint8Array} */ bytes) => {
    arena.set(bytes, offset);
    return arena.subarray(offset, offset + bytes.length);
  };
  assert.equal(crypto.aesIgeEncrypt(at(1, key), at(35, iv), at(71, data)), expected);
  if (typeof SharedArrayBuffer !== 'function') return;
  const memory = new Uint8Array(new SharedArrayBuffer(200));
  memory.set(data, 3);
  const view = memory.subarray(3, 67);
  assert.is(crypto.aesIgeEncrypt(key, iv, view, view), view);
  assert.equal(view.slice(), expected);
  assert.ok(crypto.equal(crypto.sha256(expected).slice(), crypto.sha256(view)));
});

hostile('everything still works', () => {
  const sealed = crypto.aesIgeEncrypt(key, iv, data).slice();
  assert.equal(crypto.aesIgeDecrypt(key, iv, sealed), data);
  packet.body.set(data);
  assert.equal(packet.openCall(shared, 0, packet.sealCall(shared, 0, 64)), data);
});

hostile.run();
