import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  RelayCore,
  encodeDataFrame,
  encodeHello,
  encodePeerInfoRequest,
  encodePing,
  encodeSelfInfo,
  makeTag,
  parsePeerInfo,
  parseSelfInfo,
} from 'sottovoce/relay';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const relay = suite('relay/core');
const random = prng(4);
const base = random.bytes(12);
const caller = { host: '192.0.2.1', port: 4001 };
const callee = { host: '198.51.100.2', port: 4002 };
const stranger = { host: '203.0.113.3', port: 4003 };
/** @param {number} to @param {number} from */
const data = (to, from) => encodeDataFrame(base, to, from, random.bytes(30));
/** @param {number} suffix */
const hello = (suffix) => encodeHello(makeTag(base, suffix));

/** A relay that serves `base`, with both ends bound. */
function running() {
  const clock = virtualClock();
  const core = new RelayCore({ clock, unixTime: () => 1_700_000_000.9 });
  core.register(base);
  core.receive(hello(1), caller);
  core.receive(hello(2), callee);
  return { clock, core };
}

relay('forwards both ways, the frame as it is', () => {
  const { core } = running();
  const [there, back] = [data(2, 1), data(1, 2)];
  assert.is(core.receive(there, caller)?.data, there, 'not a copy');
  assert.equal(core.receive(there, caller)?.to, callee);
  assert.equal(core.receive(back, callee), { to: caller, data: back });
  assert.is(core.stats.forwarded, 3);
});

relay('a data frame binds its sender as well', () => {
  const core = new RelayCore({ clock: virtualClock() });
  core.register(base);
  assert.is(core.receive(data(2, 1), caller), null);
  assert.is(core.stats.unreachable, 1);
  assert.equal(core.receive(data(1, 2), callee)?.to, caller);
});

relay('answers a ping with the address that it sees', () => {
  const { core } = running();
  const tag = makeTag(base, 1);
  const output = core.receive(encodePing(tag, 77n), caller);
  assert.equal(output?.to, caller);
  const info = parseSelfInfo(/** @type {Uint8Array} */ (output?.data));
  assert.equal(info, { tag, date: 1_700_000_000, queryId: 77n, ...caller });
});

relay('IPv6', () => {
  const core = new RelayCore({ clock: virtualClock() });
  core.register(base);
  const six = { host: '2001:db8::1', port: 4001 };
  const output = core.receive(hello(1), six);
  assert.is(parseSelfInfo(/** @type {Uint8Array} */ (output?.data))?.host, '2001:db8:0:0:0:0:0:1');
  core.receive(hello(2), callee);
  assert.equal(core.receive(data(1, 2), callee)?.to, six);
});

relay('tells addresses only to ends that have both asked', () => {
  const { core } = running();
  const [mine, theirs] = [1, 2].map((suffix) => encodePeerInfoRequest(makeTag(base, suffix)));
  assert.is(core.receive(mine, caller), null, 'the other end did not ask');
  const output = core.receive(theirs, callee);
  assert.equal(parsePeerInfo(/** @type {Uint8Array} */ (output?.data)), {
    tag: makeTag(base, 2),
    myHost: callee.host,
    myPort: callee.port,
    peerHost: caller.host,
    peerPort: caller.port,
  });
  assert.equal(core.receive(mine, caller)?.to, caller);
});

relay('unknown bases get silence', () => {
  const { core } = running();
  const other = random.bytes(12);
  other.set(base.subarray(0, 4)); // the same first word
  const tag = makeTag(other, 1);
  const foreign = encodeDataFrame(other, 2, 1, random.bytes(30));
  for (const frame of [encodePing(tag, 1n), encodePeerInfoRequest(tag), foreign]) {
    assert.is(core.receive(frame, caller), null);
  }
  assert.is(core.stats.unknown, 3);
  core.unregister(base);
  assert.is(core.receive(hello(1), caller), null);
});

relay('truncated frames get silence', () => {
  const { core } = running();
  const ping = encodePing(makeTag(base, 1), 1n);
  const frames = [ping, encodePeerInfoRequest(makeTag(base, 1)), data(2, 1)];
  for (const frame of frames) {
    for (let length = 0; length < 32; length++) {
      assert.is(core.receive(frame.subarray(0, length), caller), null);
    }
  }
  for (let length = 32; length < 40; length++) {
    assert.is(core.receive(ping.subarray(0, length), caller), null);
  }
  assert.is(core.stats.malformed, 3 * 32 + 8);
});

relay('replies are not answered: two relays cannot keep each other busy', () => {
  const { core } = running();
  const reply = { tag: makeTag(base, 1), date: 0, queryId: 1n, host: '192.0.2.1', port: 1 };
  assert.is(core.receive(encodeSelfInfo(reply), caller), null);
});

relay('a third suffix is refused until one has expired', () => {
  const { core, clock } = running();
  assert.is(core.receive(hello(3), stranger), null);
  assert.is(core.stats.refused, 1);
  clock.advance(20_000);
  core.receive(hello(1), caller); // stays alive
  clock.advance(10_000);
  assert.equal(core.receive(hello(3), stranger)?.to, stranger);
  assert.equal(core.receive(data(3, 1), caller)?.to, stranger);
  assert.is(core.receive(data(2, 1), caller), null, 'the expired end gets nothing');
});

relay('a suffix stays with the address that used it first', () => {
  const { core } = running();
  assert.is(core.receive(hello(2), stranger), null);
  assert.is(core.receive(data(1, 2), stranger), null);
  assert.is(core.stats.refused, 2);
  assert.equal(core.receive(data(2, 1), caller)?.to, callee);
});

relay('suffix 0 is nobody', () => {
  const core = new RelayCore({ clock: virtualClock() });
  core.register(base);
  assert.is(core.receive(hello(1).fill(0, 12, 16), caller), null);
});

relay('random bytes never throw and never take an end away', () => {
  const { core } = running();
  for (let i = 0; i < 2000; i++) {
    const frame = random.bytes(random.int(80));
    if (random.int(2) === 0) frame.set(base.subarray(0, frame.length));
    if (random.int(2) === 0) frame.fill(255, 16, 28);
    core.receive(frame, stranger);
  }
  assert.equal(core.receive(data(2, 1), caller)?.to, callee);
});

relay('bad arguments', () => {
  const clock = virtualClock();
  for (const act of [
    () => new RelayCore({ clock, idleMs: 0 }),
    () => new RelayCore({ clock }).register(random.bytes(11)),
    () => new RelayCore({ clock }).register(/** @type {any} */ ('base')),
  ]) {
    assert.throws(act, (/** @type {any} */ error) => error.code === 'bad-argument');
  }
});

relay.run();
