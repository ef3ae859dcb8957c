import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectWebRtc, WebRtcTransport } from 'sottovoce/transport/webrtc';
import { channelPair, fakeWebRtc } from '../support/fake-peer-connection.js';
import { survives } from '../support/odd-values.js';
import { virtualClock } from '../support/virtual-clock.js';

const webrtc = suite('transport/webrtc');
const turn = { urls: 'turn:198.51.100.3', username: 'u', credential: 'c' };

/** Lets everything that waits for a promise go on. */
async function settle() {
  for (let i = 0; i < 100; i++) await null;
}

/** @param {any} [world] @param {any} [more] */
function pair(world = fakeWebRtc(), more = {}) {
  const channels = channelPair();
  const clock = virtualClock();
  const { RTCPeerConnection } = world;
  const end = (/** @type {'caller' | 'callee'} */ role) =>
    new WebRtcTransport({ channel: channels[role], role, clock, RTCPeerConnection, ...more });
  return { world, channels, clock, callee: end('callee'), caller: end('caller') };
}

/** @param {any} transport */
function listen(transport) {
  /** @type {number[][]} */
  const heard = [];
  transport.onDatagram((/** @type {Uint8Array} */ data) => heard.push([...data]));
  return heard;
}

webrtc('carries datagrams both ways, unordered and without repetition', async () => {
  const { caller, callee, world } = pair();
  assert.not(caller.open);
  caller.send(Uint8Array.of(0));
  assert.is(caller.stats.dropped, 1);
  await Promise.all([caller.ready, callee.ready]);
  assert.ok(caller.open && callee.open);
  const { options } = world.made[0].channel ?? world.made[1].channel;
  assert.is(options.ordered, false);
  assert.is(options.maxRetransmits, 0);
  const [atCaller, atCallee] = [listen(caller), listen(callee)];
  const view = Uint8Array.of(9, 1, 2, 3, 9).subarray(1, 4);
  caller.send(view);
  view.fill(0);
  callee.send(Uint8Array.of(4));
  assert.equal([atCaller, atCallee], [[[4]], [[1, 2, 3]]]);
  assert.equal([caller.stats.sent, caller.stats.received], [1, 1]);
  const sent = world.made.flatMap((/** @type {any} */ peer) => peer.channel.sent);
  assert.not.equal(sent[0], view); // a copy of its own
});

webrtc('a full channel loses what would be late', async () => {
  const { caller, world } = pair();
  await caller.ready;
  const { channel } = world.made[1];
  channel.bufferedAmount = 20_000;
  caller.send(new Uint8Array(1452));
  assert.equal([caller.stats.sent, caller.stats.dropped], [0, 1]);
  channel.bufferedAmount = 0;
  caller.send(new Uint8Array(1452));
  assert.is(caller.stats.sent, 1);
});

webrtc('p2p: false tells no address but that of the relay', async () => {
  const { caller, callee, channels, world } = pair(fakeWebRtc(), {
    p2p: false,
    iceServers: [turn],
  });
  await Promise.all([caller.ready, callee.ready]);
  for (const peer of world.made) assert.is(peer.config.iceTransportPolicy, 'relay');
  caller.restart();
  await settle();
  const told = channels.seen.join('\n');
  assert.ok(channels.seen.length >= 6);
  assert.match(told, /198\.51\.100\.3 61000 typ relay raddr 0\.0\.0\.0 rport 9/);
  for (const hidden of ['192.168.1.7', '203.0.113.9', 'typ host', 'typ srflx', '50000', '41000']) {
    assert.not.match(told, hidden);
  }
});

webrtc('p2p: false also hides IPv6', async () => {
  const candidates = [
    'candidate:3 1 udp 4188 2001:db8::3 61000 typ relay raddr 2001:db8::77 rport 4',
  ];
  const more = { p2p: false, iceServers: [turn] };
  const { caller, channels } = pair(fakeWebRtc({ candidates }), more);
  await caller.ready;
  assert.match(channels.seen.join(), '2001:db8::3 61000 typ relay raddr :: rport 9');
  assert.not.match(channels.seen.join(), '2001:db8::77');
});

webrtc('p2p: true tells all candidates', async () => {
  const { caller, channels } = pair();
  await caller.ready;
  for (const type of ['host', 'srflx', 'relay']) assert.match(channels.seen.join(), `typ ${type}`);
});

webrtc('a lost connection restarts ICE after half a second', async () => {
  const { caller, callee, world, clock, channels } = pair();
  await Promise.all([caller.ready, callee.ready]);
  const before = channels.seen.length;
  world.made[1].setState('disconnected');
  clock.advance(499);
  assert.is(caller.stats.restarts, 0);
  clock.advance(1);
  await settle();
  assert.is(caller.stats.restarts, 1);
  assert.is(world.made.length, 2);
  assert.is(world.made[1].generation, 1);
  assert.match(channels.seen[before] ?? '', '"generation":1');
  assert.is(world.made[1].connectionState, 'connected');
  clock.advance(60_000);
  assert.ok(caller.open && callee.open);
  assert.is(clock.pending, 0);
});

webrtc('one that comes back by itself is left alone', async () => {
  const { caller, world, clock } = pair();
  await caller.ready;
  world.made[1].setState('disconnected');
  clock.advance(300);
  world.made[1].setState('connected');
  clock.advance(60_000);
  assert.is(caller.stats.restarts, 0);
  assert.ok(caller.open);
});

webrtc('where ICE cannot be restarted, a new connection takes over without a gap', async () => {
  const { caller, callee, world } = pair(fakeWebRtc({ restarts: false }));
  await Promise.all([caller.ready, callee.ready]);
  const heard = listen(callee);
  caller.restart();
  caller.send(Uint8Array.of(1)); // the old one still carries it
  await settle();
  assert.is(world.made.length, 4);
  assert.equal(
    world.made.map((/** @type {any} */ { closed }) => closed),
    [true, true, false, false],
  );
  caller.send(Uint8Array.of(2));
  assert.equal(heard, [[1], [2]]);
  assert.ok(caller.open && callee.open);
});

webrtc('the callee asks for a restart', async () => {
  const { caller, callee, world } = pair();
  await Promise.all([caller.ready, callee.ready]);
  callee.restart();
  await settle();
  assert.is(caller.stats.restarts, 1);
  assert.is(world.made[1].generation, 1);
});

webrtc('a connection that stays lost ends the path, once', async () => {
  const { caller, world, clock } = pair();
  await caller.ready;
  let closed = 0;
  caller.onClose(() => closed++);
  world.made[1].blocked = true;
  world.made[1].setState('failed');
  clock.advance(14_999);
  assert.is(closed, 0);
  clock.advance(1);
  assert.is(closed, 1);
  caller.close();
  assert.is(closed, 1);
  assert.ok(world.made[1].closed);
});

webrtc('the other end closes', async () => {
  const { caller, callee } = pair();
  await Promise.all([caller.ready, callee.ready]);
  let closed = 0;
  callee.onClose(() => closed++);
  caller.onClose(() => closed++);
  caller.close();
  await settle();
  assert.is(closed, 1);
  callee.send(Uint8Array.of(1));
  assert.is(callee.stats.sent, 0);
});

webrtc('nobody answers', async () => {
  const clock = virtualClock();
  const { RTCPeerConnection } = fakeWebRtc();
  const { caller: channel } = channelPair();
  const path = connectWebRtc({
    channel,
    role: 'caller',
    clock,
    RTCPeerConnection,
    timeoutMs: 500,
  });
  await settle();
  clock.advance(500);
  await path.then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, 'no-answer'),
  );
});

webrtc('closed before it is open', async () => {
  const { caller } = pair();
  caller.close();
  await caller.ready.then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, 'released'),
  );
});

webrtc('hostile descriptions are refused and change nothing', async () => {
  const { caller, callee, channels } = pair();
  await Promise.all([caller.ready, callee.ready]);
  const bad = [
    '',
    'null',
    '[]',
    '{}',
    '{"type":"offer"}',
    '{"type":"offer","generation":0,"sdp":5}',
    '{"type":"offer","generation":-1,"sdp":"v=0"}',
    '{"type":"offer","generation":1e9,"sdp":"v=0"}',
    '{"type":"answer","generation":7,"sdp":"v=0"}',
    '{"type":"candidate","generation":0,"candidate":5,"mid":"0"}',
    '{"type":"candidate","generation":0,"candidate":"x","mid":"0"}',
    '{"type":"restart","generation":7}',
    `{"type":"offer","generation":0,"sdp":"${'a'.repeat(9000)}"}`,
    '{"type":"__proto__","generation":0}',
  ];
  for (const text of bad) {
    channels.caller.send(text);
    channels.callee.send(text);
    await settle();
  }
  assert.is(callee.stats.refused, bad.length);
  assert.is(caller.stats.refused, bad.length);
  for (let i = 0; i < 200; i++) {
    channels.caller.send(
      `{"type":"candidate","generation":0,"mid":"0","candidate":"candidate:${i}"}`,
    );
  }
  await settle();
  assert.ok(callee.stats.refused > bad.length + 100);
  const heard = listen(callee);
  caller.send(Uint8Array.of(7));
  assert.equal(heard, [[7]]);
});

webrtc('texts and odd messages on the channel are ignored', async () => {
  const { caller, world } = pair();
  await caller.ready;
  const heard = listen(caller);
  const { channel } = world.made[1];
  for (const data of ['text', null, undefined, 5, {}]) channel.onmessage({ data });
  channel.onmessage({ data: Uint8Array.of(5) });
  assert.equal(heard, [[5]]);
});

webrtc('bad input', async () => {
  const { RTCPeerConnection } = fakeWebRtc();
  const clock = virtualClock();
  const options = { channel: channelPair().caller, role: 'caller', RTCPeerConnection, clock };
  survives('options', (value) => new WebRtcTransport(value));
  for (const name of [...Object.keys(options), 'iceServers', 'p2p', 'timeoutMs']) {
    survives(name, (value) =>
      new WebRtcTransport(/** @type {any} */ ({ ...options, [name]: value })).close(),
    );
  }
  const code = (/** @type {any} */ more) => {
    try {
      new WebRtcTransport(/** @type {any} */ ({ ...options, ...more })).close();
      return '';
    } catch (error) {
      return /** @type {any} */ (error).code;
    }
  };
  assert.is(code({ p2p: false }), 'bad-argument'); // without a TURN server
  assert.is(code({ p2p: false, iceServers: [turn] }), '');
  assert.is(code({ iceServers: [{ urls: 'http://192.0.2.1' }] }), 'bad-argument');
  const { caller } = pair();
  survives('data', (value) => caller.send(value));
  survives('handler', (value) => caller.onDatagram(value));
  survives('onClose', (value) => caller.onClose(value));
  caller.close();
});

webrtc.run();
