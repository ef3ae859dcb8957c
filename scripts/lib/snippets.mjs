// Code blocks of the documents.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** README.md and the other documents for users. */
export function documents() {
  const here = readdirSync(root).filter((file) => file.endsWith('.md'));
  const docs = readdirSync(`${root}docs`, { recursive: true })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md'));
  return [...here, ...docs].sort();
}

/**
 * The fenced blocks of a document. A comment before a block may say more about it:
 * `<!-- snippet: NAME, runtime=node|deno|bun|browser, exit=N, skip=REASON -->`, all parts optional.
 */
export function snippetsOf(markdown) {
  const found = [];
  const block =
    /(?:^<!-- snippet:([^\n]*?)-->[ \t]*\n(?:[ \t]*\n)*)?^([ \t]*)```([\w-]*)[^\n]*\n([\s\S]*?)^[ \t]*```[ \t]*$/gm;
  for (const match of markdown.matchAll(block)) {
    const [whole, comment = '', indent, language, code] = match;
    const start = match.index + whole.indexOf('```');
    const options = { name: '', runtime: 'node', exit: 0, skip: '' };
    for (const part of comment.split(/,(?=\s*\w+=|[^=]*$)/)) {
      const [, key, value] = /^\s*(\w+)=(.*?)\s*$/.exec(part) ?? [];
      if (key === undefined) options.name ||= part.trim();
      else if (!(key in options)) throw new Error(`unknown option "${key}" of a snippet`);
      else options[key] = key === 'exit' ? Number(value) : value;
    }
    if (/skip=\s*(,|$)/.test(comment)) throw new Error('a skipped snippet needs a reason');
    found.push({
      ...options,
      language,
      line: markdown.slice(0, start).split('\n').length,
      code: indent === '' ? code : code.replace(new RegExp(`^${indent}`, 'gm'), ''),
    });
  }
  return found;
}

/** All blocks of all documents whose language is one of `languages`. */
export function snippets(...languages) {
  return documents().flatMap((file) =>
    snippetsOf(readFileSync(`${root}${file}`, 'utf8'))
      .filter(({ language }) => languages.includes(language))
      .map((snippet) => ({ file, ...snippet })),
  );
}
