import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  dataFrameLength,
  encodeDataFrame,
  encodeHello,
  encodePeerInfo,
  encodePeerInfoRequest,
  encodePing,
  encodeSelfInfo,
  encodeStreamHello,
  isSpecialFrame,
  makeTag,
  parseDataFrame,
  parsePeerInfo,
  parsePeerInfoRequest,
  parsePing,
  parseSelfInfo,
  writeDataFrame,
} from 'sottovoce/relay';
import { prng } from '../support/prng.js';

const framing = suite('relay/framing');
const random = prng(3);
const base = random.bytes(12);
const tag = makeTag(base, 0x04030201);
const addresses = {
  myHost: '203.0.113.7',
  myPort: 40001,
  peerHost: '198.51.100.9',
  peerPort: 40002,
};

/** @param {Uint8Array} bytes */
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('');
/** @param {() => unknown} act */
const refused = (act) =>
  assert.throws(act, (/** @type {any} */ error) => error.code === 'bad-argument');

framing('hello: base, suffix in little-endian, query id 123 in big-endian', () => {
  assert.is(hex(tag), `${hex(base)}01020304`);
  assert.is(hex(encodeHello(tag)), `${hex(tag)}${'ff'.repeat(12)}feffffff000000000000007b`);
  assert.equal(parsePing(encodeHello(tag)), { tag, queryId: 123n << 56n });
  assert.is(hex(encodeStreamHello(tag)), `${hex(tag)}00000000`);
});

framing('ping and self info', () => {
  const queryId = 0x0102030405060708n;
  const ping = encodePing(tag, queryId);
  assert.is(hex(ping.subarray(32)), '0807060504030201');
  const longer = new Uint8Array(72);
  longer.set(ping);
  assert.equal(parsePing(longer), { tag, queryId }, 'trailing bytes are ignored');

  const info = { tag, date: 1703360651, queryId, host: '198.51.100.186', port: 20342 };
  const frame = encodeSelfInfo(info);
  assert.is(frame.length, 64);
  assert.is(hex(frame.subarray(28, 32)), 'c77215c0');
  assert.is(hex(frame.subarray(44)), '00000000000000000000ffffc63364ba764f0000');
  assert.equal(parseSelfInfo(frame), info);
  const six = { ...info, host: '2001:db8:0:0:0:0:0:1' };
  assert.equal(parseSelfInfo(encodeSelfInfo(six)), six);
});

framing('peer info', () => {
  assert.equal(parsePeerInfoRequest(encodePeerInfoRequest(tag)), { tag });
  const frame = encodePeerInfo({ tag, ...addresses });
  assert.is(hex(frame.subarray(28)), '1c37d927cb007107419c0000c6336409429c0000');
  assert.equal(parsePeerInfo(frame), { tag, ...addresses });
});

framing('data frames of every length mod 4', () => {
  for (let length = 1; length < 40; length++) {
    const payload = random.bytes(length);
    const frame = encodeDataFrame(base, 0xb10b6d2f, 0xb58c2f21, payload);
    assert.is(frame.length, dataFrameLength(length));
    assert.is(frame.length % 4, 0);
    assert.not(isSpecialFrame(frame));
    assert.equal(parseDataFrame(frame), { base, to: 0xb10b6d2f, from: 0xb58c2f21, payload });
    assert.ok(frame.subarray(24 + length).every((byte) => byte === 0));
  }
});

framing('writing over an old frame leaves nothing of it', () => {
  const target = new Uint8Array(64).fill(0xaa);
  const length = writeDataFrame(target, base, 1, 2, Uint8Array.of(9));
  assert.equal(target.subarray(0, length), encodeDataFrame(base, 1, 2, Uint8Array.of(9)));
  assert.is(target[length], 0xaa);
});

framing('truncated and foreign frames are nothing', () => {
  const frames = [
    encodePing(tag, 1n),
    encodePeerInfoRequest(tag),
    encodeSelfInfo({ tag, date: 0, queryId: 1n, host: '192.0.2.1', port: 1 }),
    encodePeerInfo({ tag, ...addresses }),
    encodeDataFrame(base, 1, 2, random.bytes(33)),
  ];
  const parsers = [parsePing, parsePeerInfoRequest, parseSelfInfo, parsePeerInfo, parseDataFrame];
  frames.forEach((frame, own) => {
    for (const [i, parse] of parsers.entries()) {
      assert.is(parse(frame) === null, i !== own, `${own} as ${i}`);
    }
    const needed = own === 4 ? 57 : frame.length;
    for (let length = 0; length < needed; length++) {
      assert.is(parsers[own](frame.subarray(0, length)), null, `${own} cut to ${length}`);
    }
  });
});

framing('a length that says too much', () => {
  const frame = encodeDataFrame(base, 1, 2, random.bytes(8));
  for (const length of [9, 255, 0x7fffffff, 0x80000008, 0xffffffff]) {
    new DataView(frame.buffer).setUint32(20, length);
    assert.is(parseDataFrame(frame), null);
  }
});

framing('bad arguments', () => {
  refused(() => makeTag(base, 0));
  refused(() => makeTag(base, 2 ** 32));
  refused(() => makeTag(base.subarray(1), 1));
  refused(() => encodePing(base, 1n));
  refused(() => encodeHello(/** @type {any} */ ('tag')));
  refused(() => encodeSelfInfo({ tag, date: 0, queryId: 1n, host: 'localhost', port: 1 }));
  refused(() => encodePeerInfo({ tag, ...addresses, peerHost: '::1' }));
  refused(() => writeDataFrame(new Uint8Array(27), base, 1, 2, Uint8Array.of(9)));
});

framing.run();
