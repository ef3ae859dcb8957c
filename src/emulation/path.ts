import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import type { DatagramTransport } from '../transport/types.ts';
import type { LinkConditions } from './conditions.ts';
import { badArgument } from './errors.ts';
import { EmulatedLink, type LinkStats } from './link.ts';

/** Options of an emulated path. */
export type EmulatedPathOptions = {
  /** A `VirtualClock`, or the system's to impair real traffic. */
  readonly clock: Clock;
  /** One seed gives one run. Any 32-bit integer, default 1. */
  readonly seed?: number;
  /** From the first end to the second. */
  readonly forward?: LinkConditions;
  /** Back. Default: the same as `forward`. */
  readonly back?: LinkConditions;
};

class PathEnd implements DatagramTransport {
  link: EmulatedLink | undefined;
  #handler: ((data: Uint8Array) => void) | undefined;

  deliver(data: Uint8Array): void {
    this.#handler?.(data);
  }

  send(data: Uint8Array): void {
    checkBytes('data', data, badArgument);
    this.link?.send(data);
  }

  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, badArgument);
    this.#handler = handler;
  }

  close(): void {
    this.link = undefined;
    this.#handler = undefined;
  }
}

/** Two transports that are each other's peer, and what lies between them. */
export type EmulatedPath = {
  /** The first end and the second. Closing one stops what it sends and hears; the other goes on. */
  readonly ends: readonly [DatagramTransport, DatagramTransport];
  /** Counters of both directions, live. */
  readonly forward: Readonly<LinkStats>;
  readonly back: Readonly<LinkStats>;
  /**
   * Puts other conditions in force from now on, as when a phone leaves Wi-Fi. What is on its way
   * still arrives as it would have.
   * @throws {EmulationError} `bad-argument`
   */
  change(forward: LinkConditions, back?: LinkConditions): void;
  /** Nothing gets through any more, until `change`: a relay has died, a cable is out. */
  cut(): void;
};

/** Keeps the two directions apart, which start from one seed. */
const BACK_SEED = 0x5bd1e995;

/**
 * A path between two ends with the conditions of a real one: capacity and queue, delay and jitter,
 * loss, reordering, duplicates, damage, outages. Deterministic: everything follows from the seed and
 * the clock.
 * @throws {EmulationError} `bad-argument`
 * @returns two ends of the shape that every transport has
 * @example
 * const clock = new VirtualClock();
 * const path = emulatedPath({ clock, seed: 7, forward: { delayMs: 60, loss: 0.1 } });
 * const [caller, callee] = path.ends;
 * callee.onDatagram((data) => received.push(data.slice()));
 * caller.send(Uint8Array.of(1));
 * clock.advance(60);
 */
export function emulatedPath(options: EmulatedPathOptions): EmulatedPath {
  checkOptions(options, ['clock', 'seed', 'forward', 'back'], badArgument);
  const { clock, seed = 1, forward = {}, back = forward } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], badArgument);
  checkInteger('seed', seed, -(2 ** 31), 2 ** 32 - 1, badArgument);
  const [first, second] = [new PathEnd(), new PathEnd()];
  const there = new EmulatedLink(clock, seed, (data) => second.deliver(data));
  const here = new EmulatedLink(clock, seed ^ BACK_SEED, (data) => first.deliver(data));
  first.link = there;
  second.link = here;
  const change = (to: LinkConditions, fro: LinkConditions = to): void => {
    there.change(to);
    here.change(fro);
  };
  change(forward, back);
  return {
    ends: [first, second],
    forward: there.stats,
    back: here.stats,
    change,
    cut: () => change({ loss: 1 }),
  };
}
