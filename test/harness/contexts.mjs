// Which test files there are, and where each may run. The name says it:
//   x.test.js             everywhere: Node, Deno, Bun, page, worker, AudioWorklet
//   x.no-worklet.test.js  everywhere but AudioWorklets
//   x.process.test.js     Node, Deno, Bun
//   x.node.test.js        Node
//   x.clients.test.js     Node, after npm run test:clients has installed other MTProto clients
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** Contexts of a browser, in the order in which they run. */
export const browserContexts = ['page', 'worker', 'worklet'];

const processes = ['node', 'deno', 'bun'];
const allowed = {
  node: ['node'],
  clients: ['clients'],
  process: processes,
  'no-worklet': [...processes, 'page', 'worker'],
  '': [...processes, ...browserContexts],
};

/** Throws for a suffix that is not in the list: a typing error must not hide a test. */
export function runsIn(file, context) {
  const suffix = /\.([\w-]+)\.test\.js$/.exec(file)?.[1] ?? '';
  if (!Object.hasOwn(allowed, suffix)) throw new Error(`${file}: no such suffix ".${suffix}"`);
  return allowed[suffix].includes(context);
}

/** All files `test/**\/*.test.js`, relative to test/, that contain one of the filters, if any. */
export function testFiles(filters = []) {
  return readdirSync(join(root, 'test'), { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.test.js') && !file.includes('node_modules/'))
    .filter((file) => filters.length === 0 || filters.some((f) => `test/${file}`.includes(f)))
    .sort();
}
