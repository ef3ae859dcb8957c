import { checkInteger, checkOptions } from '../core/checks.ts';
import { badArgument } from './errors.ts';
import type { QualityController, QualityDecision, QualityReport } from './quality.ts';
import { RTP_HEADER_BYTES, WIRE_BYTES } from './rtp.ts';

/** Options of the rule. */
export type QualityRuleOptions = {
  /** Bit/s of the encoder, at least and at most. Default 8000 and 32000. */
  readonly minBitrate?: number;
  readonly maxBitrate?: number;
  /** Copies of earlier packets at most, 0..2. Default 2. */
  readonly maxRedundancy?: number;
  /** Shortest and longest packets in ms. Default 20 and 60. */
  readonly minFrameMs?: 20 | 40 | 60;
  readonly maxFrameMs?: 20 | 40 | 60;
  /** Send nothing in silence. Default false. */
  readonly dtx?: boolean;
};

/** Rates that are tried, and what is left to wish for at each (ITU-T G.107 points, Opus, mono speech). */
const RATES: readonly (readonly [bitrate: number, points: number])[] = [
  [8000, 24],
  [10_000, 17],
  [12_000, 13],
  [16_000, 9],
  [20_000, 6.5],
  [24_000, 4.5],
  [28_000, 3.2],
  [32_000, 2.5],
];
const FRAMES = [20, 40, 60] as const;
const RED_BYTES = 4;
/** The share of the path that voice may take: acknowledgements and reports need some. */
const SHARE = 0.9;
/** Opus writes in-band redundancy from this rate on, and for this much expected loss (call-quality, 7). */
const FEC_RATE = 18_000;
const FEC_LOSS = 6;
/** Loss that switches the codec's redundancy on, and off. */
const FEC_ON = 0.015;
const FEC_OFF = 0.005;
/** A change has to be worth so many points, unless what is in force does not fit. */
const WORTH = 0.8;

type Choice = { bitrate: number; frameMs: (typeof FRAMES)[number]; redundancy: number };

/** Bit/s on the wire. */
const wire = ({ bitrate, frameMs, redundancy }: Choice): number => {
  const headers = WIRE_BYTES + RTP_HEADER_BYTES + (redundancy > 0 ? 1 + RED_BYTES * redundancy : 0);
  return bitrate * (1 + redundancy) + (headers * 8000) / frameMs;
};

/**
 * A plain rule: of all combinations of bitrate, duration and copies that the path carries it takes the
 * one that an E-model (ITU-T G.107) likes best, and changes only for a gain that can be heard.
 * @returns a controller for one end of one call
 * @throws {CallError} `bad-argument`
 * @example
 * const call = await Call.outgoing({ signalling, endpoints, connect, quality: qualityRule({ maxBitrate: 24_000 }) });
 */
export function qualityRule(options: QualityRuleOptions = {}): QualityController {
  checkOptions(
    options,
    ['minBitrate', 'maxBitrate', 'maxRedundancy', 'minFrameMs', 'maxFrameMs', 'dtx'],
    badArgument,
  );
  const { minBitrate = 8000, maxBitrate = 32_000, maxRedundancy = 2, dtx = false } = options;
  const { minFrameMs = 20, maxFrameMs = 60 } = options;
  checkInteger('minBitrate', minBitrate, 6000, 510_000, badArgument);
  checkInteger('maxBitrate', maxBitrate, minBitrate, 510_000, badArgument);
  checkInteger('maxRedundancy', maxRedundancy, 0, 2, badArgument);
  checkInteger('minFrameMs', minFrameMs, 20, 60, badArgument);
  checkInteger('maxFrameMs', maxFrameMs, minFrameMs, 60, badArgument);
  const choices: (Choice & { points: number })[] = [];
  const rates = RATES.filter(([rate]) => rate > minBitrate && rate < maxBitrate);
  const points = (rate: number): number => RATES.find(([known]) => known >= rate)?.[1] ?? 2;
  for (const rate of [minBitrate, ...rates.map(([known]) => known), maxBitrate]) {
    for (const frameMs of FRAMES) {
      if (frameMs < minFrameMs || frameMs > maxFrameMs) continue;
      for (let redundancy = 0; redundancy <= maxRedundancy; redundancy++) {
        choices.push({ bitrate: rate, frameMs, redundancy, points: points(rate) });
      }
    }
  }
  let fec = false;
  let burst = 1;

  /** Impairment of a choice under a report: coding, what stays missing, delay. */
  const impairment = (choice: Choice & { points: number }, report: QualityReport): number => {
    const loss = Math.min(0.5, report.meanLoss);
    // In bursts, the packet after a lost one is lost more often than others are.
    const next = Math.max(loss, 1 - 1 / burst);
    const inBand = fec && choice.bitrate >= FEC_RATE ? 1 : 0;
    const missing = loss * next ** (choice.redundancy + inBand);
    const covered = loss > 0.005 ? choice.redundancy + inBand : 0;
    const delay = report.rttMs / 2 + report.playoutMs / 2 + choice.frameMs * (1 + covered);
    return (
      choice.points +
      (95 * missing) / (missing + 0.12) +
      (inBand > 0 ? 1.5 : 0) +
      0.024 * delay +
      0.11 * Math.max(0, delay - 177)
    );
  };

  return {
    update(report: QualityReport): QualityDecision | null {
      const { capacityBps, bitrate, frameMs, redundancy, meanLoss } = report;
      fec = meanLoss > (fec ? FEC_OFF : FEC_ON);
      burst += (Math.max(1, Math.min(5, report.burst)) - burst) * (report.burst > 0 ? 0.2 : 0.02);
      const budget = SHARE * capacityBps;
      let best: (Choice & { points: number }) | undefined;
      let least = Number.POSITIVE_INFINITY;
      let present = Number.POSITIVE_INFINITY;
      for (const choice of choices) {
        if (wire(choice) > budget) continue;
        const cost = impairment(choice, report);
        if (cost < least) {
          least = cost;
          best = choice;
        }
        const same = choice.bitrate === bitrate && choice.frameMs === frameMs;
        if (same && choice.redundancy === redundancy) present = cost;
      }
      // Where nothing fits, the smallest of all.
      best ??= choices.reduce((a, b) => (wire(b) < wire(a) ? b : a));
      const { bitrate: rate, frameMs: duration, redundancy: copies } = best;
      const stay = present - least < WORTH;
      return {
        bitrate: stay ? bitrate : rate,
        frameMs: stay ? (frameMs as 20 | 40 | 60) : duration,
        redundancy: stay ? redundancy : copies,
        fec,
        expectedLossPercent: fec ? Math.max(FEC_LOSS, Math.min(30, Math.round(100 * meanLoss))) : 0,
        dtx,
      };
    },
  };
}
