// The other libraries that benchmarks and fuzzers compare with: installed on demand, at exact versions.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { root } from './package.mjs';

/** Installs bench/contestants unless it is there; ends the process when that fails. */
export function installContestants() {
  if (existsSync(`${root}bench/contestants/node_modules/.package-lock.json`)) return;
  process.stderr.write('installing the contestants ...\n');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', '--prefix', 'bench/contestants', ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}
