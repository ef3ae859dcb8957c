// main.mjs [context...] [--only FILTER...] runs test/**/*.test.js in each context: node, clients,
// node@<path>, deno[@<path>], bun[@<path>], chromium, firefox, webkit. With --only, only the files
// whose path contains one of the filters. A context that is missing fails; `chromium?` may be missing.
import { runsIn, testFiles } from './contexts.mjs';
import { runInBrowser } from './in-browser.mjs';
import { runInProcess } from './processes.mjs';

const args = process.argv.slice(2);
const only = args.indexOf('--only');
const contexts = only < 0 ? args : args.slice(0, only);
const filters = only < 0 ? [] : args.slice(only + 1);
const files = testFiles(filters);
const totals = { passed: 0, failed: 0 };

async function run(name) {
  const [runtime, path] = name.split(/@(.*)/s);
  if (['chromium', 'firefox', 'webkit'].includes(name)) return runInBrowser(name, files);
  if (!['node', 'clients', 'deno', 'bun'].includes(runtime)) {
    throw new Error(`no such context: ${name}`);
  }
  const own = files.filter((file) => runsIn(file, runtime));
  if (own.length === 0) return [];
  const isNode = runtime === 'node' || runtime === 'clients';
  const command = path ?? (isNode ? process.execPath : runtime);
  return [[runtime, await runInProcess(isNode ? 'node' : runtime, command, own)]];
}

if (files.length === 0) {
  console.log(`no test file matches ${filters.join(' ')}`);
  totals.failed++;
}
for (const asked of files.length > 0 ? contexts : []) {
  const optional = asked.endsWith('?');
  const name = optional ? asked.slice(0, -1) : asked;
  const started = performance.now();
  const rows = await run(name);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!rows) {
    console.log(`${name.padEnd(17)} not installed${optional ? ', left out' : ': FAILED'}`);
    if (!optional) totals.failed++;
    continue;
  }
  if (rows.length === 0) console.log(`${name.padEnd(17)} none of these files runs here`);
  for (const [context, { passed, failed, skipped, messages, slow, runtime }] of rows) {
    const empty = passed + failed === 0;
    totals.passed += passed;
    totals.failed += failed + (empty ? 1 : 0);
    const label = `${context.padEnd(17)} ${(runtime ?? '').padEnd(24)}`;
    console.log(`${label} ${passed} passed, ${failed} failed, ${skipped} skipped  (${seconds} s)`);
    for (const message of messages) console.log(message.replace(/^/gm, '    '));
    if (slow?.length > 0) console.log(`    slow: ${slow.join(', ')}`);
    if (empty) console.log('    nothing ran');
  }
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;
