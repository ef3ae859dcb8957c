// The client of a TURN server, against a server that lies.
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { encodeUtf8, insecureRandomForTests, stun, TurnAllocation } from 'sottovoce/internal';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const { ATTRIBUTE, METHOD, StunCodec } = stun;
const codec = new StunCodec(createCrypto());
const turn = suite('transport/turn');
const server = { host: '203.0.113.1', port: 3478, username: 'u', password: 'p' };
const peer = { host: '198.51.100.7', port: 4000 };
const secret = codec.createKey(stun.longTermKey('u', 'example.org', 'p'));

/** An allocation and all that it sends. */
function client() {
  const clock = virtualClock();
  /** @type {Uint8Array[]} */
  const sent = [];
  const events = { allocated: 0, lost: 0, data: /** @type {number[][]} */ ([]) };
  const allocation = new TurnAllocation({
    server,
    codec,
    clock,
    random: insecureRandomForTests(prng(8656).fill),
    send: (data) => sent.push(Uint8Array.from(data)),
    onAllocated: () => events.allocated++,
    onData: (data) => events.data.push([...data]),
    onLost: () => events.lost++,
  });
  const last = () => {
    const message = stun.parseStun(sent[sent.length - 1]);
    if (!message) throw new Error('no STUN message');
    return message;
  };
  /** @param {'success' | 'error'} kind @param {[number, Uint8Array][]} attributes */
  const reply = (kind, attributes, key = secret) => {
    const { method, transactionId } = last();
    return allocation.receive(codec.encode({ method, kind, transactionId, attributes }, key));
  };
  const refuse = (/** @type {number} */ code, nonce = 'n') =>
    reply('error', [
      [ATTRIBUTE.errorCode, Uint8Array.of(0, 0, Math.floor(code / 100), code % 100)],
      [ATTRIBUTE.realm, encodeUtf8('example.org')],
      [ATTRIBUTE.nonce, encodeUtf8(nonce)],
    ]);
  const relayed = () =>
    /** @type {[number, Uint8Array]} */ ([
      ATTRIBUTE.xorRelayedAddress,
      stun.xorAddress({ host: server.host, port: 50_000 }, last().transactionId),
    ]);
  const ready = () => {
    refuse(401);
    reply('success', [relayed()]);
  };
  return { clock, sent, events, allocation, last, reply, refuse, relayed, ready };
}

turn('allocates: asked for credentials, then with them', () => {
  const { sent, events, last, reply, refuse, relayed, allocation } = client();
  assert.is(last().method, METHOD.allocate);
  assert.is(stun.attributeOf(last(), ATTRIBUTE.username), undefined);
  refuse(401);
  assert.is(stun.textOf(last(), ATTRIBUTE.username), 'u');
  assert.is(stun.textOf(last(), ATTRIBUTE.nonce), 'n');
  assert.ok(codec.verify(sent[sent.length - 1], last(), secret));
  reply('success', [relayed()]);
  assert.is(events.allocated, 1);
  assert.equal(allocation.relayed, { host: server.host, port: 50_000 });
});

turn('a stale nonce is renewed, not for ever', () => {
  const { events, last, refuse } = client();
  refuse(401);
  refuse(438, 'second');
  assert.is(stun.textOf(last(), ATTRIBUTE.nonce), 'second');
  refuse(438, 'third');
  assert.is(events.lost, 1);
});

turn('an answer without the seal of the server is not believed', () => {
  const { events, reply, refuse, relayed } = client();
  refuse(401);
  const forged = codec.createKey(new Uint8Array(16));
  assert.not(reply('success', [relayed()], forged));
  assert.is(events.allocated, 0);
  assert.ok(reply('success', [relayed()]));
  assert.is(events.allocated, 1);
});

turn('nobody answers: repeated seven times, then lost', () => {
  const { clock, sent, events } = client();
  clock.advance(60_000);
  assert.is(sent.length, 7);
  assert.is(events.lost, 1);
  assert.is(clock.pending, 0);
});

turn('a refresh that is refused: lost, once', () => {
  const { clock, events, last, refuse, ready } = client();
  ready();
  clock.advance(541_000);
  assert.is(last().method, METHOD.refresh);
  refuse(437);
  assert.is(events.lost, 1);
  clock.advance(3_600_000);
  assert.is(events.lost, 1);
  assert.is(clock.pending, 0);
});

turn('data waits for the permission, travels in indications, then in the channel', () => {
  const { sent, allocation, last, reply, ready, events } = client();
  ready();
  allocation.sendTo(Uint8Array.of(7, 7), peer);
  assert.is(last().method, METHOD.createPermission);
  reply('success', []);
  assert.is(last().method, METHOD.send);
  assert.equal([...(stun.attributeOf(last(), ATTRIBUTE.data) ?? [])], [7, 7]);
  allocation.bind(peer);
  assert.is(last().method, METHOD.channelBind);
  reply('success', []);
  allocation.sendTo(Uint8Array.of(8), peer);
  assert.equal([...sent[sent.length - 1]], [0x40, 0, 0, 1, 8]);
  assert.ok(allocation.receive(Uint8Array.of(0x40, 0, 0, 2, 5, 6, 0, 0)));
  assert.equal(events.data, [[5, 6]]);
});

turn('bounded: peers, and what waits for a permission', () => {
  const { sent, allocation, reply, ready } = client();
  ready();
  const before = sent.length;
  for (let i = 0; i < 200; i++) allocation.sendTo(Uint8Array.of(1), { ...peer, port: 1 + i });
  assert.is(sent.length - before, 32);
  for (let i = 0; i < 200; i++) allocation.sendTo(Uint8Array.of(1), { ...peer, port: 32 });
  const waiting = sent.length;
  reply('success', []);
  assert.is(sent.length - waiting, 8);
});

turn('hostile bytes: nothing throws, nothing is passed on but from a channel', () => {
  const { sent, allocation, events, ready } = client();
  ready();
  allocation.sendTo(Uint8Array.of(1), peer);
  const samples = [...sent];
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(), fc.nat(), (noise, which, at) => {
      const changed = Uint8Array.from(samples[which % samples.length]);
      changed[at % changed.length] ^= 1 + (which % 255);
      for (const data of [noise, changed, changed.subarray(0, at % changed.length)]) {
        allocation.receive(data);
      }
    }),
    { seed: 8656, numRuns: 100 },
  );
  assert.equal(events.data, []);
  assert.is(events.lost, 0);
});

turn('closed: given back, and quiet', () => {
  const { clock, sent, allocation, last, ready, events } = client();
  ready();
  allocation.close();
  allocation.close();
  assert.is(last().method, METHOD.refresh);
  assert.is(stun.numberOf(last(), ATTRIBUTE.lifetime), 0);
  const { length } = sent;
  allocation.sendTo(Uint8Array.of(1), peer);
  allocation.bind(peer);
  assert.not(allocation.receive(Uint8Array.of(0x40, 0, 0, 0)));
  clock.advance(3_600_000);
  assert.is(sent.length, length);
  assert.is(events.lost, 0);
});

turn.run();
