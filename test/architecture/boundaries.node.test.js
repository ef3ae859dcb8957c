import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { snippets } from '../../scripts/lib/snippets.mjs';
import { roomOf, table, violations } from '../../scripts/lib/boundaries.mjs';
import rules from './rooms.json' with { type: 'json' };

const root = fileURLToPath(new URL('../../', import.meta.url));
const boundaries = suite('boundaries');
const check = (files) => violations(new Map(Object.entries(files)), rules);

function repository() {
  const sources = new Map();
  for (const folder of ['assembly', 'src', 'examples', 'bench', 'scripts', 'test']) {
    if (!existsSync(`${root}${folder}`)) continue;
    for (const entry of readdirSync(`${root}${folder}`, { encoding: 'utf8', recursive: true })) {
      const path = `${folder}/${entry.replaceAll('\\', '/')}`;
      if (!/\.(ts|m?js)$/.test(path) || /node_modules|\/planted\//.test(path)) continue;
      sources.set(path, readFileSync(`${root}${path}`, 'utf8'));
    }
  }
  for (const { file, line, code } of snippets('js', 'ts', 'mjs', 'javascript', 'typescript')) {
    sources.set(`docs/${file}:${line}`, code);
  }
  return sources;
}

boundaries('no import of the repository crosses a boundary the wrong way', () => {
  const sources = repository();
  assert.ok(sources.size > 40, 'the sources were found');
  assert.equal(violations(sources, rules), []);
});

boundaries('every room named in a rule exists', () => {
  const names = [...rules.rooms.map(({ room }) => room), 'public', 'internal'];
  for (const { room, imports, types } of rules.rooms) {
    for (const name of [...imports, ...(types ?? [])]) {
      assert.ok(names.includes(name), `${room} imports "${name}"`);
    }
  }
});

boundaries('docs/architecture.md shows these rules', () => {
  const page = readFileSync(`${root}docs/architecture.md`, 'utf8').replaceAll('\r\n', '\n');
  assert.ok(page.includes(table(rules)), 'out of date: npm run docs:update');
});

// Tests of the tester.

boundaries('the most special room counts', () => {
  assert.is(roomOf('src/index.ts', rules)?.room, 'src/index.ts');
  assert.is(roomOf('src/call/a/b.ts', rules)?.room, 'src/call');
  assert.is(roomOf('srcs/a.ts', rules), undefined);
});

boundaries('allowed imports pass', () => {
  const files = {
    'src/call/a.ts': `
      import { b } from '../crypto/b.ts';
      import type { T } from '../transport/index.ts';
      import { type U } from '../mtproto/index.ts';
      // import { wrong } from '../relay/index.ts';
      const text = "import { wrong } from '../relay/index.ts'";`,
    'src/transport/udp.ts': "import { createSocket } from 'node:dgram';",
    'assembly/crypto/aes.ts': 'import { wipe } from "../core/memory";',
    'assembly/core/memory.ts': 'export function wipe(): void {}',
    'test/a.test.js': "import { suite } from 'uvu';\nimport { x } from 'sottovoce/internal';",
    'test/a.node.test.js': "import { readFileSync } from 'node:fs';",
    'docs/README.md:3': "import { createCrypto } from 'sottovoce/crypto';",
  };
  assert.equal(check(files), []);
});

for (const [what, file, source] of [
  ['crypto -> opus', 'src/crypto/a.ts', "import { a } from '../opus/a.ts';"],
  ['crypto -> opus, types', 'src/crypto/a.ts', "import type { A } from '../opus/a.ts';"],
  ['re-export', 'src/core/a.ts', "export { a } from '../crypto/a.ts';"],
  ['star', 'src/core/a.ts', "export * from '../crypto/a.ts';"],
  ['side effect', 'src/core/a.ts', "import '../crypto/a.ts';"],
  ['dynamic', 'src/core/a.ts', "const a = await import('../crypto/a.ts');"],
  ['default', 'src/core/a.ts', "import a from '../crypto/a.ts';"],
  ['default and names', 'src/core/a.ts', "import a, { b } from '../crypto/a.ts';"],
  ['several lines', 'src/core/a.ts', "import {\n  a,\n  b,\n} from '../crypto/a.ts';"],
  ['value where types are allowed', 'src/call/a.ts', "import { u } from '../transport/udp.ts';"],
  ['package', 'src/crypto/a.ts', "import { a } from 'libopus-wasm';"],
  ['node:', 'src/call/a.ts', "import { a } from 'node:fs';"],
  ['node without prefix', 'src/transport/udp.ts', "import { a } from 'dgram';"],
  ['node: in a portable test', 'test/a.test.js', "import { a } from 'node:fs';"],
  ['from a test into src', 'test/a.test.js', "import { a } from '../src/index.ts';"],
  ['from an example into build', 'examples/a.js', "import { a } from '../build/index.js';"],
  ['internal from an example', 'examples/a.js', "import { a } from 'sottovoce/internal';"],
  ['internal from a document', 'docs/README.md:1', "import { a } from 'sottovoce/internal';"],
  ['assembly upwards', 'assembly/crypto/a.ts', 'import { a } from "../packet/seal";'],
  ['assembly into src', 'assembly/core/a.ts', 'import { a } from "../../src/core/errors";'],
  ['a room of its own', 'lib/a.js', ''],
  ['Math.random', 'test/a.test.js', 'const x = Math.random();'],
  ['WebAssembly', 'src/crypto/a.ts', 'new WebAssembly.Module(bytes);'],
  ['WebAssembly as type', 'src/call/a.ts', 'let m: WebAssembly.Module;'],
  ['getRandomValues', 'src/call/a.ts', 'globalThis.crypto.getRandomValues(x);'],
  ['console', 'src/call/a.ts', 'console.log(1);'],
]) {
  boundaries(`caught: ${what}`, () => assert.is(check({ [file]: source }).length, 1));
}

boundaries('caught: a cycle', () => {
  const found = check({
    'src/core/a.ts': "import { b } from './b.ts';",
    'src/core/b.ts': "import { c } from './c.ts';",
    'src/core/c.ts': "import { a } from './a.ts';",
  });
  assert.equal(found, [
    'circular import: src/core/a.ts -> src/core/b.ts -> src/core/c.ts -> src/core/a.ts',
  ]);
});

boundaries.run();
