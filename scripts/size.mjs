// npm run size [-- --json]: sizes of the modules and of browser bundles, the time to ready (import plus
// first use in a fresh process of this Node, median of several), and memory of the codec.
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { bundleForBrowser } from './lib/bundle.mjs';
import { browserSafe, root } from './lib/package.mjs';

const gzip = (bytes) => gzipSync(bytes, { level: 9 }).length;
const runs = 11;

const modules = ['crypto', 'opus', 'opus-decoder', 'call'].map((name) => {
  const bytes = readFileSync(`${root}build/wasm/${name}.wasm`);
  return { module: `${name}.wasm`, raw: bytes.length, gzip: gzip(bytes) };
});

const bundles = [];
for (const { name } of browserSafe) {
  const bytes = await bundleForBrowser(name);
  bundles.push({ subpath: name, minified: bytes.length, gzip: gzip(bytes) });
}

/** First use of each facade: what a program waits for before it has a result. */
const firstUse = {
  'sottovoce/crypto':
    'm.createCrypto().aesIgeEncrypt(new Uint8Array(32), new Uint8Array(32), new Uint8Array(16))',
  'sottovoce/opus':
    '(await m.OpusEncoder.create({ sampleRate: 48000, channels: 1 })).encode(new Float32Array(960))',
};

/** Runs a program that prints milliseconds, in fresh processes. */
function timed(what, program) {
  const times = Array.from({ length: runs }, () => {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', program],
      { cwd: root, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    return Number(stdout);
  }).sort((a, b) => a - b);
  const [min, median, max] = [0, runs >> 1, runs - 1].map((i) => Number(times[i].toFixed(1)));
  return { what, 'median ms': median, 'min ms': min, 'max ms': max, runs };
}

const ready = Object.entries(firstUse).map(([subpath, use]) =>
  timed(
    `import ${subpath}, first use`,
    `const start = performance.now(); const m = await import('${subpath}'); ${use};
    console.log(performance.now() - start);`,
  ),
);
// The decoder alone: its code is there, a hybrid packet waits.
const decoderReady = `
import { readFileSync } from 'node:fs';
import { OpusDecoder, ownEngine } from 'sottovoce/opus';
const file = readFileSync('bench/packets/hybrid-mono-24k.bit');
const packet = file.subarray(8, 8 + file.readUInt32BE(0));
const module = readFileSync('build/wasm/opus-decoder.wasm');
const start = performance.now();
const decoder = await OpusDecoder.create(OPTIONS);
decoder.decode(packet);
console.log(performance.now() - start);`;
ready.push(
  timed(
    'opus-decoder.wasm to the first packet',
    decoderReady.replace('OPTIONS', '{ engine: ownEngine(module) }'),
  ),
  timed('inlined module to the first packet', decoderReady.replace('OPTIONS', '')),
  timed(
    'inlined module to the first packet that is made',
    `const { OpusEncoder } = await import('sottovoce/opus');
    const pcm = new Float32Array(960);
    const start = performance.now();
    const encoder = await OpusEncoder.create();
    encoder.encode(pcm);
    console.log(performance.now() - start);`,
  ),
);

// What a pair of encoder and decoder in stereo takes.
const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(readFileSync(`${root}build/wasm/opus.wasm`)),
);
const { createOpus, OpusDecoder, OpusEncoder, ownEngine } = await import('sottovoce/opus');
const core = createOpus();
const pair = /** @type {const} */ ({ engine: ownEngine(core), channels: 2 });
const [encoder, decoder] = [await OpusEncoder.create(pair), await OpusDecoder.create(pair)];
decoder.decode(encoder.encode(new Float32Array(1920)));
const memory = {
  'state of an encoder': Number(/** @type {any} */ (exports).opusEncoderSize()),
  'state of a decoder': Number(/** @type {any} */ (exports).opusDecoderSize()),
  'memory of an instance with a stereo pair': core.memory.byteLength,
};

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ modules, bundles, ready, memory }));
} else {
  console.log(`bytes of the compiled modules; gzip -9`);
  console.table(modules);
  console.log('bytes of a browser bundle of everything that a subpath exports; gzip -9');
  console.table(bundles);
  console.log(`time to ready in Node ${process.version}, fresh process`);
  console.table(ready);
  console.log('bytes of WebAssembly memory');
  console.table(memory);
  console.log(
    modules.map(({ module, raw, gzip }) => `${module} ${raw} B, gzip ${gzip}`).join('; '),
  );
}
