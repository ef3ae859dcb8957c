// npm run bench:crypto [-- --json FILE] [--only SUITE,...] [--cases '1 KiB,64 KiB'] [--rounds 9] [--smoke]
// Our primitives against other libraries. Results are compared before anything is timed.
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { compare } from './lib/rounds.mjs';
import { asBytes, cases } from './lib/suites.mjs';

const { values: options } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', default: '' },
    cases: { type: 'string', default: '' },
    rounds: { type: 'string', default: '11' },
    smoke: { type: 'boolean', default: false },
  },
});
const rounds = options.smoke ? 1 : Number(options.rounds);
const sliceMs = options.smoke ? 0.05 : 6;
const among = (list, value) => list === '' || list.split(',').includes(value);
const wanted = cases.filter(
  (one) => among(options.only, one.suite) && among(options.cases, one.case),
);
if (wanted.length === 0 || !(rounds >= 1)) {
  console.error(`suites: ${[...new Set(cases.map(({ suite }) => suite))].join(', ')}`);
  process.exit(2);
}

const round = (value, digits) => Number(value.toPrecision(digits));
const results = [];
const rows = [];
for (const one of wanted) {
  const expected = asBytes((one.check ?? one.ours)()).slice();
  for (const { name, run } of one.peers) {
    if (Buffer.compare(asBytes(run()), expected) !== 0) {
      throw new Error(`${one.suite}, ${one.case}: ${name} gives another result`);
    }
  }
  const entries = [{ name: 'sottovoce', run: one.ours }, ...one.peers];
  const [ours, ...others] = compare(entries, { rounds, sliceMs });
  results.push({
    suite: one.suite,
    case: one.case,
    unit: 'us',
    ours: round(ours.us, 4),
    spread: round(ours.spread, 3),
    peers: Object.fromEntries(others.map(({ name, us }) => [name, round(us, 4)])),
    ratio: Object.fromEntries(others.map(({ name, ratio }) => [name, round(ratio, 3)])),
  });
  for (const { name, us, spread, ratio } of others) {
    rows.push({
      suite: one.suite,
      case: one.case,
      'ours, us': round(ours.us, 4),
      spread: ours.spread.toFixed(2),
      peer: name,
      'peer, us': round(us, 4),
      'peer spread': spread.toFixed(2),
      'ours / peer': ratio.toFixed(2),
    });
  }
}

if (options.json !== undefined)
  writeFileSync(options.json, `${JSON.stringify(results, null, 1)}\n`);
console.table(rows);
console.log(
  `${cpus()[0]?.model}, Node ${process.version}, ${rounds} interleaved rounds of ${sliceMs} ms of processor time`,
);
