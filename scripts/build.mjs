// assembly/ -> build/wasm/NAME.wasm -> build/wasm/NAME.js (base64) -> src/ -> build/ (tsc).
// Everything in build/ is generated and reproducible: no path, date or machine enters it.
// While working on one module: node scripts/build.mjs NAME compiles only that one anew.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The longest first: they are compiled side by side. */
const modules = ['call', 'opus', 'opus-decoder', 'crypto', 'base64'];

/** Runs a tool of node_modules; resolves when it succeeds, ends the build when it does not. */
function tool(path, ...args) {
  const child = spawn(process.execPath, [`${root}node_modules/${path}`, ...args], {
    cwd: root,
    stdio: ['ignore', 2, 2], // a build never writes to standard output: --json belongs to the main job
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(undefined) : process.exit(code ?? 1)));
  });
}

async function compile(name) {
  await tool('assemblyscript/bin/asc.js', `assembly/entry/${name}.ts`, '--target', name);
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
}

const chosen = process.argv.slice(2);
if (chosen.length > 0) {
  for (const name of chosen) await compile(name);
  process.exit(0);
}
rmSync(`${root}build`, { recursive: true, force: true });
mkdirSync(`${root}build/wasm`, { recursive: true });
for (const name of modules) {
  writeFileSync(`${root}build/wasm/${name}.d.ts`, 'export declare const base64: string;\n');
}
const jobs = [
  ...modules.map((name) => () => compile(name)),
  () => tool('typescript/bin/tsc', '-p', 'tsconfig.json'),
];
/** Takes one job after the other; as many of these run as the machine has processors. */
async function work() {
  for (let job = jobs.shift(); job; job = jobs.shift()) await job();
}
await Promise.all(Array.from({ length: availableParallelism() }, work));
