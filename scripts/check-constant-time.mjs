// npm run check:constant-time [-- --peers]
// Traces of the shipped modules over 64 secrets: addresses, branches, divisions. With --peers, what the same
// tool says of other libraries whose modules need no imports. docs/constant-time.md tells what it proves.
import './ready.mjs';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseArgs } from 'node:util';
import { DH_PRIME } from 'sottovoce/crypto';
import { exponentiation, quickScenarios } from '../test/constant-time/scenarios.js';
import { secretsFor, Tracer } from '../test/constant-time/trace.js';
import { prng } from '../test/support/prng.js';
import { installContestants } from './lib/contestants.mjs';
import { root } from './lib/package.mjs';

const { values: options } = parseArgs({ options: { peers: { type: 'boolean', default: false } } });
const secrets = secretsFor(1024, prng(2048), 64);
let passed = 0;
let failed = 0;

/** One line for a scenario. Peers count neither way. */
function check(library, tracer, scenario, over, counts) {
  const { events, leak } = tracer.compare(scenario, over);
  if (counts && leak) failed++;
  else if (counts) passed++;
  const found = leak
    ? `DEPENDS ON SECRETS: ${leak.effect} at byte ${leak.offset} of the module, event ${leak.event} of ${events}`
    : `${over.length} secrets, one trace of ${events} events`;
  console.log(`${library}, ${scenario.name}: ${found}`);
}

for (const name of ['crypto', 'call']) {
  const tracer = new Tracer(readFileSync(`${root}build/wasm/${name}.wasm`));
  for (const scenario of quickScenarios) check(`${name}.wasm`, tracer, scenario, secrets, true);
  if (name === 'call') continue; // the same function in both modules
  const exponents = secretsFor(512, prng(512), 64);
  check(`${name}.wasm`, tracer, exponentiation(DH_PRIME), exponents, true);
}

/** The bytes of the modules that a library compiles while `use` runs. */
async function modulesOf(use) {
  const found = [];
  const { compile, Module } = WebAssembly;
  WebAssembly.compile = (bytes) => {
    found.push(new Uint8Array(bytes));
    return compile(bytes);
  };
  WebAssembly.Module = new Proxy(Module, {
    construct(target, [bytes]) {
      found.push(new Uint8Array(bytes));
      return new target(bytes);
    },
  });
  try {
    await use();
  } finally {
    Object.assign(WebAssembly, { compile, Module });
  }
  return found;
}

const bytesAt = (exports, address, length) =>
  new Uint8Array(exports.memory.buffer, address, length);

async function peers() {
  installContestants();
  const require = createRequire(`${root}bench/contestants/package.json`);
  const version = (name) =>
    `${name} ${JSON.parse(readFileSync(`${root}bench/contestants/node_modules/${name}/package.json`)).version}`;
  const mtcute = new Tracer(readFileSync(require.resolve('@mtcute/wasm/mtcute-simd.wasm')));
  const prepare = (exports) => exports.__malloc(4096);
  const load = (exports, at, secret) => bytesAt(exports, at, 1024).set(secret);
  const keyed = (exports, at) => {
    bytesAt(exports, exports.__get_shared_key_buffer(), 32).set(bytesAt(exports, at, 32));
    bytesAt(exports, exports.__get_shared_iv_buffer(), 32).set(bytesAt(exports, at + 32, 32));
  };
  const withKey = (exports, at, secret) => {
    load(exports, at, secret);
    keyed(exports, at);
  };
  const scenarios = [
    {
      name: 'IGE encryption',
      load: withKey,
      run: (e, at) => e.ige256_encrypt(at + 64, 208, at + 2048),
    },
    {
      name: 'IGE decryption',
      load: withKey,
      run: (e, at) => e.ige256_decrypt(at + 64, 208, at + 2048),
    },
    {
      name: 'CTR',
      load: withKey,
      run: (e, at) => e.ctr256(e.ctr256_alloc(), at + 64, 208, at + 2048),
    },
    { name: 'SHA-256', load, run: (e, at) => e.sha256(at, 200) },
    { name: 'SHA-1', load, run: (e, at) => e.sha1(at, 200) },
  ];
  for (const scenario of scenarios) {
    check(version('@mtcute/wasm'), mtcute, { prepare, ...scenario }, secrets, false);
  }

  const { createSHA1, createSHA256, createSHA512 } = require('hash-wasm');
  for (const [name, create, bits] of [
    ['SHA-1', createSHA1, 0],
    ['SHA-256', createSHA256, 256],
    ['SHA-512', createSHA512, 512],
  ]) {
    const [binary] = await modulesOf(create);
    const scenario = {
      name,
      prepare: (exports) => exports.Hash_GetBuffer(),
      load: (exports, at, secret) => bytesAt(exports, at, 1024).set(secret),
      run: (exports) => {
        exports.Hash_Init(bits);
        exports.Hash_Update(200);
        exports.Hash_Final(0);
      },
    };
    check(version('hash-wasm'), new Tracer(binary), scenario, secrets, false);
  }
}

if (options.peers) await peers();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
