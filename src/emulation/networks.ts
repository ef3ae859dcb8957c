import { burstLoss, type LinkConditions } from './conditions.ts';
import { HSDPA_BUS, HSDPA_RAIL, HSDPA_STEP_MS } from './hsdpa-traces.ts';

/** Networks as people meet them. */
export type NetworkName = 'good-wifi' | 'bad-wifi' | 'bus-3g' | 'train' | 'satellite';

/** Conditions of a named network, for `emulatedPath`. */
export type NamedNetwork = {
  /** What it is, for display. */
  readonly title: string;
  readonly forward: LinkConditions;
  readonly back: LinkConditions;
};

const DAY_MS = 86_400_000;

/** The same outage again and again, for a day. */
function every(periodMs: number, atMs: number, durationMs: number, holds: boolean) {
  const count = Math.floor((DAY_MS - atMs) / periodMs);
  return Array.from({ length: count }, (_, i) => ({
    atMs: atMs + i * periodMs,
    durationMs,
    holds,
  }));
}

/** The names that {@link namedNetwork} knows. */
export const NETWORK_NAMES: readonly NetworkName[] = [
  'good-wifi',
  'bad-wifi',
  'bus-3g',
  'train',
  'satellite',
];

/**
 * Conditions of a network as people meet it. Capacities in bus and train are measured ones (3G/HSDPA in
 * Oslo); delay, jitter, loss and stalls are plain models.
 * @returns undefined for a name that is not known
 * @example
 * const { forward, back } = namedNetwork('bus-3g') ?? {};
 * const path = emulatedPath({ clock, forward, back });
 */
export function namedNetwork(name: string): NamedNetwork | undefined {
  switch (name) {
    case 'good-wifi': {
      const link: LinkConditions = {
        delayMs: 15,
        jitter: { kind: 'exponential', ms: 1.5 },
        loss: 0.001,
        capacity: 20_000,
      };
      return { title: 'good Wi-Fi', forward: link, back: link };
    }
    case 'bad-wifi': {
      const link: LinkConditions = {
        delayMs: 25,
        jitter: { kind: 'exponential', ms: 8 },
        loss: burstLoss(0.08, 3),
        capacity: 1500,
        queue: { bytes: 64_000 },
      };
      // Now and then the station is busy elsewhere, and all that has waited comes at once.
      const forward = { ...link, outages: every(7000, 3000, 150, true) };
      return {
        title: 'bad Wi-Fi',
        forward,
        back: { ...link, outages: every(9000, 5000, 120, true) },
      };
    }
    case 'bus-3g': {
      const link: LinkConditions = {
        delayMs: 70,
        jitter: { kind: 'exponential', ms: 10 },
        loss: burstLoss(0.02, 2),
        queue: { bytes: 100_000 },
        capacity: { kbps: HSDPA_BUS, stepMs: HSDPA_STEP_MS, name: 'bus' },
      };
      const forward = { ...link, outages: every(20_000, 8000, 400, true) }; // from cell to cell
      return { title: '3G in a bus', forward, back: link };
    }
    case 'train': {
      const link: LinkConditions = {
        delayMs: 60,
        jitter: { kind: 'exponential', ms: 15 },
        loss: burstLoss(0.05, 4),
        queue: { bytes: 100_000 },
        capacity: { kbps: HSDPA_RAIL, stepMs: HSDPA_STEP_MS, name: 'rail' },
        outages: every(15_000, 6000, 900, false), // tunnels
      };
      return { title: 'train', forward: link, back: link };
    }
    case 'satellite': {
      const link: LinkConditions = {
        delayMs: 280,
        jitter: { kind: 'uniform', ms: 15 },
        loss: burstLoss(0.01, 2),
        capacity: 256,
        queue: { bytes: 32_000 },
      };
      return { title: 'satellite', forward: link, back: link };
    }
    default:
      return undefined;
  }
}
