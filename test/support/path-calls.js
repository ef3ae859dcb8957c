// A call in virtual time over several emulated paths, with everything recorded that leaves an end.
import { Call } from 'sottovoce/call';
import { emulatedPath, VirtualClock } from 'sottovoce/emulation';
import { insecureRandomForTests } from 'sottovoce/internal';
import { codecModel, settle } from './calls.js';
import { prng } from './prng.js';

/** @typedef {import('sottovoce/call').CallOptions} CallOptions */
/** @typedef {import('sottovoce/call').SignallingMessage} SignallingMessage */
/** @typedef {import('sottovoce/transport').DatagramTransport} DatagramTransport */
/** @typedef {import('sottovoce/emulation').LinkConditions} LinkConditions */

export const peerTag = prng(41).bytes(16);

/** A relay that is found by its name. @param {string} host */
export const relayAt = (host) => ({ kind: /** @type {const} */ ('relay'), host, port: 1, peerTag });

/** An address of one end. @param {string} host */
export const addressAt = (host) => ({ kind: /** @type {const} */ ('direct'), host, port: 2 });

/** The addresses of the two ends: their packets travel on the path named `direct`. */
export const ADDRESSES = ['198.51.100.17', '203.0.113.29'];

/**
 * @param {{
 *   paths: Record<string, LinkConditions>,
 *   signalling?: (message: SignallingMessage, from: 0 | 1) => (SignallingMessage | number)[],
 *   caller?: Partial<CallOptions>,
 *   callee?: Partial<CallOptions>,
 *   seed?: number,
 *   clockOf?: (clock: VirtualClock, end: 0 | 1) => import('sottovoce/call').Clock,
 * }} options `paths` by the host of an endpoint; `signalling`: what becomes of a message, each copy
 *   followed by its delay in ms if that is not 5
 */
export async function makePathCalls({ paths, signalling, caller, callee, seed = 1, clockOf }) {
  const clock = new VirtualClock(1000);
  const network = Object.fromEntries(
    Object.entries(paths).map(([name, forward], i) => [
      name,
      emulatedPath({ clock, seed: seed + i, forward }),
    ]),
  );
  /** Everything that was sent, by end. @type {[Uint8Array[], Uint8Array[]]} */
  const bytes = [[], []];
  /** @type {[SignallingMessage[], SignallingMessage[]]} */
  const signalled = [[], []];
  /** @type {((message: SignallingMessage) => void)[]} */
  const handlers = [];
  /** Transports that were asked for. @type {[string[], string[]]} */
  const connected = [[], []];
  /** @type {Map<string, DatagramTransport & { die(): void }>} */
  const transports = new Map();

  /** @param {0 | 1} index @param {string} host */
  function connectTo(index, host) {
    connected[index].push(host);
    const name = ADDRESSES.includes(host) ? 'direct' : host;
    const path = network[name];
    if (!path) throw new Error(`no way to ${host}`);
    const id = `${name} ${index}`;
    const made = transports.get(id);
    if (made) return made;
    const end = path.ends[index];
    /** @type {() => void} */
    let closed = () => {};
    const transport = {
      send(/** @type {Uint8Array} */ data) {
        bytes[index].push(data.slice());
        end.send(data);
      },
      onDatagram: (/** @type {(data: Uint8Array) => void} */ handler) => end.onDatagram(handler),
      onClose: (/** @type {() => void} */ handler) => (closed = handler),
      close() {},
      die: () => closed(),
    };
    transports.set(id, transport);
    return transport;
  }

  /** @param {0 | 1} index @returns {CallOptions} */
  const common = (index) => ({
    clock: clockOf?.(clock, index) ?? clock,
    codec: codecModel,
    quality: null,
    random: insecureRandomForTests(prng(7 + index).fill),
    connect: (endpoint) => connectTo(index, 'host' in endpoint ? endpoint.host : endpoint.kind),
    signalling: {
      send(message) {
        signalled[index].push(message);
        const fate = signalling?.(message, index) ?? [message];
        for (const [i, copy] of fate.entries()) {
          if (typeof copy === 'number') continue;
          const next = fate[i + 1];
          const delay = typeof next === 'number' ? next : 5;
          clock.setTimer(delay, () => handlers[1 - index]?.(copy));
        }
      },
      onMessage: (handler) => void (handlers[index] = handler),
      close: () => void delete handlers[index],
    },
  });
  const ends = {
    caller: await Call.outgoing({ ...common(0), ...caller }),
    callee: await Call.incoming({ ...common(1), ...callee }),
  };
  return { clock, network, bytes, signalled, handlers, connected, transports, ...ends };
}

/** @typedef {Awaited<ReturnType<typeof makePathCalls>>} PathCalls */

/**
 * Lets time pass in steps between which promises settle.
 * @param {PathCalls} calls @param {number} ms
 */
export async function pass({ clock }, ms) {
  for (let done = 0; done < ms; done += 20) {
    clock.advance(20);
    await settle();
  }
}

/** Brings a call to `active`. @param {PathCalls} calls */
export async function connectPaths(calls) {
  calls.caller.start();
  await pass(calls, 20);
  calls.callee.accept();
  for (let i = 0; i < 100 && calls.caller.state !== 'active'; i++) await pass(calls, 20);
  for (let i = 0; i < 100 && calls.callee.state !== 'active'; i++) await pass(calls, 20);
}

/**
 * Both talk for `ms`; the number of each frame is its sample. What each heard, with the time.
 * @param {PathCalls} calls @param {number} ms
 */
export async function talkFor(calls, ms) {
  const { clock, caller, callee } = calls;
  /** @type {[{ at: number, value: number }[], { at: number, value: number }[]]} */
  const heard = [[], []];
  for (let done = 0; done < ms; done += 20) {
    const at = clock.now();
    caller.write(new Float32Array(960).fill(at));
    callee.write(new Float32Array(960).fill(at));
    heard[0].push({ at, value: caller.read()[0] ?? 0 });
    heard[1].push({ at, value: callee.read()[0] ?? 0 });
    clock.advance(20);
    await settle();
  }
  return heard;
}

/**
 * The longest time in which nothing real was played, in ms.
 * @param {{ value: number }[]} heard
 */
export function longestGap(heard) {
  let longest = 0;
  let gap = 0;
  for (const { value } of heard) {
    gap = value > 0 || value <= -1000 ? 0 : gap + 20;
    longest = Math.max(longest, gap);
  }
  return longest;
}
