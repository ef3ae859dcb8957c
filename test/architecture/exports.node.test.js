import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportsOf } from '../../scripts/lib/modules.mjs';
import { entryPoints, manifest, publicNames, root } from '../../scripts/lib/package.mjs';
import expected from '../fixtures/public-exports.json' with { type: 'json' };

const exportsSuite = suite('exports');

exportsSuite('every subpath has its files, types named before code', () => {
  assert.ok(entryPoints.length >= 8);
  for (const { key, types, default: code, source } of entryPoints) {
    assert.equal(Object.keys(manifest.exports[key]), ['types', 'default'], key);
    for (const file of [types, code, source]) assert.ok(existsSync(`${root}${file}`), file);
  }
});

exportsSuite('the plain modules are there', () => {
  assert.is(manifest.exports['./wasm/*.wasm'], './build/wasm/*.wasm');
  const modules = readdirSync(`${root}build/wasm`).filter((file) => file.endsWith('.wasm'));
  assert.equal(modules.sort(), [
    'base64.wasm',
    'call.wasm',
    'crypto.wasm',
    'opus-decoder.wasm',
    'opus.wasm',
  ]);
  for (const file of modules) {
    const module = new WebAssembly.Module(readFileSync(`${root}build/wasm/${file}`));
    assert.equal(WebAssembly.Module.imports(module), [], `${file} imports nothing`);
  }
});

exportsSuite('deno.json exports the same subpaths, and pins the same dependencies', () => {
  const deno = JSON.parse(readFileSync(`${root}deno.json`, 'utf8'));
  assert.equal(
    deno.exports,
    Object.fromEntries(entryPoints.map(({ key, source }) => [key, `./${source}`])),
  );
  assert.is(deno.version, manifest.version);
  assert.equal(
    deno.imports,
    Object.fromEntries(
      Object.entries(manifest.dependencies).map(([name, version]) => [
        name,
        `npm:${name}@${version}`,
      ]),
    ),
  );
});

exportsSuite('the public names are those on record', () => {
  assert.equal(publicNames(), expected, 'on purpose? npm run exports:update');
});

exportsSuite(
  'importing has no effect on the global scope, and gives the names on record',
  async () => {
    const before = Reflect.ownKeys(globalThis);
    const { TextDecoder } = globalThis;
    for (const { name } of entryPoints) {
      const names = Object.keys(await import(name)).sort();
      if (name in expected) assert.equal(names, expected[name].values, name);
    }
    assert.equal(Reflect.ownKeys(globalThis), before);
    assert.is(globalThis.TextDecoder, TextDecoder);
  },
);

exportsSuite('the reader of export statements knows the forms in use', () => {
  const files = {
    'a/index.ts': `
      export { one, type Two, three as four } from './x.ts';
      export type { Five } from './x.ts';
      export * from './b.ts';
      // export { none } from './x.ts';
      export declare function six(): void;
      export abstract class Seven {}`,
    'a/b.ts': 'export const eight: number = 1;\nexport type Nine = {};\nexport interface Ten {}',
  };
  assert.equal(
    exportsOf('a/index.ts', (path) => files[path]),
    {
      values: ['Seven', 'eight', 'four', 'one', 'six'],
      types: ['Five', 'Nine', 'Ten', 'Two'],
    },
  );
});

exportsSuite.run();
