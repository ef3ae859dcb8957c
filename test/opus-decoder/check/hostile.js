// Malformed, extreme and random packets: each in a fresh decoder, then all in one.
import { createOpus, OpusDecoder } from 'sottovoce/opus';
import { fromHex } from '../../support/bytes.js';
import { prng } from '../../support/prng.js';
import { codeOf, rangeOf } from './decode.js';

const FORMAT = /** @type {const} */ ({ sampleRate: 48000, channels: 2 });
/** +12 dB over full scale. */
const LOUDEST = 4;
const CODES = { '-1': 'bad-argument', '-2': 'buffer-too-small', '-4': 'bad-packet' };

/** What decoding gave: `{ error }` or `{ samples, range }`. */
function attempt(decoder, packet, dst) {
  try {
    const pcm = decoder.decode(packet, dst);
    const finite = pcm.every((x) => Number.isFinite(x));
    return { error: '', samples: pcm.length / 2, range: rangeOf(decoder), finite };
  } catch (error) {
    return { error: codeOf(error), samples: 0, range: null, finite: true };
  }
}

/** Whether a result is one of those listed: a release that differs is named beside the first. */
function verdict(expected, got) {
  return [expected, expected['libopus_1.6.1']].some((one) => one !== undefined && agrees(one, got));
}

function agrees(expected, got) {
  if (expected.error !== undefined) return got.error === CODES[expected.error];
  if (got.error !== '' || got.samples !== expected.samples || !got.finite) return false;
  return got.range === null || got.range === expected.final_range;
}

/** The differing release may be named in the case or in what is expected. */
function expectationOf({ expect, ...entry }) {
  return { 'libopus_1.6.1': entry['libopus_1.6.1'], ...expect };
}

/** @param {import('./report.js').Report} report */
async function checkCase(report, entry, engine) {
  const packet = fromHex(entry.hex);
  const expected = expectationOf(entry);
  const name = `${entry.name} (${entry.hex.slice(0, 12)})`;
  const decoder = await OpusDecoder.create({ ...FORMAT, engine });
  const got = attempt(decoder, packet);
  const detail = JSON.stringify(got);
  if (packet.length === 0) {
    // The interface has another way to ask for concealment.
    report.add('hostile', name, got.error === 'bad-packet', detail);
  } else {
    report.add('hostile', name, verdict(expected, got), detail);
    if (got.range === null && entry.expect.final_range !== undefined) {
      report.unsupported('hostile ranges', name, 'not shown');
    }
  }
  decoder.close();
  if (entry.with_960_sample_buffer) {
    const small = await OpusDecoder.create({ ...FORMAT, engine });
    const result = attempt(small, packet, new Float32Array(1920));
    const ok = verdict(entry.with_960_sample_buffer, result);
    report.add('hostile', `${name}, room for 960`, ok, JSON.stringify(result));
    small.close();
  }
  if (entry.parse) {
    let parsed = /** @type {any} */ ({ error: -4 });
    try {
      const info = createOpus().inspectPacket(packet);
      parsed = { frames: info.frameCount, sizes: info.frameSizes };
    } catch (error) {
      if (codeOf(error) !== 'bad-packet') throw error;
    }
    const ok = JSON.stringify(parsed) === JSON.stringify(entry.parse);
    report.add('parse', name, ok, JSON.stringify(parsed));
  }
}

/** An error leaves the state alone: good packets decode alike with and without bad ones between them. */
async function checkUnchanged(report, cases, good, engine) {
  const refused = cases.filter(({ expect }) => expect.error !== undefined);
  const disturbed = await OpusDecoder.create({ ...FORMAT, engine });
  const quiet = await OpusDecoder.create({ ...FORMAT, engine });
  let different = -1;
  let accepted = 0;
  for (const [i, { packet }] of good.entries()) {
    const entry = refused[i % refused.length];
    if (entry && attempt(disturbed, fromHex(entry.hex)).error === '') accepted++;
    const a = disturbed.decode(packet).slice();
    const b = quiet.decode(packet);
    if (different < 0 && a.some((x, n) => x !== b[n])) different = i;
  }
  disturbed.close();
  quiet.close();
  const ok = different < 0 && accepted === 0;
  report.add('hostile', 'errors leave the state unchanged', ok, `packet ${different}`);
}

/** All packets in one decoder, in their order, in random orders, between good ones. */
async function checkSequence(report, cases, good, engine) {
  const random = prng(7);
  const decoder = await OpusDecoder.create({ ...FORMAT, engine });
  const orders = [cases, ...[1, 2, 3].map(() => shuffled(cases, random))];
  for (const [index, order] of orders.entries()) {
    let wrong = '';
    for (const entry of order) {
      if (index === 3) attempt(decoder, good[random.int(good.length)].packet);
      const got = attempt(decoder, fromHex(entry.hex));
      // The first decoded packet after other ones has the range of a fresh decoder too.
      const expected = entry.bytes === 0 ? { error: -4 } : expectationOf(entry);
      if (wrong === '' && !verdict(expected, got)) wrong = `${entry.name}: ${JSON.stringify(got)}`;
    }
    report.add('hostile', `sequence ${index}`, wrong === '', wrong);
  }
  let worst = 0;
  for (const { packet } of good) {
    for (const x of decoder.decode(packet))
      worst = Math.max(worst, Number.isNaN(x) ? 1e9 : Math.abs(x));
  }
  decoder.close();
  report.add('hostile', 'a good stream afterwards', worst <= LOUDEST, `peak ${worst.toFixed(3)}`);
}

function shuffled(list, random) {
  const copy = [...list];
  for (let i = copy.length - 1; i > 0; i--) {
    const j = random.int(i + 1);
    [copy[i], copy[j]] = [copy[j], copy[i]];
  }
  return copy;
}

/**
 * @param {import('./report.js').Report} report
 * @param {any} file hostile.json
 * @param {readonly import('./decode.js').Entry[]} good a good stream
 * @param {import('./decode.js').OpusEngine} engine
 */
export async function checkHostile(report, file, good, engine) {
  for (const entry of file.cases) {
    await report.guard('hostile', entry.name, () => checkCase(report, entry, engine));
  }
  if (good.length === 0) return;
  const part = good.slice(0, 200);
  await report.guard('hostile', 'unchanged', () =>
    checkUnchanged(report, file.cases, part, engine),
  );
  await report.guard('hostile', 'sequence', () => checkSequence(report, file.cases, part, engine));
}
