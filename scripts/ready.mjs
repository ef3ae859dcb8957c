// Brings a fresh clone to the point where everything runs: installs the locked dependencies when
// they are missing or the lock file changed, and builds when a source is newer than the build.
// Only Node built-ins may be imported here. Writes to standard error only.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';

function run(what, command, args) {
  process.stderr.write(`${what} ...\n`);
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows && command === 'npm', // npm is a .cmd file there
  });
  if (error || status !== 0) {
    process.stderr.write(`${what} failed${error ? `: ${error.message}` : ''}\n`);
    process.exit(1);
  }
}

const hash = (paths) => {
  const sum = createHash('sha256');
  for (const path of paths)
    sum
      .update(path)
      .update('\0')
      .update(readFileSync(`${root}${path}`));
  return sum.digest('hex');
};
const stamped = (file, value) => existsSync(file) && readFileSync(file, 'utf8') === value;

const lock = hash(['package.json', 'package-lock.json']);
const lockStamp = `${root}node_modules/.sottovoce-lock`;
if (!stamped(lockStamp, lock)) {
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(lockStamp, lock);
}

const sources = ['assembly', 'src', 'scripts'].flatMap((folder) =>
  readdirSync(`${root}${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      `${(entry.parentPath ?? entry.path).replaceAll('\\', '/')}/${entry.name}`.slice(root.length),
    ),
);
const inputs = [...sources, 'asconfig.json', 'tsconfig.json', 'package-lock.json'].sort();
const buildStamp = `${root}build/.stamp`;
const state = hash(inputs);
if (!stamped(buildStamp, state)) {
  run('building', process.execPath, ['scripts/build.mjs']);
  writeFileSync(buildStamp, state);
}
