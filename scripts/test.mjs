// npm test [-- FILTER...]            under this Node, after installing and building what is missing
// npm run test:runtimes [-- NAME... FILTER...]   NAME: node, node22, node24, node26, deno, bun
// npm run test:browsers [-- NAME... FILTER...]   NAME: chromium, firefox, webkit; without: those found
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installRuntimes, runtimes } from './runtimes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const args = process.argv.slice(2);
let contexts = ['node'];
let filters = args;
if (args[0] === '--runtimes') {
  const known = ['node', ...Object.keys(runtimes)];
  const named = args.filter((name) => known.includes(name));
  const wanted = named.length > 0 ? named : known;
  installRuntimes(wanted.filter((name) => name !== 'node'));
  contexts = wanted.map((name) => (name === 'node' ? name : runtimes[name].context));
  filters = args.slice(1).filter((name) => !named.includes(name));
} else if (args[0] === '--browsers') {
  const known = ['chromium', 'firefox', 'webkit'];
  const named = args.filter((name) => known.includes(name));
  contexts = named.length > 0 ? named : known.map((name) => `${name}?`);
  filters = args.slice(1).filter((name) => !named.includes(name));
}
const only = filters.length > 0 ? ['--only', ...filters] : [];
const { status } = spawnSync(process.execPath, ['test/harness/main.mjs', ...contexts, ...only], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
