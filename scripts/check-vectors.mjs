// npm run check:vectors -- FILE...: checks files of known answers against the package as it ships.
// One line per section, details of failures to standard error, then "N passed, N failed". Exit code
// 0 when nothing failed, 1 when something did, 2 when a file cannot be used.
import './ready.mjs';
import { readFileSync } from 'node:fs';

const { checkFile, describeSection } = await import('../test/vectors/checker.js');

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error('usage: npm run check:vectors -- FILE...');
  process.exit(2);
}

let passed = 0;
let failed = 0;
let unusable = 0;
for (const path of files) {
  let sections = null;
  let reason = 'neither mtproto nor call-packets vectors';
  try {
    sections = await checkFile(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    reason = error.message;
  }
  if (sections === null) {
    console.error(`${path}: ${reason}`);
    unusable++;
    continue;
  }
  for (const section of sections) {
    console.log(describeSection(section));
    for (const failure of section.failures) console.error(`  ${failure}`);
    passed += section.passed;
    failed += section.failures.length;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = unusable > 0 ? 2 : failed > 0 ? 1 : 0;
