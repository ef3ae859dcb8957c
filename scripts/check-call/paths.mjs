// What becomes of a call whose path fails, in virtual time: how long until something real is played again.
// Paths of 60 ms one way, 24 kbit/s, frames of 20 ms; the codec is a model, everything else ships.
import { codecModel } from 'sottovoce/emulation';
import { settle } from '../../test/support/calls.js';
import { connectPaths, makePathCalls, relayAt } from '../../test/support/path-calls.js';

/** @typedef {import('../../test/support/path-calls.js').PathCalls} PathCalls */

const FRAME_MS = 20;
const WAY = { delayMs: 60 };
/** Moments of the fault, against the timers of the call. */
const OFFSETS_MS = Array.from({ length: 25 }, (_, i) => 20 * i);
const AFTER_MS = 4000;
const NAMES = ['one', 'two', 'three'];

/** The name of the path on which the caller sends. @param {PathCalls} calls */
const activeName = ({ caller }) =>
  /** @type {string} */ (NAMES[caller.stats().paths.findIndex(({ active }) => active)]);

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
 * The longest time, over all moments and both ends, from the fault to the first real frame behind the
 * longest gap after it. The call has to stay active, under the same key.
 * @param {(calls: PathCalls, name: string) => void} fault
 * @param {string[]} [names] of the relays
 */
async function longest(fault, names = ['one', 'two']) {
  let worst = 0;
  for (const offset of OFFSETS_MS) {
    const calls = await makePathCalls({
      paths: Object.fromEntries(names.map((name) => [name, WAY])),
      seed: offset + 1,
      caller: { endpoints: names.map(relayAt), codec: codecModel() },
      callee: { codec: codecModel() },
    });
    const { caller, callee, clock } = calls;
    await connectPaths(calls);
    await talk(calls, 3000 + offset);
    const at = clock.now();
    fault(calls, activeName(calls));
    for (const real of await talk(calls, AFTER_MS)) {
      worst = Math.max(worst, restored(real, at));
    }
    const { keyFingerprint } = caller;
    const stayed = caller.state === 'active' && callee.state === 'active';
    if (!stayed || keyFingerprint !== callee.keyFingerprint) return Infinity;
    caller.close();
    callee.close();
  }
  return worst;
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
 * Faults of the path that is in use while another one is there.
 * @type {{ name: string, limitMs: number, measure(): Promise<number> }[]}
 */
export const pathFaults = [
  {
    name: 'fails in both directions',
    limitMs: 1000,
    measure: () => longest((calls, name) => calls.network[name]?.cut()),
  },
  {
    name: 'fails in one direction',
    limitMs: 1000,
    measure: () => longest((calls, name) => calls.network[name]?.change({ loss: 1 }, WAY)),
  },
  {
    name: 'is lost by one end, whose address changes',
    limitMs: 1000,
    measure: () =>
      longest((calls, name) => {
        calls.network[name]?.cut();
        calls.transports.get(`${name} 0`)?.die();
      }),
  },
  {
    name: 'leads through a relay that dies, of three',
    limitMs: 2000,
    measure: () => longest((calls, name) => calls.network[name]?.cut(), ['one', 'two', 'three']),
  },
];
