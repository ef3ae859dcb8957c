// main.mjs [context...] runs test/*.test.js in each context: node, node@<path>, deno, bun, chromium,
// firefox, webkit. Without arguments: everything found here. A named context that is missing fails.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './browsers.mjs';
import { serve } from './server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const files = readdirSync(join(root, 'test'), { recursive: true })
  .filter((file) => file.endsWith('.test.js'))
  .sort();
const limit = 120_000;
const browserContexts = {
  chromium: ['page', 'worker', 'worklet'],
  firefox: ['page', 'worker', 'worklet'],
  webkit: ['page', 'worker', 'worklet'],
};

const local = (name) =>
  process.env[`${name.toUpperCase()}_PATH`] ??
  [join(root, '.cache/runtimes/node_modules/.bin', name)].find(existsSync) ??
  name;
const commands = {
  node: (path = process.execPath) => [path],
  deno: () => [local('deno'), 'run', '--allow-read', '--allow-write', '--allow-env', '--no-prompt'],
  bun: () => [local('bun'), 'run'],
};

async function inProcess(name) {
  const [runtime, path] = name.split('@');
  const [command, ...args] = commands[runtime](path);
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  const report = join(folder, 'report.json');
  const child = spawn(command, [...args, join(root, 'test/harness/child.mjs'), report, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => (output += chunk));
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
  }
  rmSync(folder, { recursive: true });
  return [[name, result]];
}

async function inBrowser(name) {
  const contexts = browserContexts[name];
  const results = new Map();
  let finished;
  const done = new Promise((resolve) => (finished = resolve));
  const server = await serve({
    files,
    contexts,
    onReport(context, result) {
      results.set(context, result);
      if (results.size === contexts.length) finished('done');
    },
  });
  const browser = launch(name, server.url);
  if (!browser) {
    server.close();
    return undefined;
  }
  let timer;
  const end = await Promise.race([
    done,
    browser.exited.then((code) => `the browser left with ${code}`),
    new Promise((resolve) => (timer = setTimeout(resolve, limit, 'no report in time'))),
  ]);
  clearTimeout(timer);
  await browser.close();
  server.close();
  const missing = { passed: 0, failed: 1, skipped: 0, messages: [`${end}\n${browser.log()}`] };
  return contexts.map((context) => [`${name}:${context}`, results.get(context) ?? missing]);
}

const asked = process.argv.slice(2);
const totals = { passed: 0, failed: 0 };
const everything = ['node', 'deno', 'bun', ...Object.keys(browserContexts)];
for (const name of asked.length > 0 ? asked : everything) {
  const started = performance.now();
  const rows = name in browserContexts ? await inBrowser(name) : await inProcess(name);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!rows) {
    const required = asked.length > 0;
    console.log(`${name.padEnd(18)} not installed${required ? ': FAILED' : ', left out'}`);
    if (required) totals.failed++;
    continue;
  }
  for (const [context, { passed, failed, skipped, messages, runtime }] of rows) {
    const empty = passed + failed === 0;
    totals.passed += passed;
    totals.failed += failed + (empty ? 1 : 0);
    const label = `${context.replace(/@.*/, '').padEnd(17)} ${(runtime ?? '').padEnd(24)}`;
    const counts = `${passed} passed, ${failed} failed, ${skipped} skipped`;
    console.log(`${label} ${counts}  (${seconds} s)`);
    for (const message of messages) console.log(message.replace(/^/gm, '    '));
    if (empty) console.log('    nothing ran');
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
