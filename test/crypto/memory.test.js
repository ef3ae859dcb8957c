import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { MessageCipher } from 'sottovoce/mtproto';
import { throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const memory = suite('crypto/memory');

/** @param {import('sottovoce/crypto').CryptoCore} crypto */
const image = (crypto) => crypto.memory.view(0, crypto.memory.byteLength);

/** Where 8 bytes in a row of `secret` lie in the memory, or -1. */
function find(/** @type {Uint8Array} */ all, /** @type {Uint8Array} */ secret) {
  const starts = new Map();
  for (let i = 0; i + 8 <= secret.length; i++) {
    const list = starts.get(secret[i]) ?? [];
    list.push(i);
    starts.set(secret[i], list);
  }
  for (let at = 0; at + 8 <= all.length; at++) {
    for (const start of starts.get(all[at]) ?? []) {
      let n = 1;
      while (n < 8 && all[at + n] === secret[start + n]) n++;
      if (n === 8) return at;
    }
  }
  return -1;
}

/** Uses every secret-handling function with destinations, and closes every handle but the core. */
function exercise(/** @type {number} */ seed) {
  const random = prng(seed);
  const crypto = createCrypto();
  const [key, iv, iv16, data, block] = [32, 32, 16, 512, 16].map((n) => random.bytes(n));
  const [bytes, exponent] = [random.bytes(256), random.bytes(256)];
  const out = new Uint8Array(512);
  const secrets = { key, iv, iv16, data, block, bytes, exponent };

  crypto.aesEncryptBlock(key, block, out.subarray(0, 16));
  crypto.aesDecryptBlock(key, block, out.subarray(0, 16));
  crypto.aesIgeEncrypt(key, iv, data, out);
  crypto.aesIgeDecrypt(key, iv, data, out);
  for (const algorithm of /** @type {const} */ (['sha1', 'sha256', 'sha512'])) {
    const state = crypto.createHash(algorithm).update(data.subarray(0, 300));
    const dst = out.subarray(0, state.digestBytes);
    crypto[algorithm](data, dst);
    state.digest(dst);
    state.reset().update(data);
    state.close();
  }
  const ige = crypto.createAesIge(key, iv);
  ige.encrypt(data, out);
  ige.close();
  const ctr = crypto.createAesCtr(key, iv16);
  ctr.process(data.subarray(5), out.subarray(5));
  ctr.close();
  crypto.equal(data, out);
  crypto.modExp(bytes, exponent, DH_PRIME, new Uint8Array(256));
  crypto.modExpShared(bytes, exponent, DH_PRIME).close();

  const shared = crypto.createSharedKey(bytes);
  const packet = crypto.createPacketBuffer(512);
  packet.body.set(data);
  const sealed = packet.sealCall(shared, 0, 200).slice();
  assert.ok(packet.openCall(shared, 0, sealed));
  assert.is(packet.openCall(shared, 8, sealed), null);
  packet.body.set(data);
  const message = packet.sealMessage(shared, 0, 64).slice();
  assert.ok(packet.openMessage(shared, 0, message));
  packet.close();
  crypto.callKdf(shared, data.subarray(0, 16), 0);
  crypto.messageKdf(shared, data.subarray(0, 16), 0);
  const fields = {
    salt: new Uint8Array(8),
    sessionId: random.bytes(8),
    msgId: 4n,
    seqNo: 0,
    body: data.subarray(0, 64),
  };
  const ends = /** @type {const} */ (['client', 'server']).map(
    (role) => new MessageCipher(crypto, shared, { role, maxBodyBytes: 1024 }),
  );
  const packets = ends[0].seal(fields, random.bytes(16));
  assert.ok(ends[1].open(packets, { sessionId: fields.sessionId }));
  for (const end of ends) end.close();
  shared.close();
  return { crypto, secrets };
}

memory('what is left, once handles are closed, does not depend on any secret', () => {
  const [one, two] = [exercise(1), exercise(2)];
  const [a, b] = [image(one.crypto), image(two.crypto)];
  assert.is(a.length, b.length);
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) assert.unreachable(`differs at ${i}`);
  for (const [what, secret] of Object.entries(one.secrets)) assert.is(find(a, secret), -1, what);
});

memory('closing the core wipes open handles, borrowed results and schedules', () => {
  const images = [5, 6].map((seed) => {
    const random = prng(seed);
    const crypto = createCrypto();
    const [key, data] = [random.bytes(32), random.bytes(1024)];
    crypto.createAesKey(key);
    crypto.createAesIge(key, random.bytes(32)).encrypt(data);
    crypto.createAesCtr(key, random.bytes(16)).process(data.subarray(0, 1000));
    crypto.createHash('sha256').update(data.subarray(0, 63));
    crypto.createSharedKey(data.subarray(0, 256));
    crypto.createPacketBuffer(1024).body.set(data);
    crypto.modExpShared(data.subarray(0, 256), data.subarray(256, 512), DH_PRIME);
    crypto.aesIgeEncrypt(key, random.bytes(32), data);
    crypto.sha256(data);
    assert.ok(find(image(crypto), data) > 0, 'the scan finds what is there');
    crypto.close();
    assert.is(find(image(crypto), key), -1, 'key');
    assert.is(find(image(crypto), data), -1, 'data');
    return image(crypto);
  });
  const [a, b] = images;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) assert.unreachable(`differs at ${i}`);
});

memory('10 000 handles of each kind come and go without growth', () => {
  const crypto = createCrypto();
  const [key, iv, iv16] = [new Uint8Array(32), new Uint8Array(32), new Uint8Array(16)];
  const cycle = () => {
    const handles = [
      crypto.createAesKey(key),
      crypto.createAesIge(key, iv),
      crypto.createAesCtr(key, iv16),
      crypto.createHash('sha512'),
      crypto.createSharedKey(key),
      crypto.createPacketBuffer(1500),
    ];
    for (const handle of handles) handle.close();
  };
  cycle();
  const before = crypto.memory.byteLength;
  for (let i = 0; i < 10_000; i++) cycle();
  assert.is(crypto.memory.byteLength, before);
});

memory('close() works once and twice, by hand and by dispose', () => {
  const crypto = createCrypto();
  const makers = [
    () => crypto.createAesKey(new Uint8Array(32)),
    () => crypto.createAesIge(new Uint8Array(32), new Uint8Array(32)),
    () => crypto.createAesCtr(new Uint8Array(32), new Uint8Array(16)),
    () => crypto.createHash('sha1'),
    () => crypto.createSharedKey(new Uint8Array(256)),
    () => crypto.createPacketBuffer(64),
  ];
  for (const make of makers) {
    const [first, second] = [make(), make()];
    first.close();
    first.close();
    second.close();
    make().close();
    // WebKitGTK 2.50 has no Symbol.dispose; one that a package adds later does not reach our classes.
    const third = make();
    if (Symbol.dispose && Symbol.dispose in third) third[Symbol.dispose]();
    else third.close();
  }
  crypto.close();
  crypto.close();
  for (const make of makers) throwsCode('released', make);
});

memory('a call never grows the memory, however long its input', () => {
  const crypto = createCrypto();
  const before = crypto.memory.byteLength;
  const data = new Uint8Array(1 << 20);
  crypto.sha256(data);
  crypto.aesIgeEncrypt(new Uint8Array(32), new Uint8Array(32), data, data);
  crypto.equal(data, data);
  assert.is(crypto.memory.byteLength, before);
});

memory('a borrowed view is a good argument', () => {
  const crypto = createCrypto();
  const message = prng(7).bytes(100);
  const digest = crypto.sha256(message).slice();
  const iv = prng(8).bytes(32);
  const expected = crypto.aesIgeEncrypt(digest, iv, prng(9).bytes(64)).slice();
  assert.equal(crypto.aesIgeEncrypt(crypto.sha256(message), iv, prng(9).bytes(64)), expected);
  // key, iv and data all borrowed from the same areas, at odd places
  const long = crypto.aesIgeEncrypt(digest, iv, prng(9).bytes(640));
  const copy = long.slice();
  const want = crypto
    .aesIgeDecrypt(copy.subarray(1, 33), copy.subarray(40, 72), copy.subarray(17, 177))
    .slice();
  const again = crypto.aesIgeEncrypt(digest, iv, prng(9).bytes(640));
  assert.equal(
    crypto.aesIgeDecrypt(again.subarray(1, 33), again.subarray(40, 72), again.subarray(17, 177)),
    want,
  );
  // as destination
  const place = crypto.aesIgeEncrypt(digest, iv, copy);
  assert.equal(crypto.aesIgeDecrypt(digest, iv, place, place), copy);
  const small = crypto.sha256(message);
  assert.is(crypto.sha256(small, small), small);
  assert.equal(small, crypto.sha256(digest));
});

memory('a borrowed view is a good argument of calls that grow the memory', () => {
  const digest = createCrypto().sha256(Uint8Array.of(3)).slice();
  const makers = [
    (/** @type {any} */ crypto, /** @type {Uint8Array} */ view) => {
      const key = crypto.createAesKey(view);
      return crypto.aesEncryptBlock(key, new Uint8Array(16)).slice();
    },
    (/** @type {any} */ crypto, /** @type {Uint8Array} */ view) =>
      crypto.createAesIge(view, view).encrypt(new Uint8Array(16)).slice(),
    (/** @type {any} */ crypto, /** @type {Uint8Array} */ view) =>
      crypto.createAesCtr(view, view.subarray(16)).process(new Uint8Array(20)).slice(),
    (/** @type {any} */ crypto, /** @type {Uint8Array} */ view) =>
      crypto.createSharedKey(view).fingerprint,
    (/** @type {any} */ crypto, /** @type {Uint8Array} */ view) =>
      crypto.modExpShared(view, view, DH_PRIME).fingerprint,
  ];
  // blocks that a fresh memory takes before it grows; no handle is smaller than two of them
  const twin = createCrypto();
  const fresh = twin.memory.byteLength;
  let full = -1;
  for (; twin.memory.byteLength === fresh; full++) twin.memory.allocate(64);
  for (const make of makers) {
    const expected = make(createCrypto(), digest);
    const crypto = createCrypto();
    for (let i = 0; i < full; i++) crypto.memory.allocate(64);
    const { byteLength } = crypto.memory;
    const view = crypto.sha256(Uint8Array.of(3));
    assert.equal(make(crypto, view), expected);
    assert.ok(crypto.memory.byteLength > byteLength, 'it grew');
    assert.is(view.length, 0);
  }
});

memory('a pinned view is live again after growth', () => {
  const crypto = createCrypto();
  const packet = crypto.createPacketBuffer(100);
  packet.body.set([1, 2, 3]);
  const old = packet.body;
  crypto.memory.allocate(1 << 20);
  assert.is(old.length, 0);
  assert.equal(packet.body.slice(0, 3), Uint8Array.of(1, 2, 3));
});

memory.run();
