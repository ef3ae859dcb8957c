import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Call, CallerExchange, createCallCore } from 'sottovoce/call';
import { insecureRandomForTests } from 'sottovoce/internal';
import { codecModel, connect, makeCalls, settle } from '../support/calls.js';
import { prng } from '../support/prng.js';

const call = suite('call/call');

/** A frame that says `n`. */
const frame = (/** @type {number} */ n) => new Float32Array(960).fill(n);

/** Both talk for `frames` frames of 20 ms; what each heard. */
function talk({ clock, caller, callee }, /** @type {number} */ frames) {
  /** @type {[number[], number[]]} */
  const heard = [[], []];
  for (let n = 1; n <= frames; n++) {
    caller.write(frame(n));
    callee.write(frame(n + 100_000));
    heard[0].push(caller.read()[0]);
    heard[1].push(callee.read()[0]);
    clock.advance(20);
  }
  return heard;
}

/** What of `heard` was real, without the silence before. */
const real = (/** @type {number[]} */ heard) => heard.filter((n) => n > 0);
/** @param {() => unknown} act @param {string} code */
const fails = (act, code) =>
  assert.throws(act, (/** @type {any} */ error) => error.code === code, code);

call('from ringing to talking to hanging up', async () => {
  const calls = await makeCalls();
  const { caller, callee, clock, signalled } = calls;
  /** @type {string[]} */
  const states = [];
  /** @type {string[]} */
  const steps = [];
  caller.on('state', (state) => states.push(state));
  callee.on('step', ({ name, from }) => steps.push(`${from} ${name}`));
  fails(() => callee.accept(), 'out-of-order');
  fails(() => callee.start(), 'out-of-order');
  await connect(calls);
  assert.equal(states, ['requesting', 'ringing', 'exchanging', 'connecting', 'active']);
  assert.equal(steps, [
    'caller commitment',
    'callee negotiated',
    'callee ringing',
    'callee public-value',
    'caller reveal',
    'callee commitment-verified',
    'callee key',
    'callee verified',
    'callee connected',
    'caller first-packet',
  ]);
  assert.equal(
    signalled.map(({ type }) => type),
    ['request', 'ringing', 'accept', 'confirm', ...Array(4).fill('signaling-data')],
    'each end repeats under seal what it has said, and acknowledges what it heard',
  );
  assert.equal(caller.emojis, callee.emojis);
  assert.is(caller.keyFingerprint, callee.keyFingerprint);
  fails(() => caller.start(), 'out-of-order');

  const heard = talk(calls, 100);
  assert.equal(
    real(heard[1]),
    Array.from({ length: real(heard[1]).length }, (_, i) => i + 1),
  );
  assert.is(real(heard[0])[0], 100_001);
  assert.is(heard[1].indexOf(1), 5, '30 ms of way and 60 ms of playout delay, in whole frames');
  const stats = callee.stats();
  assert.is(stats.packets.lost + stats.packets.dropped + stats.packets.concealed, 0);
  assert.is(caller.stats().rttMs, 60);
  assert.is(caller.stats().voice.frames, 100);
  assert.ok(stats.bitrate.received > 30_000 && stats.bitrate.received < 50_000);

  /** @type {any[]} */
  const ends = [];
  for (const end of [caller, callee]) end.on('ended', (value) => ends.push(value));
  caller.hangUp();
  clock.advance(5);
  assert.equal(ends, Array(2).fill({ reason: 'hangup', by: 'caller', duration: 2 }));
  assert.not(caller.write(frame(1)));
  clock.advance(30);
  assert.is(clock.pending, 0, 'no timer is left');
  assert.is(callee.stats().packets.received, stats.packets.received, 'statistics stay');
  for (const end of [caller, callee, caller]) end.close();
  fails(() => caller.read(), 'released');
  fails(() => callee.write(frame(1)), 'released');
});

/** Steps that each end reports of itself or of the other, in their order. */
const STEPS = {
  caller: ['commitment', 'ringing', 'public-value', 'negotiated', 'reveal', 'key'],
  callee: [
    'commitment',
    'negotiated',
    'ringing',
    'public-value',
    'reveal',
    'commitment-verified',
    'key',
  ],
};
const LATE_STEPS = ['verified', 'connected', 'first-packet'];

call('a handler of any step or state may hang up: the call ends once and stays ended', async () => {
  for (const role of /** @type {const} */ (['caller', 'callee'])) {
    const steps = [...STEPS[role], ...LATE_STEPS].map((at) => ({ event: 'step', at }));
    const first = role === 'caller' ? ['requesting', 'ringing'] : ['incoming'];
    const states = [...first, 'exchanging', 'connecting', 'active'];
    for (const { event, at } of [...steps, ...states.map((at) => ({ event: 'state', at }))]) {
      const calls = await makeCalls();
      const { caller, callee, clock } = calls;
      const end = calls[role];
      const what = `${role} ${event} ${at}`;
      /** @type {string[]} */
      const after = [];
      let [hits, ended] = [0, 0];
      end.on(/** @type {any} */ (event), (/** @type {any} */ value) => {
        if ((value.name ?? value) !== at) return;
        hits++;
        end.hangUp();
        end.on('state', (state) => after.push(state));
        end.on('step', ({ name }) => after.push(name));
      });
      end.on('ended', () => ended++);
      callee.on('state', (state) => {
        if (state === 'incoming' && callee.state === 'incoming') callee.accept();
      });
      caller.start();
      for (let i = 0; i < 10; i++) {
        clock.advance(20);
        await settle();
      }
      assert.is(hits, 1, what);
      assert.is(ended, 1, what);
      assert.is(end.state, 'ended', what);
      assert.equal(after, [], what);
      for (const one of [caller, callee]) one.close();
      assert.is(clock.pending, 0, `${what}: no timer is left`);
    }
  }
});

call('what the carrier throws at `ringing` and `confirm` is a lost message', async () => {
  for (const type of ['ringing', 'confirm']) {
    const calls = await makeCalls({
      signalling(message) {
        if (message.type === type) throw new Error('the carrier is gone');
        return message;
      },
    });
    const { caller, callee, clock } = calls;
    callee.on('state', (state) => state === 'incoming' && callee.accept());
    caller.start();
    clock.advance(60);
    await settle();
    assert.is(callee.state, type === 'ringing' ? 'connecting' : 'exchanging');
    clock.advance(100_000);
    for (const one of [caller, callee]) one.close();
  }
});

call('a peer that acknowledges no text of a path ends the call, and throws nowhere', async () => {
  let deaf = false;
  /** @type {Awaited<ReturnType<typeof makeCalls>>} */
  let calls;
  /** @type {import('sottovoce/transport').PathChannel[]} */
  const channels = [];
  /** @type {(index: number) => Partial<import('sottovoce/call').CallOptions>} */
  const end = (index) => ({
    endpoints: [{ kind: 'webrtc' }],
    connect(_endpoint, _role, { channel }) {
      channels[index] = channel;
      return calls.transports[index];
    },
  });
  calls = await makeCalls({
    signalling: (message, from) => (deaf && from === 1 ? null : message),
    caller: end(0),
    callee: end(1),
  });
  const { caller, callee, clock } = calls;
  await connect(calls);
  assert.is(caller.state, 'active');
  deaf = true;
  for (let i = 0; i < 200; i++) channels[0].send(`${i}`);
  assert.is(caller.state, 'active', 'a transport is not closed while it speaks');
  clock.advance(1);
  assert.is(caller.end?.error?.code, 'too-many-unacknowledged');
  for (const one of [caller, callee]) one.close();
});

call('muting a call that has ended does nothing', async () => {
  const calls = await makeCalls();
  await connect(calls);
  calls.caller.hangUp();
  calls.caller.mute(true);
  for (const one of [calls.caller, calls.callee]) one.close();
  fails(() => calls.caller.mute(false), 'released');
});

call('mouth to ear by RTP timestamps', async () => {
  const calls = await makeCalls();
  const { caller, callee, clock } = calls;
  await connect(calls);
  assert.is(caller.lastSent, -1);
  const delays = new Set();
  /** @type {Map<number, number>} */
  const sent = new Map();
  for (let n = 1; n < 30; n++) {
    caller.write(frame(n));
    sent.set(caller.lastSent, clock.now());
    callee.read();
    const time = sent.get(callee.lastPlayed);
    if (time !== undefined) delays.add(clock.now() - time);
    else assert.is(callee.lastPlayed, -1);
    clock.advance(20);
  }
  assert.equal([...delays], [100]);
});

call('10 % loss: every frame is played, recovered or concealed, and counted', async () => {
  const random = prng(21);
  let lossy = false;
  const fate = () => ({ delaysMs: lossy && random.int(10) === 0 ? [] : [30] });
  const calls = await makeCalls({ transport: { fate } });
  await connect(calls);
  lossy = true;
  const [, heard] = talk(calls, 500);
  lossy = false;
  const { packets, loss } = calls.callee.stats();
  assert.ok(packets.lost > 25 && packets.lost < 80, `${packets.lost} lost`);
  assert.is(packets.recovered, heard.filter((n) => n <= -1000).length);
  assert.is(packets.concealed, heard.filter((n) => n === -1).length);
  assert.ok(packets.recovered > packets.concealed);
  assert.ok(loss > 0.05 && loss < 0.16);
  const order = real(heard);
  assert.equal(
    order,
    [...order].sort((a, b) => a - b),
  );
  assert.is(new Set(order).size, order.length);
});

call('a gap counts as recovered only where there is redundancy', async () => {
  let n = 0;
  let lossy = false;
  /** @param {Uint8Array} _data @param {0 | 1} direction */
  const fate = (_data, direction) => ({
    delaysMs: lossy && direction === 0 && n++ % 10 === 5 ? [] : [30],
  });
  const codec = { ...codecModel, hasFec: () => false };
  const calls = await makeCalls({ transport: { fate }, callee: { codec } });
  await connect(calls);
  lossy = true;
  const [, heard] = talk(calls, 200);
  const { packets } = calls.callee.stats();
  assert.is(packets.recovered, 0);
  assert.is(packets.concealed, heard.filter((value) => value === -1).length);
  assert.ok(packets.concealed > 15);
});

call('a packet that does not fit is refused, and the call goes on', async () => {
  const codec = {
    ...codecModel,
    createEncoder: () => ({
      encode: (/** @type {Float32Array | Int16Array} */ pcm) => new Uint8Array(pcm[0]),
      close() {},
    }),
  };
  const calls = await makeCalls({ caller: { codec } });
  await connect(calls);
  fails(() => calls.caller.write(frame(1420)), 'too-long');
  assert.ok(calls.caller.write(frame(1400)));
  assert.is(calls.caller.stats().voice.frames, 1);
});

call('duplicates and reordering', async () => {
  const random = prng(22);
  const fate = () => {
    const first = 30 + random.int(40);
    return { delaysMs: random.int(4) === 0 ? [first, first + random.int(60)] : [first] };
  };
  const calls = await makeCalls({ transport: { fate }, callee: { playoutDelayMs: 80 } });
  await connect(calls);
  const [, heard] = talk(calls, 300);
  const order = real(heard);
  assert.equal(
    order,
    order.map((_, i) => order[0] + i),
    'all, once, in order',
  );
  calls.clock.advance(100);
  const { packets } = calls.callee.stats();
  assert.ok(packets.dropped > 40, 'duplicates are refused by the packet layer');
  assert.is(packets.lost + packets.late + packets.concealed, 0);
});

call('tampered, replayed and truncated packets are dropped and counted', async () => {
  const random = prng(23);
  let hostile = false;
  let sent = 0;
  /** @type {Uint8Array[]} */
  const extra = [];
  /** @param {Uint8Array} data @param {0 | 1} direction */
  const fate = (data, direction) => {
    if (hostile && direction === 0) {
      sent++;
      const flipped = data.slice();
      flipped[random.int(data.length)] ^= 1 << random.int(8);
      extra.push(flipped, data.slice(), data.slice(0, random.int(data.length)));
    }
    return { delaysMs: [30] };
  };
  const calls = await makeCalls({ transport: { fate } });
  const { caller, callee, clock, transports } = calls;
  await connect(calls);
  const before = callee.stats();
  hostile = true;
  for (let n = 1; n <= 50; n++) {
    caller.write(frame(n));
    clock.advance(20);
  }
  hostile = false;
  clock.advance(30);
  for (const data of extra) transports[0].send(data);
  transports[0].send(new Uint8Array(0));
  clock.advance(30);
  const { packets } = callee.stats();
  assert.is(packets.dropped - before.packets.dropped, 3 * sent + 1);
  const { concealed, lost } = packets;
  assert.is(concealed + lost, 0);
  assert.is(callee.state, 'active');
});

call('packets of one’s own, reflected, do not open', async () => {
  const calls = await makeCalls();
  const { caller, clock, transports } = calls;
  await connect(calls);
  const dropped = caller.stats().packets.dropped;
  const echo = transports[1];
  echo.onDatagram((data) => echo.send(data));
  for (let n = 0; n < 10; n++) caller.write(frame(n));
  clock.advance(100);
  assert.is(caller.stats().packets.dropped, dropped + 10);
});

call('g_a swapped after the commitment: mismatch, and nothing was sent', async () => {
  const attacker = new CallerExchange(createCallCore().crypto, {
    random: insecureRandomForTests(prng(99).fill),
  });
  attacker.request();
  /** @type {Uint8Array} */
  let gB = new Uint8Array(0);
  const calls = await makeCalls({
    signalling(message) {
      if (message.type === 'accept') gB = message.gB;
      return message.type === 'confirm' ? { ...message, ...attacker.accept(gB) } : message;
    },
  });
  const { caller, callee, clock } = calls;
  /** @type {string[]} */
  const errors = [];
  callee.on('error', ({ code }) => errors.push(code));
  caller.start();
  clock.advance(20);
  callee.accept();
  clock.advance(5);
  assert.is(caller.state, 'connecting');
  assert.not(caller.write(frame(1)));
  await settle();
  clock.advance(20);
  assert.equal(errors, ['commitment-mismatch']);
  assert.is(callee.end?.error?.code, 'commitment-mismatch');
  assert.is(callee.emojis, undefined);
  assert.equal(caller.end, { reason: 'disconnect', by: 'callee', duration: 0 });
  assert.not(caller.write(frame(1)));
  assert.is(caller.stats().voice.frames + callee.stats().voice.frames, 0);
  assert.is(callee.stats().packets.sent, 0);
  clock.advance(30);
  assert.is(clock.pending, 0);
});

call('other failed checks of the exchange', async () => {
  for (const [change, code, who] of /** @type {const} */ ([
    [{ confirm: { keyFingerprint: 1n } }, 'fingerprint-mismatch', 'callee'],
    [{ accept: { gB: Uint8Array.of(1) } }, 'public-value-out-of-range', 'caller'],
    [{ confirm: { gA: new Uint8Array(256) } }, 'commitment-mismatch', 'callee'],
  ])) {
    const calls = await makeCalls({
      signalling: (message) =>
        /** @type {any} */ ({ ...message, .../** @type {any} */ (change)[message.type] }),
    });
    calls.caller.start();
    calls.clock.advance(20);
    calls.callee.accept();
    calls.clock.advance(20);
    const ended = calls[who];
    const other = calls[who === 'caller' ? 'callee' : 'caller'];
    assert.is(ended.end?.error?.code, code);
    assert.is(ended.end?.reason, 'key-exchange');
    assert.is(ended.stats().packets.sent + other.stats().voice.frames, 0, 'nothing was said');
    assert.equal(other.end, { reason: 'disconnect', by: who, duration: 0 });
    assert.is(calls.clock.pending, 0);
  }
});

call('versions and endpoints without a common one', async () => {
  const calls = await makeCalls({
    signalling: (message) =>
      message.type === 'request'
        ? { ...message, protocol: { ...message.protocol, libraryVersions: ['13.0.0'] } }
        : message,
  });
  calls.caller.start();
  calls.clock.advance(20);
  assert.is(calls.callee.end?.error?.code, 'unsupported-protocol');
  assert.is(calls.caller.end?.by, 'callee');

  const apart = await makeCalls({ callee: { endpoints: [] } });
  apart.caller.start();
  apart.clock.advance(20);
  assert.is(apart.callee.end?.error?.code, 'no-common-endpoint');
});

call('timers: reason and code', async () => {
  /** @type {[string, number, string, string, 'caller' | 'callee'][]} */
  const cases = [
    ['request', 20_000, 'missed', 'timeout', 'caller'],
    ['accept', 90_000, 'missed', 'timeout', 'caller'],
    ['confirm', 20_000, 'disconnect', 'timeout', 'callee'],
  ];
  for (const [swallowed, after, reason, code, who] of cases) {
    const calls = await makeCalls({
      signalling: (message) => (message.type === swallowed ? null : message),
      caller: { timeouts: { connect: 600_000 } },
      callee: { timeouts: { ring: 600_000, receive: swallowed === 'accept' ? 600_000 : 20_000 } },
    });
    calls.caller.start();
    calls.clock.advance(20);
    if (swallowed !== 'request') calls.callee.accept();
    calls.clock.advance(after - 21);
    assert.is(calls[who].end, undefined, swallowed);
    calls.clock.advance(30);
    assert.is(calls[who].end?.reason, reason, swallowed);
    assert.is(calls[who].end?.error?.code, code);
  }
  const unanswered = await makeCalls({ caller: { timeouts: { ring: 600_000 } } });
  unanswered.caller.start();
  unanswered.clock.advance(90_010);
  assert.is(unanswered.callee.end?.reason, 'missed');
  assert.is(unanswered.caller.end?.by, 'callee');
});

call('no packet at all, and no packet any more', async () => {
  const silent = await makeCalls({ transport: { fate: () => ({ delaysMs: [] }) } });
  await connect(silent);
  silent.clock.advance(29_000);
  assert.is(silent.caller.state, 'connecting');
  silent.clock.advance(1000);
  assert.equal(
    [silent.caller.end?.reason, silent.caller.end?.error?.code],
    ['disconnect', 'timeout'],
  );
  let dead = false;
  const dying = await makeCalls({ transport: { fate: () => ({ delaysMs: dead ? [] : [30] }) } });
  await connect(dying);
  dying.clock.advance(5000);
  dead = true;
  dying.clock.advance(1400);
  assert.is(dying.caller.state, 'active');
  dying.clock.advance(7600);
  assert.is(dying.caller.state, 'reconnecting');
  dying.clock.advance(1100);
  assert.is(dying.caller.end?.error?.code, 'connection-lost');
  assert.is(dying.clock.pending, 0);
});

call('hanging up: reasons by state', async () => {
  const missed = await makeCalls();
  missed.caller.start();
  missed.clock.advance(20);
  missed.caller.hangUp();
  missed.clock.advance(5);
  assert.equal(missed.callee.end, { reason: 'missed', by: 'caller', duration: 0 });
  const busy = await makeCalls();
  busy.caller.start();
  busy.clock.advance(20);
  busy.callee.hangUp();
  busy.callee.hangUp();
  busy.clock.advance(5);
  assert.equal(busy.caller.end, { reason: 'busy', by: 'callee', duration: 0 });
  const idle = await makeCalls();
  idle.caller.close();
  assert.equal(idle.signalled, [], 'nobody knows of that call');
});

call('messages that do not fit are ignored', async () => {
  const calls = await makeCalls();
  const { caller, callee, clock, handlers, signalled } = calls;
  caller.start();
  clock.advance(20);
  const [request] = signalled;
  const { callId } = request;
  handlers[1](request);
  handlers[1]({ .../** @type {any} */ (request), gAHash: new Uint8Array(32) });
  handlers[1]({ ...request, callId: callId ^ 1n });
  handlers[1]({ type: 'discard', callId: callId ^ 1n, reason: 'hangup', duration: 0 });
  handlers[0]({ type: 'ringing', callId });
  handlers[0](request);
  callee.accept();
  clock.advance(20);
  const [, , accept, confirm] = signalled;
  handlers[0](accept);
  handlers[1](confirm);
  await settle();
  clock.advance(100);
  assert.is(caller.state, 'active');
  assert.is(callee.state, 'active');
  handlers[1](accept); // only a caller can be answered
  assert.is(callee.end?.error?.code, 'out-of-order');
});

call('a path that cannot be opened', async () => {
  const connectFails = () => Promise.reject(new Error('no route'));
  const calls = await makeCalls({ callee: { connect: connectFails } });
  await connect(calls);
  for (let i = 0; i < 30 && calls.callee.state !== 'ended'; i++) {
    calls.clock.advance(1000);
    await settle();
  }
  assert.is(calls.callee.end?.error?.code, 'connect-failed');
  assert.is(/** @type {any} */ (calls.callee.end?.error?.cause)?.message, 'no route');
  assert.is(calls.caller.end?.reason, 'disconnect');
  /** @type {(transport: any) => void} */
  let open = () => {};
  let closed = 0;
  const late = await makeCalls({
    callee: { connect: () => new Promise((resolve) => (open = resolve)) },
  });
  await connect(late);
  late.callee.hangUp();
  open({ send() {}, onDatagram() {}, close: () => closed++ });
  await settle();
  assert.is(closed, 1, 'a path that comes too late is closed');
});

call('bad options', async () => {
  const calls = await makeCalls();
  const { signalling, connect } = {
    signalling: { send() {}, onMessage() {}, close() {} },
    connect: () => calls.transports[0],
  };
  const good = { signalling, connect, codec: codecModel, endpoints: [] };
  for (const options of [
    good, // an outgoing call needs an endpoint
    { ...good, endpoints: 'relay' },
    { ...good, endpoints: [{ kind: 'relay', host: '192.0.2.1', port: 1 }] },
    { ...good, endpoints: Array(17).fill({ kind: 'direct', host: '192.0.2.1', port: 1 }) },
    { ...good, signalling: {} },
    { ...good, connect: 1 },
    { ...good, playoutDelayMs: -1 },
    { ...good, timeouts: { ring: 0 } },
    { ...good, endpoint: [] },
  ]) {
    let code = 'none';
    await Call.outgoing(/** @type {any} */ (options)).catch((error) => (code = error.code));
    assert.is(code, 'bad-argument');
  }
});

call.run();
