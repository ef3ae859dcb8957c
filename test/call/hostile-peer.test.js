// A peer that went through the exchange, holds the key, and does not keep to anything.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CallerExchange, PacketConnection } from 'sottovoce/call';
import {
  choose,
  encodeSealedMessage,
  insecureRandomForTests,
  LOCAL_CODECS,
  offerTerms,
} from 'sottovoce/internal';
import { crypto } from '../support/call-pair.js';
import {
  ADDRESSES,
  addressAt,
  connectPaths,
  makePathCalls,
  pass,
  relayAt,
  talkFor,
} from '../support/path-calls.js';
import { prng } from '../support/prng.js';

const hostile = suite('call/hostile peer');
const relay = relayAt('one');

/**
 * A callee, and this test as its caller.
 * @param {{ p2p?: boolean, choice?: (terms: any) => any }} [options]
 */
async function attack({ p2p = true, choice: change = (terms) => terms } = {}) {
  const calls = await makePathCalls({
    paths: { one: { delayMs: 30 }, direct: { delayMs: 30 } },
    caller: { endpoints: [relay] },
    callee: { endpoints: [relay, addressAt(ADDRESSES[1])], p2p },
  });
  const { callee, clock, handlers, network } = calls;
  const exchange = new CallerExchange(crypto, { random: insecureRandomForTests(prng(77).fill) });
  const callId = 5n;
  const offer = offerTerms({ endpoints: [relay, addressAt(ADDRESSES[0])], p2p: true });
  handlers[1]({ type: 'request', callId, ...exchange.request(), ...offer });
  callee.accept();
  const accept = /** @type {any} */ (calls.signalled[1].find(({ type }) => type === 'accept'));
  const { version, endpoints } = choose(offer, accept);
  const protocol = { ...offer.protocol, libraryVersions: [version] };
  const choice = change({ protocol, endpoints });
  handlers[1]({ type: 'confirm', callId, ...exchange.accept(accept.gB), ...choice });
  const common = /** @type {const} */ ({ key: exchange.sharedKey, role: 'caller', clock });
  const signalling = new PacketConnection(crypto, {
    ...common,
    channel: 'signaling',
    mode: 'raw',
    onPacket: (data) => handlers[1]({ type: 'signaling-data', callId, data: data.slice() }),
    onMessage() {},
  });
  const [wire] = network.one.ends;
  /** What the callee sent on the relay. @type {import('sottovoce/call').CallMessage[]} */
  const heard = [];
  const media = new PacketConnection(crypto, {
    ...common,
    channel: 'transport',
    mode: 'typed',
    onPacket: (data) => wire.send(data),
    onMessage: (message) => heard.push(message),
  });
  wire.onDatagram((data) => media.receive(data));
  const setup = { offer, choice, addresses: [], codecs: LOCAL_CODECS };
  /** @param {object} message */
  const say = (message) =>
    signalling.send({ type: 'raw', data: encodeSealedMessage(/** @type {any} */ (message)) });
  await pass(calls, 20);
  return {
    ...calls,
    heard,
    media,
    say,
    setup: { type: 'Setup', ...setup },
    close() {
      for (const part of [signalling, media, exchange]) part.close();
      callee.close();
    },
  };
}

hostile('an honest one is understood', async () => {
  const calls = await attack();
  calls.say(calls.setup);
  calls.media.send({ type: 'requestVideo' });
  await pass(calls, 200);
  assert.is(calls.callee.state, 'active');
  calls.close();
});

hostile('under seal', async () => {
  const address = addressAt(ADDRESSES[0]);
  const other = offerTerms({ endpoints: [], p2p: true });
  /** @type {[string, string, (calls: Awaited<ReturnType<typeof attack>>) => void, boolean?][]} */
  const lies = [
    [
      'protocol-violation',
      'no setup',
      ({ say }) => say({ type: 'PathText', path: 0, round: 1, text: '' }),
    ],
    ['protocol-violation', 'two', ({ say, setup }) => [setup, setup].forEach(say)],
    [
      'protocol-violation',
      'addresses where there is no consent',
      ({ say, setup }) => say({ ...setup, addresses: [address] }),
      false,
    ],
    [
      'protocol-violation',
      'relays as addresses',
      ({ say, setup }) => say({ ...setup, addresses: [relay] }),
    ],
    [
      'protocol-violation',
      'too many',
      ({ say, setup }) => say({ ...setup, addresses: Array(17).fill(address) }),
    ],
    ['downgrade', 'another offer', ({ say, setup }) => say({ ...setup, offer: other })],
    ['downgrade', 'another choice', ({ say, setup }) => say({ ...setup, choice: other })],
    ['unsupported-protocol', 'no codec', ({ say, setup }) => say({ ...setup, codecs: [] })],
  ];
  for (const [code, name, lie, p2p] of lies) {
    const calls = await attack(p2p === undefined ? {} : { p2p });
    lie(calls);
    await pass(calls, 20);
    assert.is(calls.callee.end?.error?.code, code, name);
    assert.is(calls.callee.end?.reason, code === 'downgrade' ? 'downgrade' : 'disconnect');
    assert.is(calls.callee.stats().voice.frames, 0);
    calls.close();
  }
});

hostile('a choice that is none', async () => {
  for (const change of [
    (/** @type {any} */ terms) => ({ ...terms, endpoints: [relayAt('elsewhere')] }),
    (/** @type {any} */ terms) => ({ ...terms, endpoints: [] }),
    (/** @type {any} */ terms) => ({
      ...terms,
      endpoints: [...terms.endpoints, ...terms.endpoints],
    }),
  ]) {
    const calls = await attack({ choice: change });
    assert.is(calls.callee.end?.error?.code, 'downgrade');
    assert.not(calls.connected[1].includes('elsewhere'));
    calls.close();
  }
});

hostile('addresses of others: a small packet a second, and copies never', async () => {
  const calls = await attack();
  calls.say({ ...calls.setup, addresses: Array(16).fill(addressAt(ADDRESSES[0])) });
  calls.media.send({ type: 'requestVideo' });
  await pass(calls, 100);
  assert.is(calls.callee.state, 'active');
  for (let i = 0; i < 250; i++) {
    calls.callee.write(new Float32Array(960));
    await pass(calls, 20);
  }
  const direct = calls.callee.stats().paths.filter(({ kind }) => kind === 'direct');
  assert.is(direct.length, 16);
  for (const { sent } of direct) assert.ok(sent <= 7, `${sent} in 5 s`);
  calls.close();
});

hostile('sealed floods: answers are few, nothing grows, the call goes on', async () => {
  const calls = await attack();
  const random = prng(4);
  calls.say(calls.setup);
  calls.media.send({ type: 'requestVideo' });
  await pass(calls, 100);
  const { callee, clock, media, heard } = calls;
  /** @type {boolean[]} */
  const mutes = [];
  callee.on('mute', (value) => mutes.push(value));
  heard.length = 0;
  for (let n = 0; n < 2000; n++) {
    media.send({
      type: 'pathProbe',
      reply: n % 3 === 0,
      silent: n % 2 === 0,
      path: random.int(256),
      id: random.int(65_536),
      received: random.next(),
    });
    if (n % 10 === 0)
      media.send({ type: 'remoteMediaState', audio: n % 20 === 0 ? 0 : 1, video: 0 });
    if (n % 4 === 0)
      media.sendAudio((target) => target.fill(n).subarray(0, 12 + random.int(50)).length);
    if (n % 100 === 0) await pass(calls, 20);
  }
  await pass(calls, 100);
  const replies = heard.filter((message) => message.type === 'pathProbe' && message.reply);
  assert.ok(replies.length > 10 && replies.length <= 100, `${replies.length} answers in 0.5 s`);
  assert.is(callee.state, 'active');
  assert.ok(clock.pending < 40, `${clock.pending} timers`);
  for (const { loss, rttMs } of callee.stats().paths) {
    assert.ok(loss >= 0 && loss <= 1 && (rttMs === null || rttMs >= 0));
  }
  assert.ok(callee.write(new Float32Array(960)));
  calls.close();
});

hostile(
  'a flood of garbage on one path: little of it is looked at, the other path carries on',
  async () => {
    const calls = await makePathCalls({
      paths: { one: { delayMs: 30 }, two: { delayMs: 40 } },
      caller: { endpoints: [relay, relayAt('two')] },
    });
    await connectPaths(calls);
    await talkFor(calls, 1000);
    const [, wire] = calls.network.one.ends; // whoever owns the relay
    const garbage = prng(6).bytes(200);
    const before = calls.caller.stats().packets;
    let heard = 0;
    for (let i = 0; i < 80; i++) {
      for (let n = 0; n < 1000; n++) wire.send(garbage);
      const frames = await talkFor(calls, 20);
      if (i >= 30) heard += frames[0].filter(({ value }) => value > 0).length;
    }
    const { packets } = calls.caller.stats();
    assert.ok(packets.dropped - before.dropped > 70_000);
    assert.is(calls.caller.state, 'active');
    assert.ok(heard >= 45, `${heard} of 50 frames, once the path was left`);
    calls.caller.close();
    calls.callee.close();
  },
);

hostile('a peer that says it hears nothing gets copies, and nothing else', async () => {
  const calls = await attack();
  calls.say(calls.setup);
  calls.media.send({ type: 'requestVideo' });
  await pass(calls, 100);
  for (let i = 0; i < 100; i++) {
    const probe = /** @type {const} */ ({ type: 'pathProbe', reply: false, silent: true });
    calls.media.send({ ...probe, path: 0, id: i, received: 0 });
    calls.callee.write(new Float32Array(960));
    await pass(calls, 20);
  }
  const [only] = calls.callee.stats().paths;
  assert.ok(only.active && only.sent < 300, `${only.sent} packets in 2 s`);
  calls.close();
});

hostile.run();
