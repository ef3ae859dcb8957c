import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { ObfuscatedClient, ObfuscatedServer, parseProxySecret } from 'sottovoce/mtproto/transport';
import { insecureRandomForTests } from 'sottovoce/internal';
import { concat, fromHex, throwsCode, toHex } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const obfuscated = suite('mtproto/obfuscated2');
const crypto = createCrypto();
const source = prng(0x0bf2);
const random = insecureRandomForTests(source.fill);
const secret = source.bytes(16);
const names = /** @type {const} */ (['abridged', 'intermediate', 'padded-intermediate']);

obfuscated('both sides understand each other, in pieces of any length', () => {
  for (const envelope of names) {
    for (const options of [{}, { secret }, { secret, dc: -10002 }]) {
      const client = new ObfuscatedClient(crypto, { envelope, random, ...options });
      const server = new ObfuscatedServer(crypto, options.secret && { secret });
      throwsCode('out-of-order', () => server.encrypt(new Uint8Array(1)));
      const plain = source.bytes(500);
      const wire = concat(
        client.header,
        client.encrypt(plain.subarray(0, 7)),
        client.encrypt(plain.subarray(7)),
      );
      const received = [];
      for (let at = 0; at < wire.length; ) {
        const size = source.int(40);
        received.push(server.decrypt(wire.subarray(at, at + size)));
        at += size;
      }
      assert.equal(concat(...received), plain);
      assert.is(server.envelope, envelope);
      if ('dc' in options) assert.is(server.dc, -10002);
      const answer = concat(...[1, 5, 11, 100].map((n) => server.encrypt(plain.subarray(0, n))));
      assert.equal(
        client.decrypt(answer.subarray(0, 6)),
        concat(plain.subarray(0, 1), plain.subarray(0, 5)),
      );
      client.close();
      server.close();
      throwsCode('released', () => client.encrypt(plain));
      throwsCode('released', () => server.decrypt(plain));
    }
  }
});

obfuscated('a wrong secret, and noise, end the connection', () => {
  const client = new ObfuscatedClient(crypto, { envelope: 'abridged', secret, random });
  for (const server of [
    new ObfuscatedServer(crypto),
    new ObfuscatedServer(crypto, { secret: new Uint8Array(16) }),
  ]) {
    assert.is(server.decrypt(concat(client.header, new Uint8Array(9))).length, 0);
    assert.is(server.failed, true);
    assert.is(server.envelope, null);
    assert.is(server.decrypt(new Uint8Array(100)).length, 0);
    server.close();
  }
  client.close();
});

obfuscated('results are owned, inputs stay as they are, dst may be the input', () => {
  const client = new ObfuscatedClient(crypto, { envelope: 'abridged', random });
  const plain = source.bytes(100);
  const before = plain.slice();
  const first = client.encrypt(plain);
  const copy = first.slice();
  client.encrypt(source.bytes(100));
  assert.equal(first, copy);
  assert.equal(plain, before);
  assert.is(client.encrypt(plain, plain), plain);
  client.close();
});

obfuscated('draws again where a header means something else, and not for ever', () => {
  const starts = [
    'ef',
    '48454144',
    '504f5354',
    '47455420',
    '4f505449',
    'dddddddd',
    'eeeeeeee',
    '16030102',
  ];
  let draws = 0;
  const picky = insecureRandomForTests((target) => {
    target.fill(1);
    if (draws < starts.length) target.set(fromHex(starts[draws]));
    if (draws === starts.length) target.fill(0, 4, 8);
    draws++;
  });
  const client = new ObfuscatedClient(crypto, { envelope: 'abridged', random: picky });
  assert.is(draws, starts.length + 2);
  assert.is(toHex(client.header.subarray(0, 8)), '0101010101010101');
  client.close();
  const stuck = insecureRandomForTests((target) => target.fill(0xef));
  throwsCode(
    'bad-random',
    () => new ObfuscatedClient(crypto, { envelope: 'abridged', random: stuck }),
  );
});

obfuscated('arguments', () => {
  for (const wrong of [
    {},
    { envelope: 'full' },
    { envelope: 'abridged', dc: 40000 },
    { envelope: 'abridged', random: 1 },
  ]) {
    throwsCode('bad-argument', () => new ObfuscatedClient(crypto, /** @type {any} */ (wrong)));
  }
  throwsCode('bad-length', () => new ObfuscatedServer(crypto, { secret: new Uint8Array(17) }));
});

obfuscated('secrets of proxies, as bytes and as text', () => {
  const hex = toHex(secret);
  const domain = toHex(Uint8Array.from('a.example', (c) => c.charCodeAt(0)));
  assert.equal(parseProxySecret(secret), { secret, padded: false, domain: null });
  assert.equal(parseProxySecret(`dd${hex}`), { secret, padded: true, domain: null });
  assert.equal(parseProxySecret(`ee${hex}${domain}`), {
    secret,
    padded: true,
    domain: 'a.example',
  });
  const known = fromHex('00112233445566778899aabbccddeeff');
  for (const text of [
    '00112233445566778899AABBCCDDEEFF',
    'ABEiM0RVZneImaq7zN3u_w',
    'ABEiM0RVZneImaq7zN3u/w==',
  ]) {
    assert.equal(parseProxySecret(text).secret, known);
  }
  for (const wrong of [
    '',
    '00',
    `aa${hex}`,
    `ee${hex}`,
    `ee${hex}${'61'.repeat(183)}`,
    `dd${hex}00`,
    'not base64!',
    7,
  ]) {
    throwsCode('bad-secret', () => parseProxySecret(/** @type {any} */ (wrong)));
  }
});

obfuscated.run();
