import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CallError } from 'sottovoce/call';
import { MAX_COUNTER } from 'sottovoce/internal';
import { end, openBody, pair, sealBody } from '../support/call-pair.js';
import { prng } from '../support/prng.js';
import { hex } from '../vectors/compare.js';

const connection = suite('packet connection');

const battery = (batteryLow) => ({
  type: /** @type {const} */ ('remoteBatteryLevelIsLow'),
  batteryLow,
});
const audio = (...data) => ({
  type: /** @type {const} */ ('audioData'),
  data: Uint8Array.from(data),
});
const bodyOf = (packet, x = 0) => hex(openBody(packet, x));
const throws = (act, code) =>
  assert.throws(act, (error) => error instanceof CallError && error.code === code, code);
/** Hands all packets of one end to the other. */
const flow = (from, to) => from.packets.splice(0).map((packet) => to.connection.receive(packet));

connection('an audio packet alone has bit 31 and no length', () => {
  const { caller, callee } = pair();
  caller.connection.sendAudio((target) => {
    target.set([1, 2, 3]);
    return 3;
  });
  caller.connection.send(audio(4, 5));
  assert.equal(
    caller.packets.map((packet) => bodyOf(packet)),
    ['8000000105010203', '80000002050405'],
  );
  assert.equal(flow(caller, callee), [true, true]);
  assert.equal(callee.messages, [
    { type: 'audioData', data: [1, 2, 3], counter: 1 },
    { type: 'audioData', data: [4, 5], counter: 2 },
  ]);
  assert.is(callee.clock.pending, 0);
});

connection('acknowledgements ride on audio, which then has a length', () => {
  const { caller, callee } = pair();
  caller.connection.send(battery(true));
  flow(caller, callee);
  callee.connection.sendAudio((target) => {
    target[0] = 7;
    return 1;
  });
  assert.equal(
    callee.packets.map((packet) => bodyOf(packet, 8)),
    ['00000001050001074' + '0000001ff'],
  );
  flow(callee, caller);
  callee.clock.advance(20_000);
  assert.equal(callee.packets, [], 'the service task has nothing left to say');
  assert.equal(caller.packets, [], 'acknowledged: nothing is resent');
});

connection(
  'a probe stands alone, and takes neither acknowledgements nor what is resent along',
  () => {
    const { caller, callee } = pair();
    callee.connection.send(battery(false));
    caller.connection.send(battery(true));
    flow(callee, caller);
    caller.packets.length = 0;
    const probe = /** @type {const} */ ({ type: 'pathProbe', path: 3, id: 0x1234, received: 5 });
    caller.connection.send({ ...probe, reply: false, silent: true });
    caller.connection.send({ ...probe, reply: true, silent: false, received: 0xffffffff });
    assert.equal(
      caller.packets.map((packet) => bodyOf(packet)),
      ['80000002200203123400000005', '800000032001031234ffffffff'],
    );
    assert.ok(caller.packets.every(({ length }) => length === 29));
    flow(caller, callee);
    assert.equal(callee.messages.slice(-2), [
      { ...probe, reply: false, silent: true, counter: 2 },
      { ...probe, reply: true, silent: false, received: 0xffffffff, counter: 3 },
    ]);
    assert.not(callee.connection.receive(sealBody([128, 0, 0, 9, 32, 4, 0, 0, 0, 0, 0, 0, 0], 0)));
    assert.not(callee.connection.receive(sealBody([128, 0, 0, 10, 32, 0, 0, 0, 0, 0, 0, 0], 0)));
    assert.is(callee.connection.stats.dropped, 2, 'unknown flags, and one byte too few');
    for (const wrong of [{ path: 256 }, { id: -1 }, { received: 2 ** 32 }, { reply: 1 }]) {
      const message = /** @type {any} */ ({ ...probe, reply: false, silent: false, ...wrong });
      throws(() => caller.connection.send(message), 'bad-argument');
    }
    const raw = end({ mode: 'raw' });
    throws(() => raw.connection.send({ ...probe, reply: false, silent: false }), 'bad-argument');
  },
);

connection('a lone lost message is resent by the timer of its first sending', () => {
  const { caller, callee, clock } = pair();
  caller.connection.send(battery(true));
  caller.packets.length = 0; // lost
  clock.advance(999);
  assert.equal(caller.packets, []);
  clock.advance(1);
  assert.equal(
    caller.packets.map((packet) => bodyOf(packet)),
    ['00000002fe400000010901'],
  );
  flow(caller, callee);
  clock.advance(0);
  flow(callee, caller);
  clock.advance(10_000);
  assert.equal(caller.packets, []);
  assert.is(callee.messages.length, 1);
});

connection('nothing is resent sooner than 300 ms after it was sent', () => {
  const { caller, clock } = pair();
  caller.connection.send(battery(true));
  clock.advance(299);
  caller.connection.send(audio(1));
  clock.advance(1);
  caller.connection.send(audio(2));
  const [, early, late] = caller.packets.map((packet) => bodyOf(packet));
  assert.is(early, '0000000205000101');
  assert.is(late, '0000000305000102' + '400000010901');
});

connection('acknowledged repeats are acknowledged again, after a second', () => {
  const { caller, callee, clock } = pair();
  caller.connection.send(battery(true));
  clock.advance(1000);
  const [first, repeat] = caller.packets.splice(0);
  callee.connection.receive(first);
  clock.advance(0);
  callee.packets.length = 0; // the acknowledgement is lost
  callee.connection.receive(repeat);
  assert.is(callee.messages.length, 1);
  clock.advance(999);
  assert.equal(callee.packets, []);
  clock.advance(1);
  assert.equal(
    callee.packets.map((packet) => bodyOf(packet, 8)),
    ['00000002fe40000001ff'],
  );
});

connection('a message that arrives again in an older packet is not delivered again', () => {
  const { caller, callee, clock } = pair();
  caller.connection.send(battery(true));
  clock.advance(1000);
  const [first, repeat] = caller.packets.splice(0); // the repeat takes its time
  callee.connection.receive(first);
  clock.advance(0);
  flow(callee, caller);
  caller.connection.send(battery(false));
  flow(caller, callee);
  assert.ok(callee.connection.receive(repeat));
  assert.equal(
    callee.messages.map(({ counter }) => counter),
    [1, 3],
  );
});

connection('a packet with something wrong in it counts for nothing', () => {
  const { caller, callee } = pair();
  const good = '400000050901';
  for (const bad of ['000000060b', '00000006fe', '80000006ff', '0000', '400000060406']) {
    const x = 0;
    const body = Uint8Array.from(`${good}${bad}`.match(/../g) ?? [], (byte) =>
      Number.parseInt(byte, 16),
    );
    const victim = end({ role: 'callee' });
    assert.not.ok(victim.connection.receive(sealBody(body, x)), bad);
    assert.equal(victim.messages, []);
    assert.is(victim.clock.pending, 0, 'nothing is acknowledged');
    // The message is delivered when it comes in a packet that is right.
    const right = body.slice(0, 6);
    right[3] = 9;
    const repeat = Uint8Array.from([0, 0, 0, 7, 254, ...body.slice(0, 6)]);
    assert.ok(victim.connection.receive(sealBody(repeat, x)));
    assert.is(victim.messages.length, 1);
  }
  assert.is(caller.packets.length + callee.packets.length, 0);
});

connection('raw mode: acknowledged when signalling, not on the transport', () => {
  const data = Uint8Array.of(1, 2);
  const signaling = pair({ mode: 'raw', channel: 'signaling' });
  signaling.caller.connection.send({ type: 'raw', data });
  assert.is(bodyOf(signaling.caller.packets[0], 128), '400000017f000000020102');
  flow(signaling.caller, signaling.callee);
  assert.equal(signaling.callee.messages, [{ type: 'raw', data: [1, 2], counter: 1 }]);
  const transport = pair({ mode: 'raw' });
  transport.caller.connection.send({ type: 'raw', data });
  transport.caller.connection.sendAudio((target) => {
    target.set(data);
    return 2;
  });
  assert.equal(
    transport.caller.packets.map((packet) => bodyOf(packet)),
    ['800000017f000000020102', '800000027f000000020102'],
  );
  assert.equal(flow(transport.caller, transport.callee), [true, true]);
});

connection('plain mode: a counter and bytes', () => {
  const { caller, callee, clock } = pair({ mode: 'plain', channel: 'signaling' });
  caller.connection.send({ type: 'raw', data: Uint8Array.of(9) });
  const [packet] = caller.packets;
  assert.is(bodyOf(packet, 128), '0000000109');
  assert.equal(flow(caller, callee), [true]);
  assert.not.ok(callee.connection.receive(packet));
  assert.equal(callee.messages, [{ type: 'raw', data: [9], counter: 1 }]);
  caller.connection.service(0);
  clock.advance(60_000);
  assert.equal(callee.packets, []);
  throws(() => caller.connection.send({ type: 'raw', data: new Uint8Array(0) }), 'bad-argument');
});

connection('messages of another mode are refused', () => {
  const data = Uint8Array.of(1);
  const raw = end({ mode: 'raw' });
  throws(() => raw.connection.send(audio(1)), 'bad-argument');
  throws(() => end().connection.send({ type: 'raw', data }), 'bad-argument');
  for (const type of ['empty', 'ack', 'toString', '__proto__', undefined]) {
    throws(() => end().connection.send(/** @type {any} */ ({ type })), 'bad-argument');
  }
});

connection('sizes: 1452 bytes go out, 1453 do not, and the connection goes on', () => {
  const { caller, callee } = pair();
  const largest = new Uint8Array(1452 - 16 - 5);
  caller.connection.send({ type: 'audioData', data: largest });
  assert.is(caller.packets[0].length, 1452);
  const tooLong = new Uint8Array(largest.length + 1);
  throws(() => caller.connection.send({ type: 'audioData', data: tooLong }), 'too-long');
  throws(
    () => caller.connection.send({ type: 'unstructuredData', data: new Uint8Array(1425) }),
    'too-long',
  );
  caller.connection.sendAudio((target) => {
    assert.is(target.length, largest.length);
    return target.length;
  });
  assert.is(caller.packets[1].length, 1452);
  assert.equal(flow(caller, callee), [true, true]);
  caller.connection.send({ type: 'unstructuredData', data: new Uint8Array(1424) });
  caller.packets.length = 0; // lost
  callee.clock.advance(1000);
  assert.is(caller.packets[0].length, 1452, 'the largest message that can be repeated');
  assert.equal(flow(caller, callee), [true]);
});

connection('many acknowledgements are spread over packets that fit', () => {
  const { caller, callee, clock } = pair();
  for (let i = 0; i < 400; i++) {
    caller.connection.send(battery(i % 2 === 0));
    flow(caller, callee);
  }
  callee.connection.sendAudio((target) => {
    assert.is(target.length, 1436 - 7);
    return 1000;
  });
  assert.ok(callee.packets[0].length <= 1452);
  for (let rounds = 0; rounds < 20; rounds++) {
    clock.advance(1000);
    assert.ok([...caller.packets, ...callee.packets].every((packet) => packet.length <= 1452));
    flow(callee, caller);
    flow(caller, callee);
  }
  assert.is(callee.messages.length, 400);
  assert.is(clock.pending, 0);
});

connection('sendAudio: wrong lengths, errors and nothing to send spend no counter', () => {
  const { connection: c, packets } = end();
  assert.is(
    c.sendAudio(() => 0),
    undefined,
  );
  for (const length of [-1, 1.5, 1432, Number.NaN, /** @type {any} */ ('3')]) {
    throws(() => c.sendAudio(() => length), 'bad-argument');
  }
  assert.throws(
    () =>
      c.sendAudio(() => {
        throw new RangeError('mine');
      }),
    (error) => error instanceof RangeError,
  );
  throws(
    () =>
      c.sendAudio(() => {
        c.send(battery(true));
        return 1;
      }),
    'out-of-order',
  );
  throws(() => end({ channel: 'signaling' }).connection.sendAudio(() => 1), 'bad-argument');
  c.send(audio(1));
  assert.is(bodyOf(packets[0]), '800000010501');
});

connection('after the last counter sending fails, receiving goes on', () => {
  const { connection: c, packets, messages, clock } = end({ lastCounter: MAX_COUNTER - 1 });
  c.send(battery(true));
  assert.is(bodyOf(packets[0]), '7fffffff0901');
  throws(() => c.send(audio(1)), 'counter-exhausted');
  throws(() => c.sendAudio(() => 1), 'counter-exhausted');
  throws(() => c.service(2), 'counter-exhausted');
  clock.advance(100_000);
  assert.is(packets.length, 1);
  const callee = end({ role: 'callee' });
  callee.connection.send(battery(false));
  assert.ok(c.receive(callee.packets[0]));
  clock.advance(100_000);
  assert.is(messages.length, 1);
});

connection('the last counters are accepted once each', () => {
  const caller = end({ lastCounter: MAX_COUNTER - 2 });
  const callee = end({ role: 'callee' });
  caller.connection.send(audio(1));
  caller.connection.send(audio(2));
  const [first, second] = caller.packets;
  const offered = [second, first, second, first];
  assert.equal(
    offered.map((packet) => callee.connection.receive(packet)),
    [true, true, false, false],
  );
});

connection('a handler may answer from inside, and give in the next packet', () => {
  const clock = end().clock;
  /** @type {any} */
  let callee;
  const got = [];
  const caller = end({
    clock,
    onPacket: (packet) => callee.connection.receive(packet),
    onMessage: ({ type }) => got.push(type),
  });
  callee = end({
    clock,
    role: 'callee',
    onPacket: (packet) => caller.connection.receive(packet),
    onMessage: () => callee.connection.send({ type: 'requestVideo' }),
  });
  caller.connection.send(audio(1));
  caller.connection.send(battery(true));
  assert.equal(got, ['requestVideo', 'requestVideo']);
});

connection('later messages of a packet survive a packet that a handler gives in', () => {
  const key = pair();
  key.caller.connection.send({ type: 'audioData', data: Uint8Array.of(9, 9, 9, 9, 9, 9) });
  const second = key.caller.packets[0];
  const body = Uint8Array.from([0, 0, 0, 7, 5, 0, 1, 1, 0, 0, 0, 8, 5, 0, 1, 2]);
  const seen = [];
  const victim = end({
    role: 'callee',
    onMessage(message) {
      if (message.type === 'audioData') seen.push([...message.data]);
      if (seen.length === 1) victim.connection.receive(second);
    },
  });
  assert.ok(victim.connection.receive(sealBody(body, 0)));
  assert.equal(seen, [[1], [9, 9, 9, 9, 9, 9], [2]]);
});

connection('over a bad network every message is delivered once, and no body repeats', () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 30 }),
      (seed, lossPercent, duplicatePercent) => {
        const random = prng(seed);
        const { caller, callee, clock } = pair();
        const bodies = new Set();
        let offered = 0;
        let accepted = 0;
        const sent = { caller: 0, callee: 0 };
        /** Packets leave, some get lost, some come twice, all take their own time. */
        const network = (from, to, x) => {
          for (const packet of from.packets.splice(0)) {
            const body = bodyOf(packet, x);
            assert.not.ok(bodies.has(body + x), 'a body was sealed twice');
            bodies.add(body + x);
            const times =
              random.int(100) < lossPercent ? 0 : random.int(100) < duplicatePercent ? 2 : 1;
            for (let i = 0; i < times; i++) {
              clock.setTimer(random.int(400), () => {
                offered++;
                if (to.connection.receive(packet)) accepted++;
              });
            }
          }
        };
        for (let step = 0; step < 120; step++) {
          for (const [name, side] of Object.entries({ caller, callee })) {
            if (step < 80 && random.int(100) < 15) {
              side.connection.send({
                type: 'unstructuredData',
                data: Uint8Array.of(sent[name] >> 8, sent[name]++),
              });
            } else if (random.int(100) < 50) {
              side.connection.send(audio(step, random.int(256)));
            }
          }
          network(caller, callee, 0);
          network(callee, caller, 8);
          clock.advance(20);
        }
        for (let quiet = 0; quiet < 40; quiet++) {
          lossPercent = 0;
          clock.advance(500);
          network(caller, callee, 0);
          network(callee, caller, 8);
        }
        for (const [from, to] of /** @type {[string, any][]} */ ([
          ['caller', callee],
          ['callee', caller],
        ])) {
          const got = to.messages
            .filter(({ type }) => type === 'unstructuredData')
            .map(({ data }) => data[0] * 256 + data[1])
            .sort((a, b) => a - b);
          assert.equal(
            got,
            Array.from({ length: sent[from] }, (_, i) => i),
          );
          const numbers = to.messages.map(({ counter }) => counter);
          assert.is(new Set(numbers).size, numbers.length, 'nothing is delivered twice');
        }
        const stats = [caller, callee].map((side) => side.connection.stats);
        const sum = (field) => stats.reduce((total, entry) => total + entry[field], 0);
        assert.is(sum('received'), offered);
        assert.is(sum('dropped'), offered - accepted);
        caller.connection.close();
        callee.connection.close();
      },
    ),
    { seed: 7, numRuns: 20 },
  );
});

connection('hostile: truncations, flipped bits and garbage are dropped, all alike', () => {
  const [caller, callee] = [end(), end({ role: 'callee' })];
  caller.connection.send(battery(true));
  caller.connection.send(audio(1, 2, 3));
  const random = prng(3);
  let dropped = 0;
  const drop = (packet, label) => {
    assert.is(callee.connection.receive(packet), false, label);
    assert.is(callee.connection.stats.dropped, ++dropped, label);
  };
  for (const packet of caller.packets) {
    for (let length = 0; length < packet.length; length++) drop(packet.subarray(0, length));
    for (let bit = 0; bit < 8 * packet.length; bit++) {
      const wrong = packet.slice();
      wrong[bit >> 3] ^= 1 << (bit & 7);
      drop(wrong, `bit ${bit}`);
    }
    const longer = new Uint8Array(packet.length + 1);
    longer.set(packet);
    drop(longer);
    assert.is(caller.connection.receive(packet), false, 'reflected to its sender');
  }
  for (const length of [0, 1, 20, 21, 22, 100, 1452, 65_536, 131_072, 131_073, 200_000]) {
    drop(random.bytes(length), `garbage of ${length}`);
    drop(new Uint8Array(length));
  }
  assert.equal(callee.messages, []);
  assert.is(callee.clock.pending, 0);
  const signaling = end({ role: 'callee', channel: 'signaling' });
  assert.not.ok(signaling.connection.receive(caller.packets[0]), 'the other channel');
  assert.not.ok(
    end({ role: 'callee', seed: 2 }).connection.receive(caller.packets[0]),
    'another key',
  );
  assert.equal(flow(caller, callee), [true, true], 'the genuine packets still open');
  assert.is(callee.connection.stats.dropped, dropped);
});

connection('hostile: a peer that holds the key sends random bodies', () => {
  const random = prng(5);
  const victim = end({ role: 'callee' });
  const ids = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 127, 254, 255, 0, 11];
  for (let i = 0; i < 400; i++) {
    const body = random.bytes(5 + random.int(80));
    body[0] &= 0xc0;
    body[1] = 0;
    body[2] = i >> 8;
    body[3] = i;
    body[4] = ids[random.int(ids.length)];
    for (let at = 5; at < body.length; at += 4) if (random.int(2)) body.fill(0, at, at + 3);
    assert.type(victim.connection.receive(sealBody(body, 0)), 'boolean');
  }
  victim.clock.advance(10_000);
});

connection('close() stops the timers, wipes, and ends', () => {
  const { caller, callee, clock } = pair();
  caller.connection.send(battery(true));
  const [packet] = caller.packets;
  callee.connection.receive(packet);
  assert.is(clock.pending, 2);
  for (const side of [caller, callee]) {
    side.connection.close();
    side.connection.close();
    throws(() => side.connection.send(audio(1)), 'released');
    throws(() => side.connection.sendAudio(() => 1), 'released');
    throws(() => side.connection.receive(packet), 'released');
    throws(() => side.connection.service(0), 'released');
  }
  assert.is(clock.pending, 0);
  assert.is(callee.connection.stats.received, 1, 'the counts stay');
});

connection('a handler that closes the connection hears nothing more', () => {
  const body = Uint8Array.from([0, 0, 0, 7, 5, 0, 1, 1, 0, 0, 0, 8, 5, 0, 1, 2]);
  let heard = 0;
  const victim = end({
    role: 'callee',
    onMessage() {
      heard++;
      victim.connection.close();
    },
  });
  assert.ok(victim.connection.receive(sealBody(body, 0)));
  assert.is(heard, 1);
});

connection('wrong arguments', () => {
  for (const options of [
    { role: 'server' },
    { channel: 'signalling' },
    { mode: 'json' },
    { mode: 'plain', channel: 'transport' },
    { onPacket: undefined },
    { lastCounter: -1 },
    { colour: 'red' },
  ]) {
    throws(() => end(/** @type {any} */ (options)), 'bad-argument');
  }
  const { connection: c } = end();
  for (const packet of [undefined, null, 'text', [1, 2], new ArrayBuffer(30)]) {
    throws(() => c.receive(/** @type {any} */ (packet)), 'bad-argument');
  }
  throws(() => c.service(/** @type {any} */ (3)), 'bad-argument');
});

connection.run();
