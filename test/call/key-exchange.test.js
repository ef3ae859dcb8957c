import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_GENERATOR, DH_PRIME } from 'sottovoce/crypto';
import { CalleeExchange, CallError, CallerExchange, PacketConnection } from 'sottovoce/call';
import { insecureRandomForTests } from 'sottovoce/internal';
import vectors from '../fixtures/vectors/mtproto.json' with { type: 'json' };
import { prng } from '../support/prng.js';
import { bytes, hex } from '../vectors/compare.js';

const exchange = suite('key exchange');
const crypto = createCrypto();

const source = (seed) => insecureRandomForTests(prng(seed).fill);
const caller = (seed = 1) => new CallerExchange(crypto, { random: source(seed) });
const callee = (seed = 2) => new CalleeExchange(crypto, { random: source(seed) });

/** Asserts that `act` throws a CallError of that code. */
function throws(act, code) {
  assert.throws(act, (error) => error instanceof CallError && error.code === code, code);
}

/** A published case in which that number is shorter than 256 bytes. @returns {any} */
const shortCase = (field) => vectors.groups.dh_call.cases.find((entry) => entry[field] === 255);

/** Both sides, up to the key. */
function agree(a = caller(), b = callee()) {
  b.requested(a.request().gAHash);
  const { gB } = b.accept();
  const { gA, keyFingerprint } = a.accept(gB);
  b.confirm(gA, keyFingerprint);
  return { a, b, gA, gB, keyFingerprint };
}

/** A g_b and a g_a that are in range, made once. */
let values;
const someone = () => (values ??= agree(caller(101), callee(102)));

exchange('both sides get one key and the same emojis', () => {
  const { a, b, gA, gB, keyFingerprint } = agree();
  assert.is(gA.length, 256);
  assert.is(gB.length, 256);
  assert.ok(gA[0] !== 0 && gB[0] !== 0);
  assert.is(typeof keyFingerprint, 'bigint');
  assert.equal(a.emojis(), b.emojis());
  assert.is(a.emojis().length, 4);
  assert.equal(a.sharedKey.fingerprint, b.sharedKey.fingerprint);
  a.close();
  b.close();
});

exchange('other secrets, other emojis', () => {
  const first = agree(caller(1), callee(2));
  const second = agree(caller(1), callee(3));
  assert.not.equal(first.a.emojis(), second.a.emojis());
});

exchange('a fingerprint may come as an unsigned number', () => {
  const [a, b] = [caller(5), callee(6)];
  b.requested(a.request().gAHash);
  const { gA, keyFingerprint } = a.accept(b.accept().gB);
  b.confirm(gA, BigInt.asUintN(64, keyFingerprint));
  assert.equal(a.emojis(), b.emojis());
});

exchange('draws again until g_a has 256 significant bytes', () => {
  const short = shortCase('gALength');
  const draws = [bytes(short.a), prng(7).bytes(256)];
  let drawn = 0;
  const random = insecureRandomForTests((target) => target.set(draws[drawn++]));
  const a = new CallerExchange(crypto, { random });
  a.request();
  assert.is(drawn, 2);
  const { gA } = a.accept(someone().gB);
  assert.ok(gA[0] !== 0);
});

exchange('a source that never gives a usable exponent ends the exchange', () => {
  const a = new CallerExchange(crypto, {
    random: insecureRandomForTests((target) => target.fill(0)),
  });
  throws(() => a.request(), 'bad-random'); // g to the power of 0 is 1
  throws(() => a.request(), 'released');
});

exchange('hashes and emojis are over the bytes as received', () => {
  const short = shortCase('gALength');
  const minimal = bytes(short.gA);
  const padded = new Uint8Array(256);
  padded.set(minimal, 256 - minimal.length);
  const random = insecureRandomForTests((target) => target.set(bytes(short.b)));
  for (const [gA, expected] of /** @type {[Uint8Array, any][]} */ ([
    [minimal, short.minimal],
    [padded, short.padded256],
  ])) {
    const b = new CalleeExchange(crypto, { g: short.g, random });
    b.requested(bytes(expected.gAHash));
    assert.is(hex(b.accept().gB), short.gB);
    b.confirm(gA, BigInt(short.fingerprint));
    assert.equal([...b.emojis()], expected.emoji);
    b.close();
  }
  const b = new CalleeExchange(crypto, { g: short.g, random });
  b.requested(bytes(short.minimal.gAHash));
  b.accept();
  throws(() => b.confirm(padded, BigInt(short.fingerprint)), 'commitment-mismatch');
});

exchange('g_b with leading zeros or 255 bytes is accepted', () => {
  const short = shortCase('gBLength');
  const padded = new Uint8Array(256);
  padded.set(bytes(short.gB), 1);
  for (const gB of [bytes(short.gB), padded]) {
    const random = insecureRandomForTests((target) => target.set(bytes(short.a)));
    const a = new CallerExchange(crypto, { g: short.g, random });
    a.request();
    assert.is(String(a.accept(gB).keyFingerprint), short.fingerprint);
    a.close();
  }
});

exchange('someone in the middle cannot change g_a after the commitment', () => {
  const [a, b, mallory] = [caller(11), callee(12), caller(13)];
  mallory.request();
  b.requested(a.request().gAHash);
  const { gB } = b.accept();
  a.accept(gB);
  const swapped = mallory.accept(gB);
  throws(() => b.confirm(swapped.gA, swapped.keyFingerprint), 'commitment-mismatch');
  throws(() => b.sharedKey, 'released');
});

exchange('someone in the middle of both sides shows as different emojis', () => {
  const [a, b] = [caller(21), callee(22)];
  const [toA, toB] = [callee(23), caller(24)];
  toA.requested(a.request().gAHash);
  b.requested(toB.request().gAHash);
  const forA = a.accept(toA.accept().gB);
  const forB = toB.accept(b.accept().gB);
  toA.confirm(forA.gA, forA.keyFingerprint);
  b.confirm(forB.gA, forB.keyFingerprint);
  assert.not.equal(a.emojis(), b.emojis());
});

exchange('a swapped g_b shows in the fingerprint', () => {
  const [a, b, mallory] = [caller(31), callee(32), callee(33)];
  const { gAHash } = a.request();
  b.requested(gAHash);
  mallory.requested(gAHash);
  b.accept();
  const { gA, keyFingerprint } = a.accept(mallory.accept().gB);
  throws(() => b.confirm(gA, keyFingerprint), 'fingerprint-mismatch');
  throws(() => b.emojis(), 'released');
});

exchange('a swapped commitment is noticed', () => {
  const [a, b] = [caller(41), callee(42)];
  const { gAHash } = a.request();
  gAHash[7] ^= 1;
  b.requested(gAHash);
  const { gA, keyFingerprint } = a.accept(b.accept().gB);
  throws(() => b.confirm(gA, keyFingerprint), 'commitment-mismatch');
});

exchange('refuses public values out of range, and ends', () => {
  const number = (value) => bytes(value.toString(16).padStart(512, '0'));
  const p = BigInt(`0x${hex(DH_PRIME)}`);
  const tooLong = new Uint8Array(257);
  tooLong.set(someone().gB, 1);
  const bad = [0n, 1n, p - 1n, p, 2n ** 1984n - 1n, 2n ** 1984n, p - 2n ** 1984n].map(number);
  for (const value of [...bad, new Uint8Array(0), tooLong]) {
    const a = caller(51);
    a.request();
    throws(() => a.accept(value), 'public-value-out-of-range');
    throws(() => a.accept(value), 'released');
    const b = callee(52);
    b.requested(crypto.sha256(value).slice());
    b.accept();
    throws(() => b.confirm(value, 0n), 'public-value-out-of-range');
    throws(() => b.accept(), 'released');
  }
});

exchange('refuses a bad group', () => {
  const even = DH_PRIME.slice();
  even[255] &= 0xfe;
  for (const [prime, g] of /** @type {[Uint8Array, number][]} */ ([
    [DH_PRIME, 2],
    [DH_PRIME, 0],
    [DH_PRIME, 8],
    [even, DH_GENERATOR],
    [new Uint8Array(256), DH_GENERATOR],
    [DH_PRIME.slice(1), DH_GENERATOR],
    [new Uint8Array(0), DH_GENERATOR],
  ])) {
    const options = { prime, g, random: source(1) };
    throws(() => new CallerExchange(crypto, options), 'bad-dh-config');
    throws(() => new CalleeExchange(crypto, options), 'bad-dh-config');
  }
});

exchange('steps out of order or taken twice change nothing', () => {
  const [a, b] = [caller(61), callee(62)];
  const gB = someone().gB;
  throws(() => a.accept(gB), 'out-of-order');
  throws(() => a.emojis(), 'out-of-order');
  throws(() => a.sharedKey, 'out-of-order');
  throws(() => b.accept(), 'out-of-order');
  throws(() => b.confirm(gB, 0n), 'out-of-order');
  const { gAHash } = a.request();
  throws(() => a.request(), 'duplicate');
  b.requested(gAHash);
  throws(() => b.requested(new Uint8Array(32)), 'duplicate');
  throws(() => b.confirm(gB, 0n), 'out-of-order');
  const theirs = b.accept();
  throws(() => b.accept(), 'duplicate');
  const { gA, keyFingerprint } = a.accept(theirs.gB);
  throws(() => a.accept(gB), 'duplicate');
  throws(() => a.request(), 'duplicate');
  b.confirm(gA, keyFingerprint);
  throws(() => b.confirm(gA, keyFingerprint), 'duplicate');
  assert.equal(a.emojis(), b.emojis());
});

exchange('wrong arguments change nothing', () => {
  const [a, b] = [caller(71), callee(72)];
  const any = /** @type {any} */ (undefined);
  throws(() => b.requested(new Uint8Array(31)), 'bad-argument');
  throws(() => b.requested(new Uint8Array(33)), 'bad-argument');
  throws(() => b.requested(any), 'bad-argument');
  b.requested(a.request().gAHash);
  throws(() => a.accept(any), 'bad-argument');
  const { gA, keyFingerprint } = a.accept(b.accept().gB);
  throws(() => b.confirm(gA, any), 'bad-argument');
  throws(() => b.confirm(any, keyFingerprint), 'bad-argument');
  b.confirm(gA, keyFingerprint);
  assert.equal(a.emojis(), b.emojis());
  throws(() => new CallerExchange(crypto, /** @type {any} */ ({ rng: 1 })), 'bad-argument');
});

exchange('what comes out is owned: changing it changes nothing inside', () => {
  const [a, b] = [caller(81), callee(82)];
  const { gAHash } = a.request();
  const kept = gAHash.slice();
  gAHash.fill(0);
  b.requested(kept);
  kept.fill(0);
  const { gA, keyFingerprint } = a.accept(b.accept().gB);
  const sent = gA.slice();
  gA.fill(0);
  b.confirm(sent, keyFingerprint);
  assert.equal(a.emojis(), b.emojis());
});

exchange('close() wipes exponent and key from the memory, and ends', () => {
  const core = createCrypto();
  const secret = prng(91).bytes(256);
  const random = insecureRandomForTests((target) => target.set(secret));
  const a = new CallerExchange(core, { random });
  a.request();
  assert.ok(contains(core, secret), 'the exponent lies in WASM memory');
  const { keyFingerprint } = a.accept(someone().gB);
  assert.not.ok(contains(core, secret), 'and is wiped as soon as there is a key');
  const key = core.modExp(someone().gB, secret, DH_PRIME).slice();
  const { sharedKey } = a;
  assert.is(new DataView(sharedKey.fingerprint.buffer).getBigInt64(0, true), keyFingerprint);
  assert.ok(contains(core, key));
  core.modExp(Uint8Array.of(3), Uint8Array.of(1), DH_PRIME); // overwrites the borrowed result
  a.close();
  a.close();
  assert.not.ok(contains(core, key));
  throws(() => a.emojis(), 'released');
  throws(() => a.request(), 'released');
  throws(() => a.sharedKey, 'released');
});

exchange('a failed check wipes', () => {
  const core = createCrypto();
  const secret = prng(92).bytes(256);
  const random = insecureRandomForTests((target) => target.set(secret));
  const b = new CalleeExchange(core, { random });
  b.requested(new Uint8Array(32));
  b.accept();
  assert.ok(contains(core, secret));
  throws(() => b.confirm(someone().gA, 0n), 'commitment-mismatch');
  assert.not.ok(contains(core, secret));
});

exchange('the key serves a packet connection', () => {
  const { a, b } = agree();
  const clock = { now: () => 0, setTimer: () => () => {} };
  const got = [];
  const receiver = new PacketConnection(crypto, {
    key: b.sharedKey,
    role: 'callee',
    channel: 'transport',
    mode: 'typed',
    clock,
    onPacket: () => {},
    onMessage: (message) => got.push(message),
  });
  const sender = new PacketConnection(crypto, {
    key: a.sharedKey,
    role: 'caller',
    channel: 'transport',
    mode: 'typed',
    clock,
    onPacket: (packet) => receiver.receive(packet),
    onMessage: () => {},
  });
  sender.send({ type: 'requestVideo' });
  assert.equal(got, [{ type: 'requestVideo' }]);
});

/** Whether the whole memory of an instance holds these bytes. */
function contains(core, needle) {
  const memory = core.memory.view(0, core.memory.byteLength);
  for (let i = memory.indexOf(needle[0]); i >= 0; i = memory.indexOf(needle[0], i + 1)) {
    let length = 1;
    while (length < needle.length && memory[i + length] === needle[length]) length++;
    if (length === needle.length) return true;
  }
  return false;
}

exchange.run();
