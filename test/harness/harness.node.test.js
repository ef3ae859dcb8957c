// Tests of the tester: what must not pass for a green run, does not.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { runsIn, testFiles } from './contexts.mjs';
import { runInProcess } from './processes.mjs';
import { rewrite } from './server.mjs';

const harness = suite('harness');
const run = (name, options) =>
  runInProcess('node', process.execPath, [`harness/planted/${name}.js`], options);

harness('a green file', async () => {
  const { passed, failed, skipped } = await run('green');
  assert.equal([passed, failed, skipped], [1, 0, 0]);
});

for (const [name, message] of Object.entries({
  red: /Expected values to be strictly equal/,
  'no-suite': /no suite called run\(\)/,
  empty: /a suite without tests/,
  skipped: /1 left out by skip\(\) or only\(\)/,
  only: /1 left out by skip\(\) or only\(\)/,
  hook: /a hook threw/,
  'throws-null': /a hook threw|null/,
  'import-error': /planted/,
  exits: /exit 0/,
  missing: /Cannot find module/,
})) {
  harness(`counts as a failure: ${name}`, async () => {
    const { failed, messages } = await run(name);
    assert.ok(failed > 0);
    assert.match(messages.join('\n'), message);
  });
}

harness('counts as a failure: a suite that never settles', async () => {
  const { failed, messages } = await run('never', { suiteLimit: 200 });
  assert.is(failed, 1);
  assert.match(messages.join('\n'), /did not settle in 200 ms/);
});

harness('counts as a failure: a runtime that is missing', async () => {
  const { failed } = await runInProcess('node', '/nonexistent/node', ['harness/planted/green.js']);
  assert.is(failed, 1);
});

harness('the suffix decides where a file runs', () => {
  const contexts = ['node', 'deno', 'bun', 'page', 'worker', 'worklet'];
  const where = (file) => contexts.filter((context) => runsIn(file, context)).join(' ');
  assert.is(where('a/b.test.js'), 'node deno bun page worker worklet');
  assert.is(where('a/b.no-worklet.test.js'), 'node deno bun page worker');
  assert.is(where('b.process.test.js'), 'node deno bun');
  assert.is(where('b.node.test.js'), 'node');
  assert.throws(() => where('b.nod.test.js'), /no such suffix/);
});

harness('every test file has a known suffix, and a filter selects by path', () => {
  for (const file of testFiles()) runsIn(file, 'node');
  assert.equal(testFiles(['harness/harness']), ['harness/harness.node.test.js']);
});

harness('imports are rewritten for browsers', () => {
  assert.is(
    rewrite("import data from './x.json' with { type: 'json' };"),
    "import data from './x.json?module';",
  );
  assert.match(rewrite("import { suite } from 'uvu';"), /from '\/node_modules\/uvu\/.*\.mjs'/);
  assert.is(
    rewrite("export { a } from 'sottovoce/crypto';"),
    "export { a } from '/build/crypto/index.js';",
  );
  assert.is(rewrite("import { a } from './a.js';"), "import { a } from './a.js';");
  assert.is(rewrite("await import('node:fs')"), "await import('node:fs')");
});

harness.run();
