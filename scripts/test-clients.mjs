// npm run test:clients [-- --install] [FILTER...]: the adapters and the server side against other MTProto
// clients: mtcute, GramJS, teleproto; and the data-channel transport on node-datachannel. Installs them on
// demand into test/adapters/clients; --install does only that. No test of theirs is passed over: what cannot be installed fails.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = 'test/adapters/clients';
const args = process.argv.slice(2);

const stamp = `${root}${folder}/node_modules/.package-lock.json`;
const list = `${root}${folder}/package-lock.json`;
if (!existsSync(stamp) || statSync(stamp).mtimeMs < statSync(list).mtimeMs) {
  process.stderr.write('installing the clients ...\n');
  const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  const { status } = spawnSync('npm', ['ci', '--prefix', folder, ...options], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (status !== 0) process.exit(1);
}
if (args.includes('--install')) {
  console.log('installed');
  process.exit(0);
}
const only = args.length > 0 ? ['--only', ...args] : [];
const { status } = spawnSync(process.execPath, ['test/harness/main.mjs', 'clients', ...only], {
  cwd: root,
  stdio: 'inherit',
});
process.exit(status ?? 1);
