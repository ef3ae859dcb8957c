// assembly/ -> build/wasm/NAME.wasm -> build/wasm/NAME.js (base64) -> src/ -> build/ (tsc).
// Everything in build/ is generated and reproducible: no path, date or machine enters it.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = ['base64', 'crypto', 'opus', 'opus-decoder', 'call'];

function tool(path, ...args) {
  const command = [`${root}node_modules/${path}`, ...args];
  const { status, error } = spawnSync(process.execPath, command, {
    cwd: root,
    stdio: ['ignore', 2, 2], // a build never writes to standard output: --json belongs to the main job
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(`${root}build`, { recursive: true, force: true });
mkdirSync(`${root}build/wasm`, { recursive: true });
for (const name of modules) {
  tool('assemblyscript/bin/asc.js', `assembly/entry/${name}.ts`, '--target', name);
  const wasm = readFileSync(`${root}build/wasm/${name}.wasm`);
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(wasm));
  if (imports.length > 0) {
    console.error(`${name}.wasm imports ${JSON.stringify(imports)}: our modules import nothing`);
    process.exit(1);
  }
  writeFileSync(
    `${root}build/wasm/${name}.js`,
    `/* @ts-self-types="./${name}.d.ts" */\nexport const base64 =\n  '${wasm.toString('base64')}';\n`,
  );
  writeFileSync(`${root}build/wasm/${name}.d.ts`, 'export declare const base64: string;\n');
}
tool('typescript/bin/tsc', '-p', 'tsconfig.json');
