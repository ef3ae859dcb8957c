import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  encodeSealedMessage,
  offerTerms,
  parseSealedMessage,
  PathTexts,
  SealedSignalling,
} from 'sottovoce/internal';
import { VirtualClock } from 'sottovoce/emulation';
import { crypto, end, sharedKey } from '../support/call-pair.js';
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

/** @typedef {import('sottovoce/call').SignallingMessage} SignallingMessage */

const sealed = suite('call/sealed signalling');
const relays = [relayAt('one'), relayAt('two')];
const terms = offerTerms({ endpoints: relays, p2p: true });
/** @type {import('../../build/call/sealed-messages.js').SealedMessage} */
const setup = {
  type: 'Setup',
  offer: terms,
  choice: terms,
  addresses: [{ kind: 'direct', host: '2001:db8::1', port: 7 }],
  codecs: [
    { name: 'opus', payloadType: 111, clockRate: 48_000, channels: 2, parameters: { ptime: '20' } },
  ],
};
/** @type {import('../../build/call/sealed-messages.js').SealedMessage} */
const text = { type: 'PathText', path: 3, round: 1, text: 'candidate:ü' };

sealed('what is said is understood', () => {
  for (const message of [setup, text]) {
    assert.equal(parseSealedMessage(encodeSealedMessage(message)), message);
  }
  const json = JSON.parse(String.fromCharCode(...encodeSealedMessage(setup)));
  assert.is(json['@type'], 'Setup');
  assert.is(json.offer.endpoints[0].peerTag.length, 32, 'bytes are hexadecimal');
});

/** @param {unknown} value */
const parse = (value) => {
  const characters = [...JSON.stringify(value)].map((character) => character.charCodeAt(0) & 0x7f);
  return parseSealedMessage(Uint8Array.from(characters));
};
const plain = JSON.parse(
  String.fromCharCode(...encodeSealedMessage(setup)),
  (_key, value) => value,
);

sealed('every field is checked', () => {
  assert.ok(parse(plain));
  assert.is(parse({ '@type': 'InitialSetup' }), undefined, 'of a stack to come: ignored');
  const codec = plain.codecs[0];
  const relay = plain.offer.endpoints[0];
  for (const change of [
    { offer: null },
    { offer: { ...plain.offer, protocol: {} } },
    { offer: { ...plain.offer, endpoints: [{ ...relay, peerTag: 'zz' }] } },
    { offer: { ...plain.offer, endpoints: [{ ...relay, peerTag: relay.peerTag.slice(2) }] } },
    { offer: { ...plain.offer, endpoints: Array(17).fill(relay) } },
    { choice: [] },
    { addresses: 'none' },
    { addresses: Array(17).fill(plain.addresses[0]) },
    { codecs: {} },
    { codecs: Array(33).fill(codec) },
    { codecs: [{ ...codec, payloadType: 128 }] },
    { codecs: [{ ...codec, parameters: { a: 1 } }] },
    { codecs: [{ ...codec, parameters: null }] },
  ]) {
    assert.is(parse({ ...plain, ...change }), null, JSON.stringify(change));
  }
  for (const change of [{ path: 16 }, { path: '1' }, { round: 65_536 }, { text: 1 }]) {
    assert.is(parse({ '@type': 'PathText', path: 1, round: 1, text: '', ...change }), null);
  }
  for (const value of [null, 1, [], {}, { '@type': 1 }]) assert.is(parse(value), null);
  assert.is(parseSealedMessage(new Uint8Array(20_000).fill(32)), null);
});

sealed('hostile texts: nothing throws', () => {
  const json = fc.json({ maxDepth: 4 });
  const like = fc.record(
    Object.fromEntries(
      ['@type', 'offer', 'choice', 'addresses', 'codecs', 'path', 'round', 'text'].map((name) => [
        name,
        fc.oneof(fc.jsonValue(), fc.constantFrom('Setup', 'PathText', plain[name])),
      ]),
    ),
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        fc.string(),
        like.map((v) => JSON.stringify(v)),
      ),
      (value) => {
        const bytes = Uint8Array.from([...value].map((character) => character.charCodeAt(0)));
        const message = parseSealedMessage(bytes);
        assert.ok(!message || parseSealedMessage(encodeSealedMessage(message)));
      },
    ),
    { seed: 3, numRuns: 100 },
  );
});

/** Two ends of the channel with a carrier in between. @param {(data: Uint8Array) => number[]} fate */
function channel(fate) {
  const clock = new VirtualClock();
  /** @type {[any[], any[]]} */
  const heard = [[], []];
  /** @type {string[]} */
  const faults = [];
  /** @type {SealedSignalling[]} */
  const ends = [];
  for (const i of [0, 1]) {
    ends.push(
      new SealedSignalling(crypto, {
        key: sharedKey(5),
        role: i === 0 ? 'caller' : 'callee',
        clock,
        send: (data) => {
          for (const delay of fate(data)) {
            clock.setTimer(delay, () => ends[1 - i].receive(data));
          }
        },
        onMessage: (message) => heard[i].push(message),
        onFault: ({ code }) => faults.push(code),
      }),
    );
  }
  return { clock, ends, heard, faults };
}

sealed('loss, duplicates and reordering: everything arrives, once and in order', () => {
  for (const seed of [1, 2, 3]) {
    const random = prng(seed);
    const { clock, ends, heard, faults } = channel(() => {
      if (random.int(10) < 4) return [];
      const delay = 20 + random.int(8000);
      return random.int(4) === 0 ? [delay, delay + random.int(5000)] : [delay];
    });
    /** @type {number[][]} */
    const said = [[], []];
    for (let n = 0; n < 100; n++) {
      const who = random.int(2);
      said[who].push(n);
      ends[who].send({ ...text, text: `${n}` });
      clock.advance(random.int(4000));
    }
    clock.advance(200_000);
    for (const i of [0, 1]) {
      assert.equal(
        heard[1 - i].map((message) => Number(message.text)),
        said[i],
      );
    }
    assert.equal(faults, []);
    for (const end of ends) end.close();
    assert.is(clock.pending, 0);
  }
});

sealed('a carrier that delivers nothing: what waits is bounded', () => {
  const { ends, clock } = channel(() => []);
  let code = '';
  for (let n = 0; n < 100 && !code; n++) {
    try {
      ends[0].send(text);
    } catch (error) {
      code = /** @type {any} */ (error).code;
      assert.is(n, 64);
    }
  }
  assert.is(code, 'too-many-unacknowledged');
  clock.advance(60_000);
  ends[0].close();
  assert.is(clock.pending, 0);
});

sealed('texts of a path: rounds', () => {
  /** @type {[number, string][]} */
  const sent = [];
  const texts = new PathTexts((round, value) => sent.push([round, value]));
  /** @type {string[]} */
  const heard = [];
  assert.not(texts.hear(1, 'early', 0));
  const first = texts.next();
  first.send('offer');
  first.onMessage((value) => heard.push(`1 ${value}`));
  assert.not(texts.hear(1, 'now', 0));
  assert.ok(texts.hear(2, 'again', 5000), 'the peer has opened another one: follow');
  assert.not(texts.hear(1, 'old', 5000));
  const second = texts.next();
  first.send('too late');
  second.onMessage((value) => heard.push(`2 ${value}`));
  assert.not(texts.hear(3, 'flood', 5100), 'not so soon');
  assert.not(texts.hear(2, '', 5100));
  texts.next().send('third');
  assert.equal(heard, ['1 early', '1 now', '2 again']);
  assert.equal(sent, [
    [1, 'offer'],
    [2, ''],
    [3, ''],
    [3, 'third'],
  ]);
  let followed = 0;
  for (let round = 4; round < 500; round++) {
    if (texts.hear(round, 'x', round * 10_000)) followed++;
    texts.next();
  }
  assert.ok(followed < 100, 'a peer cannot have a path opened for ever');
  for (let n = 0; n < 1000; n++) texts.hear(499, 'x', 6e6);
  let kept = 0;
  texts.next().onMessage(() => kept++);
  assert.ok(kept <= 64);
});

/** Changes one message on its way. @param {string} type @param {(message: any) => object} change */
const tampered = (type, change) => (/** @type {SignallingMessage} */ message) => [
  message.type === type ? /** @type {any} */ ({ ...message, ...change(message) }) : message,
];

sealed('anything that is changed on the way ends the call before a word was said', async () => {
  /** @type {[string, (message: any) => object, string][]} */
  const cases = [
    ['request', ({ endpoints }) => ({ endpoints: endpoints.slice(1) }), 'downgrade'],
    ['accept', ({ endpoints }) => ({ endpoints: endpoints.slice(1) }), 'downgrade'],
    ['request', ({ protocol }) => ({ protocol: { ...protocol, udpP2p: false } }), 'downgrade'],
    ['accept', ({ protocol }) => ({ protocol: { ...protocol, udpP2p: false } }), 'downgrade'],
    ['accept', ({ protocol }) => ({ protocol: { ...protocol, minLayer: 64 } }), 'downgrade'],
    ['confirm', ({ endpoints }) => ({ endpoints: endpoints.slice(1) }), 'downgrade'],
    [
      'request',
      ({ protocol }) => ({
        protocol: { ...protocol, libraryVersions: ['0', ...protocol.libraryVersions] },
      }),
      'downgrade',
    ],
    [
      'confirm',
      ({ protocol }) => ({ protocol: { ...protocol, udpReflector: false } }),
      'downgrade',
    ],
  ];
  for (const [type, change, reason] of cases) {
    const calls = await makePathCalls({
      paths: { one: { delayMs: 30 }, two: { delayMs: 30 }, direct: { delayMs: 20 } },
      signalling: tampered(type, change),
      caller: { endpoints: [...relays, addressAt(ADDRESSES[0])] },
      callee: { endpoints: [...relays, addressAt(ADDRESSES[1])] },
    });
    const { caller, callee } = calls;
    await connectPaths(calls);
    const ends = [caller.end, callee.end];
    assert.ok(
      ends.some((one) => one?.reason === reason && one.error?.code === 'downgrade'),
      `${type} ${change}: ${JSON.stringify(ends)}`,
    );
    assert.ok(ends.every(Boolean));
    assert.is(caller.stats().voice.frames + callee.stats().voice.frames, 0);
    for (const { type: name, ...rest } of [...calls.signalled[0], ...calls.signalled[1]]) {
      if (name === 'discard') assert.is(/** @type {any} */ (rest).reason, 'disconnect');
    }
    await pass(calls, 100);
    assert.is(calls.clock.pending, 0);
  }
});

sealed(
  'a carrier that loses, doubles and disorders: the call comes about, and goes on',
  async () => {
    for (const seed of [1, 2]) {
      const random = prng(seed);
      const calls = await makePathCalls({
        paths: { one: { delayMs: 30 } },
        caller: { endpoints: [relays[0]] },
        signalling(message) {
          if (message.type !== 'signaling-data') return [message, message];
          if (random.int(3) === 0) return [];
          return [message, random.int(3000), message, random.int(3000)];
        },
      });
      await connectPaths(calls);
      for (let i = 0; i < 1000 && calls.caller.state === 'connecting'; i++) await pass(calls, 20);
      for (let i = 0; i < 1000 && calls.callee.state === 'connecting'; i++) await pass(calls, 20);
      assert.equal([calls.caller.state, calls.callee.state], ['active', 'active']);
    }
  },
);

sealed(
  'a carrier that throws: a loss while the call lasts, and no obstacle to its end',
  async () => {
    let broken = false;
    const calls = await makePathCalls({
      paths: { one: { delayMs: 30 } },
      caller: { endpoints: [relays[0]] },
      signalling(message) {
        if (broken) throw new Error('the socket is closed');
        broken = message.type === 'confirm';
        return [message];
      },
    });
    calls.caller.start();
    await pass(calls, 20);
    calls.callee.accept();
    await pass(calls, 3000);
    assert.is(calls.caller.state, 'connecting');
    broken = false;
    await pass(calls, 6000);
    assert.equal([calls.caller.state, calls.callee.state], ['active', 'active']);
    broken = true;
    calls.caller.close();
    calls.callee.close();
    assert.is(calls.clock.pending, 0);
  },
);

sealed('sealed packets that overtake the key wait for it, a few of them', async () => {
  /** @type {any} */
  let held;
  const calls = await makePathCalls({
    paths: { one: { delayMs: 30 } },
    caller: { endpoints: [relays[0]] },
    signalling(message) {
      if (message.type === 'confirm') held = message;
      return message.type === 'confirm' ? [message, 400] : [message];
    },
  });
  const { caller, callee, handlers } = calls;
  caller.start();
  await pass(calls, 20);
  callee.accept();
  await pass(calls, 20);
  assert.ok(held);
  for (let n = 0; n < 1000; n++) {
    handlers[1]({ type: 'signaling-data', callId: held.callId, data: new Uint8Array(16_384) });
  }
  await pass(calls, 460);
  assert.is(callee.state, 'active', 'without the five seconds of a repetition');
});

sealed(
  'without the setup of the other end there is no call, whatever comes on the paths',
  async () => {
    const calls = await makePathCalls({
      paths: { one: { delayMs: 30 } },
      caller: { endpoints: [relays[0]] },
      signalling: (message, from) =>
        from === 0 && message.type === 'signaling-data' ? [] : [message],
    });
    const { caller, callee } = calls;
    caller.start();
    await pass(calls, 20);
    callee.accept();
    await pass(calls, 29_000);
    assert.is(callee.state, 'connecting');
    assert.ok(callee.stats().packets.received > 10);
    await pass(calls, 1500);
    assert.is(callee.end?.error?.code, 'timeout');
    assert.match(callee.end?.error?.message ?? '', /sealed signalling/);
  },
);

sealed('malformed under seal: protocol-violation', () => {
  /** @type {[string, (send: (data: Uint8Array) => void) => void][]} */
  const lies = [
    ['no JSON', (send) => send(Uint8Array.of(123))],
    ['no type', (send) => send(Uint8Array.from([123, 125]))],
    ['too long', (send) => send(new Uint8Array(16_100).fill(32))],
  ];
  for (const [name, tell] of lies) {
    const { ends, faults, clock } = channel(() => [10]);
    const peer = end({
      seed: 5,
      clock: /** @type {any} */ (clock),
      role: 'caller',
      channel: 'signaling',
      mode: 'raw',
    });
    tell((data) => peer.connection.send({ type: 'raw', data }));
    for (const packet of peer.packets) ends[1].receive(packet);
    assert.equal(faults, ['protocol-violation'], name);
    peer.connection.close();
    for (const one of ends) one.close();
  }
});

sealed('a flood on the signalling: nothing is kept, the call goes on', async () => {
  const calls = await makePathCalls({
    paths: { one: { delayMs: 30 } },
    caller: { endpoints: [relays[0]] },
  });
  await connectPaths(calls);
  const random = prng(9);
  const [{ callId }] = calls.signalled[0];
  const recorded = calls.signalled[0].filter(({ type }) => type === 'signaling-data');
  for (let n = 0; n < 2000; n++) {
    const data = random.bytes(21 + random.int(200));
    calls.handlers[1]({ type: 'signaling-data', callId, data });
    calls.handlers[1](recorded[n % recorded.length]);
  }
  const pending = calls.clock.pending;
  const heard = await talkFor(calls, 500);
  assert.is(calls.callee.state, 'active');
  assert.ok(calls.clock.pending <= pending + 10);
  assert.ok(heard[1].some(({ value }) => value > 0));
});

sealed.run();
