import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { importsOf, join } from '../../scripts/lib/modules.mjs';
import { denoEntries, entryFile, layOut } from '../../scripts/release-deno.mjs';

// That Deno really imports this tree over HTTP is shown by `npm run check:deno`, which needs Deno.
const release = suite('release:deno');
const folder = mkdtempSync(joinPath(tmpdir(), 'release-'));
const files = layOut(folder);
const read = (file) => readFileSync(joinPath(folder, file), 'utf8');

release.after(() => rmSync(folder, { recursive: true }));

release('there is one file for each public subpath', () => {
  for (const { key } of denoEntries) assert.ok(files.includes(entryFile(key)), key);
  assert.not(files.includes('internal.ts'));
});

release('every import leads to a file of the tree, or to Node', () => {
  for (const file of files.filter((name) => /\.(ts|m?js)$/.test(name))) {
    for (const { specifier } of importsOf(read(file))) {
      if (specifier.startsWith('node:') && !file.startsWith('vendor/')) {
        assert.match(
          file,
          /^src\/(transport\/(udp|tcp)|relay\/(server|\w+-(listener|server))|adapters\/(sync|peer)-.*)\.ts$/,
        );
        continue;
      }
      if (specifier.startsWith('node:')) continue; // behind a test for Node
      // Loaded when a relay listens for WebSockets, and by nothing else.
      if (/^npm:ws@\d/.test(specifier) && file === 'src/relay/websocket-listener.ts') continue;
      assert.match(specifier, /^\.\.?\//, `${file} imports ${specifier}`);
      const path = join(file, specifier).replace(/\.js$/, file.endsWith('.d.ts') ? '.d.ts' : '.js');
      assert.ok(existsSync(joinPath(folder, path)), `${file} imports ${specifier}`);
    }
  }
});

release('licences of what is vendored are there', () => {
  assert.match(read('LICENSE'), /MIT/);
  assert.match(read('vendor/assemblyscript-loader/LICENSE'), /Apache License/);
  assert.match(read('vendor/libopus-wasm/LICENSE'), /MIT/);
  assert.match(read('vendor/mediabunny/LICENSE'), /Mozilla Public License/);
  assert.match(read('vendor/libopus-wasm/THIRD_PARTY_NOTICES.md'), /Xiph/);
});

release('the compiled modules are there, inlined and plain', () => {
  for (const name of ['crypto', 'opus', 'opus-decoder', 'call']) {
    for (const extension of ['js', 'd.ts', 'wasm']) {
      assert.ok(files.includes(`build/wasm/${name}.${extension}`));
    }
  }
});

release.run();
