// npm run bench:NAME: installs the contestants on demand, then runs bench/NAME.mjs with the options.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [name, ...args] = process.argv.slice(2);
if (!existsSync(`${root}bench/contestants/node_modules/.package-lock.json`)) {
  process.stderr.write('installing the contestants ...\n');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', '--prefix', 'bench/contestants', ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}
// Only the optimising compiler of V8: otherwise a function may stay in the first tier for a whole run.
const { status } = spawnSync(process.execPath, ['--no-liftoff', `bench/${name}.mjs`, ...args], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
