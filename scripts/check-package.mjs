// npm run check:package [-- CHECK...]: the package as users get it. Packs it, installs the tarball in
// an empty folder, and there, without anything of this repository:
//   content   only what belongs into a package is in the tarball
//   node, deno, bun   every subpath is imported, every plain module compiled
//   nodenext, bundler   the declarations compile with lib es2022, no DOM, no Node types
//   browser   every browser-safe subpath is bundled without polyfill
//   publint, attw   what these tools say of the tarball
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { bundleForBrowser } from './lib/bundle.mjs';
import { browserSafe, entryPoints, manifest, root } from './lib/package.mjs';
import { runtimes } from './runtimes.mjs';

const windows = process.platform === 'win32';
const folder = mkdtempSync(join(tmpdir(), 'consumer-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

function run(command, args, options = {}) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')}\n${error ?? ''}${stdout ?? ''}${stderr ?? ''}`);
  }
  return stdout;
}
const npm = (args, options) => run('npm', args, { shell: windows, ...options });
const tool = (path, ...args) => run(process.execPath, [join(root, 'node_modules', path), ...args]);

const [packed] = JSON.parse(
  npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }),
);
const tarball = join(folder, packed.filename);
const paths = packed.files.map(({ path }) => path);

writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
// Dependencies come from this repository, so that no registry is needed.
const dependencies = Object.keys(manifest.dependencies).map((name) =>
  join(root, 'node_modules', name),
);
npm(['install', '--offline', '--no-audit', '--no-fund', tarball, ...dependencies]);

const program = `
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
${entryPoints.map(({ name }, i) => `import * as entry${i} from '${name}';`).join('\n')}
for (const name of ['crypto', 'opus', 'opus-decoder', 'call']) {
  const file = fileURLToPath(import.meta.resolve(\`sottovoce/wasm/\${name}.wasm\`));
  new WebAssembly.Module(readFileSync(file));
}
const entries = [${entryPoints.map((_, i) => `entry${i}`).join(', ')}];
console.log(entries.map((entry) => Object.keys(entry).length).join(' '));
`;
writeFileSync(join(folder, 'use.mjs'), program);
writeFileSync(
  join(folder, 'use.ts'),
  entryPoints.map(({ name }, i) => `export * as entry${i} from '${name}';\n`).join(''),
);

function typesCompile(module, moduleResolution) {
  const config = {
    compilerOptions: {
      noEmit: true,
      strict: true,
      target: 'es2022',
      lib: ['es2022'],
      types: [],
      module,
      moduleResolution,
      skipLibCheck: false,
    },
    files: ['use.ts'],
  };
  writeFileSync(join(folder, `tsconfig.${module}.json`), JSON.stringify(config));
  tool('typescript/bin/tsc', '-p', `tsconfig.${module}.json`);
  return `${entryPoints.length} subpaths`;
}

const checks = {
  content() {
    const strange = paths.filter(
      (path) =>
        !/^(build|src|assembly)\//.test(path) &&
        !/^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(path),
    );
    const hidden = paths.filter((path) => /(^|\/)\./.test(path));
    if (strange.length + hidden.length > 0) throw new Error([...strange, ...hidden].join('\n'));
    for (const needed of ['LICENSE', 'README.md', 'build/index.js', 'build/wasm/call.wasm']) {
      if (!paths.includes(needed)) throw new Error(`${needed} is not in the package`);
    }
    return `${paths.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked`;
  },
  node: () => `names: ${run(process.execPath, ['use.mjs'])}`,
  deno: () => {
    const flags = ['--no-config', '--node-modules-dir=manual', '--allow-read', '--allow-env'];
    const env = { ...process.env, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' };
    const args = ['run', ...flags, '--no-prompt', 'use.mjs'];
    return `names: ${run(runtimes.deno.path, args, { env })}`;
  },
  bun: () => `names: ${run(runtimes.bun.path, ['--no-install', 'use.mjs'])}`,
  nodenext: () => typesCompile('nodenext', 'nodenext'),
  bundler: () => typesCompile('esnext', 'bundler'),
  async browser() {
    const sizes = [];
    for (const { name } of browserSafe) {
      const bytes = await bundleForBrowser(name);
      sizes.push(`${name} ${bytes.length} B, gzip ${gzipSync(bytes, { level: 9 }).length} B`);
    }
    return sizes.join('; ');
  },
  publint: () => tool('publint/src/cli.js', '--strict', tarball).trim().split('\n').at(-1),
  attw() {
    const wasm = ['crypto', 'opus', 'opus-decoder', 'call'].map((name) => `./wasm/${name}.wasm`);
    const options = ['--profile', 'esm-only', '--no-emoji', '--format', 'ascii'];
    tool(
      '@arethetypeswrong/cli/dist/index.js',
      tarball,
      ...options,
      '--exclude-entrypoints',
      ...wasm,
    );
    return 'no problem';
  },
};

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(checks);
let failed = 0;
for (const name of names) {
  try {
    if (!Object.hasOwn(checks, name)) throw new Error('no such check');
    console.log(`ok    ${name}: ${String(await checks[name]()).trim()}`);
  } catch (error) {
    failed++;
    console.log(`FAIL  ${name}: ${error.message}`);
  }
}
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
