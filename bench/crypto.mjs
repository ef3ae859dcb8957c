// npm run bench:crypto [-- --json] [--smoke] [--sizes 16,160,1024] [--only igeEncrypt,sha256]
// Our primitives against other libraries, in one process. All results are compared before anything is
// timed. Rounds are interleaved: each round times every contestant once, in turning order, so that a
// slow moment of the machine falls on all. Shown: median of the rounds' medians, and their spread.
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { createCrypto } from 'sottovoce/crypto';
import { Bench } from 'tinybench';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '16,160,1024,65536' },
    only: { type: 'string', default: '' },
  },
});
const rounds = options.smoke ? 1 : 11;
const time = options.smoke ? 1 : 40; // ms for each contestant and round

const crypto = createCrypto();

/** A setup gives, for its inputs, a function that does the operation once. */
const ours = {
  igeEncrypt: ({ key, iv, data }) => {
    const schedule = crypto.createAesKey(key);
    return () => crypto.aesIgeEncrypt(schedule, iv, data);
  },
  igeDecrypt: ({ key, iv, data }) => {
    const schedule = crypto.createAesKey(key);
    return () => crypto.aesIgeDecrypt(schedule, iv, data);
  },
  ctr:
    ({ key, iv, data }) =>
    () => {
      const stream = crypto.createAesCtr(key, iv.subarray(0, 16));
      const result = stream.process(data, new Uint8Array(data.length));
      stream.close();
      return result;
    },
  sha256:
    ({ data }) =>
    () =>
      crypto.sha256(data),
  sha1:
    ({ data }) =>
    () =>
      crypto.sha1(data),
};

/** With the key schedule made in every call, as most MTProto clients do it. */
const oursPerCall = {
  igeEncrypt:
    ({ key, iv, data }) =>
    () =>
      crypto.aesIgeEncrypt(key, iv, data),
  igeDecrypt:
    ({ key, iv, data }) =>
    () =>
      crypto.aesIgeDecrypt(key, iv, data),
};

/** IGE from the block cipher of OpenSSL: correct by construction, not fast. */
function igeByNode({ key, iv, data }, decrypt) {
  const make = decrypt ? createDecipheriv : createCipheriv;
  const cipher = make('aes-256-ecb', key, null).setAutoPadding(false);
  const out = Buffer.alloc(data.length);
  let [a, b] = decrypt
    ? [iv.subarray(16), iv.subarray(0, 16)]
    : [iv.subarray(0, 16), iv.subarray(16)];
  for (let i = 0; i < data.length; i += 16) {
    const block = data.subarray(i, i + 16);
    const mixed = cipher.update(block.map((byte, j) => byte ^ a[j]));
    for (let j = 0; j < 16; j++) out[i + j] = mixed[j] ^ b[j];
    [a, b] = [out.subarray(i, i + 16), block];
  }
  return out;
}
const node = {
  igeEncrypt: (input) => () => igeByNode(input, false),
  igeDecrypt: (input) => () => igeByNode(input, true),
  ctr:
    ({ key, iv, data }) =>
    () =>
      createCipheriv('aes-256-ctr', key, iv.subarray(0, 16)).update(data),
  sha256:
    ({ data }) =>
    () =>
      createHash('sha256').update(data).digest(),
  sha1:
    ({ data }) =>
    () =>
      createHash('sha1').update(data).digest(),
};

const contestants = {
  sottovoce: ours,
  'sottovoce, key per call': oursPerCall,
  'node:crypto': node,
};
const versions = { node: process.version, openssl: process.versions.openssl };
try {
  const others = await import('./contestants/crypto.mjs');
  Object.assign(contestants, others.contestants);
  const manifest = new URL('./contestants/package.json', import.meta.url);
  Object.assign(versions, JSON.parse(readFileSync(manifest, 'utf8')).dependencies);
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('the other libraries are not installed: npm run bench:crypto installs them');
}

const pattern = (length, factor) =>
  Uint8Array.from({ length }, (_, i) => (i * factor + (i >> 8)) & 255);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];

const results = [];
const wanted = options.only === '' ? Object.keys(ours) : options.only.split(',');
for (const operation of wanted) {
  for (const size of options.sizes.split(',').map(Number)) {
    const input = { key: pattern(32, 7), iv: pattern(32, 11), data: pattern(size, 13) };
    const entries = Object.entries(contestants)
      .filter(([, operations]) => operation in operations)
      .map(([name, operations]) => ({ name, once: operations[operation](input), times: [] }));

    const expected = Buffer.from(node[operation](input)());
    for (const { name, once } of entries) {
      if (!expected.equals(once())) throw new Error(`${name}: wrong ${operation} of ${size} bytes`);
    }
    for (let round = 0; round < rounds; round++) {
      for (let i = 0; i < entries.length; i++) {
        const { name, once, times } = entries[(i + round) % entries.length];
        const bench = new Bench({ time, warmup: round === 0, warmupTime: time });
        bench.add(name, () => void once());
        await bench.run();
        const { result } = bench.tasks[0];
        if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
        times.push(result.latency.p50 * 1e6); // ns
      }
    }
    const own = median(entries[0].times);
    for (const { name, times } of entries) {
      const ns = median(times);
      results.push({
        operation,
        bytes: size,
        library: name,
        'ns (median)': Math.round(ns),
        'MB/s': Number(((size / ns) * 1e3).toFixed(1)),
        'spread %': Math.round(((Math.max(...times) - Math.min(...times)) / ns) * 100),
        'time / ours': Number((ns / own).toFixed(2)),
      });
    }
  }
}

if (options.json) console.log(JSON.stringify({ versions, cpu: cpus()[0]?.model, rounds, results }));
else {
  console.table(results);
  console.log(`${cpus()[0]?.model}, ${rounds} interleaved rounds of ${time} ms`);
  console.log(
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
}
