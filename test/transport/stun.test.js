import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { encodeUtf8, formatCandidate, md5, parseCandidate, stun } from 'sottovoce/internal';
import vectors from '../fixtures/stun/rfc5769.json' with { type: 'json' };
import { fromHex, toHex } from '../support/bytes.js';

const { ATTRIBUTE, METHOD, StunCodec } = stun;
const codec = new StunCodec(createCrypto());
const test = suite('transport/stun');
const shortTerm = codec.createKey(encodeUtf8(vectors.shortTermPassword));

test('MD5: the answers of RFC 1321, A.5', () => {
  const answers = {
    '': 'd41d8cd98f00b204e9800998ecf8427e',
    abc: '900150983cd24fb0d6963f7d28e17f72',
    'message digest': 'f96b697d7cb7938d525a2f31aaf161d0',
    '12345678901234567890123456789012345678901234567890123456789012345678901234567890':
      '57edf4a22be3c955ac49da2e2107b67a',
  };
  for (const [text, digest] of Object.entries(answers)) {
    assert.is(toHex(md5(encodeUtf8(text))), digest);
  }
});

test('RFC 5769, 2.1: a request', () => {
  const data = fromHex(vectors.request.bytes);
  const message = stun.parseStun(data);
  assert.ok(message);
  assert.is(message.kind, 'request');
  assert.is(message.method, METHOD.binding);
  assert.is(stun.textOf(message, ATTRIBUTE.username), vectors.request.username);
  assert.is(stun.numberOf(message, ATTRIBUTE.priority), 0x6e0001ff);
  assert.ok(codec.verify(data, message, shortTerm));
  assert.ok(codec.hasFingerprint(data, message));
});

test('RFC 5769, 2.2 and 2.3: responses with IPv4 and IPv6 addresses', () => {
  for (const { bytes, host, port } of vectors.responses) {
    const data = fromHex(bytes);
    const message = stun.parseStun(data);
    assert.ok(message);
    assert.is(message.kind, 'success');
    const address = { host, port };
    assert.equal(stun.addressOf(message, ATTRIBUTE.xorMappedAddress), address);
    assert.ok(codec.verify(data, message, shortTerm));
    assert.ok(codec.hasFingerprint(data, message));
    const value = stun.attributeOf(message, ATTRIBUTE.xorMappedAddress);
    assert.equal(stun.xorAddress(address, message.transactionId), Uint8Array.from(value ?? []));
  }
});

test('RFC 5769, 2.4: long-term credentials, written again byte by byte', () => {
  const { bytes, username, password, realm, nonce } = vectors.longTerm;
  const data = fromHex(bytes);
  const message = stun.parseStun(data);
  assert.ok(message);
  const key = codec.createKey(stun.longTermKey(username, realm, password));
  assert.ok(codec.verify(data, message, key));
  assert.not(codec.hasFingerprint(data, message));
  const attributes = /** @type {[number, Uint8Array][]} */ ([
    [ATTRIBUTE.username, encodeUtf8(username)],
    [ATTRIBUTE.nonce, encodeUtf8(nonce)],
    [ATTRIBUTE.realm, encodeUtf8(realm)],
  ]);
  const { transactionId } = message;
  const content = { method: METHOD.binding, kind: /** @type {const} */ ('request'), transactionId };
  assert.is(toHex(codec.encode({ ...content, attributes }, key)), bytes);
});

test('what is written is read', () => {
  const kinds = /** @type {const} */ (['request', 'indication', 'success', 'error']);
  const attribute = fc.tuple(
    fc.integer({ min: 0x8100, max: 0xffff }),
    fc.uint8Array({ maxLength: 40 }),
  );
  const content = fc.record({
    method: fc.integer({ min: 0, max: 0xff }), // more is not told from media (RFC 7983)
    kind: fc.constantFrom(...kinds),
    transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
    attributes: fc.array(attribute, { maxLength: 10 }),
  });
  fc.assert(
    fc.property(content, fc.boolean(), fc.boolean(), (written, sealed, print) => {
      const data = codec.encode(written, sealed ? shortTerm : undefined, print);
      const read = stun.parseStun(data);
      assert.ok(read);
      assert.equal(
        { ...read, integrityAt: 0, fingerprintAt: 0 },
        { ...written, integrityAt: 0, fingerprintAt: 0 },
      );
      assert.is(codec.verify(data, read, shortTerm), sealed);
      assert.is(codec.hasFingerprint(data, read), print);
    }),
    { seed: 5769, numRuns: 100 },
  );
});

test('hostile bytes: nothing throws, nothing forged is believed', () => {
  const good = fromHex(vectors.request.bytes);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), fc.nat(), (noise, at, cut) => {
      for (const data of [
        noise,
        good.subarray(0, cut % good.length),
        Uint8Array.from([...good.subarray(0, 20), ...noise]),
      ]) {
        const message = stun.parseStun(data);
        if (!message) continue;
        assert.not(codec.verify(data, message, shortTerm));
        for (const type of Object.values(ATTRIBUTE)) {
          stun.addressOf(message, type);
          stun.textOf(message, type);
          stun.numberOf(message, type);
        }
        stun.errorCodeOf(message);
      }
      const changed = Uint8Array.from(good);
      changed[at % good.length] = (changed[at % good.length] ?? 0) ^ 1 ^ (cut & 0xfe);
      const message = stun.parseStun(changed);
      // Behind the integrity only the fingerprint can be changed, and that is seen too.
      const believed =
        message &&
        codec.verify(changed, message, shortTerm) &&
        codec.hasFingerprint(changed, message);
      assert.not(believed);
    }),
    { seed: 8489, numRuns: 100 },
  );
});

test('too many attributes are refused', () => {
  const attributes = /** @type {[number, Uint8Array][]} */ (
    Array.from({ length: 40 }, () => [0x8101, new Uint8Array(0)])
  );
  const transactionId = new Uint8Array(12);
  const content = { method: 1, kind: /** @type {const} */ ('request'), transactionId, attributes };
  assert.is(stun.parseStun(codec.encode(content)), null);
});

test('candidates: written and read, related addresses hidden', () => {
  const candidate = /** @type {const} */ ({
    type: 'srflx',
    foundation: '24',
    priority: 1694498815,
    host: '203.0.113.9',
    port: 41000,
  });
  const line = formatCandidate(candidate);
  assert.is(
    line,
    'candidate:24 1 udp 1694498815 203.0.113.9 41000 typ srflx raddr 0.0.0.0 rport 9',
  );
  assert.equal(parseCandidate(line), candidate);
  const chromium =
    'candidate:842163049 1 UDP 1677729535 203.0.113.9 41000 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag x network-cost 999';
  assert.is(parseCandidate(chromium)?.port, 41000);
  for (const bad of [
    '',
    5,
    null,
    'candidate:1 2 udp 1 192.0.2.1 4 typ host',
    'candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active',
    'candidate:1 1 udp 1 abc.local 4 typ host',
    'candidate:1 1 udp 0 192.0.2.1 4 typ host',
    'candidate:1 1 udp 1 192.0.2.1 0 typ host',
    'candidate:1 1 udp 1 192.0.2.1 65536 typ host',
    'candidate:1 1 udp 1 192.0.2.999 4 typ host',
    'candidate:1 1 udp 99999999999 192.0.2.1 4 typ host',
    'candidate:1 1 udp 1 192.0.2.1 4 typ toString',
    `candidate:1 1 udp 1 192.0.2.1 4 typ host ${'x'.repeat(600)}`,
  ]) {
    assert.is(parseCandidate(bad), null);
  }
});

test.run();
