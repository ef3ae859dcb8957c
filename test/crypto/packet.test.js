import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { concat } from '../support/bytes.js';
import { prng } from '../support/prng.js';

const packets = suite('crypto/packet');
const crypto = createCrypto();
const random = prng(0xca11);
const bytes = random.bytes(256);
const key = crypto.createSharedKey(bytes);
const buffer = crypto.createPacketBuffer(1500);

/** The definition, step by step (call-packets 2). @param {Uint8Array} body @param {number} x */
function sealByHand(body, x) {
  const part = bytes.subarray(88 + x, 120 + x);
  const msgKey = crypto.sha256(concat(part, body)).slice(8, 24);
  const { aesKey, aesIv } = crypto.callKdf(key, msgKey, x);
  const stream = crypto.createAesCtr(aesKey, aesIv);
  const sealed = concat(msgKey, stream.process(body));
  stream.close();
  return sealed;
}
/** @param {Uint8Array} body @param {number} x */
function seal(body, x) {
  buffer.body.set(body);
  return buffer.sealCall(key, x, body.length).slice();
}

packets('a call packet is what the steps give, at every length', () => {
  for (let length = 5; length <= 200; length++) {
    const body = random.bytes(length);
    const x = [0, 8, 128, 136][length & 3];
    const sealed = seal(body, x);
    assert.equal(sealed, sealByHand(body, x), `${length}`);
    assert.equal(buffer.openCall(key, x, sealed), body);
  }
});

packets('the ends of the capacity', () => {
  for (const length of [5, 1499, 1500]) {
    const body = random.bytes(length);
    assert.equal(buffer.openCall(key, 0, seal(body, 0)), body);
  }
});

packets('every flipped bit is refused, and nothing of the body stays', () => {
  const body = random.bytes(40);
  const sealed = seal(body, 8);
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const damaged = sealed.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assert.is(buffer.openCall(key, 8, damaged), null);
    assert.ok(buffer.body.subarray(0, 40).every((byte) => byte === 0));
  }
});

packets('every other length is refused', () => {
  const sealed = seal(random.bytes(60), 0);
  for (let length = 0; length < sealed.length; length++) {
    assert.is(buffer.openCall(key, 0, sealed.subarray(0, length)), null);
  }
  assert.is(buffer.openCall(key, 0, concat(sealed, Uint8Array.of(0))), null);
  assert.is(buffer.openCall(key, 0, new Uint8Array(1517)), null);
  assert.is(buffer.openCall(key, 0, new Uint8Array(100_000)), null);
});

packets('another direction, channel or key is refused', () => {
  const sealed = seal(random.bytes(33), 8);
  for (const x of [0, 128, 136]) assert.is(buffer.openCall(key, x, sealed), null);
  const other = crypto.createSharedKey(random.bytes(256));
  assert.is(buffer.openCall(other, 8, sealed), null);
  assert.ok(buffer.openCall(key, 8, sealed));
  other.close();
});

packets('a message is opened by its msg_key alone; bits, cuts and directions are refused', () => {
  const body = random.bytes(64);
  buffer.body.set(body);
  const sealed = buffer.sealMessage(key, 8, 64).slice();
  assert.equal(buffer.openMessage(key, 8, sealed), body);
  assert.equal(buffer.openMessage(key, 8, concat(sealed, random.bytes(15))), body);
  assert.is(buffer.openMessage(key, 0, sealed), null);
  for (let length = 0; length < sealed.length; length++) {
    assert.is(buffer.openMessage(key, 8, sealed.subarray(0, length)), null);
  }
  for (let bit = 0; bit < 8 * sealed.length; bit++) {
    const damaged = sealed.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    assert.is(buffer.openMessage(key, 8, damaged), null);
    assert.ok(buffer.body.subarray(0, 64).every((byte) => byte === 0));
  }
});

packets('a sealed packet that still lies in the buffer can be opened there', () => {
  const body = random.bytes(77);
  buffer.body.set(body);
  assert.equal(buffer.openCall(key, 128, buffer.sealCall(key, 128, 77)), body);
});

packets('short keys are padded on the left', () => {
  const short = random.bytes(250);
  const padded = concat(new Uint8Array(6), short);
  const [a, b] = [crypto.createSharedKey(short), crypto.createSharedKey(padded)];
  assert.equal(a.fingerprint, b.fingerprint);
  assert.equal(a.fingerprint, crypto.sha1(padded).slice(12));
  assert.equal(a.auxHash, crypto.sha1(padded).slice(0, 8));
});

packets.run();
