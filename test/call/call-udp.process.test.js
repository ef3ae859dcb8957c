import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Call, messagePortSignalling, systemClock } from 'sottovoce/call';
import { serveRelay } from 'sottovoce/relay/server';
import { connectBy } from 'sottovoce/transport';
import { connectTcp } from 'sottovoce/transport/tcp';
import { connectUdp } from 'sottovoce/transport/udp';
import { codecModel } from '../support/calls.js';

const call = suite('call/call over UDP');
const host = '127.0.0.1';

/**
 * Resolves when the call is in a state.
 * @param {Call} end @param {string} state
 * @returns {Promise<void>}
 */
const reaches = (end, state) =>
  new Promise((resolve, reject) => {
    end.on('state', (now) => now === state && resolve());
    end.on('error', reject);
  });

call('through a relay, signalled through a MessageChannel', async () => {
  const peerTag = Uint8Array.from({ length: 16 }, (_, i) => 255 - i);
  /** @type {Uint8Array[]} */
  const seen = [];
  const relay = await serveRelay({ bases: [peerTag], onDatagram: (d) => seen.push(d.slice()) });
  const endpoints = [{ kind: /** @type {const} */ ('relay'), ...relay.address, peerTag }];
  const { port1, port2 } = new MessageChannel();
  const common = {
    clock: systemClock(),
    codec: codecModel,
    playoutDelayMs: 0,
    connect: (
      /** @type {import('sottovoce/transport').Endpoint} */ endpoint,
      /** @type {import('sottovoce/call').CallRole} */ role,
    ) => connectUdp(endpoint, role, { host }),
  };
  const [caller, callee] = await Promise.all([
    Call.outgoing({ ...common, endpoints, signalling: messagePortSignalling(port1) }),
    Call.incoming({ ...common, signalling: messagePortSignalling(port2) }),
  ]);
  callee.on('state', (state) => state === 'incoming' && callee.accept());
  const active = [reaches(caller, 'active'), reaches(callee, 'active')];
  caller.start();
  await Promise.all(active);
  assert.equal(caller.emojis, callee.emojis);

  const enough = new Promise((resolve) => {
    const timer = setInterval(() => {
      caller.write(new Float32Array(960).fill(7));
      if (callee.read()[0] !== 7) return;
      clearInterval(timer);
      resolve(undefined);
    }, 5);
  });
  await enough;
  assert.is(relay.stats.unknown + relay.stats.malformed + relay.stats.refused, 0);
  assert.is(callee.stats().packets.dropped, 0);
  const voice = seen.filter((datagram) => datagram.length > 24 + 16 + 60);
  assert.ok(voice.length > 0);
  const ended = reaches(callee, 'ended');
  caller.hangUp();
  await ended;
  assert.is(callee.end?.by, 'caller');
  caller.close();
  callee.close();
  await relay.close();
});

call('the relay in use dies: another one, by TCP, carries the call on', async () => {
  const peerTag = Uint8Array.from({ length: 16 }, (_, i) => 100 + i);
  const byUdp = await serveRelay({ bases: [peerTag] });
  const byTcp = await serveRelay({ listen: ['tcp://127.0.0.1:0'], bases: [peerTag] });
  /** @type {import('sottovoce/transport').Endpoint[]} */
  const endpoints = [
    { kind: 'relay', ...byUdp.address, peerTag },
    { kind: 'relay', protocol: 'tcp', ...byTcp.address, peerTag },
  ];
  const { port1, port2 } = new MessageChannel();
  const common = {
    codec: codecModel,
    p2p: false,
    endpoints,
    connect: connectBy({
      udp: (endpoint, role) => connectUdp(endpoint, role, { host }),
      tcp: connectTcp,
    }),
  };
  const [caller, callee] = await Promise.all([
    Call.outgoing({ ...common, signalling: messagePortSignalling(port1) }),
    Call.incoming({ ...common, signalling: messagePortSignalling(port2) }),
  ]);
  callee.on('state', (state) => state === 'incoming' && callee.accept());
  /** @type {string[]} */
  const states = [];
  const active = [reaches(caller, 'active'), reaches(callee, 'active')];
  caller.start();
  await Promise.all(active);
  for (const end of [caller, callee]) end.on('state', (state) => states.push(state));
  let said = 1;
  let heard = 0;
  const timer = setInterval(() => {
    caller.write(new Float32Array(960).fill(said++));
    heard = Math.max(heard, callee.read()[0] ?? 0);
  }, 20);
  const until = (/** @type {() => boolean} */ holds) =>
    new Promise((resolve) => {
      const poll = setInterval(() => {
        if (!holds()) return;
        clearInterval(poll);
        resolve(undefined);
      }, 5);
    });
  const open = () => caller.stats().paths.every((path) => path.open && path.rttMs !== null);
  const preferred = () => caller.stats().paths[0]?.active && callee.stats().paths[0]?.active;
  await until(() => open() && preferred() === true && heard > 10);
  await byUdp.close();
  const dead = said;
  await until(() => heard > dead);
  await until(() => caller.stats().paths[1]?.active === true);
  assert.equal(states, [], 'it stayed active');
  clearInterval(timer);
  caller.close();
  callee.close();
  await byTcp.close();
});

call.run();
