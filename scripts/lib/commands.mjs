// Looks up the commands that documents tell: scripts, files and options must exist.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { manifest, root } from './package.mjs';

const own = Object.keys(manifest.bin);
const binaries = { biome: '@biomejs/biome', attw: '@arethetypeswrong/cli', tsc: 'typescript' };
const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };

let programs;

/** Whether some program of this repository mentions the option: as "--name", or as a key `name:`. */
function isRead(option) {
  programs ??= ['scripts', 'examples', 'bench', '.ci', 'test/harness', 'src/cli']
    .filter((folder) => existsSync(`${root}${folder}`))
    .flatMap((folder) =>
      readdirSync(`${root}${folder}`, { encoding: 'utf8', recursive: true })
        .map((name) => `${root}${folder}/${name}`)
        .filter((path) => !path.includes('node_modules') && statSync(path).isFile())
        .filter((path) => /\.(m?js|ts)$|run$/.test(path))
        .map((path) => readFileSync(path, 'utf8')),
    )
    .join('\n');
  const name = option.slice(2);
  return programs.includes(option) || new RegExp(`['"]?\\b${name}['"]?:`).test(programs);
}

/** Why this command line cannot work here, or undefined. */
export function faultOf(line) {
  const words = line
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => !/^[A-Z_]+=/.test(word)); // VARIABLE=value in front
  const [tool, verb, name] = words;
  const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.split('=')[0]);
  const unread = () => options.find((option) => !isRead(option));
  const optionFault = () => (unread() === undefined ? undefined : `nothing reads ${unread()}`);
  const fileFault = (path) =>
    path !== undefined && existsSync(`${root}${path}`) ? undefined : `no file ${path}`;
  switch (tool) {
    case 'npm': {
      if (['install', 'ci'].includes(verb)) return undefined;
      const script = verb === 'run' ? name : verb;
      if (!Object.hasOwn(manifest.scripts, script)) return `no script "${script}"`;
      return optionFault();
    }
    case 'npx':
      if (own.includes(verb)) return optionFault();
      return (binaries[verb] ?? verb) in dependencies ? undefined : `${verb} is no dependency`;
    case 'node':
      return fileFault(words.slice(1).find((word) => !word.startsWith('-'))) ?? optionFault();
    case '.ci/run':
      return fileFault(tool) ?? optionFault();
    case 'deno':
    case 'bun':
      return ['run', 'add', 'install'].includes(verb) ? undefined : `${tool} ${verb}?`;
    case 'git':
    case 'cd':
      return undefined;
    default:
      return `unknown command ${tool}`;
  }
}
