import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Call, messagePortSignalling, systemClock } from 'sottovoce/call';
import { serveRelay } from 'sottovoce/relay/server';
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

call.run();
