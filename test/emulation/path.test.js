import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { burstLoss, emulatedPath, parseCapacityTrace, VirtualClock } from 'sottovoce/emulation';

const paths = suite('emulation/path');

/** @typedef {import('sottovoce/emulation').LinkConditions} LinkConditions */

/**
 * Sends numbered datagrams one way: `[number, time]` of each that arrives.
 * @param {LinkConditions} conditions
 * @param {{ count?: number, everyMs?: number, bytes?: number, seed?: number }} [options]
 */
function run(conditions, { count = 100, everyMs = 20, bytes = 72, seed = 1 } = {}) {
  const clock = new VirtualClock();
  const path = emulatedPath({ clock, seed, forward: conditions });
  const [sender, receiver] = path.ends;
  /** @type {[number, number][]} */
  const arrived = [];
  receiver.onDatagram((data) =>
    arrived.push([new DataView(data.buffer, data.byteOffset).getUint32(0), clock.now()]),
  );
  const data = new Uint8Array(bytes);
  for (let n = 0; n < count; n++) {
    new DataView(data.buffer).setUint32(0, n);
    sender.send(data);
    clock.advance(everyMs);
  }
  clock.advance(60_000);
  return { arrived, stats: path.forward };
}
const numbers = (/** @type {[number, number][]} */ arrived) => arrived.map(([n]) => n);
const delays = (/** @type {[number, number][]} */ arrived) => arrived.map(([n, t]) => t - 20 * n);

paths('without conditions everything arrives; with a delay, later', () => {
  assert.equal(delays(run({}).arrived), Array(100).fill(0));
  assert.equal(delays(run({ delayMs: 60 }).arrived), Array(100).fill(60));
});

paths('a seed decides everything, and conditions do not change what it draws', () => {
  const conditions = { loss: 0.2, jitter: { kind: /** @type {const} */ ('uniform'), ms: 15 } };
  const first = run(conditions, { seed: 3 });
  assert.equal(run(conditions, { seed: 3 }).arrived, first.arrived);
  assert.not.equal(run(conditions, { seed: 4 }).arrived, first.arrived);
  assert.equal(numbers(run({ loss: 0.2 }, { seed: 3 }).arrived), numbers(first.arrived));
});

paths('uniform jitter', () => {
  const { arrived } = run({ delayMs: 60, jitter: { kind: 'uniform', ms: 20 } }, { count: 2000 });
  const all = delays(arrived).sort((a, b) => a - b);
  assert.ok(all[0] >= 60 && all[0] < 60.2 && all[1999] < 80 && all[1999] > 79.8);
  assert.ok(Math.abs(all[1000] - 70) < 1);
});

paths('random loss and loss in bursts have their mean', () => {
  const { stats } = run({ loss: 0.1 }, { count: 10_000, everyMs: 1 });
  assert.ok(Math.abs(stats.lost - 1000) < 100, `${stats.lost}`);
  const burst = run({ loss: burstLoss(0.1, 5) }, { count: 50_000, everyMs: 1 });
  assert.ok(Math.abs(burst.stats.lost - 5000) < 600, `${burst.stats.lost}`);
  let bursts = 0;
  let last = -1;
  for (const [n] of burst.arrived) {
    if (n !== last + 1) bursts++;
    last = n;
  }
  assert.ok(Math.abs(burst.stats.lost / bursts - 5) < 0.5, 'in bursts of five');
});

paths('a capacity: 100 bytes with headers at 40 kbit/s leave every 20 ms', () => {
  const { arrived } = run({ capacity: 40 });
  assert.ok(delays(arrived).every((delay) => Math.abs(delay - 20) < 1e-6));
  const twice = run({ capacity: 20, queue: { bytes: 500 } });
  assert.ok(twice.stats.dropped > 40 && twice.stats.dropped < 50, 'half does not fit');
  assert.ok(delays(twice.arrived).every((delay) => delay <= 200));
});

paths('a trace: nothing passes while it says zero, and it repeats', () => {
  const text = JSON.stringify({ format: 'voip-trace-1', step_ms: 100, kbps: [400, 0, 0, 0] });
  const { arrived } = run({ capacity: parseCapacityTrace(text) }, { count: 40 });
  assert.is(arrived.length, 40);
  // A datagram that finds the gate closed leaves 2 ms after it opens.
  assert.ok(Math.abs((arrived[5]?.[1] ?? 0) - 402) < 1e-6);
  assert.ok(Math.abs((arrived[39]?.[1] ?? 0) - 840) < 40);
});

paths('CoDel keeps the queue short where tail drop lets it grow', () => {
  const conditions = { capacity: 36 };
  const worst = (/** @type {LinkConditions} */ c) =>
    Math.max(...delays(run(c, { count: 3000 }).arrived));
  assert.ok(worst(conditions) > 6000);
  const { arrived, stats } = run(
    { ...conditions, queue: { discipline: 'codel' } },
    { count: 3000 },
  );
  const steady = delays(arrived.slice(-500));
  assert.ok(stats.dropped > 250 && steady.reduce((a, b) => a + b) / 500 < 200);
});

paths('order, duplicates, damage', () => {
  const jitter = run({ jitter: { kind: 'exponential', ms: 60 } }, { count: 500 });
  assert.equal(
    numbers(jitter.arrived),
    [...numbers(jitter.arrived)].sort((a, b) => a - b),
  );
  const mixed = run({ reorder: { probability: 0.1, ms: 50 } });
  assert.not.equal(
    numbers(mixed.arrived),
    [...numbers(mixed.arrived)].sort((a, b) => a - b),
  );
  assert.is(mixed.arrived.length, 100);
  const doubled = run({ duplicate: 0.5 }, { count: 400 });
  assert.is(doubled.arrived.length, 400 + doubled.stats.duplicated);
  assert.ok(doubled.stats.duplicated > 150 && doubled.stats.duplicated < 250);
  const damaged = run({ corrupt: 0.5 }, { count: 400, bytes: 4 });
  const wrong = damaged.arrived.filter(([n, time]) => n !== time / 20).length;
  assert.is(wrong, damaged.stats.corrupted);
  assert.ok(wrong > 150 && wrong < 250);
});

paths('outages drop or hold', () => {
  const outage = { atMs: 200, durationMs: 100 };
  assert.is(run({ outages: [outage, { atMs: 1000, durationMs: 40 }] }).stats.cut, 7);
  const { arrived } = run({ outages: [{ ...outage, holds: true }] });
  assert.is(arrived.length, 100);
  assert.equal(
    arrived.slice(9, 16).map(([, time]) => time),
    [180, 300, 300, 300, 300, 300, 300],
  );
});

paths('conditions change in mid-call, and both directions have their own', () => {
  const clock = new VirtualClock(1000);
  const path = emulatedPath({ clock, forward: { delayMs: 10 }, back: { delayMs: 30 } });
  /** @type {string[]} */
  const heard = [];
  path.ends.forEach((end, i) => {
    end.onDatagram((data) => heard.push(`${i} ${data[0]} ${clock.now()}`));
  });
  const say = (/** @type {number} */ n) => {
    for (const end of path.ends) end.send(Uint8Array.of(n));
  };
  say(1);
  path.change({ delayMs: 5 });
  say(2);
  clock.advance(100);
  assert.equal(heard, ['1 2 1005', '0 2 1005', '1 1 1010', '0 1 1030']);
  path.cut();
  say(3);
  clock.advance(100);
  path.change({});
  path.ends[0].close();
  path.ends[0].send(Uint8Array.of(4));
  say(5);
  clock.advance(100);
  assert.is(heard.length, 4);
});

paths('bad options and traces', () => {
  const clock = new VirtualClock();
  for (const conditions of [
    { delayMs: -1 },
    { loss: 2 },
    { loss: { toBad: 0.1 } },
    { capacity: 0 },
    { capacity: { kbps: [0, 0], stepMs: 20 } },
    { capacity: { kbps: [1], stepMs: 0 } },
    { queue: { bytes: 0 } },
    { queue: { discipline: 'red' } },
    { jitter: { kind: 'normal', ms: 1 } },
    {
      outages: [
        { atMs: 10, durationMs: 10 },
        { atMs: 15, durationMs: 10 },
      ],
    },
    { los: 0.1 },
  ]) {
    assert.throws(
      () => emulatedPath({ clock, forward: /** @type {any} */ (conditions) }),
      (/** @type {any} */ error) => ['bad-argument'].includes(error.code),
      JSON.stringify(conditions),
    );
  }
  for (const text of ['', '1', 'null', '{}', '{"format":"voip-trace-1","step_ms":20,"kbps":[0]}']) {
    assert.throws(
      () => parseCapacityTrace(text),
      (/** @type {any} */ error) => error.code === 'bad-trace',
    );
  }
  assert.throws(() => burstLoss(1, 1));
  assert.throws(() => burstLoss(0.5, 0.5));
});

paths.run();
