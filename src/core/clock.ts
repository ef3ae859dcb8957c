import { SottovoceError } from './errors.ts';

/** The only reason the system's clock can fail for. */
export class ClockError extends SottovoceError {
  override readonly name = 'ClockError';
  readonly code = 'no-timers' as const;
}

/**
 * Time, as everything here that waits sees it. Nothing reads a clock by itself, so tests and media
 * that runs faster than real time pass their own.
 */
export type Clock = {
  /** Milliseconds since an arbitrary moment; never goes backwards. */
  now(): number;
  /** Calls `callback` once, `delayMs` milliseconds from now. The result cancels it; idempotent. */
  setTimer(delayMs: number, callback: () => void): () => void;
};

/** Seconds since 1970 by the system's date, with a fraction. */
export const systemTime = (): number => Date.now() / 1000;

type TimerScope = {
  performance?: { now(): number };
  setTimeout?(callback: () => void, delayMs: number): unknown;
  clearTimeout?(timer: unknown): void;
};

/**
 * The runtime's clock. Its timers keep a Node process alive until they are cancelled or ring.
 * @throws {ClockError} from `setTimer` where there are no timers (AudioWorklets): pass a clock that
 *   counts render quanta there
 * @example
 * const cancel = systemClock().setTimer(1000, () => show('a second is over'));
 */
export function systemClock(): Clock {
  const scope = globalThis as TimerScope;
  return {
    now: () => scope.performance?.now() ?? Date.now(),
    setTimer(delayMs: number, callback: () => void): () => void {
      if (typeof scope.setTimeout !== 'function') {
        throw new ClockError('this scope has no setTimeout');
      }
      const timer = scope.setTimeout(callback, delayMs);
      return () => scope.clearTimeout?.(timer);
    },
  };
}
