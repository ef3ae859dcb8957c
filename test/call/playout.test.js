import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PlayoutBuffer } from 'sottovoce/call';
import { prng } from '../support/prng.js';

const playout = suite('call/playout');
const FRAME = 960;

/** Pushes frame number `n`, counted from a timestamp. */
const pusher =
  (/** @type {PlayoutBuffer} */ buffer, first = 0) =>
  (/** @type {number} */ n) =>
    buffer.push((first + n * FRAME) >>> 0, FRAME, Uint8Array.of(n));

/** What the next `count` pulls give: `p3` packet 3, `f4` FEC of packet 4, `c` conceal, `w` wait. */
function pull(/** @type {PlayoutBuffer} */ buffer, /** @type {number} */ count) {
  const steps = [];
  for (let i = 0; i < count; i++) {
    const { kind, payload, duration } = buffer.pull();
    assert.is(duration, FRAME);
    steps.push(`${kind[0]}${payload[0] ?? ''}`);
  }
  return steps.join(' ');
}

playout('holds the first packet for the delay, rounded up to frames', () => {
  const buffer = new PlayoutBuffer({ delay: 2 * FRAME - 100, frame: FRAME });
  assert.is(pull(buffer, 3), 'w w w');
  const push = pusher(buffer);
  push(0);
  assert.is(pull(buffer, 1), 'w');
  push(1);
  assert.is(buffer.buffered, 3 * FRAME);
  assert.is(pull(buffer, 1), 'w');
  push(2);
  assert.is(pull(buffer, 3), 'p0 p1 p2');
});

playout('order by timestamp, over the 32-bit wrap', () => {
  const buffer = new PlayoutBuffer({ delay: 3 * FRAME, frame: FRAME });
  const push = pusher(buffer, 2 ** 32 - 2 * FRAME - 17);
  for (const n of [1, 0, 3, 2, 5, 4]) assert.ok(push(n));
  assert.is(pull(buffer, 8), 'w w p0 p1 p2 p3 p4 p5');
});

playout('a missing frame: FEC of the next packet if it is there, else concealment', () => {
  const buffer = new PlayoutBuffer({ delay: FRAME, frame: FRAME });
  const push = pusher(buffer);
  for (const n of [0, 2, 5]) push(n);
  assert.is(pull(buffer, 7), 'w p0 f2 p2 c f5 p5');
  assert.is(buffer.stats.recovered, 2);
  assert.is(buffer.stats.concealed, 1);
});

playout('late packets and duplicates are not played', () => {
  const buffer = new PlayoutBuffer({ delay: 0, frame: FRAME });
  const push = pusher(buffer);
  assert.ok(push(0));
  assert.not(push(0));
  assert.is(buffer.stats.duplicate, 1);
  assert.is(pull(buffer, 2), 'p0 c');
  assert.not(push(0));
  assert.not(push(1), 'was concealed already');
  assert.is(buffer.stats.late, 2);
  push(2);
  assert.is(pull(buffer, 1), 'p2');
  assert.not(push(2));
});

playout('a longer path sets the delay anew, without playing anything twice', () => {
  const buffer = new PlayoutBuffer({ delay: FRAME, frame: FRAME });
  const push = pusher(buffer);
  push(0);
  assert.is(pull(buffer, 12), `w p0${' c'.repeat(10)}`); // nothing for 200 ms
  for (let n = 1; n <= 4; n++) assert.not(push(n));
  assert.ok(push(5), 'the fifth in a row is enough');
  push(6);
  assert.is(pull(buffer, 3), 'w p5 p6');
  assert.is(buffer.stats.restarts, 2);
});

playout('a pause ends, and the delay starts anew', () => {
  const buffer = new PlayoutBuffer({ delay: FRAME, frame: FRAME });
  const push = pusher(buffer);
  push(0);
  assert.is(pull(buffer, 60), `w p0${' c'.repeat(50)}${' w'.repeat(8)}`);
  push(1); // the sender's timestamps stood still
  push(2);
  assert.is(pull(buffer, 3), 'w p1 p2');
});

playout('too much waiting is skipped', () => {
  const buffer = new PlayoutBuffer({ delay: 2 * FRAME, frame: FRAME, excess: 10 * FRAME });
  const push = pusher(buffer);
  for (let n = 0; n < 13; n++) push(n);
  assert.is(buffer.stats.skipped, 8);
  assert.is(pull(buffer, 3), 'p8 p9 p10');
});

playout('packets of other durations', () => {
  const buffer = new PlayoutBuffer({ delay: 0, frame: FRAME });
  buffer.push(0, 2880, Uint8Array.of(1));
  buffer.push(2880 + 480, 480, Uint8Array.of(2));
  const steps = [1, 2, 3].map(() => {
    const { kind, duration, timestamp } = buffer.pull();
    return `${kind} ${duration} ${timestamp}`;
  });
  assert.equal(steps, ['packet 2880 0', 'fec 480 2880', 'packet 480 3360']);
  assert.not(buffer.push(9000, 100, Uint8Array.of(3)));
  assert.not(buffer.push(9000, 5761, Uint8Array.of(3)));
  assert.not(buffer.push(9000, 960, new Uint8Array(1501)));
});

playout('loss, reordering and duplicates at random: each frame at most once, in order', () => {
  const random = prng(11);
  const buffer = new PlayoutBuffer({ delay: 3 * FRAME, frame: FRAME });
  const first = 2 ** 32 - 500 * FRAME;
  /** @type {number[][]} packets by time of arrival */
  const arrivals = Array.from({ length: 1020 }, () => []);
  for (let n = 0; n < 1000; n++) {
    if (random.int(10) === 0) continue;
    arrivals[n + random.int(4)].push(n);
    if (random.int(10) === 0) arrivals[n + random.int(8)].push(n);
  }
  let last = -1;
  let played = 0;
  for (const due of arrivals) {
    for (const n of due) {
      buffer.push((first + n * FRAME) >>> 0, FRAME, Uint8Array.of(n >> 8, n & 255));
    }
    const { kind, payload } = buffer.pull();
    if (kind !== 'packet') continue;
    const n = (payload[0] << 8) | payload[1];
    assert.ok(n > last);
    last = n;
    played++;
  }
  const { stats } = buffer;
  assert.is(played, stats.played);
  assert.is(stats.restarts, 1);
  assert.ok(played > 880 && played + stats.recovered + stats.concealed >= 1000);
});

playout('hostile timestamps: memory stays bounded', () => {
  const random = prng(12);
  const buffer = new PlayoutBuffer({ delay: 3 * FRAME, frame: FRAME });
  for (let i = 0; i < 5000; i++) {
    const near = random.int(2) === 0;
    buffer.push(near ? random.int(48_000 * 4) : random.next(), 120, random.bytes(3));
    assert.ok(buffer.buffered <= 3 * FRAME + 48_000 + 5760);
    if (random.int(3) === 0) buffer.pull();
  }
  buffer.clear();
  assert.is(buffer.buffered, 0);
});

playout('bad options', () => {
  for (const options of [
    { delay: -1, frame: FRAME },
    { delay: 0, frame: 0 },
    { delay: 0, frame: FRAME, excess: 0.5 },
  ]) {
    assert.throws(
      () => new PlayoutBuffer(options),
      (/** @type {any} */ error) => error.code === 'bad-argument',
    );
  }
});

playout.run();
