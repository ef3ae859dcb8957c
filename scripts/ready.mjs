// Brings a fresh clone to the point where everything runs: installs the locked dependencies when
// they are missing, half there or outdated, and builds when a source is newer than the build. Only
// Node built-ins may be imported here. Writes to standard error only, and nothing when all is there.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const windows = process.platform === 'win32';
const say = (text) => process.stderr.write(`${text}\n`);

function stop(reason) {
  say(`sottovoce: ${reason}`);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  stop(`Node 20 or later is needed, this is ${process.versions.node}`);
}

const hash = (entries) => {
  const sum = createHash('sha256');
  for (const [name, content] of entries) sum.update(`${name}\0${content.length}\0`).update(content);
  return sum.digest('hex');
};
const read = (path) => readFileSync(`${root}${path}`);
const stamped = (file, value) => existsSync(file) && readFileSync(file, 'utf8') === value;

// --- dependencies ---

const manifest = JSON.parse(read('package.json').toString());
const direct = { ...manifest.dependencies, ...manifest.devDependencies };
const lockText = read('package-lock.json');
const lock = hash([
  ['package.json', JSON.stringify([manifest.dependencies, manifest.devDependencies])],
  ['package-lock.json', lockText],
]);
const lockStamp = `${root}node_modules/.sottovoce-lock`;

/** Names of packages that should be there by the lock file, and are not, or not whole. */
function missing() {
  const { packages } = JSON.parse(lockText.toString());
  return Object.entries(packages)
    .filter(([path, { optional, link }]) => path !== '' && !optional && !link)
    .map(([path]) => path)
    .filter((path) => !existsSync(`${root}${path}/package.json`));
}

const broken = existsSync(lockStamp) ? missing() : Object.keys(direct);
if (!stamped(lockStamp, lock) || broken.length > 0) {
  say('installing dependencies ...');
  rmSync(lockStamp, { force: true });
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--include=dev'];
  args.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=8000');
  let log = '';
  let status = 1;
  for (let attempt = 1; attempt <= 3 && status !== 0; attempt++) {
    const npm = spawnSync('npm', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: windows, // npm is a .cmd file there
      env: { ...process.env, NODE_ENV: '', npm_config_update_notifier: 'false' },
    });
    if (npm.error) stop(`npm could not be started: ${npm.error.message}`);
    status = npm.status ?? 1;
    log = `${npm.stdout}${npm.stderr}`;
    const offline =
      /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|ETIMEDOUT|ENOTCACHED|EAI_FAIL/.exec(log);
    if (status !== 0 && offline) {
      stop(`dependencies are missing and the npm registry cannot be reached (${offline[0]})`);
    }
  }
  if (status !== 0) {
    say(log.trimEnd());
    stop('npm ci failed');
  }
  mkdirSync(`${root}node_modules`, { recursive: true });
  writeFileSync(lockStamp, lock);
}

// --- build ---

const sources = ['assembly', 'src', 'scripts/build.mjs'].flatMap((path) =>
  path.includes('.')
    ? [path]
    : readdirSync(`${root}${path}`, { recursive: true })
        .map((name) => `${path}/${name.replaceAll('\\', '/')}`)
        .filter((name) => /\.(ts|json)$/.test(name)),
);
const inputs = [...sources, 'asconfig.json', 'tsconfig.json', 'package-lock.json'].sort();
const state = hash(inputs.map((path) => [path, read(path)]));
const buildStamp = `${root}node_modules/.sottovoce-build`;
// Without the results the stamp counts for nothing.
const results = [
  'wasm/crypto.js',
  'wasm/opus.js',
  'wasm/opus-decoder.js',
  'wasm/call.js',
  'index.js',
  'index.d.ts',
];
if (
  !stamped(buildStamp, state) ||
  results.some((file) => !existsSync(`${root}build/${file}`)) ||
  sources.some(
    (path) =>
      path.startsWith('src/') &&
      !path.endsWith('.d.ts') &&
      !existsSync(`${root}build/${path.slice(4).replace(/\.ts$/, '.js')}`),
  )
) {
  say('building ...');
  const { status, error } = spawnSync(process.execPath, ['scripts/build.mjs'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (error || status !== 0) stop(`the build failed${error ? `: ${error.message}` : ''}`);
  writeFileSync(buildStamp, state);
}
