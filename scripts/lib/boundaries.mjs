// The rules of rooms.json, as a function of sources, so that planted violations can be tried on it.
import { codeOnly, findCycle, importsOf, join } from './modules.mjs';

const builtins = /^(fs|path|url|os|net|dgram|crypto|module|process|worker_threads|buffer)$/;

/** The most special room that a path lies in. */
export function roomOf(path, { rooms }) {
  return rooms
    .filter(({ room }) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.room.length - a.room.length)[0];
}

/** What an import in `file` points to: a path of the repository, a package, or a node: module. */
function target(file, specifier, files) {
  if (specifier.startsWith('.')) {
    const path = join(file, specifier);
    if (file.startsWith('assembly/'))
      return { path: files.has(`${path}.ts`) ? `${path}.ts` : path };
    return { path };
  }
  if (specifier.startsWith('node:') || builtins.test(specifier)) return { node: specifier };
  const name = specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1);
  return { package: name.join('/') };
}

const matches = (file, patterns = []) =>
  patterns.some((p) => p === '*' || file === p || file.startsWith(p) || file.endsWith(p));

/** Why this import is not allowed, or undefined. */
function complaint(file, { specifier, types }, rules, files) {
  const from = roomOf(file, rules);
  const to = target(file, specifier, files);
  if (to.node) {
    if (!to.node.startsWith('node:')) return 'Node modules are written with node:';
    return matches(file, from.node) ? undefined : 'this file may not import Node modules';
  }
  if (to.package === 'sottovoce') {
    const kind = specifier === 'sottovoce/internal' ? 'internal' : 'public';
    return from.imports.includes(kind) ? undefined : `${from.room} may not import ${specifier}`;
  }
  if (to.package) {
    const allowed = from.packages ?? [];
    const fine = allowed.includes('*') || allowed.includes(to.package);
    return fine ? undefined : `${from.room} may not import the package ${to.package}`;
  }
  const room = roomOf(to.path, rules);
  if (room === undefined) return /\.json$/.test(to.path) ? undefined : 'leads to no room';
  if (room === from || from.imports.includes(room.room)) return undefined;
  if (from.types?.includes(room.room)) {
    return types ? undefined : `${from.room} may import only types of ${room.room}`;
  }
  return `${from.room} may not import ${room.room}`;
}

/**
 * Checks sources against the rules.
 * @param {Map<string, string>} sources path -> text; a path in no room is a violation
 * @returns {string[]} one line for each violation
 */
export function violations(sources, rules) {
  const found = [];
  const edges = new Map();
  for (const [file, source] of sources) {
    if (roomOf(file, rules) === undefined) {
      found.push(`${file}: lies in no room`);
      continue;
    }
    const next = [];
    for (const statement of importsOf(source)) {
      const reason = complaint(file, statement, rules, sources);
      if (reason) found.push(`${file}: "${statement.specifier}": ${reason}`);
      const { path } = target(file, statement.specifier, sources);
      if (path !== undefined && sources.has(path)) next.push(path);
    }
    edges.set(file, next);
    for (const { word, within, only, why } of rules.words) {
      if (!file.startsWith(within) || matches(file, only)) continue;
      const after = word === 'process' ? '(?![\\w$(])' : '(?![\\w$])'; // process(data): a method
      const pattern = new RegExp(`(?<![\\w$.])${word.replaceAll('.', '\\.')}${after}`);
      const member = new RegExp(`\\.${word}(?![\\w$])`); // crypto.getRandomValues
      const code = codeOnly(source);
      if (pattern.test(code) || (word === 'getRandomValues' && member.test(code))) {
        found.push(`${file}: ${word}: ${why}`);
      }
    }
  }
  const cycle = findCycle(edges);
  if (cycle) found.push(`circular import: ${cycle.join(' -> ')}`);
  return found;
}

/** The table of docs/architecture.md. */
export function table({ rooms }) {
  const list = (names) =>
    names.length === 0 ? 'nothing' : names.map((n) => `\`${n}\``).join(', ');
  const rows = rooms.map(({ room, holds, imports, types = [], packages = [], node = [] }) => {
    const may = [
      list([...imports, ...packages.filter((p) => p !== '*')]),
      ...(packages.includes('*') ? ['any package'] : []),
      ...(types.length > 0 ? [`types of ${list(types)}`] : []),
      ...(node.includes('*') ? ['`node:`'] : []),
      ...(node.length > 0 && !node.includes('*') ? [`\`node:\` in ${list(node)}`] : []),
    ];
    return `| \`${room}\` | ${holds} | ${may.join('; ')} |`;
  });
  return ['| room | holds | may import |', '|---|---|---|', ...rows].join('\n');
}
