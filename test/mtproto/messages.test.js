// What surrounds a message: version 1, unencrypted, bindings, windows, identifiers, TL.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import {
  bindTempAuthKey,
  decodeUnencrypted,
  encodeUnencrypted,
  MessageCipher,
  MessageCipherV1,
  MessageIds,
  MessageWindow,
  openBindTempAuthKey,
} from 'sottovoce/mtproto';
import { insecureRandomForTests, TlReader, TlWriter } from 'sottovoce/internal';
import { throwsCode } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const messages = suite('mtproto/messages');
const crypto = createCrypto();
const source = prng(0x3e55);
const random = insecureRandomForTests(source.fill);
const key = crypto.createSharedKey(source.bytes(256));
const other = crypto.createSharedKey(source.bytes(256));

const fieldsOf = (bodyBytes) => ({
  salt: source.bytes(8),
  sessionId: source.bytes(8),
  msgId: 0x5000000000000004n,
  seqNo: 3,
  body: source.bytes(bodyBytes),
});

messages('version 1: sealed and opened at every length, in both directions', () => {
  const client = new MessageCipherV1(crypto, key, { random });
  const server = new MessageCipherV1(crypto, key, { role: 'server', random });
  for (let length = 0; length <= 80; length += 4) {
    const fields = fieldsOf(length);
    const { sessionId } = fields;
    assert.equal(server.open(client.seal(fields).slice(), { sessionId }), fields);
    const answer = { ...fields, msgId: fields.msgId + 1n };
    assert.equal(client.open(server.seal(answer).slice(), { sessionId }), answer);
    assert.is(client.open(client.seal(fields).slice(), { sessionId }), null, 'reflected');
  }
  client.close();
  server.close();
});

messages('version 1: every change is refused, and counted', () => {
  const client = new MessageCipherV1(crypto, key, { random });
  const server = new MessageCipherV1(crypto, key, { role: 'server', random });
  const fields = fieldsOf(20);
  const { sessionId } = fields;
  const packet = client.seal(fields).slice();
  let refused = 0;
  for (let bit = 0; bit < 8 * packet.length; bit += 5) {
    const wrong = packet.slice();
    wrong[bit >> 3] ^= 1 << (bit & 7);
    assert.is(server.open(wrong, { sessionId }), null);
    refused++;
  }
  for (let length = 0; length < packet.length; length++) {
    assert.is(server.open(packet.subarray(0, length), { sessionId }), null);
    refused++;
  }
  assert.is(server.open(packet, { sessionId: new Uint8Array(8) }), null);
  assert.is(server.dropped, refused + 1);
  assert.ok(server.open(packet, { sessionId }));
  client.close();
  server.close();
  throwsCode('released', () => server.open(packet, { sessionId }));
});

messages('a server reads the session_id of a first message', () => {
  const client = new MessageCipher(crypto, key, { random });
  const server = new MessageCipher(crypto, key, { role: 'server', random });
  const fields = fieldsOf(40);
  const packet = client.seal(fields).slice();
  assert.equal(server.open(packet, { sessionId: null }), fields);
  packet[60] ^= 1;
  assert.is(server.open(packet, { sessionId: null }), null);
  const odd = client.seal({ ...fields, msgId: 5n }).slice();
  assert.is(server.open(odd, { sessionId: null }), null);
  assert.is(server.dropped, 2);
  throwsCode('bad-argument', () => client.open(packet, { sessionId: null }));
  client.close();
  server.close();
});

messages('unencrypted: there and back; what follows the body is ignored', () => {
  const body = source.bytes(40);
  const packet = encodeUnencrypted(0x1234n << 32n, body);
  assert.equal(decodeUnencrypted(packet), { msgId: 0x1234n << 32n, body });
  const padded = new Uint8Array(packet.length + 9);
  padded.set(packet);
  assert.equal(decodeUnencrypted(padded)?.body, body);
  assert.is(decodeUnencrypted(packet.subarray(0, -1)), null);
  assert.is(decodeUnencrypted(packet.subarray(0, 19)), null);
  const keyed = packet.slice();
  keyed[7] = 1;
  assert.is(decodeUnencrypted(keyed), null);
  packet[19] = 255;
  assert.is(decodeUnencrypted(packet), null);
  throwsCode('bad-length', () => encodeUnencrypted(0n, new Uint8Array(3)));
  throwsCode('bad-argument', () => encodeUnencrypted(-1n, body));
});

messages('a binding opens under the right keys only, and unchanged', () => {
  const binding = {
    nonce: source.bytes(8),
    tempSessionId: source.bytes(8),
    expiresAt: 1_700_000_000,
    msgId: 0x6553f10000000004n,
  };
  const { encryptedMessage, query } = bindTempAuthKey(crypto, key, other, { ...binding, random });
  assert.is(encryptedMessage.length, 104);
  const reader = new TlReader(query);
  reader.expect(0xcdd42a05);
  assert.equal(reader.raw(8), key.fingerprint);
  assert.equal(reader.raw(8), binding.nonce);
  assert.is(reader.int32(), binding.expiresAt);
  assert.equal(reader.bytes(), encryptedMessage);
  assert.equal(openBindTempAuthKey(crypto, key, other, encryptedMessage), binding);
  assert.is(openBindTempAuthKey(crypto, other, key, encryptedMessage), null);
  assert.is(openBindTempAuthKey(crypto, key, key, encryptedMessage), null);
  for (let at = 0; at < 104; at += 3) {
    const wrong = encryptedMessage.slice();
    wrong[at] ^= 4;
    assert.is(openBindTempAuthKey(crypto, key, other, wrong), null, `${at}`);
  }
  assert.is(openBindTempAuthKey(crypto, key, other, encryptedMessage.subarray(1)), null);
  throwsCode('bad-length', () =>
    bindTempAuthKey(crypto, key, other, { ...binding, nonce: new Uint8Array(7) }),
  );
});

messages('the window: new, repeated, too old, out of time', () => {
  const at = (seconds) => BigInt(seconds) << 32n;
  let now = /** @type {number | null} */ (1000);
  const window = new MessageWindow({ size: 3, now: () => now });
  assert.is(window.accept(at(1000)), 'new');
  assert.is(window.accept(at(1000)), 'repeated');
  assert.is(window.accept(at(990)), 'new');
  assert.is(window.accept(at(699)), 'bad-time');
  assert.is(window.accept(at(1031)), 'bad-time');
  assert.is(window.accept(at(1031), { anyTime: true }), 'new');
  assert.is(window.accept(at(980)), 'too-old');
  assert.is(window.accept(at(995)), 'new', 'between those remembered');
  assert.is(window.accept(at(990)), 'too-old', 'forgotten by now');
  now = null;
  assert.is(window.accept(at(5000)), 'new', 'without a clock');
  throwsCode('bad-argument', () => window.accept(/** @type {any} */ (1)));
  const long = new MessageWindow();
  for (let i = 0; i < 1000; i++) assert.is(long.accept(at(2 * i)), 'new');
  for (let i = 600; i < 1000; i++) assert.is(long.accept(at(2 * i)), 'repeated');
  assert.is(long.accept(at(2 * 599)), 'too-old');
});

messages('msg_ids rise, whatever the clock does', () => {
  let now = 1_700_000_000.25;
  const ids = new MessageIds(() => now);
  const first = ids.next();
  assert.is(first, (1_700_000_000n << 32n) | 0x40000000n);
  let last = first;
  for (const kind of /** @type {const} */ (['client', 'answer', 'notification', 'client'])) {
    for (let i = 0; i < 3; i++) {
      const id = ids.next(kind);
      assert.ok(id > last);
      assert.is(id & 3n, { client: 0n, answer: 1n, notification: 3n }[kind]);
      last = id;
    }
    now -= 5;
  }
});

messages('TL: strings that lie about their length', () => {
  for (const bytes of [[], [1], [4, 1, 2, 3], [255, 0, 0, 0], [254, 4, 0], [254, 255, 255, 255]]) {
    throwsCode('bad-message', () => new TlReader(Uint8Array.from(bytes)).bytes());
  }
  throwsCode('bad-message', () => new TlReader(Uint8Array.of(3, 1, 2)).bytes());
  const vector = new TlWriter()
    .uint32(0x1cb5c415)
    .uint32(2 ** 32 - 1)
    .take();
  throwsCode('bad-message', () => new TlReader(vector).longs(64));
  const grown = new TlWriter();
  for (let i = 0; i < 300; i++) grown.uint64(BigInt(i));
  assert.is(new TlReader(grown.take().subarray(-8)).uint64(), 299n);
  grown.wipe();
  assert.is(grown.written.length, 0);
});

messages.run();
