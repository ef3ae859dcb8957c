// What becomes of a call whose path fails, in virtual time: how long until something real is played again.
// Paths of 60 ms one way, 24 kbit/s, frames of 20 ms; the codec is a model, everything else ships.
import { codecModel } from 'sottovoce/emulation';
import { settle } from '../../test/support/calls.js';
import { connectPaths, makePathCalls, relayAt } from '../../test/support/path-calls.js';

/** @typedef {import('../../test/support/path-calls.js').PathCalls} PathCalls */
/** @typedef {{ name: string, run(): Promise<{ passed: boolean, detail: string }> }} Scenario */

const FRAME_MS = 20;
const WAY = { delayMs: 60 };
/** Moments of the fault, against the timers of the call. */
const OFFSETS_MS = Array.from({ length: 25 }, (_, i) => 20 * i);
const AFTER_MS = 4000;
const relays = [relayAt('one'), relayAt('two')];

/** The name of the path on which the caller sends. @param {PathCalls} calls */
const activeName = ({ caller }) =>
  /** @type {string} */ (['one', 'two'][caller.stats().paths.findIndex(({ active }) => active)]);

/**
 * Both talk; for each end, the moments at which what it played was real.
 * @param {PathCalls} calls @param {number} ms
 */
async function talk({ clock, caller, callee }, ms) {
  const pcm = new Float32Array(caller.frameLength);
  /** @type {[number[], number[]]} */
  const real = [[], []];
  for (let done = 0; done < ms; done += FRAME_MS) {
    for (const [i, call] of [caller, callee].entries()) {
      call.write(pcm);
      call.read();
      if (call.lastPlayed >= 0) real[i]?.push(clock.now());
    }
    clock.advance(FRAME_MS);
    await settle();
  }
  return real;
}

/**
 * The longest time, over all moments and both ends, from `from` ms after the fault to the first real
 * frame behind the last gap that it caused.
 * @param {(calls: PathCalls, name: string) => void} fault
 * @param {{ from?: number, paths?: string[] }} [options]
 */
async function longest(fault, { from = 0, paths = ['one', 'two'] } = {}) {
  let worst = 0;
  const states = new Set();
  for (const offset of OFFSETS_MS) {
    const calls = await makePathCalls({
      paths: Object.fromEntries(paths.map((name) => [name, WAY])),
      seed: offset + 1,
      caller: { endpoints: relays.slice(0, paths.length), codec: codecModel() },
      callee: { codec: codecModel() },
    });
    const { caller, callee, clock } = calls;
    await connectPaths(calls);
    await talk(calls, 3000 + offset);
    const at = clock.now();
    fault(calls, activeName(calls));
    for (const real of await talk(calls, AFTER_MS)) {
      worst = Math.max(worst, restored(real, at) - from);
    }
    for (const { state } of [caller, callee]) if (state !== 'active') states.add(state);
    if (caller.keyFingerprint !== callee.keyFingerprint) throw new Error('the key has changed');
    caller.close();
    callee.close();
  }
  return { worst, states: [...states] };
}

/** Ms from `at` to the end of the longest pause among real frames. @param {number[]} real @param {number} at */
function restored(real, at) {
  let longestGap = 2 * FRAME_MS;
  let end = 0;
  for (const [i, now] of real.entries()) {
    const gap = now - (real[i - 1] ?? at);
    if (gap <= longestGap) continue;
    longestGap = gap;
    end = now - at;
  }
  const quiet = at + AFTER_MS - (real.at(-1) ?? at);
  return quiet > longestGap ? Infinity : end;
}

/**
 * @param {string} name @param {number} limitMs
 * @param {(calls: PathCalls, name: string) => void} fault
 * @param {Parameters<typeof longest>[1]} [options]
 * @returns {Scenario}
 */
const scenario = (name, limitMs, fault, options) => ({
  name: `${name}: audio restored within ${limitMs} ms`,
  async run() {
    const { worst, states } = await longest(fault, options);
    const detail = `${worst} ms at most, ${2 * OFFSETS_MS.length} ends${states.length > 0 ? `, ${states.join(', ')}` : ''}`;
    return { passed: worst <= limitMs, detail };
  },
});

/** @type {Scenario[]} */
export const pathScenarios = [
  scenario(
    'an outage of 100 ms',
    400,
    (calls, name) =>
      calls.network[name]?.change({ ...WAY, outages: [{ atMs: 0, durationMs: 100 }] }),
    { from: 100, paths: ['one'] },
  ),
  scenario('the path in use fails in both directions', 1000, (calls, name) =>
    calls.network[name]?.cut(),
  ),
  scenario('the path in use fails in one direction', 1000, (calls, name) =>
    calls.network[name]?.change({ loss: 1 }, WAY),
  ),
  scenario('the address changes: transports die, another path is there', 1000, (calls, name) => {
    calls.network[name]?.cut();
    calls.transports.get(`${name} 0`)?.die();
  }),
  scenario(
    'the only path becomes another one, 100 ms longer',
    1000,
    (calls, name) => calls.network[name]?.change({ delayMs: 160 }),
    { paths: ['one'] },
  ),
  scenario('a relay dies', 2000, (calls, name) => {
    calls.network[name]?.cut();
  }),
];
