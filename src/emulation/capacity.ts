import { checkOptions } from '../core/checks.ts';
import { badArgument, EmulationError } from './errors.ts';

/** How much a link carries over time. Repeats when it is over. */
export type CapacityTrace = {
  /** kbit/s in each step. */
  readonly kbps: readonly number[];
  /** Milliseconds of a step, 1..60000. */
  readonly stepMs: number;
  /** What it is called, for display. */
  readonly name?: string;
};

const MAX_STEPS = 10_000_000;

function isTrace(value: unknown): value is CapacityTrace {
  const { kbps, stepMs } = value as CapacityTrace;
  if (!Array.isArray(kbps) || kbps.length === 0 || kbps.length > MAX_STEPS) return false;
  if (!(stepMs >= 1 && stepMs <= 60_000)) return false;
  // Something has to get through some time, or nothing that waits would ever leave.
  return kbps.every((rate) => rate >= 0 && rate < 1e9) && kbps.some((rate) => rate >= 0.001);
}

/**
 * Takes the text of a capacity trace: JSON with `format: "voip-trace-1"`, `step_ms`, and `kbps` with
 * one capacity in kbit/s for each step.
 * @returns the trace
 * @throws {EmulationError} `bad-trace`
 * @example
 * const trace = parseCapacityTrace(await readFile('bus.json', 'utf8'));
 * const path = emulatedPath({ clock, forward: { capacity: trace } });
 */
export function parseCapacityTrace(json: string): CapacityTrace {
  let value: { format?: unknown; step_ms?: unknown; kbps?: unknown; name?: unknown } | null;
  try {
    value = JSON.parse(json);
  } catch {
    value = null;
  }
  if (typeof value !== 'object' || value?.format !== 'voip-trace-1') {
    throw new EmulationError('bad-trace', '"json" expected an object of format voip-trace-1');
  }
  const { step_ms: stepMs, kbps, name } = value;
  const trace = { kbps, stepMs, ...(typeof name === 'string' ? { name } : {}) };
  if (isTrace(trace)) return trace;
  throw new EmulationError('bad-trace', '"json" expected step_ms and kbps of a trace that carries');
}

/** @internal */
export function checkCapacity(name: string, capacity: unknown): void {
  if (typeof capacity === 'number') {
    if (capacity > 0 && capacity < 1e9) return;
    throw badArgument(`"${name}" expected kbit/s above 0, got ${capacity}`);
  }
  checkOptions(capacity, ['kbps', 'stepMs', 'name'], badArgument);
  if (!isTrace(capacity)) throw badArgument(`"${name}" expected a trace that carries something`);
}

/**
 * When something that starts at `start` (ms since the start of the trace) has left, `bits` later. One
 * kbit/s is one bit in a millisecond.
 */
export function departure(capacity: number | CapacityTrace, start: number, bits: number): number {
  if (typeof capacity === 'number') return start + bits / capacity;
  const { kbps, stepMs } = capacity;
  let step = Math.floor(start / stepMs);
  let time = start;
  let left = bits;
  for (;;) {
    const rate = kbps[step % kbps.length]!;
    const end = (step + 1) * stepMs;
    const carried = rate * (end - time);
    if (carried >= left && rate > 0) return time + left / rate;
    left -= carried;
    time = end;
    step++;
  }
}
