import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { SteadyClock } from 'sottovoce/internal';
import { connectPaths, makePathCalls, pass, relayAt, talkFor } from '../support/path-calls.js';

const jumps = suite('call/clock jumps');
const relays = [relayAt('one'), relayAt('two')];

jumps('a steady clock believes steps of a second, and none back', () => {
  let now = 5000;
  const clock = new SteadyClock({ now: () => now, setTimer: () => () => {} });
  const steps = [10, 1000, 3_600_000, -3_600_000, 0, 10, Number.NaN, 10];
  /** @type {number[]} */
  const seen = [];
  for (const step of steps) {
    now += step;
    seen.push(clock.now());
  }
  assert.equal(seen.slice(0, 6), [10, 1010, 2010, 2010, 2010, 2020]);
  assert.ok(seen.every((value, i) => i === 0 || value >= seen[i - 1]));
});

jumps('an hour forwards or backwards in mid-call: it goes on', async () => {
  for (const jump of [3_600_000, -3_600_000, 1500, -1500]) {
    let offset = 0;
    const calls = await makePathCalls({
      paths: { one: { delayMs: 60 }, two: { delayMs: 65 } },
      caller: { endpoints: relays },
      clockOf: (inner, index) => (index === 0 ? inner : jumpy(inner, () => offset)),
    });
    /** @type {string[]} */
    const states = [];
    await connectPaths(calls);
    calls.callee.on('state', (state) => states.push(state));
    await talkFor(calls, 1000);
    offset = jump;
    calls.callee.mute(true); // what has to be acknowledged, just now
    const heard = await talkFor(calls, 1000);
    assert.equal(states, [], `${jump}`);
    assert.ok(calls.caller.remoteMuted);
    assert.ok(heard[1].filter(({ value }) => value > 0).length >= 48);
    calls.network.one.cut();
    calls.network.two.cut();
    await pass(calls, 13_000);
    const codes = [calls.caller, calls.callee].map(({ end }) => end?.error?.code);
    assert.ok(codes.includes('connection-lost'), 'and time still ends it');
    assert.is(calls.callee.state, 'ended');
    assert.ok(calls.callee.stats().durationSeconds < 20);
  }
});

/**
 * The same clock, set to another time.
 * @param {import('sottovoce/call').Clock} clock @param {() => number} offset
 * @returns {import('sottovoce/call').Clock}
 */
function jumpy(clock, offset) {
  return {
    now: () => clock.now() + offset(),
    setTimer: (delay, callback) => clock.setTimer(delay, callback),
  };
}

jumps.run();
