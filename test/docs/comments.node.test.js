import { readdirSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { publicNames, root } from '../../scripts/lib/package.mjs';

const comments = suite('docs: comments');

/** Declarations of src/: name -> kind and the doc comment in front. */
const declared = new Map();
for (const name of readdirSync(`${root}src`, { encoding: 'utf8', recursive: true })) {
  if (!name.endsWith('.ts')) continue;
  const source = readFileSync(`${root}src/${name}`, 'utf8');
  const declaration =
    /(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?export (?:abstract |async )*(class|function|const|type|interface)\*? (\w+)/g;
  for (const [, comment = '', kind, title] of source.matchAll(declaration)) {
    // Helpers may share the name of something public: the one that is documented counts.
    if (comment !== '' || !declared.has(title)) declared.set(title, { kind, comment });
  }
}

for (const [subpath, { values, types }] of Object.entries(publicNames())) {
  comments(`${subpath}: every public name has a comment, every function an example`, () => {
    const faults = [...values, ...types].map((title) => {
      if (title === 'default') return ''; // another name of something in the list
      const { kind, comment = '' } = declared.get(title) ?? {};
      if (comment === '') return `${title}: no comment`;
      if (kind !== 'function') return '';
      if (!comment.includes('@example')) return `${title}: no example`;
      const told = /@(throws|returns)|[Nn]ever throws/.test(comment);
      return told ? '' : `${title}: neither result nor errors`;
    });
    assert.equal(faults.filter(Boolean), []);
  });
}

comments.run();
