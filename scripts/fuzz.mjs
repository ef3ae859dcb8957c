// npm run fuzz -- [--only NAME] [--seconds 30] [--seed 1] [--start N]
// Runs the fuzzers of test/fuzz for a while each. A fuzzer plays numbered sessions; a session depends on
// the seed and its number alone, so a failure is repeated with --seed and --start. Prints a line for each
// failure, then "N passed, N failed" (sessions). Exit code 0 when nothing failed, 1 when something did.
import './ready.mjs';
import { existsSync, readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { installContestants } from './lib/contestants.mjs';
import { root } from './lib/package.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    start: { type: 'string', default: '0' },
  },
});
const folder = `${root}test/fuzz`;
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -3));
if (options.only !== undefined && !existsSync(`${folder}/${options.only}.js`)) {
  console.error(`unknown fuzzer "${options.only}", there are: ${names.join(', ')}`);
  process.exit(2);
}
installContestants();

let passed = 0;
let failed = 0;
for (const name of options.only === undefined ? names : [options.only]) {
  const { open } = await import(`../test/fuzz/${name}.js`);
  const fuzzer = await open();
  const end = Date.now() + 1000 * Number(options.seconds);
  for (let number = Number(options.start); Date.now() < end && failed < 20; number++) {
    try {
      await fuzzer.session(
        Math.imul(Number(options.seed), 0x9e3779b1) ^ Math.imul(number, 0x85ebca77),
      );
      passed++;
    } catch (error) {
      failed++;
      const text = error?.name === 'Mismatch' ? error.message : (error?.stack ?? error);
      console.log(`FAILED ${name} --seed ${options.seed} --start ${number}: ${text}`);
    }
  }
  console.log(`${name}: ${fuzzer.summary()}`);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
