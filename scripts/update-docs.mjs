// npm run docs:update writes the parts of documents that are made from data: the table of rooms.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { table } from './lib/boundaries.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const rules = JSON.parse(readFileSync(`${root}test/architecture/rooms.json`, 'utf8'));
const file = `${root}docs/architecture.md`;
const page = readFileSync(file, 'utf8');
const between = /(<!-- rooms -->\n)[\s\S]*?(<!-- \/rooms -->)/;
if (!between.test(page)) throw new Error('docs/architecture.md has no <!-- rooms -->');
writeFileSync(
  file,
  page.replace(between, (_, before, after) => `${before}\n${table(rules)}\n\n${after}`),
);
