// Lost packets: concealment and in-band FEC, judged by three figures over what was lost and the 40 ms
// after it, against the decode without loss.
import { OpusDecoder } from 'sottovoce/opus';
import { decodeAll, join } from './decode.js';

/** Samples after a lost packet that count as affected: 40 ms. */
const AFTER = 1920;
const SIZE = 960;
const HOP = 480;
const BANDS = 16;
/** 500 Hz of 50 Hz bins. */
const BINS_PER_BAND = 10;
const FLOOR = 100_000;

const COSINES = Float64Array.from({ length: SIZE }, (_, i) => Math.cos((2 * Math.PI * i) / SIZE));
const HANN = Float64Array.from(COSINES, (c) => 0.5 - 0.5 * c);

/** Powers of sixteen 500 Hz bands of the 960 samples from `start`, first channel, in dB. */
function bandLevels(pcm, channels, start) {
  const x = new Float64Array(SIZE);
  for (let i = 0; i < SIZE; i++) x[i] = HANN[i] * pcm[(start + i) * channels];
  return Float64Array.from({ length: BANDS }, (_, b) => {
    let power = FLOOR;
    for (let j = b * BINS_PER_BAND; j < (b + 1) * BINS_PER_BAND; j++) {
      let re = 0;
      let im = 0;
      for (let i = 0, at = 0; i < SIZE; i++) {
        re += x[i] * COSINES[at];
        im += x[i] * COSINES[at < 240 ? at + 720 : at - 240];
        at += j;
        if (at >= SIZE) at -= SIZE;
      }
      power += re * re + im * im;
    }
    return 10 * Math.log10(power);
  });
}

/**
 * @param {Int16Array} clean
 * @param {Int16Array} damaged same length
 * @param {number} channels
 * @param {Uint8Array} affected 1 for each sample that counts
 */
export function lossFigures(clean, damaged, channels, affected) {
  let signal = 0;
  let noise = 0;
  let energy = 0;
  for (let i = 0; i < clean.length; i++) {
    if (!affected[Math.floor(i / channels)]) continue;
    signal += clean[i] ** 2;
    noise += (clean[i] - damaged[i]) ** 2;
    energy += damaged[i] ** 2;
  }
  let distance = 0;
  let windows = 0;
  let run = 0; // affected samples in a row
  for (let n = 0; n < affected.length; n++) {
    run = affected[n] ? run + 1 : 0;
    const start = n + 1 - SIZE;
    if (run < SIZE || start % HOP !== 0) continue;
    const a = bandLevels(clean, channels, start);
    const b = bandLevels(damaged, channels, start);
    distance += Math.sqrt(a.reduce((sum, level, i) => sum + (level - b[i]) ** 2, 0) / BANDS);
    windows++;
  }
  return {
    snr: 10 * Math.log10((signal + 1e-9) / (noise + 1e-9)),
    energyRatio: 10 * Math.log10((energy + 1e-9) / (signal + 1e-9)),
    distance: windows === 0 ? 0 : distance / windows,
    affected: affected.reduce((sum, flag) => sum + flag, 0),
  };
}

/**
 * Decodes with the packets in `dropped` missing.
 * @param {import('./decode.js').OpusEngine} engine
 * @param {readonly import('./decode.js').Entry[]} packets
 * @param {readonly number[]} durations samples of each packet
 * @param {ReadonlySet<number>} dropped
 * @param {1 | 2} channels
 * @param {boolean} fec
 */
export async function decodeWithLoss(engine, packets, durations, dropped, channels, fec) {
  const decoder = await OpusDecoder.create({ sampleRate: 48000, channels, engine });
  try {
    return join(
      packets.map(({ packet }, i) => {
        if (!dropped.has(i)) return decoder.decodeInt16(packet).slice();
        const next = packets[i + 1];
        const usable = fec && next !== undefined && !dropped.has(i + 1);
        return usable
          ? decoder.decodeFecInt16(next.packet, durations[i]).slice()
          : decoder.concealInt16(durations[i]).slice();
      }),
    );
  } finally {
    decoder.close();
  }
}

/** 1 for each sample of a lost packet and of the 40 ms after it. */
export function affectedSamples(durations, dropped) {
  const total = durations.reduce((sum, duration) => sum + duration, 0);
  const affected = new Uint8Array(total);
  let at = 0;
  for (const [i, duration] of durations.entries()) {
    if (dropped.has(i)) affected.fill(1, at, Math.min(total, at + duration + AFTER));
    at += duration;
  }
  return affected;
}

/**
 * @param {import('./decode.js').OpusEngine} engine
 * @param {readonly import('./decode.js').Entry[]} packets
 * @param {readonly number[]} dropped
 * @param {1 | 2} channels
 * @param {boolean} fec
 */
export async function measureLoss(engine, packets, dropped, channels, fec) {
  const clean = await decodeAll(engine, packets, { sampleRate: 48000, channels });
  const durations = clean.parts.map((part) => part.length / channels);
  const set = new Set(dropped);
  const damaged = await decodeWithLoss(engine, packets, durations, set, channels, fec);
  if (damaged.length !== clean.pcm.length) {
    throw new Error(`${damaged.length} samples, expected ${clean.pcm.length}`);
  }
  return lossFigures(clean.pcm, damaged, channels, affectedSamples(durations, set));
}

const mean = (list) => list.reduce((sum, x) => sum + x, 0) / list.length;
const text = ({ snr, energyRatio, distance }) =>
  `SNR ${snr.toFixed(2)}, energy ${energyRatio.toFixed(2)}, distance ${distance.toFixed(2)} dB`;

/**
 * @param {import('./report.js').Report} report
 * @param {any} file loss.json
 * @param {(path: string) => import('./decode.js').Entry[]} packetsOf
 * @param {import('./decode.js').OpusEngine} engine
 */
export async function checkLoss(report, file, packetsOf, engine) {
  const found = /** @type {Awaited<ReturnType<typeof measureLoss>>[]} */ ([]);
  const listed = [];
  for (const entry of file.cases) {
    const name = `${entry.stream.replace(/^.*\//, '')} ${entry.kind}`;
    const reference = entry['libopus_1.3.1'];
    await report.guard('loss', name, async () => {
      const packets = packetsOf(entry.stream);
      const plc = await measureLoss(engine, packets, entry.dropped_packets, entry.channels, false);
      found.push(plc);
      listed.push(reference.plc);
      const ratio = plc.energyRatio >= -6 && plc.energyRatio <= 3;
      const counts = plc.affected === entry.affected_samples_per_channel;
      report.add('loss', `${name} plc`, ratio && counts, text(plc));
      const fec = await measureLoss(engine, packets, entry.dropped_packets, entry.channels, true);
      const normative = reference.fec.snr_db >= reference.plc.snr_db + 3;
      const ok = !normative || fec.snr >= reference.fec.snr_db - 0.5;
      const energy = fec.energyRatio >= -6 && fec.energyRatio <= 3;
      report.add('loss', `${name} fec`, ok && energy, text(fec));
    });
  }
  if (found.length === 0) return;
  const snr = mean(found.map((figures) => figures.snr));
  const wantedSnr = mean(listed.map(({ snr_db: x }) => x));
  const distance = mean(found.map((figures) => figures.distance));
  const wantedDistance = mean(listed.map(({ log_spectral_distance_db: x }) => x));
  report.add(
    'loss',
    'mean SNR',
    snr >= wantedSnr - 0.3,
    `${snr.toFixed(2)} dB, listed ${wantedSnr.toFixed(2)}`,
  );
  report.add(
    'loss',
    'mean distance',
    distance <= wantedDistance + 0.6,
    `${distance.toFixed(2)} dB, listed ${wantedDistance.toFixed(2)}`,
  );
}
