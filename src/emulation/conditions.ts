import { checkInteger, checkOptions } from '../core/checks.ts';
import type { QueueConditions } from './bottleneck.ts';
import { type CapacityTrace, checkCapacity } from './capacity.ts';
import { badArgument } from './errors.ts';

/**
 * Loss in bursts: a chain of two states (Gilbert, Elliott). A mean loss of L in bursts of B packets is
 * `toBad = L / (B * (1 - L))`, `toGood = 1 / B`; `burstLoss` computes that.
 */
export type GilbertElliott = {
  /** Chance for each packet to go from the good state to the bad one. */
  readonly toBad: number;
  /** And back. */
  readonly toGood: number;
  /** Chance to be lost in the good state. Default 0. */
  readonly lossGood?: number;
  /** And in the bad one. Default 1. */
  readonly lossBad?: number;
};

/** Delay that varies from packet to packet. */
export type Jitter = {
  /** `uniform`: 0 to `ms`. `exponential`: `ms` on average, ten times that at most. */
  readonly kind: 'uniform' | 'exponential';
  readonly ms: number;
};

/** A time in which nothing gets through. */
export type Outage = {
  /** Start, in ms since these conditions began. */
  readonly atMs: number;
  readonly durationMs: number;
  /** What comes meanwhile waits for its end, as on Wi-Fi, and is not lost. Default false. */
  readonly holds?: boolean;
};

/** What one direction of a path does to datagrams. Everything has a default that does nothing. */
export type LinkConditions = {
  /** One way, in ms. */
  readonly delayMs?: number;
  /** Added to it. Order is kept: who would overtake arrives with the one before. */
  readonly jitter?: Jitter;
  /** kbit/s, headers of UDP and IP included. Default: no limit. */
  readonly capacity?: number | CapacityTrace;
  /** In front of a limited capacity. */
  readonly queue?: QueueConditions;
  /** Chance to be lost, 0..1, or bursts. */
  readonly loss?: number | GilbertElliott;
  /** Some packets come later by `ms`, and those behind them overtake. */
  readonly reorder?: { readonly probability: number; readonly ms: number };
  /** Chance to arrive twice. */
  readonly duplicate?: number;
  /** Chance that one bit is changed. */
  readonly corrupt?: number;
  /** In order of time, apart from one another. */
  readonly outages?: readonly Outage[];
  /** Bytes that UDP and IP add, as the capacity sees them. Default 28 (IPv4). */
  readonly headerBytes?: number;
};

/**
 * Loss of a mean share in bursts of a mean length.
 * @param loss 0..1, 1 excluded
 * @param packets mean length of a burst, 1 or more
 * @returns conditions for `loss`
 * @throws {EmulationError} `bad-argument`
 * @example
 * const path = emulatedPath({ clock, forward: { loss: burstLoss(0.1, 4) } });
 */
export function burstLoss(loss: number, packets: number): GilbertElliott {
  if (!(loss >= 0 && loss < 1)) throw badArgument(`"loss" expected 0..1, got ${loss}`);
  if (!(packets >= 1)) throw badArgument(`"packets" expected 1 or more, got ${packets}`);
  const toGood = 1 / packets;
  return { toBad: Math.min(1, (loss * toGood) / (1 - loss)), toGood };
}

const NAMES = [
  'delayMs',
  'jitter',
  'capacity',
  'queue',
  'loss',
  'reorder',
  'duplicate',
  'corrupt',
  'outages',
  'headerBytes',
];
const MAX_MS = 86_400_000;

function number(name: string, value: unknown, max: number): void {
  if (value === undefined || (typeof value === 'number' && value >= 0 && value <= max)) return;
  throw badArgument(`"${name}" expected a number from 0 to ${max}, got ${String(value)}`);
}

/** @internal @throws {EmulationError} `bad-argument` */
export function checkConditions(conditions: LinkConditions): void {
  checkOptions(conditions, NAMES, badArgument);
  const { jitter, capacity, queue, loss, reorder, outages, headerBytes = 28 } = conditions;
  number('delayMs', conditions.delayMs, MAX_MS);
  number('duplicate', conditions.duplicate, 1);
  number('corrupt', conditions.corrupt, 1);
  checkInteger('headerBytes', headerBytes, 0, 1000, badArgument);
  if (jitter !== undefined) {
    checkOptions(jitter, ['kind', 'ms'], badArgument);
    if (jitter.kind !== 'uniform' && jitter.kind !== 'exponential') {
      throw badArgument('"jitter.kind" expected uniform or exponential');
    }
    number('jitter.ms', jitter.ms, MAX_MS);
  }
  if (capacity !== undefined) checkCapacity('capacity', capacity);
  if (queue !== undefined) {
    checkOptions(queue, ['bytes', 'discipline'], badArgument);
    const { bytes = 1, discipline = 'codel' } = queue;
    checkInteger('queue.bytes', bytes, 1, Number.MAX_SAFE_INTEGER, badArgument);
    if (discipline !== 'tail-drop' && discipline !== 'codel') {
      throw badArgument('"queue.discipline" expected tail-drop or codel');
    }
  }
  if (typeof loss === 'object') {
    checkOptions(loss, ['toBad', 'toGood', 'lossGood', 'lossBad'], badArgument);
    const { toBad, toGood, lossGood = 0, lossBad = 1 } = loss;
    for (const [name, value] of Object.entries({ toBad, toGood, lossGood, lossBad })) {
      number(`loss.${name}`, value ?? Number.NaN, 1);
    }
  } else number('loss', loss, 1);
  if (reorder !== undefined) {
    checkOptions(reorder, ['probability', 'ms'], badArgument);
    number('reorder.probability', reorder.probability, 1);
    number('reorder.ms', reorder.ms, MAX_MS);
  }
  let end = 0;
  for (const outage of outages ?? []) {
    checkOptions(outage, ['atMs', 'durationMs', 'holds'], badArgument);
    number('outages.durationMs', outage.durationMs, MAX_MS);
    if (!(outage.atMs >= end)) throw badArgument('"outages" expected to be in order and apart');
    end = outage.atMs + outage.durationMs;
  }
}
