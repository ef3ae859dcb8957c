import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { emulatedPath } from 'sottovoce/emulation';
import {
  ADDRESSES,
  addressAt,
  connectPaths,
  longestGap,
  makePathCalls,
  pass,
  relayAt,
  talkFor,
} from '../support/path-calls.js';

const paths = suite('call/paths');
const relays = [relayAt('one'), relayAt('two')];
const own = ADDRESSES.map(addressAt);

/** Two relays, known to both. @param {Partial<Parameters<typeof makePathCalls>[0]>} [options] */
const twoRelays = (options = {}) =>
  makePathCalls({
    paths: { one: { delayMs: 60 }, two: { delayMs: 65 } },
    caller: { endpoints: relays },
    ...options,
  });

/** Two relays and an address of each. @param {Partial<Parameters<typeof makePathCalls>[0]>} [options] */
const everything = ({ caller, callee, ...options } = {}) =>
  makePathCalls({
    paths: { one: { delayMs: 60 }, two: { delayMs: 65 }, direct: { delayMs: 50 } },
    caller: { endpoints: [...relays, own[0]], ...caller },
    callee: { endpoints: [own[1], ...relays], ...callee },
    ...options,
  });

/** The kind and place of the active path. @param {import('sottovoce/call').Call} call */
const activeOf = (call) => call.stats().paths.findIndex(({ active }) => active);

/** What was heard, without silence and repetition. @param {{ value: number }[]} heard */
const values = (heard) => heard.map(({ value }) => value).filter((value) => value > 0);

paths('all are opened side by side, and the direct one carries the call', async () => {
  const calls = await everything();
  /** @type {import('sottovoce/call').CallStats[]} */
  const told = [];
  calls.caller.on('statistics', (stats) => told.push(stats));
  await connectPaths(calls);
  const heard = await talkFor(calls, 4000);
  assert.ok(told.length >= 4 && told.length <= 5, 'once a second');
  assert.ok((told.at(-1)?.packets.sent ?? 0) > 150);
  for (const call of [calls.caller, calls.callee]) {
    const all = call.stats().paths;
    assert.equal(
      all.map(({ kind, open, active }) => ({ kind, open, active })),
      [
        { kind: 'relay', open: true, active: false },
        { kind: 'relay', open: true, active: false },
        { kind: 'direct', open: true, active: true },
      ],
    );
    assert.equal(
      all.map(({ rttMs }) => Math.round(rttMs ?? 0)),
      [120, 130, 100],
    );
    assert.ok(call.stats().rttMs === 100 && all.every(({ loss }) => loss === 0));
  }
  for (const [i, frames] of heard.entries()) {
    const said = values(frames);
    assert.is(new Set(said).size, said.length, 'nothing is played twice');
    assert.equal(
      said,
      said.map((_, k) => said[0] + 20 * k),
      `end ${i}: nothing is missing, although the path has changed meanwhile`,
    );
  }
  assert.equal(calls.connected[0], ['one', 'two', ADDRESSES[1]]);
  assert.equal(calls.connected[1], ['one', 'two', ADDRESSES[0]]);
});

paths('a path that dies in any way is left within a second, without another key', async () => {
  /** @type {Record<string, (calls: Awaited<ReturnType<typeof twoRelays>>, name: string) => void>} */
  const deaths = {
    both(calls, name) {
      calls.network[name].cut();
    },
    there(calls, name) {
      calls.network[name].change({ loss: 1 }, { delayMs: 60 });
    },
    back(calls, name) {
      calls.network[name].change({ delayMs: 60 }, { loss: 1 });
    },
    told(calls, name) {
      calls.network[name].cut();
      for (const i of [0, 1]) calls.transports.get(`${name} ${i}`)?.die();
    },
  };
  for (const [how, kill] of Object.entries(deaths)) {
    for (const offset of [0, 260]) {
      const calls = await twoRelays({ seed: offset + 1 });
      await connectPaths(calls);
      /** @type {string[]} */
      const states = [];
      calls.caller.on('state', (state) => states.push(state));
      const fingerprint = calls.caller.keyFingerprint;
      await talkFor(calls, 1000 + offset);
      kill(calls, ['one', 'two'][activeOf(calls.caller)]);
      const heard = await talkFor(calls, 2000);
      const gaps = heard.map(longestGap);
      assert.ok(Math.max(...gaps) <= (how === 'told' ? 60 : 800), `${how} ${offset}: ${gaps}`);
      assert.equal(states, [], 'the call stays active');
      assert.is(calls.caller.keyFingerprint, fingerprint);
      for (const call of [calls.caller, calls.callee]) call.close();
    }
  }
});

paths('nobody leaves a path for a short outage or for losses', async () => {
  const calls = await twoRelays({
    paths: {
      one: { delayMs: 30, loss: 0.1 },
      two: { delayMs: 140, outages: [{ atMs: 3000, durationMs: 100 }] },
    },
  });
  await connectPaths(calls);
  await talkFor(calls, 1000);
  let changes = 0;
  calls.caller.on('path', () => changes++);
  await talkFor(calls, 4000);
  calls.network.one.change({ delayMs: 30, outages: [{ atMs: 500, durationMs: 100 }] });
  await talkFor(calls, 3000);
  assert.is(changes, 0);
  const [one] = calls.caller.stats().paths;
  assert.ok(one.loss > 0, 'the losses were measured');
});

paths('a path that loses more than another is left', async () => {
  const calls = await twoRelays();
  await connectPaths(calls);
  await talkFor(calls, 2500);
  const bad = activeOf(calls.caller);
  calls.network[['one', 'two'][bad]].change({ delayMs: 60, loss: 0.35 });
  await talkFor(calls, 8000);
  assert.is(activeOf(calls.caller), 1 - bad);
});

paths('no path at all: reconnecting, and back', async () => {
  const calls = await twoRelays();
  await connectPaths(calls);
  /** @type {string[]} */
  const states = [];
  calls.caller.on('state', (state) => states.push(state));
  await talkFor(calls, 1000);
  for (const path of Object.values(calls.network)) path.cut();
  await talkFor(calls, 6000);
  assert.is(calls.caller.state, 'reconnecting');
  assert.ok(calls.caller.write(new Float32Array(960)), 'it goes on trying');
  assert.ok(calls.connected[0].length > 2, 'paths are opened anew: the address may have changed');
  assert.ok(calls.connected[0].length < 20, 'and not without end');
  calls.network.two.change({ delayMs: 80 });
  const heard = await talkFor(calls, 1500);
  assert.equal(states, ['reconnecting', 'active']);
  assert.ok(values(heard[0]).length > 20 && values(heard[1]).length > 20);
  for (const path of Object.values(calls.network)) path.cut();
  await talkFor(calls, 11_000);
  assert.is(calls.caller.end?.error?.code, 'connection-lost');
  assert.is(calls.clock.pending, 0);
});

paths('told of another network, it opens every path anew at once', async () => {
  const calls = await twoRelays();
  await connectPaths(calls);
  calls.caller.networkChanged();
  await pass(calls, 40);
  assert.equal(calls.connected[0], ['one', 'two', 'one', 'two']);
  const heard = await talkFor(calls, 1000);
  assert.ok(longestGap(heard[1].slice(15)) <= 20);
});

paths('a dead transport is opened again, later and later while that fails', async () => {
  const calls = await twoRelays();
  await connectPaths(calls);
  await talkFor(calls, 500);
  calls.transports.get('one 0')?.die();
  await talkFor(calls, 1000);
  assert.equal(calls.connected[0], ['one', 'two', 'one']);
  assert.ok(calls.caller.stats().paths[0].open);
});

paths('muted: nothing leaves, the peer is told, and silence is no alarm', async () => {
  const calls = await twoRelays();
  const { caller, callee } = calls;
  caller.mute(true);
  await connectPaths(calls);
  /** @type {boolean[]} */
  const muted = [];
  /** @type {string[]} */
  const states = [];
  callee.on('mute', (value) => muted.push(value));
  callee.on('state', (state) => states.push(state));
  assert.not(caller.write(new Float32Array(960)));
  callee.mute(true);
  await talkFor(calls, 6000);
  assert.is(caller.stats().voice.frames + callee.stats().voice.frames, 0);
  assert.ok(callee.remoteMuted && caller.remoteMuted);
  assert.equal(states, []);
  caller.mute(false);
  caller.mute(true);
  caller.mute(false);
  const heard = await talkFor(calls, 1000);
  assert.not(callee.remoteMuted);
  assert.is(muted.at(-1), false);
  assert.ok(values(heard[1]).length > 30);
});

paths('p2p: false at either end: no address of that end in any byte, no direct path', async () => {
  for (const hidden of /** @type {const} */ ([0, 1])) {
    const calls = await everything({ [hidden === 0 ? 'caller' : 'callee']: { p2p: false } });
    // As every option but p2p permits it: the other end would have been told.
    const options = { endpoints: hidden === 0 ? [...relays, own[0]] : [own[1], ...relays] };
    assert.ok(options.endpoints.some(({ kind }) => kind === 'direct'));
    await connectPaths(calls);
    await talkFor(calls, 3000);
    for (const name of ['one', 'two']) calls.network[name].cut();
    await talkFor(calls, 3000);
    assert.is(calls.caller.state, 'reconnecting', 'rather no call than a direct path');
    for (const list of calls.connected) {
      assert.not(list.some((host) => ADDRESSES.includes(host)));
    }
    const address = ADDRESSES[hidden];
    const binary = address.split('.').map(Number);
    for (const message of calls.signalled[hidden]) assert.not(holds(message, address, binary));
    for (const data of calls.bytes[hidden]) assert.not(holds(data, address, binary));
    assert.ok(calls.bytes[hidden].length > 100);
  }
});

paths('addresses are sealed: whoever carries the signalling does not see them either', async () => {
  const calls = await everything();
  await connectPaths(calls);
  for (const [i, address] of ADDRESSES.entries()) {
    for (const message of calls.signalled[i]) {
      assert.not(holds(message, address, address.split('.').map(Number)));
    }
  }
});

paths(
  'negotiated paths: texts go sealed, and a new round of one end is followed by the other',
  async () => {
    /** @type {string[]} */
    const texts = [];
    /** @type {(() => void)[]} */
    const deaths = [];
    /** @type {import('sottovoce/emulation').EmulatedPath[]} */
    const made = [];
    let wanted = 0;
    /**
     * As WebRTC does it: the caller offers, the callee answers.
     * @param {0 | 1} index
     * @returns {import('sottovoce/call').PathConnector}
     */
    const negotiate =
      (index) =>
      (endpoint, role, { channel, p2p }) => {
        assert.equal(
          [endpoint.kind, role, p2p],
          ['webrtc', index === 0 ? 'caller' : 'callee', true],
        );
        return new Promise((resolve) => {
          const open = () => {
            const path = made[Math.floor(wanted++ / 2)] ?? assert.unreachable();
            const end = path.ends[index];
            resolve({
              send: (data) => end.send(data),
              onDatagram: (handler) => end.onDatagram(handler),
              onClose: (handler) => void deaths.push(handler),
              close: () => end.close(),
            });
          };
          channel.onMessage((text) => {
            texts.push(`${role} ${text}`);
            if (index === 1) channel.send('answer');
            open();
          });
          if (index === 0) channel.send('offer');
        });
      };
    /** @type {import('sottovoce/transport').Endpoint[]} */
    const endpoints = [{ kind: 'webrtc' }];
    const calls = await makePathCalls({
      paths: {},
      caller: { endpoints, connect: negotiate(0) },
      callee: { endpoints, connect: negotiate(1) },
    });
    for (let i = 0; i < 2; i++) {
      made.push(emulatedPath({ clock: calls.clock, forward: { delayMs: 40 } }));
    }
    await connectPaths(calls);
    assert.equal(texts, ['callee offer', 'caller answer']);
    await talkFor(calls, 500);
    deaths[1]?.(); // the callee's transport: only the caller can begin anew
    const heard = await talkFor(calls, 2000);
    assert.equal(texts.slice(2), ['callee offer', 'caller answer']);
    assert.is(wanted, 4);
    assert.ok(values(heard[0]).length > 40 && values(heard[1]).length > 40);
    assert.is(calls.callee.state, 'active');
    for (const { type } of [...calls.signalled[0], ...calls.signalled[1]]) {
      assert.ok(['request', 'ringing', 'accept', 'confirm', 'signaling-data'].includes(type));
    }
  },
);

/**
 * Whether a value holds an address, as text or as bytes, at any depth.
 * @param {unknown} value @param {string} text @param {number[]} bytes
 * @returns {boolean}
 */
function holds(value, text, bytes) {
  if (typeof value === 'string') return value.includes(text);
  if (value instanceof Uint8Array) {
    const characters = [...text].map((character) => character.charCodeAt(0));
    return contains(value, bytes) || contains(value, characters);
  }
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((inner) => holds(inner, text, bytes));
}

/** @param {Uint8Array} data @param {number[]} part */
function contains(data, part) {
  for (let at = data.indexOf(part[0]); at >= 0; at = data.indexOf(part[0], at + 1)) {
    if (part.every((byte, i) => data[at + i] === byte)) return true;
  }
  return false;
}

paths.run();
