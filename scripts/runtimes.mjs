// The other runtimes that we test in: exact versions, from npm, in .cache/runtimes. They are no
// devDependencies, because they are large and because their packages exist for some systems only.
//   node scripts/runtimes.mjs              installs what is missing
//   node scripts/runtimes.mjs --path deno  prints where one is
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../.cache/runtimes', import.meta.url));
const windows = process.platform === 'win32';
const system = `${windows ? 'win' : process.platform}-${process.arch}`;

const node = (version) => {
  const name = `node${version.split('.')[0]}`;
  const path = `${folder}/node_modules/${name}/bin/node${windows ? '.exe' : ''}`;
  return {
    version,
    spec: `${name}@npm:node-${system}@${version}`,
    path,
    context: `node@${path}`,
    says: `v${version}`,
  };
};
const tool = (name, version, says) => {
  const path = `${folder}/node_modules/.bin/${name}${windows ? '.cmd' : ''}`;
  return { version, spec: `${name}@${version}`, path, context: `${name}@${path}`, says };
};

export const runtimes = {
  node22: node('22.23.3'),
  node24: node('24.21.0'),
  node26: node('26.10.0'),
  deno: tool('deno', '2.9.6', 'deno 2.9.6 '),
  bun: tool('bun', '1.4.5', '1.4.5'),
};

const works = ({ path, says }) =>
  existsSync(path) &&
  (spawnSync(path, ['--version'], { encoding: 'utf8', shell: windows }).stdout ?? '').startsWith(
    says,
  );

/** Installs those of the named runtimes that are missing or have another version. */
export function installRuntimes(names = Object.keys(runtimes)) {
  const missing = names.filter((name) => !works(runtimes[name]));
  if (missing.length === 0) return;
  mkdirSync(folder, { recursive: true });
  const manifest = `${folder}/package.json`;
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "private": true }\n');
  const specs = missing.map((name) => runtimes[name].spec);
  process.stderr.write(`installing ${specs.join(' ')} ...\n`);
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
  for (let attempt = 1; attempt <= 3; attempt++) {
    const { status } = spawnSync('npm', ['install', '--prefix', folder, ...options, ...specs], {
      stdio: ['ignore', 2, 2],
      shell: windows,
      timeout: 180_000,
    });
    if (status !== 0) continue;
    // Bun's launcher is put in place by a postinstall script, which npm may be told not to run.
    if (missing.includes('bun') && !works(runtimes.bun)) {
      spawnSync(process.execPath, ['install.js'], {
        cwd: `${folder}/node_modules/bun`,
        stdio: ['ignore', 2, 2],
      });
    }
    const broken = missing.filter((name) => !works(runtimes[name]));
    if (broken.length === 0) return;
    process.stderr.write(`not usable after installing: ${broken.join(' ')}\n`);
  }
  process.stderr.write(
    'the other runtimes could not be installed: is the npm registry reachable?\n',
  );
  process.exit(1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv[2] === '--path') console.log(runtimes[process.argv[3]].path);
  else installRuntimes();
}
