import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto } from 'sottovoce/crypto';
import { insecureRandomForTests, stun } from 'sottovoce/internal';
import { connectIce, IceTransport } from 'sottovoce/transport/ice';
import { channelPair } from '../support/fake-peer-connection.js';
import { survives } from '../support/odd-values.js';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';
import { virtualInternet, virtualServer } from '../support/virtual-internet.js';

const ice = suite('transport/ice');
const crypto = createCrypto();
const SERVER = '203.0.113.1';
const credential = { username: 'u', password: 'p' };
const WAN = { caller: '198.51.100.10', callee: '198.51.100.20' };

/** Lets promises settle. */
async function settle() {
  for (let i = 0; i < 10; i++) await null;
}

/** @param {ReturnType<typeof virtualClock>} clock @param {number} ms @param {() => void} [each] */
async function pass(clock, ms, each) {
  for (let at = 0; at < ms; at += 20) {
    clock.advance(20);
    each?.();
    if (at % 200 === 0) await settle();
  }
  await settle();
}

/**
 * Two ends behind NATs.
 * @param {{ caller?: 'cone' | 'symmetric', callee?: 'cone' | 'symmetric', p2p?: boolean,
 *   servers?: number, stunOnly?: boolean, lifetime?: number, password?: string }} [options]
 */
function meet(options = {}) {
  const clock = virtualClock();
  const world = virtualInternet(clock);
  const channels = channelPair();
  const random = prng(8445);
  const servers = Array.from({ length: options.servers ?? 1 }, (_, i) =>
    virtualServer(world, {
      host: `203.0.113.${i + 1}`,
      port: 3478,
      ...credential,
      lifetime: options.lifetime,
    }),
  );
  const addresses = servers.map(({ address }) => address);
  const turn = addresses.map((address) => ({
    ...address,
    ...credential,
    password: options.password ?? credential.password,
  }));
  const homes = {
    caller: world.home({ host: '192.168.1.2', wan: WAN.caller, kind: options.caller ?? 'cone' }),
    callee: world.home({ host: '192.168.2.2', wan: WAN.callee, kind: options.callee ?? 'cone' }),
  };
  const end = (/** @type {'caller' | 'callee'} */ role) => {
    const transport = new IceTransport({
      channel: channels[role],
      role,
      p2p: options.p2p ?? true,
      openSockets: homes[role].openSockets,
      servers: { stun: addresses, turn: options.stunOnly ? [] : turn },
      clock,
      random: insecureRandomForTests(random.fill),
      crypto,
    });
    /** @type {number[]} */
    const heard = [];
    transport.onDatagram((data) => heard.push(data[0]));
    return Object.assign(transport, { heard });
  };
  const caller = end('caller');
  const callee = end('callee');
  return { clock, world, channels, servers, homes, caller, callee };
}

/** Where the caller's datagrams come from. @param {ReturnType<typeof virtualInternet>} world */
function homeOf({ seen }) {
  const first = seen.find(({ from }) => from.host === WAN.caller);
  if (!first) throw new Error('nothing was sent');
  return first;
}

/** Every 20 ms a datagram each way. @param {ReturnType<typeof meet>} parts @param {number} ms */
const talk = ({ clock, caller, callee }, ms) =>
  pass(clock, ms, () => {
    caller.send(Uint8Array.of(0x80, 1));
    callee.send(Uint8Array.of(0x80, 2));
  });

ice('two cone NATs: a direct path, and nothing of it over the server', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  const { caller, callee, world } = parts;
  assert.equal([caller.route?.local, callee.route?.local], ['host', 'host']);
  assert.is(caller.route?.address.host, WAN.callee);
  assert.is(callee.route?.address.host, WAN.caller);
  assert.is(caller.route?.roundTripMs, 40);
  assert.ok(caller.heard.length > 35 && callee.heard.length > 35);
  const media = world.seen.filter(({ data }) => data[0] === 0x80);
  assert.not(media.some(({ from, to }) => [from.host, to.host].includes(SERVER)));
});

for (const [caller, callee] of /** @type {const} */ ([
  ['symmetric', 'symmetric'],
  ['cone', 'symmetric'],
  ['symmetric', 'cone'],
])) {
  ice(`${caller} and ${callee} NAT: through TURN`, async () => {
    const parts = meet({ caller, callee });
    await talk(parts, 1000);
    const routes = [parts.caller.route, parts.callee.route];
    assert.ok(routes.every(Boolean));
    assert.ok(routes.some((route) => route?.local === 'relay' || route?.remote === 'relay'));
    assert.ok(parts.caller.heard.length > 30 && parts.callee.heard.length > 30);
    const { channelData } = parts.servers[0].counts;
    assert.ok(channelData > 30); // 4 bytes around them, not 36
  });
}

ice('one network: the host addresses suffice', async () => {
  const clock = virtualClock();
  const world = virtualInternet(clock);
  const channels = channelPair();
  const home = world.home({ host: '192.168.1.2', wan: WAN.caller, kind: 'symmetric' });
  const { openSockets } = home;
  const random = insecureRandomForTests(prng(1).fill);
  const common = { openSockets, clock, random, crypto };
  const ends = /** @type {const} */ (['caller', 'callee']).map(
    (role) => new IceTransport({ channel: channels[role], role, ...common }),
  );
  await pass(clock, 200);
  for (const { route } of ends) assert.equal([route?.local, route?.remote], ['host', 'host']);
  assert.is(world.seen.length, 0);
  for (const end of ends) end.close();
  assert.is(home.sockets, 0);
  assert.is(clock.pending, 0);
});

ice('p2p: false: nothing told, nothing sent but to the server', async () => {
  const parts = meet({ p2p: false });
  await talk(parts, 1000);
  const { caller, callee, channels, world } = parts;
  assert.equal([caller.route?.local, caller.route?.remote], ['relay', 'relay']);
  assert.ok(caller.heard.length > 30 && callee.heard.length > 30);
  const told = channels.seen.join('\n');
  assert.match(told, '203.0.113.1 50000 typ relay raddr 0.0.0.0 rport 9');
  for (const hidden of ['192.168', '198.51.100', 'host', 'srflx']) assert.not.match(told, hidden);
  const homes = Object.values(WAN);
  for (const { from, to } of world.seen) {
    if (homes.includes(from.host)) assert.is(to.host, SERVER);
    if (homes.includes(to.host)) assert.is(from.host, SERVER);
  }
});

ice('p2p: false: an answer to nobody who knocks at the socket itself', async () => {
  const parts = meet({ p2p: false });
  await pass(parts.clock, 1000);
  const { caller, world } = parts;
  const refused = caller.stats.refused;
  const { from } = homeOf(world);
  // Spoofed as if from the server, so that the NAT lets it in.
  const before = world.seen.length;
  const request = {
    method: 1,
    kind: /** @type {const} */ ('request'),
    transactionId: new Uint8Array(12),
    attributes: [],
  };
  world.carry(
    new stun.StunCodec(crypto).encode(request, undefined, true),
    parts.servers[0].address,
    from,
  );
  await pass(parts.clock, 60);
  assert.is(caller.stats.refused, refused + 1);
  assert.not(
    world.seen
      .slice(before + 1)
      .some(({ data }) => data[0] === 1 && data[1] === 1 && data.length < 60),
  );
});

ice('the address of a home changes: the path goes on within a second and a half', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  parts.homes.caller.move('198.51.100.11');
  const before = parts.callee.heard.length;
  await talk(parts, 1500);
  assert.ok(parts.callee.heard.length > before);
  assert.is(parts.callee.route?.address.host, '198.51.100.11');
  const later = parts.caller.heard.length;
  await talk(parts, 400);
  assert.ok(parts.caller.heard.length > later + 15);
});

ice('the direct path dies: TURN carries on within a second, and gives back', async () => {
  const parts = meet({});
  await talk(parts, 3000);
  assert.is(parts.caller.route?.local, 'host');
  const homes = Object.values(WAN);
  parts.world.isDown = (from, to) => homes.includes(from.host) && homes.includes(to.host);
  await talk(parts, 1000);
  const before = [parts.caller.heard.length, parts.callee.heard.length];
  await talk(parts, 200);
  assert.ok(parts.caller.heard.length >= before[0] + 8);
  assert.ok(parts.callee.heard.length >= before[1] + 8);
  assert.ok([parts.caller.route?.local, parts.callee.route?.local].includes('relay'));
  parts.world.isDown = () => false;
  await talk(parts, 25_000);
  assert.equal([parts.caller.route?.local, parts.callee.route?.local], ['host', 'host']);
});

ice('one of two TURN servers dies: the other carries on within a second', async () => {
  const parts = meet({ caller: 'symmetric', callee: 'symmetric', servers: 2 });
  await talk(parts, 2000);
  const used = parts.caller.route?.address.host;
  const server = parts.servers.find(({ address }) => address.host === used);
  assert.ok(server);
  server.die();
  await talk(parts, 1000);
  const before = [parts.caller.heard.length, parts.callee.heard.length];
  await talk(parts, 400);
  assert.ok(parts.caller.heard.length >= before[0] + 15);
  assert.ok(parts.callee.heard.length >= before[1] + 15);
});

ice('everything is gone for a while: looked for anew, with fresh sockets', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  parts.world.isDown = () => true;
  await talk(parts, 5000);
  assert.ok(parts.caller.stats.restarts >= 1);
  parts.world.isDown = () => false;
  await talk(parts, 6000);
  const before = parts.callee.heard.length;
  await talk(parts, 400);
  assert.ok(parts.callee.heard.length >= before + 15);
  assert.is(parts.homes.caller.sockets, 1); // those before are closed
});

ice('gone for good: told once', async () => {
  const parts = meet({ stunOnly: true });
  let closed = 0;
  await talk(parts, 1000);
  parts.caller.onClose(() => closed++);
  parts.world.isDown = () => true;
  await talk(parts, 25_000);
  assert.is(closed, 1);
  parts.caller.close();
  parts.callee.close();
  assert.is(closed, 1);
  assert.is(parts.homes.caller.sockets, 0);
  assert.is(parts.clock.pending, 0);
});

ice('half an hour: allocation, permissions, channels and nonces are renewed', async () => {
  const parts = meet({ p2p: false });
  const { clock, servers, caller, callee } = parts;
  await pass(clock, 1000);
  for (let minute = 0; minute < 30; minute++) {
    if (minute === 10) servers[0].renewNonce();
    for (let second = 0; second < 60; second++) {
      clock.advance(1000);
      caller.send(Uint8Array.of(0x80, 1));
      callee.send(Uint8Array.of(0x80, 2));
    }
  }
  assert.ok(servers[0].counts.refreshes >= 6);
  assert.ok(callee.heard.length > 1750);
  assert.is(caller.stats.restarts, 0);
  caller.close();
  callee.close();
  await pass(clock, 100);
  assert.is(servers[0].allocations.size, 0); // given back
});

ice('a wrong password: no relay, and no endless asking', async () => {
  const parts = meet({ caller: 'symmetric', callee: 'symmetric', password: 'wrong' });
  await pass(parts.clock, 16_000);
  const code = await parts.caller.ready.then(
    () => '',
    (error) => error.code,
  );
  assert.is(code, 'no-answer');
  assert.ok(parts.servers[0].counts.refused < 12);
});

ice('datagrams of strangers do not get in', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  const { caller, world, clock, servers } = parts;
  const { from } = homeOf(world);
  world.carry(Uint8Array.of(0x99), servers[0].address, from);
  await pass(clock, 100);
  assert.not(caller.heard.includes(0x99));
});

ice('hostile descriptions and datagrams: refused, the path goes on', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  const { caller, callee, channels, world, clock } = parts;
  const bad = [
    '',
    '{}',
    '[]',
    '{"type":"ice","generation":0.5}',
    '{"type":"ice","generation":99999,"ufrag":"abcd","pwd":"abcdabcdabcdabcdabcdabcd"}',
    '{"type":"ice","generation":0,"ufrag":"a","pwd":"b"}',
    '{"type":"candidate","generation":0,"candidate":"candidate:1 1 udp 1 1.2.3 4 typ host"}',
    '{"type":"candidate","generation":1,"candidate":"candidate:1 1 udp 1 192.0.2.1 4 typ host"}',
    'x'.repeat(20_000),
  ];
  for (const text of bad) channels.callee.send(text);
  assert.is(caller.stats.refused, bad.length);
  for (let i = 0; i < 200; i++) {
    const candidate = `candidate:1 1 udp 1 192.0.2.${i} 4 typ host`;
    channels.callee.send(JSON.stringify({ type: 'candidate', generation: 0, candidate }));
  }
  const peer = world.seen.find(
    ({ from, to }) => from.host === WAN.callee && to.host === WAN.caller,
  );
  assert.ok(peer);
  const sample = world.seen.filter(({ to }) => to.host === WAN.caller).map(({ data }) => data);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(), fc.nat(), (noise, which, at) => {
      const changed = Uint8Array.from(sample[which % sample.length]);
      changed[at % changed.length] ^= 1 + (which % 255);
      world.carry(noise, peer.from, peer.to);
      world.carry(changed, peer.from, peer.to);
    }),
    { seed: 7, numRuns: 100 },
  );
  await pass(clock, 100);
  assert.ok(caller.stats.refused > bad.length + 100);
  const before = [caller.heard.length, callee.heard.length];
  await talk(parts, 400);
  assert.ok(caller.heard.length >= before[0] + 15 && callee.heard.length >= before[1] + 15);
  assert.is(caller.route?.address.host, WAN.callee);
});

ice('a peer that wants everything anew, again and again: once a second', async () => {
  const parts = meet({ stunOnly: true });
  await talk(parts, 1000);
  const { caller, channels, clock } = parts;
  const renew = (/** @type {number} */ generation) =>
    channels.callee.send(
      JSON.stringify({ type: 'ice', generation, ufrag: 'abcdefgh', pwd: 'x'.repeat(24) }),
    );
  const { refused } = caller.stats;
  for (let generation = 1; generation <= 50; generation++) renew(generation);
  assert.is(caller.stats.restarts, 1);
  assert.is(caller.stats.refused, refused + 49);
  await pass(clock, 1000);
  renew(51);
  assert.is(caller.stats.restarts, 2);
  for (const one of [caller, parts.callee]) one.close();
});

ice('a response with the wrong seal, or from elsewhere, proves nothing', async () => {
  const parts = meet({ stunOnly: true });
  // Whoever carries datagrams answers every check himself, without the passwords.
  const { world, clock } = parts;
  const codec = new stun.StunCodec(crypto);
  const forged = codec.createKey(new Uint8Array(24));
  const homes = Object.values(WAN);
  const carry = world.carry.bind(world);
  world.carry = (data, from, to) => {
    const message =
      homes.includes(from.host) && homes.includes(to.host) ? stun.parseStun(data) : null;
    if (message?.kind !== 'request') return carry(data, from, to);
    const { method, transactionId } = message;
    const attributes = /** @type {[number, Uint8Array][]} */ ([
      [stun.ATTRIBUTE.xorMappedAddress, stun.xorAddress(from, transactionId)],
    ]);
    carry(
      codec.encode({ method, kind: 'success', transactionId, attributes }, forged, true),
      to,
      from,
    );
  };
  await pass(clock, 3000);
  assert.is(parts.caller.route, undefined);
  assert.ok(parts.caller.stats.refused > 0);
});

ice('closed before there is a path; sockets that cannot be had', async () => {
  const parts = meet();
  parts.caller.close();
  parts.caller.send(Uint8Array.of(1));
  await parts.caller.ready.then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, 'released'),
  );
  const clock = virtualClock();
  const openSockets = () => Promise.reject(new Error('no'));
  const options = {
    channel: channelPair().caller,
    role: /** @type {const} */ ('caller'),
    clock,
    crypto,
  };
  await connectIce({ ...options, openSockets }).then(
    () => assert.unreachable(),
    ({ code }) => assert.is(code, 'bind-failed'),
  );
  assert.is(clock.pending, 0);
});

ice('bad input', () => {
  const clock = virtualClock();
  const options = { channel: channelPair().caller, role: 'caller', openSockets: () => [], clock };
  survives('options', (value) => new IceTransport(value));
  for (const name of [...Object.keys(options), 'p2p', 'servers', 'random', 'crypto', 'timeoutMs']) {
    survives(name, (value) =>
      new IceTransport(/** @type {any} */ ({ ...options, [name]: value })).close(),
    );
  }
  for (const name of ['stun', 'turn']) {
    survives(name, (value) =>
      new IceTransport(/** @type {any} */ ({ ...options, servers: { [name]: value } })).close(),
    );
    survives(name, (value) =>
      new IceTransport(/** @type {any} */ ({ ...options, servers: { [name]: [value] } })).close(),
    );
  }
  const path = new IceTransport(/** @type {any} */ ({ ...options, crypto }));
  survives('data', (value) => path.send(value));
  survives('handler', (value) => path.onDatagram(value));
  survives('onClose', (value) => path.onClose(value));
  survives('onRoute', (value) => path.onRoute(value));
  path.close();
});

ice.run();
