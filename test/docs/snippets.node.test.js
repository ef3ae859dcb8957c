// Every code block of README.md and of the documents is run, in a folder of a user who installed the
// package; every command is looked up. scripts/lib/snippets.mjs tells how a block says more about itself.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { transformSync } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleSource } from '../../scripts/lib/bundle.mjs';
import { faultOf } from '../../scripts/lib/commands.mjs';
import { root, snippets, snippetsOf } from '../../scripts/lib/snippets.mjs';
import { runtimes } from '../../scripts/runtimes.mjs';

const docs = suite('documents');
const folder = mkdtempSync(join(tmpdir(), 'snippets-'));
mkdirSync(join(folder, 'node_modules'));
symlinkSync(root, join(folder, 'node_modules/sottovoce'), 'junction');
// Whoever uses that adapter has this package.
symlinkSync(
  join(root, 'node_modules/mediabunny'),
  join(folder, 'node_modules/mediabunny'),
  'junction',
);
docs.after(() => rmSync(folder, { recursive: true, force: true }));

/** `{ command, args }` for each runtime that can run a file here. */
const interpreters = {
  node: { command: process.execPath, args: [] },
  deno: { command: runtimes.deno.path, args: ['run', '-A', '--no-prompt', '--no-config'] },
  bun: { command: runtimes.bun.path, args: ['run'] },
};

function execute(runtime, file) {
  const { command, args } = interpreters[runtime];
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
    const child = spawn(command, [...args, file], { cwd: folder, env });
    child.stdin.end();
    const result = { stdout: '', stderr: '', code: 0 };
    child.stdout.on('data', (chunk) => (result.stdout += chunk));
    child.stderr.on('data', (chunk) => (result.stderr += chunk));
    const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...result, code: code ?? signal });
    });
  });
}

/** What `console.log(...); // text` lines promise, up to a colon: remarks may follow it. */
const promised = (code) =>
  [...code.matchAll(/^\s*console\.log\(.*\);\s*\/\/\s*(.*)$/gm)].map(([, text]) =>
    text.split(': ')[0].trim(),
  );

/** The first promised line that does not appear in the output, in this order. */
function brokenPromise(stdout, code) {
  const lines = stdout.split('\n').map((line) => line.trim());
  return promised(code).find((line) => {
    const at = lines.indexOf(line);
    lines.splice(0, at + 1);
    return at < 0;
  });
}

const languages = ['js', 'ts', 'mjs', 'javascript', 'typescript'];
let number = 0;
for (const { file, line, language, name, runtime, exit, skip, code } of snippets(...languages)) {
  const title = `${file}:${line} ${name}`.trim();
  if (skip !== '') continue; // listed below
  const id = number++;
  docs(title, async () => {
    const loader = language.startsWith('t') ? 'ts' : 'js';
    const source = transformSync(code, { loader, format: 'esm', target: 'node20' }).code;
    if (runtime === 'browser') return void (await bundleSource(source, root));
    assert.ok(runtime in interpreters, `no such runtime: ${runtime}`);
    if (!existsSync(interpreters[runtime].command)) return; // Deno and Bun: npm run test:runtimes
    const path = join(folder, `snippet-${id}.mjs`);
    writeFileSync(path, loader === 'js' ? code : source);
    const result = await execute(runtime, path);
    assert.is(result.code, exit, `exit code ${result.code}\n${result.stdout}${result.stderr}`);
    assert.is(brokenPromise(result.stdout, code), undefined, `promised output:\n${result.stdout}`);
  });
}

docs('left out: none but these', () => {
  const left = snippets(...languages).filter(({ skip }) => skip !== '');
  assert.equal(
    left.map(({ file, name }) => `${file} ${name}`),
    [],
    'a block that is not run must be agreed to in this list',
  );
});

for (const { file, line, code } of snippets('sh', 'bash', 'shell')) {
  docs(`${file}:${line} commands exist`, () => {
    for (const command of code.split('\n').map((text) => text.trim())) {
      if (command === '' || command.startsWith('#')) continue;
      assert.is(faultOf(command), undefined, command);
    }
  });
}

// Tests of the tester.

docs('a block is read with its options and its line', () => {
  const text =
    'a\n\n<!-- snippet: one, runtime=deno, exit=3 -->\n```ts\nx();\n```\n\n```sh\nnpm test\n```\n';
  assert.equal(snippetsOf(text), [
    { name: 'one', runtime: 'deno', exit: 3, skip: '', language: 'ts', line: 4, code: 'x();\n' },
    { name: '', runtime: 'node', exit: 0, skip: '', language: 'sh', line: 8, code: 'npm test\n' },
  ]);
  assert.throws(() => snippetsOf('<!-- snippet: a, skip= -->\n```js\n```\n'), /needs a reason/);
  assert.throws(() => snippetsOf('<!-- snippet: a, skpi=b -->\n```js\n```\n'), /unknown option/);
});

docs('promised output is demanded', () => {
  const code = 'console.log(1 + 1); // 2: a sum\nconsole.log(3); // 3';
  assert.equal(promised(code), ['2', '3']);
  assert.is(brokenPromise('2\n3\n', code), undefined);
  assert.is(brokenPromise('3\n2\n', code), '3');
});

docs('wrong commands are found', () => {
  for (const line of ['npm test', 'npm run size -- --json', 'npx biome check .', 'npm install x']) {
    assert.is(faultOf(line), undefined, line);
  }
  for (const line of [
    'npm run nosuch',
    'npm test -- --nosuch-option',
    'npx cowsay',
    'node no.mjs',
  ]) {
    assert.type(faultOf(line), 'string', line);
  }
});

docs.run();
