// Concealment beside another decoder: the same packets lost, each decode measured against its own decode
// without loss (loss.js). Silence scores about 8 dB worse than concealment, repetition of the last packet
// several dB (concealment.test.js).
import { prng } from '../../support/prng.js';
import { measureLoss } from './loss.js';

/** How much larger the mean distance may be than the other decoder's, in dB. */
const MARGIN = 0.1;

/**
 * Numbers of lost packets.
 * @param {number} count packets
 * @param {number} share of packets lost
 * @param {boolean} bursty in runs of about three
 * @param {number} seed
 */
export function lossPattern(count, share, bursty, seed) {
  const random = prng(seed);
  const dropped = [];
  let lost = false;
  const stay = 2 / 3;
  const enter = (share * (1 - stay)) / (1 - share);
  for (let i = 0; i < count; i++) {
    lost = bursty ? random.float() < (lost ? stay : enter) : random.float() < share;
    if (lost && i >= 5) dropped.push(i); // nothing can be made of nothing
  }
  return dropped;
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;

/**
 * @param {import('./report.js').Report} report
 * @param {string} name
 * @param {{ packets: import('./decode.js').Entry[], channels: 1 | 2, dropped: readonly number[] }[]} cases
 * @param {import('./decode.js').OpusEngine} engine
 * @param {import('./decode.js').OpusEngine} peer
 */
export async function compareConcealment(report, name, cases, engine, peer) {
  await report.guard('concealment', name, async () => {
    const ours = [];
    const theirs = [];
    for (const { packets, channels, dropped } of cases) {
      if (dropped.length === 0) continue;
      ours.push(await measureLoss(engine, packets, dropped, channels, false));
      theirs.push(await measureLoss(peer, packets, dropped, channels, false));
    }
    const distance = mean(ours.map((x) => x.distance));
    const limit = mean(theirs.map((x) => x.distance)) + MARGIN;
    const snr = mean(ours.map((x) => x.snr)) - mean(theirs.map((x) => x.snr));
    report.add(
      'concealment',
      name,
      distance <= limit,
      `distance ${distance.toFixed(2)} dB, ${peer.name} ${(limit - MARGIN).toFixed(2)}, SNR ${snr.toFixed(2)} dB better`,
    );
  });
}

/** Random and bursty loss of 3, 10 and 20 %. */
export const LOSSES = [0.03, 0.1, 0.2].flatMap((share) =>
  [false, true].map((bursty) => ({
    share,
    bursty,
    title: `${100 * share} % ${bursty ? 'bursty' : 'random'}`,
  })),
);
