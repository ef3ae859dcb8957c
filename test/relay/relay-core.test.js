import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  createRelayTicket,
  encodeDataFrame,
  encodeHello,
  encodePeerInfoRequest,
  encodePing,
  encodeSelfInfo,
  encodeStreamHello,
  makeTag,
  parsePeerInfo,
  parseSelfInfo,
  RelayCore,
} from 'sottovoce/relay';
import { insecureRandomForTests } from 'sottovoce/internal';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const relay = suite('relay/core');
const generator = prng(4);
const random = insecureRandomForTests(generator.fill);
const base = generator.bytes(12);
const secret = generator.bytes(32);
const caller = { host: '192.0.2.1', port: 4001 };
const callee = { host: '198.51.100.2', port: 4002 };
const stranger = { host: '203.0.113.3', port: 4003 };
const unixTime = () => 1_700_000_000.9;

/** @param {number} to @param {number} from @param {number} [length] */
const data = (to, from, length = 30) => encodeDataFrame(base, to, from, generator.bytes(length));
/** @param {number} suffix */
const hello = (suffix) => encodeHello(makeTag(base, suffix));
/**
 * A hello as long as its answer, with the proof of the address if there is one.
 * @param {Uint8Array} tag @param {Uint8Array} [proof] */
const padded = (tag, proof) => {
  const ping = new Uint8Array(72);
  ping.set(encodePing(tag, 5n));
  if (proof) ping.set(proof, 40);
  return ping;
};

/**
 * A relay on a line that records. `at(address)` sends from there and tells what went out.
 * @param {object} [options] of the core
 */
function relayOf(options = {}) {
  const clock = virtualClock();
  const core = new RelayCore({ clock, unixTime, random, ...options });
  /** @type {{ to: { host: string, port: number }, data: Uint8Array }[]} */
  let out = [];
  /** @param {boolean} proven */
  const lineOf = (proven) => ({
    proven,
    closed: false,
    /** @param {Uint8Array} frame @param {number} port @param {string} host */
    send: (frame, port, host) => void out.push({ to: { host, port }, data: frame }),
  });
  const udp = lineOf(false);
  /** @param {Uint8Array} frame @param {{ host: string, port: number }} from */
  const receive = (frame, from, line = udp) => {
    out = [];
    core.receive(frame, line, from.host, from.port);
    return out;
  };
  return { clock, core, receive, lineOf };
}

/** A relay that serves `base`, with both ends bound and proven. */
function running(options = {}) {
  const all = relayOf(options);
  all.core.register(base);
  for (const [suffix, from] of /** @type {const} */ ([
    [1, caller],
    [2, callee],
  ])) {
    const tag = makeTag(base, suffix);
    const [{ data: reply }] = all.receive(padded(tag), from);
    all.receive(padded(tag, reply.subarray(64)), from);
  }
  return all;
}

relay('forwards both ways, the frame as it is', () => {
  const { core, receive } = running();
  const [there, back] = [data(2, 1), data(1, 2)];
  assert.is(receive(there, caller)[0].data, there, 'not a copy');
  assert.equal(receive(there, caller)[0].to, callee);
  assert.equal(receive(back, callee), [{ to: caller, data: back }]);
  assert.is(core.stats.forwarded, 3);
});

relay('a data frame binds its sender as well', () => {
  const { core, receive } = relayOf();
  core.register(base);
  assert.equal(receive(data(2, 1), caller), []);
  assert.is(core.stats.unreachable, 1);
  assert.equal(receive(data(1, 2), callee)[0].to, caller);
});

relay('nothing goes to port 0', () => {
  const { core, receive } = running();
  for (const frame of [padded(makeTag(base, 1)), hello(3), data(2, 1)]) {
    assert.equal(receive(frame, { host: '203.0.113.3', port: 0 }), []);
  }
  assert.is(core.stats.malformed, 3);
});

relay('answers a ping with the address that it sees', () => {
  const { receive } = running();
  const tag = makeTag(base, 1);
  const [output] = receive(encodePing(tag, 77n), caller);
  assert.equal(output.to, caller);
  assert.equal(parseSelfInfo(output.data), {
    tag,
    date: 1_700_000_000,
    queryId: 77n,
    ...caller,
  });
});

relay('answers the hello of a stream, and only there', () => {
  const { core, receive, lineOf } = relayOf();
  core.register(base);
  const tag = makeTag(base, 1);
  assert.equal(receive(encodeStreamHello(tag), caller), []);
  const [output] = receive(encodeStreamHello(tag), caller, lineOf(true));
  assert.equal(parseSelfInfo(output.data)?.tag, tag);
});

relay('IPv6', () => {
  const { core, receive } = relayOf();
  core.register(base);
  const six = { host: '2001:db8::1', port: 4001 };
  const [output] = receive(padded(makeTag(base, 1)), six);
  assert.is(parseSelfInfo(output.data)?.host, '2001:db8:0:0:0:0:0:1');
  receive(hello(2), callee);
  assert.equal(receive(data(1, 2), callee)[0].to, six);
});

relay('tells addresses only to ends that have both asked', () => {
  const { receive } = running();
  const [mine, theirs] = [1, 2].map((suffix) => encodePeerInfoRequest(makeTag(base, suffix)));
  assert.equal(receive(mine, caller), [], 'the other end did not ask');
  const [output] = receive(theirs, callee);
  assert.equal(parsePeerInfo(output.data), {
    tag: makeTag(base, 2),
    myHost: callee.host,
    myPort: callee.port,
    peerHost: caller.host,
    peerPort: caller.port,
  });
  assert.equal(receive(mine, caller)[0].to, caller);
});

relay('a ticket opens a call, for this hour and the next', () => {
  const hour = 1_700_000_000 - (1_700_000_000 % 3600);
  for (const [later, served] of /** @type {[number, boolean][]} */ ([
    [0, true],
    [3599, true],
    [3600, true],
    [7199, true],
    [7200, false],
  ])) {
    const tag = createRelayTicket(secret, { unixTime: () => hour, random });
    const { core, receive } = relayOf({ secret, unixTime: () => hour + later });
    assert.is(receive(padded(makeTag(tag, 1)), caller).length, served ? 1 : 0, `${later} s`);
    assert.is(core.stats.opened, served ? 1 : 0);
  }
});

relay('a ticket is for one relay, and of one secret', () => {
  const make = (/** @type {object} */ options) =>
    padded(makeTag(createRelayTicket(secret, { unixTime, random, ...options }), 1));
  const { core, receive } = relayOf({ secret, audience: 'one' });
  assert.is(receive(make({ audience: 'one' }), caller).length, 1);
  assert.equal(receive(make({ audience: 'two' }), caller), []);
  assert.equal(receive(make({}), caller), []);
  const foreign = createRelayTicket(generator.bytes(32), { audience: 'one', unixTime, random });
  assert.equal(receive(padded(makeTag(foreign, 1)), caller), []);
  assert.is(core.stats.unknown, 3);
  const changed = make({ audience: 'one' });
  for (let bit = 0; bit < 96; bit += 7) {
    const copy = changed.slice();
    copy[bit >> 3] ^= 1 << (bit & 7);
    assert.equal(receive(copy, { ...caller, host: `192.0.2.${bit}` }), []);
  }
});

relay('a running call outlives its ticket', () => {
  let now = 1_700_000_000;
  const { core, receive, clock } = relayOf({ secret, unixTime: () => now });
  const tag = makeTag(createRelayTicket(secret, { unixTime: () => now, random }), 1);
  receive(padded(tag), caller);
  now += 10_000;
  clock.advance(29_000);
  assert.is(receive(padded(tag), caller).length, 1);
  clock.advance(31_000);
  core.sweep();
  assert.is(core.sessions, 0);
  assert.equal(receive(padded(tag), caller), [], 'but does not come back');
});

relay('tickets are checked for each source a few times a second', () => {
  const { core, receive, clock } = relayOf({ secret, ticketsPerSecond: 2 });
  for (let i = 0; i < 100; i++) receive(padded(generator.bytes(16)), caller);
  assert.is(core.stats.unknown, 20);
  assert.is(core.stats.limited, 80);
  clock.advance(1000);
  for (let i = 0; i < 10; i++) receive(padded(generator.bytes(16)), { ...caller, port: i });
  assert.is(core.stats.unknown, 22, 'whatever the port');
});

relay('the table is bounded', () => {
  const { core, receive } = relayOf({ secret, maxSessions: 3 });
  for (let i = 0; i < 5; i++) {
    receive(padded(makeTag(createRelayTicket(secret, { unixTime, random }), 1)), caller);
  }
  assert.is(core.sessions, 3);
  assert.is(core.stats.limited, 2);
  core.drain();
  receive(padded(makeTag(createRelayTicket(secret, { unixTime, random }), 1)), caller);
  assert.is(core.stats.unknown, 1, 'nothing new while draining');
});

relay('an unproven address never gets more than came from it and 256 bytes once', () => {
  const { core, receive } = relayOf({ secret });
  const ticket = createRelayTicket(secret, { unixTime, random });
  /** Bytes to and from each address. @type {Map<string, { in: number, out: number }>} */
  const balance = new Map();
  const account = (/** @type {{ host: string }} */ { host }) => {
    const entry = balance.get(host) ?? { in: 0, out: 0 };
    balance.set(host, entry);
    return entry;
  };
  for (let i = 0; i < 3000; i++) {
    const suffix = 1 + generator.int(2);
    const from = [caller, callee, stranger][generator.int(3)];
    const tag = makeTag(ticket, suffix);
    const frame = [
      () => encodePing(tag, 1n),
      () => padded(tag),
      () => encodePeerInfoRequest(tag),
      () => encodeDataFrame(ticket, 3 - suffix, suffix, generator.bytes(1 + generator.int(300))),
    ][generator.int(4)]();
    account(from).in += frame.length;
    for (const { to, data: sent } of receive(frame, from)) account(to).out += sent.length;
    let over = 0;
    for (const entry of balance.values()) over += Math.max(0, entry.out - entry.in);
    assert.ok(over <= 256, `${over} bytes too many`);
  }
  assert.ok(core.stats.unproven > 0);
});

relay('ten pings of 40 bytes have their ten answers of 64', () => {
  const { core, receive, clock } = relayOf();
  core.register(base);
  let answers = 0;
  for (let i = 0; i < 11; i++) {
    answers += receive(encodePing(makeTag(base, 1), BigInt(i)), caller).length;
    clock.advance(500);
  }
  assert.is(answers, 10, 'and no more');
});

relay('the bonus of a ticket is spent once, also after the call has expired', () => {
  const { core, receive, clock } = relayOf({ secret });
  const tag = makeTag(createRelayTicket(secret, { unixTime, random }), 1);
  const asks = () => {
    let answers = 0;
    for (let i = 0; i < 12; i++) {
      answers += receive(encodePing(tag, 1n), caller).length;
      clock.advance(500);
    }
    return answers;
  };
  assert.is(asks(), 11, 'ten by the bonus, one by what came in');
  clock.advance(40_000);
  core.sweep();
  assert.is(core.sessions, 0);
  // 12 pings of 40 bytes pay for 7 answers of 64
  assert.is(asks(), 7);
});

relay('a proof shows that an address receives; it is good there only', () => {
  const { core, receive } = relayOf();
  core.register(base);
  const tag = makeTag(base, 1);
  const [{ data: reply }] = receive(padded(tag), caller);
  assert.is(reply.length, 72);
  const proof = reply.subarray(64);
  const [{ data: again }] = receive(padded(tag, proof), caller);
  assert.is(again.length, 64, 'nothing left to prove');
  receive(hello(2), callee);
  for (let i = 0; i < 5; i++) assert.is(receive(data(1, 2, 1000), callee).length, 1);
  for (let i = 0; i < 6; i++) receive(data(2, 1, 1000), caller);
  assert.ok(core.stats.unproven > 0, 'the callee has not proven its own');
  const [{ data: other }] = receive(padded(makeTag(base, 2), proof), callee);
  assert.is(other.length, 72, 'a stolen proof');
});

relay('limits of an end', () => {
  const { core, receive, clock } = running({ packetsPerSecond: 50, bytesPerSecond: 10_000 });
  clock.advance(1000);
  for (let i = 0; i < 80; i++) receive(data(2, 1), caller);
  assert.is(core.stats.forwarded, 50);
  for (let i = 0; i < 20; i++) receive(data(1, 2, 976), callee);
  assert.is(core.stats.forwarded, 60, 'the other end has limits of its own');
  clock.advance(1000);
  assert.is(receive(data(2, 1), caller).length, 1);
  for (let i = 0; i < 10; i++) receive(hello(1), caller);
  assert.is(core.stats.answered, 4 + 5, 'five answers a second');
});

relay('new calls are served after weeks, and when the clock is set back', () => {
  let now = 1000;
  const clock = { now: () => now, setTimer: () => () => {} };
  const core = new RelayCore({ clock, secret, random, unixTime });
  const line = { proven: true, closed: false, send() {} };
  const opened = (/** @type {string} */ host) => {
    const ticket = createRelayTicket(secret, { unixTime, random });
    core.receive(encodePing(makeTag(ticket, 1), 1n), /** @type {any} */ (line), host, 4000);
    return core.stats.opened;
  };
  assert.is(opened(caller.host), 1);
  now = 2 ** 31 - 500;
  assert.is(opened(caller.host), 2);
  now = 2 ** 31 + 5000; // 24.8 days: 32 bits of milliseconds begin anew
  assert.is(opened(caller.host), 3);
  assert.is(opened(stranger.host), 4);
  now = 2 ** 32 + 90_000;
  assert.is(opened(caller.host), 5);
  now -= 3_600_000;
  assert.is(opened(caller.host), 6);
  assert.is(core.stats.limited, 0);
});

relay('unknown bases get silence', () => {
  const { core, receive } = running();
  const other = generator.bytes(12);
  other.set(base.subarray(0, 4)); // the same first word
  const tag = makeTag(other, 1);
  const foreign = encodeDataFrame(other, 2, 1, generator.bytes(30));
  for (const frame of [encodePing(tag, 1n), encodePeerInfoRequest(tag), foreign]) {
    assert.equal(receive(frame, caller), []);
  }
  assert.is(core.stats.unknown, 3);
  core.unregister(base);
  assert.equal(receive(hello(1), caller), []);
});

relay('truncated frames get silence', () => {
  const { core, receive } = running();
  const ping = encodePing(makeTag(base, 1), 1n);
  const frames = [ping, encodePeerInfoRequest(makeTag(base, 1)), data(2, 1)];
  for (const frame of frames) {
    for (let length = 0; length < 32; length++) {
      assert.equal(receive(frame.subarray(0, length), caller), []);
    }
  }
  for (let length = 32; length < 40; length++) {
    assert.equal(receive(ping.subarray(0, length), caller), []);
  }
  assert.is(core.stats.malformed, 3 * 32 + 8);
});

relay('replies are not answered: two relays cannot keep each other busy', () => {
  const { receive } = running();
  const reply = { tag: makeTag(base, 1), date: 0, queryId: 1n, host: '192.0.2.1', port: 1 };
  assert.equal(receive(encodeSelfInfo(reply), caller), []);
});

relay('a third suffix is refused until one has expired', () => {
  const { core, receive, clock } = running();
  assert.equal(receive(hello(3), stranger), []);
  assert.is(core.stats.refused, 1);
  clock.advance(20_000);
  receive(hello(1), caller); // stays alive
  clock.advance(10_000);
  assert.equal(receive(hello(3), stranger)[0].to, stranger);
  assert.equal(receive(data(3, 1), caller)[0].to, stranger);
  assert.equal(receive(data(2, 1), caller), [], 'the expired end gets nothing');
});

relay('an end that is there keeps its address, whoever claims its suffix', () => {
  const { core, receive, clock } = running();
  for (let i = 0; i < 100; i++) {
    receive(data(1, 2), stranger);
    clock.advance(20);
    receive(data(1, 2), callee);
    const sent = receive(data(2, 1), caller);
    assert.equal(
      sent.map(({ to }) => to),
      [callee],
    );
  }
  assert.is(core.stats.moved, 0);
});

relay('an end that has moved hears again after 300 ms, and is moved after 2 s', () => {
  const { core, receive, clock } = running();
  const moved = { host: '203.0.113.9', port: 1234 };
  const heard = [];
  for (let ms = 0; ms < 3000; ms += 20) {
    receive(data(1, 2), moved);
    heard.push(...receive(data(2, 1), caller).map(({ to }) => `${to.host} ${ms}`));
    clock.advance(20);
  }
  assert.is(
    heard.find((text) => text.startsWith(moved.host)),
    `${moved.host} 300`,
  );
  assert.is(heard.filter((text) => text.startsWith(callee.host)).pop(), `${callee.host} 1980`);
  assert.is(core.stats.moved, 1);
});

relay('a candidate has no bonus, and there is one at a time', () => {
  const { receive, clock } = running();
  assert.equal(receive(encodePing(makeTag(base, 2), 1n), stranger), [], '64 bytes for 40');
  assert.equal(receive(padded(makeTag(base, 2)), { ...stranger, port: 7 }), [], 'the second one');
  clock.advance(1000);
  assert.is(receive(padded(makeTag(base, 2)), { ...stranger, port: 7 }).length, 1);
});

relay('a closed connection is left at once', () => {
  const { core, receive, lineOf } = relayOf();
  core.register(base);
  const [first, again] = [lineOf(true), lineOf(true)];
  receive(encodeStreamHello(makeTag(base, 1)), caller, first);
  receive(hello(2), callee);
  first.closed = true;
  assert.equal(receive(data(1, 2), callee), []);
  receive(encodeStreamHello(makeTag(base, 1)), { ...caller, port: 9 }, again);
  assert.is(receive(data(1, 2), callee).length, 1);
});

relay('suffix 0 is nobody', () => {
  const { core, receive } = relayOf();
  core.register(base);
  assert.equal(receive(hello(1).fill(0, 12, 16), caller), []);
});

relay('random bytes never throw and never take an end away', () => {
  const { receive } = running();
  for (let i = 0; i < 2000; i++) {
    const frame = generator.bytes(generator.int(80));
    if (generator.int(2) === 0) frame.set(base.subarray(0, frame.length));
    if (generator.int(2) === 0) frame.fill(255, 16, 28);
    receive(frame, stranger);
  }
  assert.equal(receive(data(2, 1), caller)[0].to, callee);
});

relay('bad arguments', () => {
  const clock = virtualClock();
  for (const act of [
    () => new RelayCore({ clock, idleMs: 0 }),
    () => new RelayCore({ clock, secret: generator.bytes(15), random }),
    () => new RelayCore({ clock, random }).register(generator.bytes(11)),
    () => new RelayCore({ clock, random }).register(/** @type {any} */ ('base')),
    () => createRelayTicket(generator.bytes(15)),
  ]) {
    assert.throws(act, (/** @type {any} */ error) => error.code === 'bad-argument');
  }
});

relay.run();
