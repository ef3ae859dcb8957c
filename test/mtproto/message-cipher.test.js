import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { insecureRandomForTests } from 'sottovoce/internal';
import { MessageCipher, MtprotoError } from 'sottovoce/mtproto';
import { concat, throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const messages = suite('mtproto/message-cipher');
const crypto = createCrypto();
const random = prng(0x3e55);
const authKey = crypto.createSharedKey(random.bytes(256));
const padding = insecureRandomForTests(random.fill);
const client = new MessageCipher(crypto, authKey, { role: 'client', random: padding });
const server = new MessageCipher(crypto, authKey, { role: 'server', random: padding });
const sessionId = random.bytes(8);
const fields = (bodyBytes = 20) => ({
  salt: random.bytes(8),
  sessionId,
  msgId: BigInt(random.next()) << 32n,
  seqNo: random.next(),
  body: random.bytes(bodyBytes),
});

/** A server's packet with a plaintext that seal() would not make. */
function forge(/** @type {Uint8Array} */ plaintext) {
  const buffer = crypto.createPacketBuffer(plaintext.length);
  buffer.body.set(plaintext);
  const packet = concat(authKey.fingerprint, buffer.sealMessage(authKey, 8, plaintext.length));
  buffer.close();
  return packet;
}
/** Header of mtproto.md 4.1. */
function header(length = 0, msgId = 5n, session = sessionId) {
  const bytes = concat(new Uint8Array(8), session, new Uint8Array(16));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(16, msgId, true);
  view.setUint32(28, length, true);
  return bytes;
}

messages('opens what the other end sealed, at every body length', () => {
  for (let length = 0; length <= 200; length += 4) {
    const sent = fields(length);
    const packet = client.seal(sent).slice();
    assert.equal(packet.subarray(0, 8), authKey.fingerprint);
    assert.is((packet.length - 24) % 16, 0);
    const padded = packet.length - 24 - 32 - length;
    assert.ok(padded >= 12 && padded < 28, 'padding is minimal');
    assert.equal(server.open(packet, { sessionId }), sent);
    const answer = { ...sent, msgId: sent.msgId + 1n };
    assert.equal(client.open(server.seal(answer).slice(), { sessionId }), answer);
  }
});

messages('the padding is drawn anew', () => {
  const sent = fields();
  assert.not.equal(client.seal(sent).slice(), client.seal(sent).slice());
});

messages('the quick-ack token is that of the last message', () => {
  const sent = fields();
  const pad = random.bytes(12);
  client.seal(sent, pad);
  const first = client.quickAckToken;
  assert.ok(first >= 2 ** 31 && first < 2 ** 32);
  client.seal(fields());
  assert.is.not(client.quickAckToken, first);
  client.seal(sent, pad);
  assert.is(client.quickAckToken, first);
});

messages('every flipped bit is dropped and counted', () => {
  const packet = client.seal(fields(4)).slice();
  for (let bit = 0; bit < 8 * packet.length; bit++) {
    const damaged = packet.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    const before = server.dropped;
    assert.is(server.open(damaged, { sessionId }), null);
    assert.is(server.dropped, before + 1);
  }
  for (let length = 0; length < packet.length; length++) {
    assert.is(server.open(packet.subarray(0, length), { sessionId }), null);
  }
  assert.ok(server.open(packet, { sessionId }));
});

messages('a packet reflected to its author is dropped', () => {
  const packet = client.seal(fields()).slice();
  assert.is(client.open(packet, { sessionId }), null);
});

messages('bytes behind the last whole block are ignored', () => {
  const sent = fields();
  const packet = client.seal(sent).slice();
  for (const extra of [1, 15]) {
    assert.equal(server.open(concat(packet, random.bytes(extra)), { sessionId }), sent);
  }
});

messages('authentic plaintexts with wrong fields are dropped', () => {
  const cases = /** @type {[string, boolean, Uint8Array][]} */ ([
    ['as it should be', true, concat(header(4), new Uint8Array(4 + 12))],
    ['longest padding', true, concat(header(0), new Uint8Array(1024))],
    ['padding of 1028', false, concat(header(12), new Uint8Array(12 + 1028))],
    ['padding of 8', false, concat(header(8), new Uint8Array(8 + 8))],
    ['padding of 0', false, concat(header(16), new Uint8Array(16))],
    ['length beyond the end', false, concat(header(20), new Uint8Array(16))],
    ['length 2^31', false, concat(header(2 ** 31), new Uint8Array(16))],
    ['length 2^32 - 4', false, concat(header(2 ** 32 - 4), new Uint8Array(16))],
    ['length 2^32 - 32', false, concat(header(2 ** 32 - 32), new Uint8Array(16))],
    ['length of 2', false, concat(header(2), new Uint8Array(16))],
    ['even msg_id', false, concat(header(4, 4n), new Uint8Array(16))],
    ['other session', false, concat(header(4, 5n, random.bytes(8)), new Uint8Array(16))],
    ['no padding at all', false, header(0)],
  ]);
  for (const [what, good, plaintext] of cases) {
    const before = client.dropped;
    assert.is(client.open(forge(plaintext), { sessionId }) !== null, good, what);
    assert.is(client.dropped, before + (good ? 0 : 1), what);
  }
});

messages('a refused plaintext is not left in memory', () => {
  const own = createCrypto();
  const bytes = random.bytes(256);
  const key = own.createSharedKey(bytes);
  const [from, to] = /** @type {const} */ (['client', 'server']).map(
    (role) => new MessageCipher(own, key, { role, random: padding, maxBodyBytes: 64 }),
  );
  const sent = { ...fields(64), msgId: 4n };
  const packet = from.seal(sent).slice();
  from.close();
  assert.is(to.open(packet, { sessionId: new Uint8Array(8) }), null);
  const all = own.memory.view(0, own.memory.byteLength);
  for (let at = 0; at + 8 <= all.length; at++) {
    if (all[at] !== sent.body[0]) continue;
    let n = 1;
    while (n < 8 && all[at + n] === sent.body[n]) n++;
    assert.ok(n < 8, `at ${at}`);
  }
});

messages('wrong arguments', () => {
  const good = fields();
  const wrong = /** @type {[string, any][]} */ ([
    ['bad-argument', null],
    ['bad-argument', { ...good, salt: 1 }],
    ['bad-length', { ...good, salt: new Uint8Array(7) }],
    ['bad-length', { ...good, sessionId: new Uint8Array(9) }],
    ['bad-argument', { ...good, msgId: 4 }],
    ['bad-argument', { ...good, msgId: -4n }],
    ['bad-argument', { ...good, msgId: 2n ** 64n }],
    ['bad-argument', { ...good, seqNo: NaN }],
    ['bad-argument', { ...good, seqNo: -1 }],
    ['bad-argument', { ...good, body: 'text' }],
    ['bad-length', { ...good, body: new Uint8Array(21) }],
    ['bad-length', { ...good, body: new Uint8Array(1024 * 1024 + 4) }],
  ]);
  for (const [code, value] of wrong) {
    assert.instance(
      throwsCode(code, () => client.seal(value)),
      MtprotoError,
    );
  }
  for (const length of [0, 11, 13, 28 + 1, 1040]) {
    throwsCode('bad-length', () => client.seal(good, new Uint8Array(length)));
  }
  throwsCode('bad-argument', () => client.seal(good, /** @type {any} */ ('x')));
  const packet = client.seal(good).slice();
  throwsCode('bad-argument', () => server.open(/** @type {any} */ (null), { sessionId }));
  throwsCode('bad-argument', () => server.open(packet, /** @type {any} */ (null)));
  throwsCode('bad-length', () => server.open(packet, { sessionId: new Uint8Array(4) }));
  throwsCode('bad-argument', () => server.open(packet, /** @type {any} */ ({ session: 1 })));
  for (const options of [{ role: 'x' }, { rolle: 'client' }, { maxBodyBytes: -1 }, { random: 1 }]) {
    throwsCode(
      'bad-argument',
      () => new MessageCipher(crypto, authKey, /** @type {any} */ (options)),
    );
  }
  assert.equal(server.open(packet, { sessionId }), good);
});

messages('close() is idempotent, and then nothing works', () => {
  const cipher = new MessageCipher(crypto, authKey, { random: padding });
  cipher.close();
  cipher.close();
  throwsCode('released', () => cipher.seal(fields()));
  throwsCode('released', () => cipher.open(new Uint8Array(72), { sessionId }));
  assert.ok(client.seal(fields()), 'the key stays open');
});

messages.run();
