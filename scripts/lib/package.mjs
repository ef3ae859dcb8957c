// What package.json exports, and the names behind it.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { exportsOf } from './modules.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));

/** Subpaths that are modules: `{ key: "./crypto", name: "sottovoce/crypto", source: "src/…ts" }`. */
export const entryPoints = Object.entries(manifest.exports)
  .filter(([, target]) => typeof target === 'object')
  .map(([key, target]) => ({
    key,
    name: `sottovoce${key.slice(1)}`,
    source: target.default.replace('./build/', 'src/').replace(/\.js$/, '.ts'),
    ...target,
  }));

const needsProcess = [
  './transport/udp',
  './transport/tcp',
  './relay/server',
  './adapters/discordjs-opus',
  './adapters/opusscript',
  './internal',
];

/** Those that may go into a browser: no `node:` behind them. */
export const browserSafe = entryPoints.filter(({ key }) => !needsProcess.includes(key));

/** Every public name: `{ "sottovoce/crypto": { values, types } }`. */
export function publicNames() {
  const read = (path) => readFileSync(`${root}${path}`, 'utf8');
  return Object.fromEntries(
    entryPoints
      .filter(({ key }) => key !== './internal')
      .map(({ name, source }) => [name, exportsOf(source, read)]),
  );
}
