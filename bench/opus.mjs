// npm run bench:opus [-- --only decode|encode] [--case NAME] [--rounds 15] [--json FILE] [--smoke]
// Our codec against other packages, in one process: CPU time for a packet of 20 ms. Every contestant
// gets the same packets or frames. Rounds are interleaved: each round measures every contestant once, in
// turning order, so that a slow moment of the machine falls on all. Shown: medians.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { decodeCases } from './lib/opus-decode.mjs';
import { encodeCases } from './lib/opus-encode.mjs';
import { sealCases } from './lib/opus-seal.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    case: { type: 'string', default: '' },
    rounds: { type: 'string', default: '15' },
    json: { type: 'string' },
    smoke: { type: 'boolean', default: false },
  },
});
const SUITES = ['decode', 'encode', 'seal'];
if (options.only !== '' && !SUITES.includes(options.only)) {
  console.error(`nothing called "${options.only}" to measure`);
  process.exit(2);
}
const wanted = (name) => options.only === '' || options.only === name;
const rounds = options.smoke ? 1 : Math.max(9, Number(options.rounds));

let peers = { decoders: {}, encoders: {} };
try {
  const { decoders, encoders } = await import('./contestants/opus.mjs');
  peers = {
    decoders: wanted('decode') ? await decoders() : {},
    encoders: wanted('encode') ? await encoders() : {},
  };
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('the other libraries are not installed: npm run bench:opus installs them');
}

const quantile = (list, p) => {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.round((sorted.length - 1) * p)];
};

/** Microseconds of CPU for a packet. */
function measure(work, items, passes) {
  const before = process.cpuUsage();
  for (let pass = 0; pass < passes; pass++) for (const item of items) work(item);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (passes * items.length);
}

const results = [];

/** One case: every contestant, all rounds; gives a row of the table. */
async function run({ suite, name, items, passes: usual, open, check, more }) {
  const passes = options.smoke ? 1 : usual;
  const entries = [];
  for (const [library, make] of Object.entries(open)) {
    entries.push({ library, work: await make(), times: [] });
  }
  for (const { library, work } of entries) {
    for (const item of items) {
      try {
        check(work(item), library);
      } catch (cause) {
        throw new Error(`${library} in ${suite} ${name}: ${cause.message}`, { cause });
      }
    }
    // Until the optimising compiler is done.
    for (let i = 0; i < (options.smoke ? 0 : 4); i++) measure(work, items, passes);
  }
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < entries.length; i++) {
      const { work, times } = entries[(i + round) % entries.length];
      times.push(measure(work, items, passes));
    }
  }
  const median = Object.fromEntries(entries.map((e) => [e.library, quantile(e.times, 0.5)]));
  const { sottovoce, ...others } = median;
  const ratio = Object.fromEntries(
    Object.entries(others).map(([library, time]) => [
      library,
      Number((sottovoce / time).toFixed(3)),
    ]),
  );
  const spread = Object.fromEntries(
    entries.map((e) => [e.library, [quantile(e.times, 0.25), quantile(e.times, 0.75)]]),
  );
  results.push({
    suite,
    case: name,
    unit: 'µs CPU per 20 ms frame',
    ours: sottovoce,
    peers: others,
    ratio,
    spread,
    rounds,
    ...more?.(),
  });
  const cell = (library) =>
    `${median[library].toFixed(1)} [${spread[library].map((x) => x.toFixed(1)).join('–')}]`;
  return {
    case: name,
    ...Object.fromEntries(
      entries.map(({ library }) => [
        library,
        library === 'sottovoce' ? cell(library) : `${cell(library)} ×${ratio[library].toFixed(2)}`,
      ]),
    ),
  };
}

const suites = {
  decode: () => decodeCases(peers.decoders),
  encode: () => encodeCases(peers.encoders),
  seal: sealCases,
};
for (const name of SUITES.filter(wanted)) {
  const rows = [];
  for (const entry of await suites[name]()) {
    if (entry.name.includes(options.case)) rows.push(await run(entry));
  }
  console.log(`${name}: µs of CPU per packet of 20 ms: median [quartiles] ×(ours / theirs)`);
  console.table(rows);
}
if (options.json) writeFileSync(options.json, `${JSON.stringify(results, null, 2)}\n`);
console.log(`${cpus()[0]?.model}, Node ${process.version}, ${rounds} interleaved rounds`);
