// npm run check:opus -- [--engine sottovoce|libopus] [--only REGEXP] [--speech WAV,...] [--verbose] FOLDER...
// Checks a decoder with folders of conformance material (streams/index.json, loss.json, hostile.json and
// what they name); with --speech also concealment of random and bursty loss of that speech (48 kHz). Prints details of failures, a table, then "N passed, N failed". Exit code 0 when
// nothing failed, 1 when something did, 2 when a folder cannot be used.
import './ready.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliDecompressSync } from 'node:zlib';

function usage(problem) {
  console.error(`${problem}
usage: npm run check:opus -- [--engine sottovoce|libopus] [--only REGEXP] [--speech WAV,...] [--verbose] FOLDER...`);
  process.exit(2);
}

let parsed;
try {
  parsed = parseArgs({
    allowPositionals: true,
    options: {
      engine: { type: 'string', default: 'sottovoce' },
      only: { type: 'string' },
      speech: { type: 'string', default: '' },
      verbose: { type: 'boolean', default: false },
    },
  });
} catch (error) {
  usage(error.message);
}
const { values: options, positionals: folders } = parsed;
if (folders.length === 0 && options.speech === '') usage('no folder given');

const { checkFolder } = await import('../test/opus-decoder/check/folder.js');
const { checkSpeech } = await import('../test/opus-decoder/check/speech.js');
const { readWav } = await import('../examples/demo/wav.mjs');
const { Report } = await import('../test/opus-decoder/check/report.js');
const { ownEngine } = await import('sottovoce/opus');
const { libopusEngine } = await import('sottovoce/opus/libopus');
const engines = { sottovoce: ownEngine, libopus: libopusEngine };
if (!Object.hasOwn(engines, options.engine)) usage(`unknown engine "${options.engine}"`);
const engine = engines[options.engine]();
// libopus-wasm is what other rates are compared with; beside itself it would only agree.
const peer = options.engine === 'libopus' ? undefined : libopusEngine();
const only = options.only === undefined ? undefined : new RegExp(options.only);

const report = new Report();
let unusable = 0;
for (const path of folders) {
  const read = (name) => readFileSync(join(path, name));
  const folder = {
    json: (name) => (existsSync(join(path, name)) ? JSON.parse(read(name).toString()) : undefined),
    bytes: (name) => new Uint8Array(read(name)),
    brotli: (name) => new Uint8Array(brotliDecompressSync(read(name))),
  };
  let usable = false;
  try {
    usable = await checkFolder(report, folder, engine, {
      ...(peer && { peer }),
      ...(only && { only }),
    });
  } catch (error) {
    console.error(error);
  }
  if (usable) continue;
  console.error(`${path}: nothing to check here`);
  unusable++;
}
if (peer && options.speech !== '') {
  await checkSpeech(
    report,
    options.speech.split(',').map((path) => readWav(path).pcm),
    engine,
    peer,
  );
}
for (const { category, name, verdict, detail } of report.checks) {
  if (verdict === 'failed') console.log(`FAILED ${category}: ${name}: ${detail}`);
  else if (options.verbose) console.log(`${verdict} ${category}: ${name}: ${detail}`);
}
console.log(`engine: ${engine.name}`);
console.table(report.table());
const unsupported = report.count('unsupported');
if (unsupported > 0) console.log(`${unsupported} not checked: the engine does not show it`);
console.log(`${report.count('passed')} passed, ${report.count('failed')} failed`);
process.exitCode = unusable > 0 ? 2 : report.count('failed') > 0 ? 1 : 0;
