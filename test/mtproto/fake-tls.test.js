import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { FakeTlsClient, FakeTlsServer } from 'sottovoce/mtproto/transport';
import { insecureRandomForTests } from 'sottovoce/internal';
import { concat, throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const tls = suite('mtproto/fake-tls');
const crypto = createCrypto();
const source = prng(0x715);
const random = insecureRandomForTests(source.fill);
const secret = source.bytes(16);
const unixTime = 1_700_000_000;
const client = (options = {}) =>
  new FakeTlsClient(crypto, { secret, domain: 'www.example.org', unixTime, random, ...options });
const server = (options = {}) =>
  new FakeTlsServer(crypto, { secret, now: () => unixTime, random, ...options });

/** Feeds pieces of random length; returns the data. */
function feed(side, wire, most = 200) {
  const parts = [];
  for (let at = 0; at < wire.length; ) {
    const size = source.int(most) + 1;
    const piece = wire.slice(at, at + size);
    parts.push(side.decode(piece));
    piece.fill(0xaa);
    at += size;
  }
  return concat(...parts);
}

tls('a greeting and data in both directions, in pieces of any length', () => {
  for (const most of [1, 7, 200, 100_000]) {
    const [ours, theirs] = [client(), server()];
    throwsCode('out-of-order', () => ours.encode(new Uint8Array(1)));
    throwsCode('out-of-order', () => theirs.encode(new Uint8Array(1)));
    assert.is(feed(theirs, ours.hello, most).length, 0);
    assert.is(theirs.open, true);
    const answer = theirs.takeAnswer();
    assert.ok(answer);
    assert.is(theirs.takeAnswer(), null);
    const [up, down] = [source.bytes(6000), source.bytes(6000)];
    const downWire = concat(
      answer ?? up,
      theirs.encode(down.subarray(0, 10)),
      theirs.encode(down.subarray(10)),
    );
    assert.equal(feed(ours, downWire, most), down);
    assert.is(ours.open, true);
    const upWire = concat(ours.encode(up.subarray(0, 64)), ours.encode(up.subarray(64)));
    assert.equal(feed(theirs, upWire, most), up);
    assert.is(ours.failure ?? theirs.failure, null);
    ours.close();
    theirs.close();
    throwsCode('released', () => ours.decode(up));
    throwsCode('released', () => theirs.decode(up));
  }
});

tls('records have at most 2878 bytes, and ChangeCipherSpec comes first from the client', () => {
  const [ours, theirs] = [client(), server()];
  theirs.decode(ours.hello);
  ours.decode(theirs.takeAnswer() ?? ours.hello);
  const wire = ours.encode(new Uint8Array(3000));
  assert.equal([...wire.subarray(0, 11)], [20, 3, 3, 0, 1, 1, 23, 3, 3, 2878 >> 8, 2878 & 255]);
  assert.is(wire.length, 6 + 5 + 2878 + 5 + 122);
  assert.is(ours.encode(new Uint8Array(1)).length, 6);
  ours.close();
  theirs.close();
});

tls('hellos differ, have the length that they state, and name the domain', () => {
  const seen = new Set();
  for (let i = 0; i < 8; i++) {
    const { hello } = client();
    assert.equal([...hello.subarray(0, 3)], [22, 3, 1]);
    assert.is(hello.length, 5 + hello[3] * 256 + hello[4]);
    assert.is(hello.length, 9 + hello[7] * 256 + hello[8]);
    assert.ok(hello.length > 1700 && hello.length < 2400);
    const text = String.fromCharCode(...hello);
    assert.ok(text.includes('www.example.org'));
    seen.add(text.slice(11, 43));
  }
  assert.is(seen.size, 8);
});

tls('a server refuses a changed hello, another secret, an old one, a repeated one', () => {
  for (let bit = 0; bit < 8 * 1700; bit += 331) {
    const { hello } = client();
    hello[bit >> 3] ^= 1 << (bit & 7);
    const theirs = server();
    theirs.decode(hello);
    theirs.decode(new Uint8Array(300));
    assert.is(theirs.open, false, `${bit}`);
    assert.is(theirs.takeAnswer(), null);
    theirs.close();
  }
  const digests = new Set();
  const isFresh = (digest) => digests.size < digests.add(digest.join()).size;
  const { hello } = client();
  for (const [options, failure] of /** @type {[object, string | null][]} */ ([
    [{}, null],
    [{ secret: new Uint8Array(16) }, 'bad-digest'],
    [{ now: () => unixTime + 119 }, null],
    [{ now: () => unixTime + 121 }, 'bad-digest'],
    [{ now: () => unixTime - 121 }, 'bad-digest'],
    [{ isFresh }, null],
    [{ isFresh }, 'bad-digest'],
  ])) {
    const theirs = server(options);
    theirs.decode(hello);
    assert.is(theirs.failure, failure);
    theirs.close();
  }
});

tls('a client refuses every changed byte of an answer', () => {
  const ours = client();
  const theirs = server();
  theirs.decode(ours.hello);
  const answer = theirs.takeAnswer() ?? new Uint8Array(0);
  for (let at = 0; at < answer.length; at += 37) {
    const victim = client();
    victim.hello.set(ours.hello.subarray(11, 43), 11);
    const wrong = answer.slice();
    wrong[at] ^= 1;
    victim.decode(wrong);
    assert.is(victim.open, false, `${at}`);
    victim.close();
  }
  assert.is(ours.decode(answer).length, 0);
  assert.is(ours.open, true);
  assert.is(ours.decode(Uint8Array.of(21, 3, 3, 0, 2, 1, 0)).length, 0);
  assert.is(ours.failure, 'bad-record');
  ours.close();
  theirs.close();
});

tls('what is no TLS ends at its first bytes, and nothing is kept of it', () => {
  for (const [bytes, failure] of /** @type {[number[], string][]} */ ([
    [[71, 69, 84], 'bad-record'],
    [[22, 3, 3], 'bad-record'],
    [[22, 3, 1, 255, 255], 'too-long'],
    [[22, 3, 1, 0, 20], 'bad-record'],
  ])) {
    const theirs = server();
    for (const byte of bytes) theirs.decode(Uint8Array.of(byte));
    assert.is(theirs.failure, failure);
    assert.is(theirs.bufferedBytes, 0);
    theirs.close();
  }
  const ours = client();
  ours.decode(Uint8Array.of(22, 3, 3, 0, 10));
  assert.is(ours.failure, 'bad-record');
  ours.close();
});

tls('arguments', () => {
  throwsCode('bad-length', () => client({ domain: '' }));
  throwsCode('bad-length', () => client({ domain: 'a'.repeat(183) }));
  throwsCode('bad-length', () => client({ secret: new Uint8Array(17) }));
  throwsCode('bad-argument', () => client({ unixTime: Number.NaN }));
  throwsCode('bad-argument', () => server({ now: 7 }));
});

tls.run();
