// npm run check:hostile -- [--packets 1000000] [--only NAME] [--seed 1]
// Plays the fuzzers of every parser of received bytes until each has had so many hostile packets: no throw, no
// accepted forgery, and no growth of memory. Prints a line for each, then "N passed, N failed" (packets).
import './ready.mjs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const { values: options } = parseArgs({
  options: {
    packets: { type: 'string', default: '1000000' },
    only: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const NAMES = ['packets', 'signalling', 'reflector', 'rtp', 'transports'];
const MEGABYTE = 1 << 20;
/** What may be more after ten times as many packets: noise of the collector. */
const GROWTH_LIMIT = 4 * MEGABYTE;
const MAX_FAILURES = 5;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
function memory() {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

const wanted = Number(options.packets);
const names = options.only === undefined ? NAMES : [options.only];
if (!names.every((name) => NAMES.includes(name)) || !(wanted > 0)) {
  console.error(`check:hostile: expected --packets N, --only ${NAMES.join(', ')}`);
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const name of names) {
  const { open } = await import(`../test/fuzz/${name}.js`);
  const fuzzer = await open();
  const started = performance.now();
  let early = 0;
  let failures = 0;
  for (let number = 0; fuzzer.hostile() < wanted && failures < MAX_FAILURES; number++) {
    try {
      await fuzzer.session(
        Math.imul(Number(options.seed), 0x9e3779b1) ^ Math.imul(number, 0x85ebca77),
      );
    } catch (error) {
      failures++;
      const text = error?.name === 'Mismatch' ? error.message : (error?.stack ?? error);
      console.log(`FAILED ${name} --seed ${options.seed} --start ${number}: ${text}`);
    }
    if (early === 0 && fuzzer.hostile() >= wanted / 10) early = memory();
  }
  const growth = early === 0 ? 0 : memory() - early;
  if (growth > GROWTH_LIMIT) {
    failures++;
    console.log(`FAILED ${name}: memory has grown by ${(growth / MEGABYTE).toFixed(1)} MB`);
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(
    `${name}: ${fuzzer.summary()}; memory ${growth >= 0 ? '+' : ''}${(growth / MEGABYTE).toFixed(2)} MB; ${seconds.toFixed(1)} s`,
  );
  passed += fuzzer.hostile();
  failed += failures;
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
