// npm run exports:update writes test/fixtures/public-exports.json, the list of all public names.
import { writeFileSync } from 'node:fs';
import { publicNames, root } from './lib/package.mjs';

writeFileSync(
  `${root}test/fixtures/public-exports.json`,
  `${JSON.stringify(publicNames(), null, 2)}\n`,
);
