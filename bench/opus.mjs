// npm run bench:opus [-- --only decode] [--case NAME] [--rounds 15] [--json FILE] [--smoke]
// Our decoder against other packages, in one process: CPU time for a packet of 20 ms. Every contestant
// decodes the same packets (packets/README.md). Rounds are interleaved: each round measures every
// contestant once, in turning order, so that a slow moment of the machine falls on all. Shown: medians.
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { OpusDecoder } from 'sottovoce/opus';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: 'decode' },
    case: { type: 'string', default: '' },
    rounds: { type: 'string', default: '15' },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
if (options.only !== 'decode') {
  console.error(`nothing called "${options.only}" to measure`);
  process.exit(2);
}
const rounds = options.smoke ? 1 : Math.max(9, Number(options.rounds));
/** Passes over all packets that a round takes. */
const passes = options.smoke ? 1 : 5;

const CASES = {
  'silk-wb-mono-16k': 1,
  'hybrid-mono-24k': 1,
  'hybrid-mono-32k': 1,
  'celt-mono-32k': 1,
  'celt-stereo-64k': 2,
  'celt-stereo-96k': 2,
};

/** Packets of a file of [length, final range, packet]. */
function packetsOf(name) {
  const bytes = readFileSync(new URL(`packets/${name}.bit`, import.meta.url));
  const packets = [];
  for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32BE(at)) {
    packets.push(Uint8Array.from(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at))));
  }
  return packets;
}

async function ours(channels) {
  const decoder = await OpusDecoder.create({ sampleRate: 48000, channels });
  return (packet) => decoder.decodeInt16(packet).length / channels;
}

const contestants = { sottovoce: ours };
try {
  Object.assign(contestants, await (await import('./contestants/opus.mjs')).decoders());
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('the other libraries are not installed: npm run bench:opus installs them');
}

const quantile = (list, p) => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * p)];
};

/** Microseconds of CPU for a packet. */
function measure(decode, packets) {
  const before = process.cpuUsage();
  for (let pass = 0; pass < passes; pass++) for (const packet of packets) decode(packet);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (passes * packets.length);
}

const results = [];
const rows = [];
for (const [name, channels] of Object.entries(CASES)) {
  if (options.case !== '' && options.case !== name) continue;
  const packets = packetsOf(name);
  const entries = [];
  for (const [library, open] of Object.entries(contestants)) {
    entries.push({ library, decode: await open(channels), times: [] });
  }
  for (const { library, decode, times } of entries) {
    for (const packet of packets) {
      if (decode(packet) !== 960) throw new Error(`${library}: wrong length in ${name}`);
    }
    // Until the optimising compiler is done.
    for (let i = 0; i < (options.smoke ? 0 : 4); i++) measure(decode, packets);
    times.length = 0;
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const { decode, times } = entries[(i + round) % entries.length];
      times.push(measure(decode, packets));
    }
  }
  const median = Object.fromEntries(entries.map((e) => [e.library, quantile(e.times, 0.5)]));
  const { sottovoce, ...peers } = median;
  const ratio = Object.fromEntries(
    Object.entries(peers).map(([library, time]) => [
      library,
      Number((sottovoce / time).toFixed(3)),
    ]),
  );
  const spread = Object.fromEntries(
    entries.map((e) => [e.library, [quantile(e.times, 0.25), quantile(e.times, 0.75)]]),
  );
  results.push({
    suite: 'opus-decode',
    case: name,
    unit: 'µs CPU per 20 ms frame',
    ours: sottovoce,
    peers,
    ratio,
    spread,
    rounds,
  });
  const cell = (library) =>
    `${median[library].toFixed(1)} [${spread[library].map((x) => x.toFixed(1)).join('–')}]`;
  rows.push({
    case: name,
    ...Object.fromEntries(
      entries.map(({ library }) => [
        library,
        library === 'sottovoce' ? cell(library) : `${cell(library)} ×${ratio[library].toFixed(2)}`,
      ]),
    ),
  });
}

if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
console.log('µs of CPU per packet of 20 ms: median [quartiles] ×(ours / theirs)');
console.table(rows);
console.log(`${cpus()[0]?.model}, Node ${process.version}, ${rounds} interleaved rounds`);
