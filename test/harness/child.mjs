// Entry for Node, Deno and Bun: child.mjs <report file> <test files...>. The report is written to a
// file and not to stdout, so that nothing a test prints can be mistaken for it.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { collect, describe, mark, prepare } from './collect.js';

const [report, ...files] = process.argv.slice(2);
prepare();
const broken = [];
for (const file of files) {
  mark(file);
  try {
    await import(new URL(`../${file}`, import.meta.url).href);
  } catch (error) {
    broken.push(`${file}: ${describe(error)}`);
  }
}
const result = await collect((file) => writeFileSync(`${report}.running`, file));
result.failed += broken.length;
result.messages.push(...broken);
writeFileSync(report, JSON.stringify(result));
process.exit(result.failed > 0 ? 1 : 0); // a test that hung must not keep the process alive
