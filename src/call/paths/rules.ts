// What decides which path carries a call: numbers and comparisons, without state.
import type { Path } from './path.ts';

/** How often everything here is looked at. */
export const TICK_MS = 100;

/** A path that carries the call, and one that stands by. The latter also keeps NATs open. */
const ACTIVE_PROBE_MS = 500;
const STANDBY_PROBE_MS = 2500;

/** A path on which nothing has come yet: relays, and addresses that the peer has named. */
const OPENING_PROBE_MS = 250;
/**
 * Whoever owns such an address may never have heard of the call: one small packet a second
 * (reflector, section 6).
 */
const UNPROVEN_DIRECT_MS = 1000;
/** After so long, a path that never answered is asked rarely. */
const HOPELESS_AFTER_MS = 10_000;
const HOPELESS_PROBE_MS = 5000;

/** While something is wrong, every path is asked so often. */
const SUSPECT_PROBE_MS = 200;

/** Answers that may be missing before the way there counts as broken. */
export const MAX_UNANSWERED = 3;

/** Bounds of the silence that is suspicious, and how many times the usual gap it is. */
const MIN_QUIET_MS = 250;
const MAX_QUIET_MS = 700;
const QUIET_GAPS = 5;

/** In cost, which is in ms: a relay, a way over TCP, and all packets lost. */
const RELAY_COST = 100;
const STREAM_COST = 100;
const LOSS_COST = 1500;

/** A path has to be so much cheaper to be worth a change. */
const BETTER_FACTOR = 0.8;
const BETTER_BY = 10;
const FAR_BETTER_FACTOR = 0.5;

/** An answer is fresh as long as two more of a path that stands by could have come. */
const FRESH_MS = 2 * STANDBY_PROBE_MS + 1000;

/** How long nothing valid may come before it is suspicious, when packets came every `gapMs`. */
export function quietLimit(gapMs: number): number {
  return Math.min(MAX_QUIET_MS, Math.max(MIN_QUIET_MS, QUIET_GAPS * gapMs));
}

/** An answer that takes so long is not coming. */
export function answerLimit({ rttMs }: Path): number {
  return Math.max(150, 1.5 * (rttMs ?? 100));
}

/** The time from one probe to the next. */
export function probeInterval(path: Path, now: number, active: boolean, suspect: boolean): number {
  if (!path.proven) {
    if (now - path.openedAt > HOPELESS_AFTER_MS) return HOPELESS_PROBE_MS;
    return path.direct ? UNPROVEN_DIRECT_MS : OPENING_PROBE_MS;
  }
  if (suspect) return SUSPECT_PROBE_MS;
  const waiting = path.unanswered > 0 && path.unanswered < MAX_UNANSWERED;
  if (active) return waiting ? answerLimit(path) : ACTIVE_PROBE_MS;
  if (path.rttMs === null || path.answeredAt === -Infinity) return OPENING_PROBE_MS;
  return waiting ? ACTIVE_PROBE_MS : STANDBY_PROBE_MS;
}

/** True when the path carried a question and its answer lately. */
export function isFresh(path: Path, now: number): boolean {
  return path.open && path.unanswered < MAX_UNANSWERED && now - path.answeredAt < FRESH_MS;
}

/** What it costs to use a path, in ms: its round trip, its losses, and what it is. */
export function cost(path: Path): number {
  const { endpoint, rttMs, loss } = path;
  const stream = endpoint.kind === 'relay' && (endpoint.protocol ?? 'udp') !== 'udp';
  const kind = (path.direct ? 0 : RELAY_COST) + (stream ? STREAM_COST : 0);
  return (rttMs ?? 1000) + LOSS_COST * loss + kind;
}

/** True when `other` is worth leaving `path` for. */
export function isBetter(other: Path, path: Path): boolean {
  return cost(other) < BETTER_FACTOR * cost(path) - BETTER_BY;
}

/** True when `path` is hardly of use beside `other`. */
export function isFarBetter(other: Path, path: Path): boolean {
  return cost(other) < FAR_BETTER_FACTOR * cost(path);
}

/** The cheapest of some paths. */
export function cheapest(paths: readonly Path[]): Path | undefined {
  let best: Path | undefined;
  for (const path of paths) if (!best || cost(path) < cost(best)) best = path;
  return best;
}
