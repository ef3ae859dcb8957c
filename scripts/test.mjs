// npm test [-- FILTER...]: installs what is missing, builds, runs test/**/*.test.js under this Node.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync(process.execPath, ['test/harness/main.mjs', 'node'], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
