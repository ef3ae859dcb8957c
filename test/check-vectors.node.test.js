// The command: what it prints and how it exits.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import packets from './fixtures/vectors/call-packets.json' with { type: 'json' };

const command = suite('check:vectors');
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'vectors-'));
command.after(() => rmSync(folder, { recursive: true }));

function run(...files) {
  const args = ['scripts/check-vectors.mjs', ...files];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
  });
  const lines = stdout.trimEnd().split('\n');
  return { status, lines, last: lines[lines.length - 1], stderr };
}

function file(name, content) {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

command('a good file: one line per section, a sum, exit code 0', () => {
  const { status, lines } = run('test/fixtures/vectors/call-packets.json');
  assert.is(status, 0);
  assert.ok(lines.includes(`kdf: ${packets.kdf.length} passed, 0 failed`));
  assert.ok(lines.includes(`libtgvoip: later, ${packets.libtgvoip.length} cases`));
  const sum = lines.reduce(
    (total, line) => total + Number(/: (\d+) passed/.exec(line)?.[1] ?? 0),
    0,
  );
  assert.is(lines[lines.length - 1], `${sum} passed, 0 failed`);
  assert.is(lines.filter((line) => /^\d+ passed/.test(line)).length, 1);
});

command('something wrong or unknown: exit code 1', () => {
  const { format, key, kdf } = packets;
  const wrong = { format, key, kdf: [kdf[0], { ...kdf[1], x: 1 }] };
  const { status, lines, stderr } = run(file('wrong.json', wrong));
  assert.is(status, 1);
  assert.equal(lines, ['kdf: 1 passed, 1 failed', '1 passed, 1 failed']);
  assert.match(stderr, 'kdf[1]: x: expected 1, got 8');
  const unknown = run(file('unknown.json', { groups: { morse: { cases: [] } } }));
  assert.is(unknown.status, 1);
  assert.is(unknown.last, '0 passed, 1 failed');
});

command('no file, no JSON, no kind that is known: exit code 2', () => {
  assert.is(run().status, 2);
  const good = file('good.json', { groups: { emoji: { cases: [] } } });
  for (const path of [
    join(folder, 'absent.json'),
    folder,
    file('text.json', '{"groups":'),
    file('other.json', { format: 'call-packets/9' }),
  ]) {
    const { status, last, stderr } = run(good, path);
    assert.is(status, 2, path);
    assert.is(last, '0 passed, 0 failed');
    assert.match(stderr, path);
  }
});

command.run();
