// The checker has teeth: each planted error is seen by the check that should see it.
import { createCrypto } from 'sottovoce/crypto';
import { OpusError } from 'sottovoce/opus';
import { libopusEngine } from 'sottovoce/opus/libopus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prng } from '../support/prng.js';
import { streamBytes } from './fixture.js';
import { hex, littleEndian, readBitFile } from './check/bit-file.js';
import { compareConcealment } from './check/concealment.js';
import { decodeAll } from './check/decode.js';
import { checkFolder } from './check/folder.js';
import { Report } from './check/report.js';
import { quality } from './check/quality.js';
import { readSketch, sketch } from './check/sketch.js';

const checker = suite('opus checker');
const crypto = createCrypto();
const NAMES = ['silk-stereo-fec', 'celt'];

const bytesOf = (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Two byte planes of zigzag-coded differences, as pcm/ has them before compression. */
function planes(pcm, channels) {
  const out = new Uint8Array(2 * pcm.length);
  for (let i = 0; i < pcm.length; i++) {
    const d = ((pcm[i] - (i < channels ? 0 : pcm[i - channels])) << 16) >> 16;
    const z = ((d << 1) ^ (d >> 31)) & 0xffff;
    out[i] = z & 255;
    out[pcm.length + i] = z >> 8;
  }
  return out;
}

/** A folder in memory whose reference is the libopus engine. */
async function makeFolder() {
  const files = new Map();
  const streams = [];
  const windows = [];
  for (const name of NAMES) {
    const bytes = streamBytes(name);
    const packets = readBitFile(bytes);
    const stereo = await decodeAll(libopusEngine(), packets, { channels: 2 });
    const mono = await decodeAll(libopusEngine(), packets, { channels: 1 });
    const mono16 = await decodeAll(libopusEngine(), packets, { sampleRate: 16000, channels: 1 });
    const hash = (pcm) => hex(crypto.sha256(littleEndian(pcm)));
    files.set(`streams/${name}.bit`, bytes);
    files.set(`${name}.st`, bytesOf(sketch(stereo.pcm, 2)));
    files.set(`${name}.mo`, bytesOf(sketch(mono.pcm, 1)));
    const exact = name.startsWith('silk');
    streams.push({
      file: `streams/${name}.bit`,
      sha256: hex(crypto.sha256(bytes)),
      packets: packets.length,
      encoder_channels: 2,
      source: name,
      description: name,
      samples_per_channel_48k: stereo.pcm.length / 2,
      clipped_samples_stereo: 0,
      exact_pcm_expected: exact,
      contains_non_normative_output: [],
      pcm_s16_sha256: {
        'libopus_1.3.1_float': { stereo_48k: hash(stereo.pcm), mono_16k: hash(mono16.pcm) },
      },
      sketch: { stereo: `${name}.st`, mono: `${name}.mo` },
    });
    const window = stereo.pcm.slice(4000, 8000);
    files.set(`${name}.br`, planes(window, 2));
    windows.push({
      stream: `streams/${name}.bit`,
      file: `${name}.br`,
      channels: 2,
      first_sample: 2000,
      samples: 2000,
      sha256_s16: hash(window),
    });
  }
  const good = readBitFile(files.get('streams/celt.bit'))[0];
  const hostile = {
    cases: [
      {
        name: 'good',
        hex: hex(good.packet),
        bytes: good.packet.length,
        expect: { samples: 960, final_range: good.range },
        parse: { frames: 1, sizes: [good.packet.length - 1] },
        with_960_sample_buffer: { samples: 960, final_range: good.range },
      },
      { name: 'bad', hex: '03', bytes: 1, expect: { error: -4 }, parse: { error: -4 } },
      { name: 'empty', hex: '', bytes: 0, expect: { samples: 5760 }, parse: { error: -4 } },
    ],
  };
  const loss = {
    cases: [
      {
        stream: 'streams/silk-stereo-fec.bit',
        kind: 'single',
        channels: 2,
        dropped_packets: [12, 20],
        affected_samples_per_channel: 5760,
        'libopus_1.3.1': {
          plc: { snr_db: 0, energy_ratio_db: 0, log_spectral_distance_db: 7 },
          fec: { snr_db: 5.5, energy_ratio_db: 0, log_spectral_distance_db: 7 },
        },
      },
    ],
  };
  const jsons = new Map(
    Object.entries({
      'streams/index.json': { streams },
      'pcm/index.json': { files: windows },
      'hostile.json': hostile,
      'loss.json': loss,
    }),
  );
  const bytes = (path) => {
    if (!files.has(path)) throw new Error(`no file ${path}`);
    return files.get(path);
  };
  return { json: (path) => jsons.get(path), bytes, brotli: bytes };
}

/** @type {Awaited<ReturnType<typeof makeFolder>>} */
let folder;
checker.before(async () => {
  folder = await makeFolder();
});

/** Engine whose decoders are spoilt: `spoil(pcm, channels, full, n)` changes PCM, `range(x)` the range. */
function planted(/** @type {any} */ { spoil, range, refuse }) {
  const engine = libopusEngine();
  return {
    ...engine,
    name: 'planted',
    async createDecoder(format, settings) {
      const decoder = await engine.createDecoder(format, settings);
      let n = 0;
      const run = (method, full) => (packet, samples, fec) => {
        if (refuse?.(packet)) throw new OpusError('bad-packet', 'planted');
        const pcm = decoder[method](packet, samples, fec);
        return spoil ? spoil(pcm, format.channels, full, n++, packet) : pcm;
      };
      return {
        decode: run('decode', 1),
        decodeInt16: run('decodeInt16', 32768),
        configure: (changed, changes) => decoder.configure(changed, changes),
        reset: () => decoder.reset(),
        close: () => decoder.close(),
        get finalRange() {
          return range();
        },
      };
    },
  };
}

/** Categories in which something failed. `only`: the parts of the folder that are checked. */
async function failures(
  /** @type {any} */ plan,
  only = /celt|silk/,
  /** @type {any} */ peer = null,
) {
  const report = new Report();
  await checkFolder(report, folder, planted(plan), { only, ...(peer && { peer }) });
  const failed = report.checks.filter(({ verdict }) => verdict === 'failed');
  return new Set(failed.map(({ category }) => category));
}

const hidden = () => {
  throw new OpusError('not-supported', 'planted');
};
const all = (categories, found) => {
  for (const category of categories) assert.ok(found.has(category), `${category}: ${[...found]}`);
};

checker('nothing fails without a planted error; hidden ranges are counted apart', async () => {
  const report = new Report();
  assert.ok(await checkFolder(report, folder, planted({ range: hidden }), {}));
  assert.equal(
    report.checks.filter(({ verdict }) => verdict === 'failed'),
    [],
  );
  assert.is(report.count('unsupported'), 5);
  for (const category of [
    'files',
    'sample counts',
    'sketch',
    'f32',
    'exact PCM',
    'windows',
    'loss',
    'hostile',
    'parse',
  ]) {
    assert.ok(
      report.table().some((row) => row.category === category && row.passed > 0),
      category,
    );
  }
  assert.not.ok(await checkFolder(report, { ...folder, json: () => undefined }, planted({})));
});

checker('a wrong sign', async () => {
  const spoil = (pcm) => pcm.map((x) => -x);
  all(['sketch', 'exact PCM', 'windows'], await failures({ spoil, range: hidden }));
});

checker('one wrong sample in a stream', async () => {
  const spoil = (pcm, _channels, full, n) => {
    const copy = pcm.slice();
    if (n === 7) copy[100] += (600 * full) / 32768;
    return copy;
  };
  all(['sketch', 'exact PCM'], await failures({ spoil, range: hidden }));
});

checker('a shift by one sample', async () => {
  const last = { value: 0 };
  const spoil = (pcm) => {
    const copy = pcm.slice();
    copy.set(pcm.subarray(0, pcm.length - 1), 1);
    copy[0] = last.value;
    last.value = pcm[pcm.length - 1];
    return copy;
  };
  all(['sketch', 'exact PCM', 'windows'], await failures({ spoil, range: hidden }));
});

checker('swapped channels', async () => {
  const spoil = (pcm, channels) => (channels === 1 ? pcm : pcm.map((_, i) => pcm[i ^ 1]));
  all(['sketch', 'exact PCM', 'windows'], await failures({ spoil, range: hidden }));
});

checker('noise of 1 LSB', async () => {
  const random = prng(3);
  const spoil = (pcm, _channels, full) => pcm.map((x) => x + ((random.int(3) - 1) * full) / 32768);
  all(['sketch', 'exact PCM', 'windows'], await failures({ spoil, range: hidden }));
});

checker('noise of 1 LSB at another rate', async () => {
  const random = prng(4);
  const spoil = (pcm, channels, full) =>
    pcm.length === 960 * channels ? pcm : pcm.map((x) => x + ((random.int(3) - 1) * full) / 32768);
  all(['other rates'], await failures({ spoil, range: hidden }, /celt/, libopusEngine()));
});

checker('f32 that is clipped or rounded otherwise', async () => {
  const spoil = (pcm, _channels, full) => (full === 1 ? pcm.map((x) => x + 0.6 / 32768) : pcm);
  all(['f32'], await failures({ spoil, range: hidden }));
  const nan = (pcm, _channels, full) => (full === 1 ? pcm.map(() => Number.NaN) : pcm);
  all(['f32', 'hostile'], await failures({ spoil: nan, range: hidden }, /celt|hostile/));
});

checker('wrong ranges', async () => {
  all(['final ranges', 'hostile'], await failures({ range: () => 12345 }, /celt|hostile/));
});

checker('a good packet refused, a bad one expected to be good', async () => {
  const refuse = (packet) => packet !== null && packet.length > 100;
  all(['sample counts', 'hostile'], await failures({ refuse, range: hidden }, /celt|hostile/));
  const report = new Report();
  const wrong = structured(folder.json('hostile.json'));
  wrong.cases[0].expect = { error: -4 };
  wrong.cases[1].parse = { frames: 1, sizes: [0] };
  const json = (path) => (path === 'hostile.json' ? wrong : folder.json(path));
  await checkFolder(report, { ...folder, json }, planted({ range: hidden }), { only: /hostile/ });
  const failed = report.checks.filter(({ verdict }) => verdict === 'failed');
  all(['hostile', 'parse'], new Set(failed.map(({ category }) => category)));
});

const structured = (value) => JSON.parse(JSON.stringify(value));

checker('silence or repetition in place of concealment', async () => {
  const packets = readBitFile(folder.bytes('streams/celt.bit')).slice(0, 30);
  const cases = [{ packets, channels: /** @type {const} */ (2), dropped: [8, 15, 16, 24] }];
  const silence = (pcm, _channels, _full, _n, packet) => (packet === null ? pcm.fill(0) : pcm);
  let last = new Int16Array(0);
  const repetition = (pcm, _channels, _full, _n, packet) => {
    if (packet === null && last.length === pcm.length) return last;
    last = pcm.slice();
    return pcm;
  };
  const verdicts = [];
  for (const spoil of [undefined, silence, repetition]) {
    const report = new Report();
    const engine = planted({ spoil, range: hidden });
    await compareConcealment(report, '', cases, engine, libopusEngine());
    verdicts.push(report.checks[0].verdict);
  }
  assert.equal(verdicts, ['passed', 'failed', 'failed']);
});

checker('the metric is 100 for identity, above 99 for rounding, far below for noise', () => {
  const random = prng(5);
  const pcm = Int16Array.from(
    { length: 4800 },
    (_, i) => 8000 * Math.sin(i / 20) + random.int(200),
  );
  assert.is(quality(pcm, pcm, 2), 100);
  const rounded = pcm.map((x, i) => (i % 500 === 0 ? x + 1 : x));
  assert.ok(quality(pcm, rounded, 2) > 99);
  const noisy = pcm.map((x) => x + random.int(400) - 200);
  assert.ok(quality(pcm, noisy, 2) < 80);
});

checker('a sketch read back is the same; a cut bit file is an error', () => {
  const sums = sketch(Int16Array.of(1, 2, 3, -4), 1);
  assert.equal(readSketch(bytesOf(sums)), sums);
  assert.is(Math.abs(sums[0]) % 2, 0);
  assert.throws(() => readBitFile(new Uint8Array(7)), 'cut');
  assert.throws(() => readBitFile(Uint8Array.of(0, 0, 0, 2, 0, 0, 0, 0, 1)), 'cut');
});

checker.run();
