// check-reproducible.mjs [NODE...]: builds once more with each of the given Nodes, in another folder,
// and compares every file with build/. Neither machine, nor Node, nor folder may enter the build.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import './ready.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const inputs = ['assembly', 'src', 'scripts', 'asconfig.json', 'package.json', 'tsconfig.json'];

function files(folder) {
  const found = new Map();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    found.set(path.slice(folder.length), readFileSync(path));
  }
  return found;
}

const nodes = process.argv.slice(2);
let differences = 0;
for (const node of nodes.length > 0 ? nodes : [process.execPath]) {
  const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'));
  for (const input of inputs) cpSync(join(root, input), join(folder, input), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  const built = spawnSync(node, ['scripts/build.mjs'], { cwd: folder, stdio: ['ignore', 2, 2] });
  if (built.status !== 0) throw new Error(`${node} could not build`);
  const here = files(join(root, 'build'));
  const there = files(join(folder, 'build'));
  for (const name of new Set([...here.keys(), ...there.keys()])) {
    const [a, b] = [here.get(name), there.get(name)];
    if (a !== undefined && b !== undefined && a.equals(b)) continue;
    console.error(`${node}: build${name} ${a && b ? 'differs' : a ? 'is missing' : 'is new'}`);
    differences++;
  }
  console.log(`${node}: ${there.size} files compared`);
  rmSync(folder, { recursive: true });
}
process.exitCode = differences > 0 ? 1 : 0;
