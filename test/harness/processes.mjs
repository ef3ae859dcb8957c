// Runs the test files in a child process of Node, Deno or Bun.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './contexts.mjs';

const limit = 300_000;
const flags = {
  node: ['--disable-warning=ExperimentalWarning'], // Node 20 and 22 warn of JSON imports
  deno: [
    'run',
    '--allow-read',
    '--allow-write',
    '--allow-env',
    '--allow-sys',
    '--allow-net=127.0.0.1,[::1],0.0.0.0,[::]',
    '--no-prompt',
  ],
  bun: ['run'],
};

/** Returns the report of the child; a child without one has failed. */
export async function runInProcess(runtime, command, files, { suiteLimit = 60_000 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const report = join(folder, 'report.json');
  const entry = join(root, 'test/harness/child.mjs');
  const child = spawn(command, [...flags[runtime], entry, report, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      NO_COLOR: '1',
      DENO_NO_UPDATE_CHECK: '1',
      SUITE_LIMIT: String(suiteLimit),
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output = (output + chunk).slice(-8000)));
  }
  const timer = setTimeout(() => child.kill('SIGKILL'), limit);
  const code = await new Promise((done) => {
    child.on('error', (error) => done(String(error)));
    child.on('close', (status, signal) => done(status ?? signal));
  });
  clearTimeout(timer);
  let result = { passed: 0, failed: 1, skipped: 0, messages: [`exit ${code}\n${output}`] };
  if (existsSync(report)) {
    result = JSON.parse(readFileSync(report, 'utf8'));
    if (code !== 0 && result.failed === 0) {
      result.failed = 1;
      result.messages.push(`exit ${code} after a green report`);
    }
  } else if (existsSync(`${report}.running`)) {
    result.messages.push(`while running ${readFileSync(`${report}.running`, 'utf8')}`);
  }
  rmSync(folder, { recursive: true });
  return result;
}
