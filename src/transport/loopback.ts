import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkFunction, checkInteger, checkOptions } from '../core/checks.ts';
import type { Clock } from '../core/clock.ts';
import { TransportError } from './errors.ts';
import type { DatagramTransport } from './types.ts';

/** What happens to a datagram on the way. */
export type LoopbackFate = {
  /** One entry for each copy that arrives, in ms from now; empty = lost. */
  readonly delaysMs: readonly number[];
};

/** Options of a loopback pair. */
export type LoopbackOptions = {
  /** Needed when `fate` ever delays: runs the deliveries. */
  clock?: Clock;
  /** Constant delay in ms when there is no `fate`. Default 0: delivered before `send` returns. */
  delayMs?: number;
  /**
   * Decides for each datagram. May change `data`, which is a copy of its own.
   * @param data owned copy of what was sent
   * @param direction 0 from the first end to the second, 1 back
   */
  fate?(data: Uint8Array, direction: 0 | 1): LoopbackFate;
};

const fail = (message: string): TransportError => new TransportError('bad-argument', message);

class LoopbackEnd implements DatagramTransport {
  readonly #deliver: (data: Uint8Array) => void;
  handler: ((data: Uint8Array) => void) | undefined;
  closed = false;

  constructor(deliver: (data: Uint8Array) => void) {
    this.#deliver = deliver;
  }

  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (!this.closed) this.#deliver(copyBytes(data));
  }

  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, fail);
    this.handler = handler;
  }

  close(): void {
    this.closed = true;
    this.handler = undefined;
  }
}

/**
 * Two transports in one realm that are each other's peer. Made for tests: delay, loss, duplicates,
 * reordering and damage are the caller's to decide, in virtual time if the clock is.
 * @throws {TransportError} `bad-argument`
 * @example
 * const [caller, callee] = loopbackPair({ clock, fate: () => ({ delaysMs: lost() ? [] : [60] }) });
 */
export function loopbackPair(
  options: LoopbackOptions = {},
): [DatagramTransport, DatagramTransport] {
  checkOptions(options, ['clock', 'delayMs', 'fate'], fail);
  const { clock, delayMs = 0 } = options;
  if (options.fate !== undefined) checkFunction('fate', options.fate, fail);
  checkInteger('delayMs', delayMs, 0, 0x7fffffff, fail);
  if (delayMs > 0 && !clock) throw fail('"clock" expected a clock with delayMs, got undefined');
  const constant: LoopbackFate = { delaysMs: [delayMs] };
  const ends: LoopbackEnd[] = [];
  const way =
    (direction: 0 | 1) =>
    (data: Uint8Array): void => {
      const { delaysMs } = options.fate?.(data, direction) ?? constant;
      const arrive = (): void => ends[1 - direction]?.handler?.(data);
      for (const delay of delaysMs) {
        if (delay > 0) {
          if (!clock) throw fail('"clock" expected a clock with delays, got undefined');
          clock.setTimer(delay, arrive);
        } else {
          arrive();
        }
      }
    };
  const [first, second] = [new LoopbackEnd(way(0)), new LoopbackEnd(way(1))];
  ends.push(first, second);
  return [first, second];
}
