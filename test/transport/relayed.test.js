import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RelayCore, encodeDataFrame, encodeHello, encodeSelfInfo, makeTag } from 'sottovoce/relay';
import { insecureRandomForTests } from 'sottovoce/internal';
import { RelayTransport } from 'sottovoce/transport';
import { prng } from '../support/prng.js';
import { virtualClock } from '../support/virtual-clock.js';

const relayed = suite('transport/relayed');
const random = prng(5);
const peerTag = random.bytes(16);
const tag = makeTag(peerTag, 1);

/** A transport that records what is sent, and lets the test deliver. */
function wire() {
  return {
    /** @type {Uint8Array[]} */
    sent: [],
    closed: false,
    /** @type {(data: Uint8Array) => void} */
    deliver: () => {},
    /** @param {Uint8Array} data */
    send(data) {
      this.sent.push(data.slice());
    },
    /** @param {(data: Uint8Array) => void} handler */
    onDatagram(handler) {
      this.deliver = handler;
    },
    close() {
      this.closed = true;
    },
  };
}

/** @param {'caller' | 'callee'} role */
function pathOf(role) {
  const clock = virtualClock();
  const transport = wire();
  return { clock, transport, path: new RelayTransport({ transport, peerTag, role, clock }) };
}

relayed('says hello every 500 ms until answered, then every 10 s', async () => {
  const { clock, transport, path } = pathOf('caller');
  assert.is(transport.sent[0].length, 72);
  assert.equal(transport.sent[0].subarray(0, 40), encodeHello(tag));
  clock.advance(1400);
  assert.is(transport.sent.length, 3);
  transport.deliver(encodeSelfInfo({ tag, date: 0, queryId: 1n, host: '192.0.2.9', port: 9 }));
  await path.ready;
  assert.equal(path.reflexiveAddress, { host: '192.0.2.9', port: 9 });
  clock.advance(9_900);
  assert.is(transport.sent.length, 3);
  clock.advance(10_200);
  assert.is(transport.sent.length, 5);
  path.close();
  assert.ok(transport.closed);
  assert.is(clock.pending, 0);
});

relayed('frames what goes to the peer, and takes what it sends', async () => {
  const { transport, path } = pathOf('callee');
  /** @type {Uint8Array[]} */
  const got = [];
  path.onDatagram((data) => got.push(data.slice()));
  const payload = random.bytes(53);
  path.send(payload);
  assert.equal(transport.sent[1], encodeDataFrame(peerTag, 1, 2, payload));
  transport.deliver(encodeDataFrame(peerTag, 2, 1, payload));
  assert.equal(got, [payload]);
  await path.ready; // data is an answer too
  path.close();
});

relayed('two paths through a relay', () => {
  const clock = virtualClock();
  const core = new RelayCore({ clock, random: insecureRandomForTests(random.fill) });
  core.register(peerTag);
  const wires = [wire(), wire()];
  /** @param {Uint8Array} frame @param {number} port */
  const send = (frame, port) => wires[port - 1000].deliver(frame);
  const line = { proven: false, closed: false, send };
  wires.forEach((end, i) => {
    end.send = (data) => core.receive(data.slice(), line, '192.0.2.1', 1000 + i);
  });
  const caller = new RelayTransport({ transport: wires[0], peerTag, role: 'caller', clock });
  const callee = new RelayTransport({ transport: wires[1], peerTag, role: 'callee', clock });
  /** @type {number[]} */
  const got = [];
  callee.onDatagram((data) => {
    got.push(data.length);
    callee.send(data);
  });
  caller.onDatagram((data) => got.push(-data.length));
  for (const length of [1, 26, 3000]) caller.send(random.bytes(length));
  assert.equal(got, [1, -1, 26, -26, 3000, -3000]);
  assert.is(caller.stats.dropped + callee.stats.dropped, 0);
});

relayed('drops foreign, truncated and reflected frames', () => {
  const { clock, transport, path } = pathOf('caller');
  let count = 0;
  path.onDatagram(() => count++);
  const good = encodeDataFrame(peerTag, 1, 2, random.bytes(20));
  for (let length = 0; length < good.length; length++) transport.deliver(good.subarray(0, length));
  transport.deliver(encodeDataFrame(random.bytes(12), 1, 2, random.bytes(20)));
  transport.deliver(encodeDataFrame(peerTag, 2, 1, random.bytes(20)));
  transport.deliver(encodeHello(tag));
  assert.is(count, 0);
  assert.is(path.stats.dropped, good.length + 3);
  clock.advance(600);
  assert.is(path.stats.hellos, 2, 'none of it was an answer');
});

relayed('closed before the answer', async () => {
  const { transport, path } = pathOf('caller');
  path.close();
  path.close();
  path.send(Uint8Array.of(1));
  assert.is(transport.sent.length, 1);
  const code = await path.ready.then(
    () => 'ready',
    (error) => error.code,
  );
  assert.is(code, 'released');
});

relayed('bad arguments', () => {
  const clock = virtualClock();
  const options = { transport: wire(), peerTag, role: /** @type {const} */ ('caller'), clock };
  for (const wrong of [
    { peerTag: random.bytes(13) },
    { role: /** @type {any} */ ('guest') },
    { ownSuffix: 0 },
    { peerSuffix: 2 ** 32 },
  ]) {
    assert.throws(
      () => new RelayTransport({ ...options, ...wrong }),
      (/** @type {any} */ error) => error.code === 'bad-argument',
    );
  }
});

relayed.run();
