// The tester must catch what it is for: planted leaks are found and named, clean twins pass.
import { readFileSync } from 'node:fs';
import asc from 'assemblyscript/asc';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prng } from '../support/prng.js';
import { secretsFor, Tracer } from './trace.js';

const source = readFileSync(new URL('../fixtures/constant-time/leaky.ts', import.meta.url), 'utf8');
const secrets = secretsFor(32, prng(7));

/** @type {Tracer} */
let tracer;

/** @param {string} name */
const scenario = (name) => ({
  name,
  prepare: (exports) => exports.secretPlace(),
  load: (exports, place, secret) =>
    new Uint8Array(exports.memory.buffer, place, secret.length).set(secret),
  run: (exports) => exports[name](),
});

const tester = suite('constant-time/tester');

tester.before(async () => {
  const binary = await new Promise((resolve, reject) => {
    const files = { 'leaky.ts': source };
    asc
      .main(
        [
          'leaky.ts',
          '-o',
          'leaky.wasm',
          '-O3',
          '--runtime',
          'stub',
          '--enable',
          'simd',
          '--noAssert',
        ],
        {
          readFile: (name) => files[name] ?? null,
          writeFile: (name, data) => {
            if (name === 'leaky.wasm') resolve(data);
          },
          listFiles: () => [],
        },
      )
      .then(({ error, stderr }) => error && reject(new Error(stderr.toString())), reject);
  });
  tracer = new Tracer(binary);
});

const leaks = {
  tableLookup: 'load',
  secretIf: 'if',
  secretSelect: null, // the compiler may make it a select, an if or a load at a selected address
  earlyExitCompare: null,
  secretDivision: 'division',
  secretCopy: 'memory.copy',
  secretVectorLoad: 'load',
};

for (const [name, effect] of Object.entries(leaks)) {
  tester(`catches ${name}`, () => {
    const { leak } = tracer.compare(scenario(name), secrets);
    assert.ok(leak, 'no leak was seen');
    if (effect) assert.is(leak.effect, effect);
    assert.is.not(leak.values[0], leak.values[1]);
  });
}

for (const name of ['maskedLookup', 'fullCompare']) {
  tester(`passes ${name}`, () => {
    const { leak, events } = tracer.compare(scenario(name), secrets);
    assert.is(leak, null);
    assert.ok(events > 16, `${events} events are too few to mean anything`);
  });
}

tester('instrumenting changes no result', () => {
  for (const name of ['tableLookup', 'maskedLookup']) {
    const exports = /** @type {any} */ (new WebAssembly.Instance(tracer.module).exports);
    const bytes = new Uint8Array(exports.memory.buffer, exports.secretPlace(), 32);
    bytes.set(secrets[40]);
    const table = [7, 3, 5, 1, 6, 2, 4, 0, 15, 9, 11, 13, 8, 12, 14, 10];
    const expected = [...secrets[40].subarray(0, 16)].reduce((sum, b) => sum + table[b & 15], 0);
    assert.is(exports[name](), expected);
  }
});

tester.run();
