import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { PlayoutBuffer } from 'sottovoce/call';
import { prng } from '../support/prng.js';

const playout = suite('call/playout');
const FRAME = 960;

/**
 * A buffer with a clock: packets arrive and are pulled on a grid of one frame.
 * @param {{ first?: number, minDelay?: number }} [options]
 */
function setUp({ first = 0, minDelay = 2 * FRAME } = {}) {
  const buffer = new PlayoutBuffer({ frame: FRAME, minDelay });
  let now = 0;
  return {
    buffer,
    /** Frame `n` arrives `late` ticks after it was spoken. */
    push(/** @type {number} */ n, options = {}) {
      return buffer.push({
        timestamp: (first + n * FRAME) >>> 0,
        duration: FRAME,
        payload: Uint8Array.of(n),
        arrival: now,
        sequence: n & 0xffff,
        ...options,
      });
    },
    /** What the next `count` pulls give: `p3` packet 3, `f4` FEC of packet 4, `c` conceal, `w` wait. */
    pull(/** @type {number} */ count) {
      const steps = [];
      for (let i = 0; i < count; i++, now += FRAME) {
        const { kind, payload, duration } = buffer.pull(now);
        assert.is(duration, FRAME);
        steps.push(`${kind[0]}${payload[0] ?? ''}`);
      }
      return steps.join(' ');
    },
  };
}

playout('holds the first packet, and starts with some margin', () => {
  const { buffer, push, pull } = setUp();
  assert.is(pull(3), 'w w w');
  push(0);
  assert.is(pull(1), 'w');
  push(1);
  assert.is(buffer.buffered, 2 * FRAME);
  assert.is(pull(1), 'w');
  push(2);
  assert.is(pull(3), 'p0 p1 p2');
});

playout('order by timestamp, over the 32-bit wrap', () => {
  const { push, pull } = setUp({ first: 2 ** 32 - 2 * FRAME - 17 });
  for (const n of [1, 0, 3, 2, 5, 4]) assert.ok(push(n));
  assert.match(pull(10), /^[w ]+p0 p1 p2 p3 p4 p5( c)*$/);
});

playout('a missing frame: FEC of the next packet if it has it, else concealment', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  assert.is(pull(1), 'w');
  push(2, { fec: true });
  push(4);
  push(7, { fec: true });
  assert.is(pull(8), 'p0 f2 p2 c p4 c f7 p7');
  assert.is(buffer.stats.recovered, 2);
  assert.is(buffer.stats.concealed, 2);
});

playout('a copy out of a later packet fills the gap, and does not displace the packet', () => {
  const { buffer, push, pull } = setUp();
  push(0);
  push(2);
  assert.ok(push(1, { spare: true }));
  assert.not(push(0, { spare: true }), 'is there');
  assert.not(push(1), 'its copy is there');
  assert.match(pull(6), /p0 p1 p2/);
  assert.is(buffer.stats.spare, 1);
  assert.is(buffer.stats.duplicate, 1);
});

playout('what comes late is played later, and once', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  assert.is(pull(3), 'w p0 c');
  assert.ok(push(1), 'its turn is over');
  push(2);
  assert.is(pull(2), 'p1 p2');
  assert.is(buffer.stats.late, 1);
  assert.not(push(1));
  assert.is(pull(1), 'c');
  assert.is(buffer.stats.played, 3);
});

playout('a longer path: nothing is lost, and the delay grows', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  assert.is(pull(12), `w p0${' c'.repeat(10)}`); // nothing for 200 ms
  for (let n = 1; n <= 4; n++) assert.ok(push(n));
  assert.is(pull(4), 'p1 p2 p3 p4');
  assert.ok(buffer.delay >= 10 * FRAME);
  assert.is(buffer.stats.restarts, 1);
});

playout('a pause of the sender is no loss, and ends when the next packet has come', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  assert.is(pull(7), 'w p0 c c c c c');
  push(7, { sequence: 1 }); // five frames were not sent
  push(8, { sequence: 2 });
  assert.match(pull(4), /^(c )*p7 p8/);
  assert.is(buffer.stats.concealed, buffer.stats.concealed && 1, 'after the end');
  assert.ok(buffer.stats.silent >= 5);
});

playout('after a second without anything it begins anew', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  assert.is(pull(60), `w p0${' c'.repeat(50)}${' w'.repeat(8)}`);
  push(60);
  push(61);
  assert.match(pull(4), /^(w )*p60 p61/);
  assert.is(buffer.stats.restarts, 2);
});

playout('a sender who begins anew with earlier timestamps', () => {
  const { push, pull } = setUp({ first: 2 ** 31, minDelay: 0 });
  for (let n = 0; n < 5; n++) push(n);
  pull(10);
  for (let n = -1000; n < -995; n++) push(n);
  push(-995);
  push(-994);
  assert.match(pull(4), /p29 p30/); // one byte of the numbers
});

playout('what is far too much is skipped', () => {
  const { buffer, push, pull } = setUp({ minDelay: 0 });
  push(0);
  pull(3);
  for (let n = 1; n < 100; n++) push(n); // all at once, all but the last after their time
  pull(200);
  for (let n = 200; n < 400; n++) push(n);
  assert.ok(buffer.stats.skipped >= 72, 'no more than 128 are kept');
});

playout('packets of other durations', () => {
  const buffer = new PlayoutBuffer({ frame: FRAME });
  const common = { arrival: 0, sequence: 0, fec: true };
  buffer.push({ ...common, timestamp: 0, duration: 2880, payload: Uint8Array.of(1) });
  const payload = Uint8Array.of(2);
  buffer.push({ ...common, timestamp: 2880 + 480, duration: 480, payload, sequence: 2 });
  const steps = [1, 2, 3].map(() => {
    const { kind, duration, timestamp } = buffer.pull(10_000);
    return `${kind} ${duration} ${timestamp}`;
  });
  assert.equal(steps, ['packet 2880 0', 'fec 480 2880', 'packet 480 3360']);
  const bad = { ...common, timestamp: 9000, payload };
  assert.not(buffer.push({ ...bad, duration: 100 }));
  assert.not(buffer.push({ ...bad, duration: 5761 }));
  assert.not(buffer.push({ ...bad, duration: 960, payload: new Uint8Array(1501) }));
});

playout('the delay follows the jitter, up and down', () => {
  const random = prng(3);
  const { buffer, pull } = setUp({ minDelay: 0 });
  let arrivals = [];
  const asked = { longer: 0, shorter: 0 };
  let cursor = 0;
  for (let n = 0; n < 4000; n++) {
    const jitter = n > 500 && n < 1500 ? random.int(100 * 48) : 0;
    arrivals.push({ n, at: n * FRAME + jitter });
    for (const { n: number, at } of arrivals.filter(({ at }) => at <= (n + 1) * FRAME)) {
      const payload = Uint8Array.of(1);
      buffer.push({
        timestamp: number * FRAME,
        duration: FRAME,
        payload,
        arrival: at,
        sequence: number,
      });
    }
    arrivals = arrivals.filter(({ at }) => at > (n + 1) * FRAME);
    // Plays as fast as it is asked to.
    while (cursor < (n + 1) * FRAME) {
      const { duration, stretch } = buffer.pull((n + 1) * FRAME, cursor - n * FRAME);
      cursor += duration + stretch;
      if (stretch > 0) asked.longer += stretch;
      if (stretch < 0) asked.shorter -= stretch;
    }
    if (n === 1499) assert.ok(buffer.delay > 80 * 48 && buffer.delay < 140 * 48, `${buffer.delay}`);
  }
  assert.is(pull(0), '');
  assert.ok(asked.longer > 0 && asked.shorter > 60 * 48);
  assert.ok(buffer.delay <= 21 * 48, `${buffer.delay}`);
});

playout('loss, reordering and duplicates at random: each frame at most once, in order', () => {
  const random = prng(11);
  const buffer = new PlayoutBuffer({ frame: FRAME });
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
  for (const [time, due] of arrivals.entries()) {
    for (const n of due) {
      buffer.push({
        timestamp: (first + n * FRAME) >>> 0,
        duration: FRAME,
        payload: Uint8Array.of(n >> 8, n & 255),
        arrival: time * FRAME,
        sequence: n & 0xffff,
      });
    }
    const { kind, payload } = buffer.pull(time * FRAME);
    if (kind !== 'packet') continue;
    const n = (payload[0] << 8) | payload[1];
    assert.ok(n > last);
    last = n;
    played++;
  }
  const { stats } = buffer;
  assert.is(played, stats.played);
  assert.is(stats.restarts, 1);
  assert.ok(played > 880 && stats.late < 40, `${played} ${stats.late}`);
});

playout('hostile timestamps: memory stays bounded', () => {
  const random = prng(12);
  const buffer = new PlayoutBuffer({ frame: FRAME });
  let now = 0;
  for (let i = 0; i < 5000; i++) {
    const near = random.int(2) === 0;
    const timestamp = near ? random.int(48_000 * 4) : random.next();
    const payload = random.bytes(3);
    now += random.int(200);
    buffer.push({ timestamp, duration: 120, payload, arrival: now, sequence: random.int(65_536) });
    if (random.int(3) === 0) assert.ok(buffer.pull(now, random.int(960)).duration > 0);
  }
  assert.ok(buffer.stats.skipped > 1000);
  buffer.clear();
  assert.is(buffer.buffered, 0);
});

playout('bad options', () => {
  for (const options of [
    { frame: 0 },
    { frame: FRAME, minDelay: -1 },
    { frame: FRAME, minDelay: 0.5 },
    { frame: FRAME, delay: 0 },
  ]) {
    assert.throws(
      () => new PlayoutBuffer(options),
      (/** @type {any} */ error) => error.code === 'bad-argument',
    );
  }
});

playout.run();
