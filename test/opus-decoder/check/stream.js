// Checks of one stream: final ranges, sample counts, PCM by hash, sketch or window, f32 against s16, and
// other rates against another decoder.
import { createCrypto } from 'sottovoce/crypto';
import { hex, littleEndian } from './bit-file.js';
import { decodeAll, decodeFloats } from './decode.js';
import { quality } from './quality.js';
import { BLOCK_LIMIT, compareSketches, RMS_LIMIT, sketch } from './sketch.js';
import { rmsDifference } from './windows.js';

/**
 * @typedef {object} Stream
 * @property {any} entry its object in streams/index.json
 * @property {import('./decode.js').Entry[]} packets
 * @property {{ stereo?: Int32Array, mono?: Int32Array }} sketches
 * @property {{ name: string, channels: number, first: number, pcm: Int16Array }[]} windows
 */

/** Lowest Q of a window against a floating-point reference. */
const Q_LIMIT = 99;
const SIZES = /** @type {const} */ ([
  ['stereo', 2],
  ['mono', 1],
]);
/** What a hash is of: `stereo_48k`, `mono_16k`, `stereo_48k_no_phase_inversion`. @param {string} key */
function configurationOf(key) {
  const [, size, kHz, inversion] = /^(stereo|mono)_(\d+)k(_no_phase_inversion)?$/.exec(key) ?? [];
  if (size === undefined) throw new Error(`unknown configuration "${key}"`);
  return {
    sampleRate: /** @type {48000} */ (1000 * Number(kHz)),
    channels: /** @type {1 | 2} */ (size === 'stereo' ? 2 : 1),
    ...(inversion && { phaseInversionDisabled: true }),
  };
}

/** @param {Int16Array} pcm */
function sha256(pcm) {
  return hex(createCrypto().sha256(littleEndian(pcm)));
}

function checkRanges(report, stream, name, ranges) {
  const hidden = ranges.filter((range) => range === null).length;
  if (hidden > 0) {
    report.unsupported('final ranges', name, `${hidden} of ${ranges.length} not shown`);
    return;
  }
  const wrong = stream.packets.findIndex(({ range }, i) => range !== ranges[i]);
  const count = stream.packets.filter(({ range }, i) => range !== ranges[i]).length;
  const detail =
    wrong < 0 ? `${ranges.length} packets` : `${count} of ${ranges.length} wrong, first ${wrong}`;
  report.add('final ranges', name, wrong < 0, detail);
}

/** The share of blocks that has to agree where some samples are concealed. */
function leastAgreement({ contains_non_normative_output: reasons, source, description }) {
  if (/random/i.test(`${source} ${description}`)) return 0.85;
  return reasons.some((reason) => /DTX/.test(reason)) ? 0.6 : 0.95;
}

function checkSketch(report, stream, name, reference, pcm, channels) {
  const ours = sketch(pcm, channels);
  if (ours.length !== reference.length) {
    report.add('sketch', name, false, `${ours.length} sums, expected ${reference.length}`);
    return;
  }
  const found = compareSketches(ours, reference, channels);
  const detail = `rms ${found.rms.toFixed(4)} LSB, largest |d| ${found.largest}, ${(100 * found.agreement).toFixed(1)} % of blocks, level ${found.level.toFixed(2)} dB, first bad block ${found.firstBad}`;
  if (stream.entry.contains_non_normative_output.length > 0) {
    const sane = found.agreement >= leastAgreement(stream.entry) && Math.abs(found.level) <= 1;
    report.add('sane', name, sane, detail);
  } else {
    report.add('sketch', name, found.rms <= RMS_LIMIT && found.largest <= BLOCK_LIMIT, detail);
  }
}

function checkWindow(report, window, pcm) {
  const { channels, first } = window;
  const ours = pcm.subarray(first * channels, first * channels + window.pcm.length);
  const rms = rmsDifference(ours, window.pcm);
  if (ours.length !== window.pcm.length) {
    report.add('windows', window.name, false, 'the decode is too short');
    return;
  }
  const q = quality(window.pcm, ours, channels);
  const ok = rms <= RMS_LIMIT && q >= Q_LIMIT;
  report.add('windows', window.name, ok, `rms ${rms.toFixed(4)} LSB, Q ${q.toFixed(2)}`);
}

async function checkHashes(report, stream, name, engine, decoded) {
  if (!stream.entry.exact_pcm_expected) return;
  const all = stream.entry.pcm_s16_sha256;
  const expected = all['libopus_1.3.1_float'] ?? Object.values(all)[0];
  for (const [key, hash] of Object.entries(expected)) {
    await report.guard('exact PCM', `${name} ${key}`, async () => {
      const options = configurationOf(key);
      const pcm = decoded[key] ?? (await decodeAll(engine, stream.packets, options)).pcm;
      report.add('exact PCM', `${name} ${key}`, sha256(pcm) === hash, '');
    });
  }
}

const roundHalfEven = (x) => {
  const floor = Math.floor(x);
  const up = x - floor > 0.5 || (x - floor === 0.5 && floor % 2 !== 0);
  return Math.max(-32768, Math.min(32767, up ? floor + 1 : floor));
};

/** s16 is the rounded f32, except in packets beyond full scale and the packet after one. */
async function checkFloat(report, stream, name, engine, parts) {
  const floats = await decodeFloats(engine, stream.packets, { sampleRate: 48000, channels: 2 });
  let loud = false;
  let compared = 0;
  for (const [i, float] of floats.entries()) {
    const before = loud;
    loud = float.some((x) => !(Math.abs(x) <= 1));
    if (float.some((x) => !Number.isFinite(x))) {
      report.add('f32', name, false, `not finite in packet ${i}`);
      return;
    }
    if (before || loud) continue;
    compared++;
    const wrong = float.findIndex((x, n) => roundHalfEven(32768 * x) !== parts[i][n]);
    if (wrong >= 0 || float.length !== parts[i].length) {
      report.add('f32', name, false, `packet ${i}, sample ${wrong}`);
      return;
    }
  }
  report.add('f32', name, true, `${compared} packets`);
}

/** Other rates, beside another decoder. Streams with concealed passages are left out. */
async function checkRates(report, stream, name, engine, peer) {
  if (stream.entry.contains_non_normative_output.length > 0) return;
  for (const sampleRate of /** @type {const} */ ([8000, 12000, 16000, 24000])) {
    for (const [word, channels] of SIZES) {
      const title = `${name} ${word} ${sampleRate / 1000} kHz`;
      await report.guard('other rates', title, async () => {
        const ours = await decodeAll(engine, stream.packets, { sampleRate, channels });
        const theirs = await decodeAll(peer, stream.packets, { sampleRate, channels });
        const rms = rmsDifference(ours.pcm, theirs.pcm);
        report.add('other rates', title, rms <= RMS_LIMIT, `rms ${rms.toFixed(4)} LSB`);
      });
    }
  }
}

/**
 * Checks an engine with one stream.
 * @param {import('./report.js').Report} report
 * @param {Stream} stream
 * @param {import('./decode.js').OpusEngine} engine
 * @param {{ peer?: import('./decode.js').OpusEngine }} options `peer`: what other rates are compared with
 */
export async function checkStream(report, stream, engine, { peer } = {}) {
  const { entry } = stream;
  const name = entry.file.replace(/^.*\//, '').replace(/\.bit$/, '');
  /** @type {Record<string, Int16Array>} */
  const decoded = {};
  for (const [word, channels] of SIZES) {
    await report.guard('sample counts', `${name} ${word}`, async () => {
      const { pcm, parts, ranges } = await decodeAll(engine, stream.packets, {
        sampleRate: 48000,
        channels,
      });
      decoded[`${word}_48k`] = pcm;
      checkRanges(report, stream, `${name} ${word}`, ranges);
      const samples = pcm.length / channels;
      const expected = entry.samples_per_channel_48k;
      report.add(
        'sample counts',
        `${name} ${word}`,
        samples === expected,
        `${samples} of ${expected}`,
      );
      const reference = stream.sketches[word];
      if (reference) checkSketch(report, stream, `${name} ${word}`, reference, pcm, channels);
      for (const window of stream.windows) {
        if (window.channels === channels) checkWindow(report, window, pcm);
      }
      if (channels === 2) {
        await report.guard('f32', name, () => checkFloat(report, stream, name, engine, parts));
      }
    });
  }
  await checkHashes(report, stream, name, engine, decoded);
  if (peer) await checkRates(report, stream, name, engine, peer);
}
