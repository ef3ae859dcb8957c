// npm run bench:NAME: installs the contestants on demand, then runs bench/NAME.mjs with the options.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { installContestants } from './lib/contestants.mjs';
import { root } from './lib/package.mjs';

const [name, ...args] = process.argv.slice(2);
installContestants();
// For primitives only the optimising compiler of V8: otherwise one may stay in the first tier for a whole run.
const flags = name === 'crypto' ? ['--no-liftoff'] : [];
const { status } = spawnSync(process.execPath, [...flags, `bench/${name}.mjs`, ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
