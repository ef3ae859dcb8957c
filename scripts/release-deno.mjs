// npm run release:deno lays out release/deno/: what a Deno user imports from an address, where no
// build step runs and npm is not asked. The TypeScript sources go in as they are, but for their bare
// imports, which lead to vendor/; the compiled modules come from build/wasm.
//   mod.ts crypto.ts opus.ts transport/udp.ts ...   the subpaths of package.json
//   src/ build/wasm/ vendor/ LICENSE README.md
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import './ready.mjs';
import { withoutComments } from './lib/modules.mjs';
import { entryPoints, manifest } from './lib/package.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where each dependency lies in the tree, and what is copied. */
const vendored = {
  '@assemblyscript/loader': {
    folder: 'assemblyscript-loader',
    // Its package has no licence file; the one of the compiler, same authors, is meant.
    files: {
      'index.js': 'index.js',
      'index.d.ts': 'index.d.ts',
      '../../assemblyscript/LICENSE': 'LICENSE',
    },
  },
  fflate: {
    folder: 'fflate',
    files: { 'esm/browser.js': 'index.js', 'esm/browser.d.ts': 'index.d.ts', LICENSE: 'LICENSE' },
  },
  'libopus-wasm': {
    folder: 'libopus-wasm',
    files: {
      'dist/index.js': 'index.js',
      'dist/index.d.ts': 'index.d.ts',
      'dist/generated/libopus.generated.mjs': 'generated/libopus.generated.mjs',
      LICENSE: 'LICENSE',
      'THIRD_PARTY_NOTICES.md': 'THIRD_PARTY_NOTICES.md',
    },
  },
  mediabunny: {
    folder: 'mediabunny',
    files: { 'dist/bundles/mediabunny.min.mjs': 'index.js', LICENSE: 'LICENSE' },
    declarations: 'scripts/types/mediabunny.d.ts', // its own need the DOM
  },
};

/** Of Node only, and asked for only when they are needed: Deno fetches them from npm. */
const fromNpm = ['ws'];

/** The path of an entry point in the tree: "./transport/udp" -> "transport/udp.ts". */
export const entryFile = (key) => (key === '.' ? 'mod.ts' : `${key.slice(2)}.ts`);

/** The public entry points of the tree. */
export const denoEntries = entryPoints.filter(({ key }) => key !== './internal');

const up = (file) => '../'.repeat(file.split('/').length - 1) || './';

/** Leads bare imports of the file at `path` (relative to the tree) to vendor/. */
function rewrite(source, path) {
  const code = withoutComments(source); // of the same length: places are the same
  const bare = /(\bfrom\s*|\bimport\s*\(\s*|^\s*import\s*)(['"])([@\w][^'"\s]*)\2/gm;
  let result = '';
  let end = 0;
  for (const match of code.matchAll(bare)) {
    const [all, keyword, quote, specifier] = match;
    if (specifier.startsWith('node:')) continue;
    if (fromNpm.includes(specifier)) {
      result += source.slice(end, match.index);
      result += `${keyword}${quote}npm:${specifier}@${manifest.dependencies[specifier]}${quote}`;
      end = match.index + all.length;
      continue;
    }
    const found = vendored[specifier];
    if (!found) throw new Error(`${path} imports ${specifier}, which is not vendored`);
    result += source.slice(end, match.index);
    result += `${keyword}${quote}${up(path)}vendor/${found.folder}/index.js${quote}`;
    end = match.index + all.length;
  }
  return result + source.slice(end);
}

/** Deno has `process` but its createRequire() takes no web address: let it be no Node. */
function patchLibopus(source) {
  const node = 'ENVIRONMENT_IS_NODE=globalThis.process?.versions?.node&&';
  if (!source.includes(node)) throw new Error('libopus-wasm looks different: adapt release-deno');
  return source.replace(node, `${node}!globalThis.Deno&&`);
}

/** Writes the tree into `target`, an absolute path, and returns the list of its files. */
export function layOut(target) {
  rmSync(target, { recursive: true, force: true });
  const write = (path, content) => {
    mkdirSync(dirname(`${target}/${path}`), { recursive: true });
    writeFileSync(`${target}/${path}`, content);
  };

  for (const name of readdirSync(`${root}src`, { encoding: 'utf8', recursive: true })) {
    const path = `src/${name.replaceAll('\\', '/')}`;
    if (path.endsWith('.ts') && path !== 'src/internal.ts' && !path.startsWith('src/cli/')) {
      write(path, rewrite(readFileSync(`${root}${path}`, 'utf8'), path));
    }
  }
  for (const { key, source } of denoEntries) {
    const path = entryFile(key);
    write(path, `export * from '${up(path)}${source}';\n`);
  }
  cpSync(`${root}build/wasm`, `${target}/build/wasm`, { recursive: true });
  for (const file of ['LICENSE', 'README.md', 'CHANGELOG.md']) {
    write(file, readFileSync(`${root}${file}`));
  }

  const notes = [];
  for (const [name, { folder, files, declarations }] of Object.entries(vendored)) {
    const from = `${root}node_modules/${name}`;
    const { version, license } = JSON.parse(readFileSync(`${from}/package.json`, 'utf8'));
    for (const [source, path] of Object.entries(files)) {
      let content = readFileSync(`${from}/${source}`, 'utf8');
      if (path === 'index.js') content = `/* @ts-self-types="./index.d.ts" */\n${content}`;
      if (path.endsWith('.mjs')) content = patchLibopus(content);
      write(`vendor/${folder}/${path}`, content);
    }
    if (declarations) write(`vendor/${folder}/index.d.ts`, readFileSync(`${root}${declarations}`));
    notes.push(`- ${folder}/: ${name} ${version} from npm, ${license}.`);
  }
  write(
    'vendor/README.md',
    `Dependencies of sottovoce ${manifest.version}, for runtimes that import it from an address.

${notes.join('\n')}

Changed against npm: the first line of each index.js names its declarations; libopus-wasm does not
take Deno for Node.
`,
  );
  return readdirSync(target, { encoding: 'utf8', recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const files = layOut(`${root}release/deno`);
  console.log(`release/deno: ${files.length} files`);
}
