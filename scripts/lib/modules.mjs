// Reads import and export statements of JavaScript, TypeScript and AssemblyScript sources. It is no
// parser: it knows comments, strings and the forms of statements that this repository uses.

const token =
  /\/\/[^\n]*|\/\*[\s\S]*?\*\/|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/(?![/*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[dgimsuvy]*(?=\s*[).,;\]}\n])/g;

const blank = (text) => text.replace(/[^\n]/g, ' ');

/** The source with comments and templates blanked out; line breaks stay. */
export function withoutComments(source) {
  return source.replace(token, (found) => (/^(\/\/|\/\*|`)/.test(found) ? blank(found) : found));
}

/** The source with comments and the contents of strings blanked out: for the search of words. */
export function codeOnly(source) {
  return source.replace(token, (found) => (found.startsWith('`') ? found : blank(found)));
}

const names = (list) =>
  list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
const typesOnly = (clause) => {
  const list = /^\{([\s\S]*)\}$/.exec(clause.trim());
  return (
    list !== null && names(list[1]).length > 0 && names(list[1]).every((n) => /^type\s/.test(n))
  );
};

/** All imports and re-exports: `{ specifier, types }`, `types` when nothing remains at run time. */
export function importsOf(source) {
  const code = withoutComments(source);
  const found = [];
  const from =
    /(?:^|[;}\n])\s*(?:import|export)\s+(type\s+)?((?:[\w$]+\s*,?\s*)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})?)\s*from\s*(['"])([^'"\n]+)\3/g;
  for (const [, type, clause, , specifier] of code.matchAll(from)) {
    found.push({ specifier, types: type !== undefined || typesOnly(clause) });
  }
  for (const [, , specifier] of code.matchAll(/(?:^|[;}\n])\s*import\s*(['"])([^'"\n]+)\1/g)) {
    found.push({ specifier, types: false });
  }
  for (const [, before, , specifier] of code.matchAll(
    /([\w$.]*)\s*\bimport\s*\(\s*(['"])([^'"\n]+)\2/g,
  )) {
    found.push({ specifier, types: before === 'typeof' });
  }
  return found;
}

/**
 * The names that a module exports: `{ values, types }`, sorted. `read(path)` gives the source of a
 * module, for `export *`; `path` is the module's own.
 */
export function exportsOf(path, read) {
  const values = new Set();
  const types = new Set();
  const code = withoutComments(read(path));
  for (const [, type, list] of code.matchAll(/(?:^|[;}\n])\s*export\s+(type\s+)?\{([^}]*)\}/g)) {
    for (const name of names(list)) {
      const exported = name.replace(/^type\s+/, '').replace(/^.*\sas\s+/, '');
      (type !== undefined || /^type\s/.test(name) ? types : values).add(exported);
    }
  }
  for (const [, kind, name] of code.matchAll(
    /(?:^|[;}\n])\s*export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(class|function\*?|const|let|type|interface)\s+([\w$]+)/g,
  )) {
    (kind === 'type' || kind === 'interface' ? types : values).add(name);
  }
  for (const [, specifier] of code.matchAll(
    /(?:^|[;}\n])\s*export\s*\*\s*from\s*['"]([^'"\n]+)['"]/g,
  )) {
    const other = exportsOf(join(path, specifier), read);
    for (const name of other.values) values.add(name);
    for (const name of other.types) types.add(name);
  }
  return { values: [...values].sort(), types: [...types].sort() };
}

/** `join("src/a/b.ts", "../c.ts")` is "src/c.ts". */
export function join(from, specifier) {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') {
      if (parts.length === 0 || parts.at(-1) === '..') parts.push(part);
      else parts.pop();
    } else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** A path through `edges` (file -> files) that ends where it began, or undefined. */
export function findCycle(edges) {
  const state = new Map();
  const path = [];
  function visit(file) {
    if (state.get(file) === 'done') return undefined;
    if (state.get(file) === 'open') return [...path.slice(path.indexOf(file)), file];
    state.set(file, 'open');
    path.push(file);
    for (const next of edges.get(file) ?? []) {
      const cycle = visit(next);
      if (cycle) return cycle;
    }
    path.pop();
    state.set(file, 'done');
    return undefined;
  }
  for (const file of edges.keys()) {
    const cycle = visit(file);
    if (cycle) return cycle;
  }
  return undefined;
}
