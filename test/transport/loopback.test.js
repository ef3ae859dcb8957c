import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loopbackPair } from 'sottovoce/transport';
import { virtualClock } from '../support/virtual-clock.js';

const loopback = suite('transport/loopback');

loopback('delivers a copy, at once', () => {
  const [a, b] = loopbackPair();
  /** @type {Uint8Array[]} */
  const got = [];
  b.onDatagram((data) => got.push(data));
  const data = Uint8Array.of(1, 2, 3);
  a.send(data);
  data.fill(0);
  assert.equal(got, [Uint8Array.of(1, 2, 3)]);
});

loopback('delays, loses and doubles as told', () => {
  const clock = virtualClock(0);
  const fates = [[50], [], [10, 20]];
  const [a, b] = loopbackPair({ clock, fate: () => ({ delaysMs: fates.shift() ?? [] }) });
  /** @type {string[]} */
  const got = [];
  b.onDatagram((data) => got.push(`${data[0]} at ${clock.now()}`));
  for (const byte of [1, 2, 3]) a.send(Uint8Array.of(byte));
  clock.advance(100);
  assert.equal(got, ['3 at 10', '3 at 20', '1 at 50']);
});

loopback('closed ends are silent', () => {
  const clock = virtualClock();
  const [a, b] = loopbackPair({ clock, delayMs: 5 });
  let count = 0;
  b.onDatagram(() => count++);
  a.send(Uint8Array.of(1));
  b.close();
  b.close();
  clock.advance(10);
  a.close();
  a.send(Uint8Array.of(1));
  assert.is(count, 0);
});

loopback('a delay needs a clock', () => {
  assert.throws(
    () => loopbackPair({ delayMs: 1 }),
    (/** @type {any} */ error) => error.code === 'bad-argument',
  );
});

loopback.run();
