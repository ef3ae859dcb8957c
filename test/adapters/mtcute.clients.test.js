// The real mtcute: its own code over our provider gives what it gives over its default; the client makes
// keys with our server and talks to it, over its crypto and over ours.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync, inflateSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { SrpServer, srpVerifier } from 'sottovoce/mtproto';
import { MtcuteCrypto } from 'sottovoce/adapters/mtcute';
import { insecureRandomForTests } from 'sottovoce/internal';
import { concat, fromHex } from '../support/bytes.js';
import { serverKeyPem, startMtprotoServer } from '../support/node-mtproto-server.js';
import { prng } from '../support/prng.js';

const packages = await import(new URL('./clients/packages.mjs', import.meta.url).href);
const { mtcute: core, mtcuteUtils: utils, mtcuteNode: node } = packages;

const mtcute = suite('adapters/mtcute, with the client');
const crypto = createCrypto();
const random = prng(0x6d74);

/** mtcute's default under Node, ready for use. */
const theirs = new node.BaseTelegramClient({
  apiId: 1,
  apiHash: 'x',
  storage: new core.MemoryStorage(),
}).crypto;
await theirs.initialize();
const ours = new MtcuteCrypto({ crypto });
const bytes = (data) => Uint8Array.from(data);
const off = (length) => random.bytes(length + 3).subarray(3); // at an odd offset

mtcute('hashes, HMAC and PBKDF2 are those of the default', async () => {
  assert.is(theirs.constructor.name, 'NodeCryptoProvider');
  for (const length of [0, 1, 55, 64, 119, 1000, 70_000]) {
    const data = off(length);
    assert.equal(ours.sha1(data), bytes(theirs.sha1(data)));
    assert.equal(ours.sha256(data), bytes(theirs.sha256(data)));
    const key = off((length % 200) + 1);
    assert.equal(ours.hmacSha256(data, key), bytes(theirs.hmacSha256(data, key)));
  }
  /** @type {[number, number?, string?][]} */
  const settings = [[1], [10, 64], [10, 100, 'sha1'], [7, 20, 'sha512']];
  for (const args of settings) {
    const [password, salt] = [off(9), off(16)];
    const expected = await theirs.pbkdf2(password, salt, ...args);
    assert.equal(ours.pbkdf2(password, salt, ...args), bytes(expected));
  }
});

mtcute('IGE: the same, stateless, out of place, at any offset', () => {
  for (const blocks of [0, 1, 2, 14, 64, 5000]) {
    const [key, iv, data] = [off(32), off(32), off(16 * blocks)];
    const before = bytes(data);
    const [a, b] = [theirs.createAesIge(key, iv), ours.createAesIge(key, iv)];
    const sealed = b.encrypt(data);
    assert.equal(sealed, bytes(a.encrypt(data)));
    assert.equal(b.encrypt(data), sealed, 'starts from the iv again');
    assert.equal(b.decrypt(data), bytes(a.decrypt(data)));
    assert.equal(b.decrypt(sealed), before);
    assert.equal(bytes(data), before);
  }
});

mtcute('CTR: the same stream, in pieces of any length', () => {
  for (const carry of [false, true]) {
    const [key, iv] = [off(32), off(16)];
    if (carry) iv.fill(255);
    const [a, b] = [theirs.createAesCtr(key, iv, true), ours.createAesCtr(key, iv, true)];
    for (const length of [64, 1, 5, 11, 0, 16, 33, 4096, 3]) {
      const data = off(length);
      assert.equal(b.process(data), bytes(a.process(data)));
    }
    b.close();
  }
});

mtcute('results are owned: nothing changes them afterwards', () => {
  const [key, iv, data] = [off(32), off(16), off(64)];
  const stream = ours.createAesCtr(key, iv, true);
  const ige = ours.createAesIge(key, off(32));
  const make = () => [
    ours.sha1(data),
    ours.sha256(data),
    ours.hmacSha256(data, key),
    stream.process(data),
    ige.encrypt(data),
    ige.decrypt(data),
    ours.randomBytes(32),
    ...ours.factorizePQ(fromHex('256595edb7766797')),
  ];
  const results = make();
  const copies = results.map(bytes);
  const { byteLength } = crypto.memory;
  make();
  crypto.createPacketBuffer(1 << 20).close(); // lets the memory grow
  assert.ok(crypto.memory.byteLength >= byteLength);
  assert.equal(results, copies);
  assert.ok(results.every(({ buffer }) => buffer.constructor === ArrayBuffer));
});

mtcute('factors and compression', () => {
  for (const pq of ['256595edb7766797', '199fda511fd4837d', '7f2d3771a162a881']) {
    const expected = theirs.factorizePQ(fromHex(pq)).map(bytes);
    assert.equal(ours.factorizePQ(fromHex(pq)), expected);
  }
  const text = new TextEncoder().encode('the quick brown fox '.repeat(200));
  assert.equal(bytes(inflateSync(ours.gzip(text, 4000) ?? text)), text);
  assert.is(ours.gzip(text, 10), theirs.gzip(text, 10));
  assert.is(ours.gzip(random.bytes(64), 57), null);
  assert.equal(ours.gunzip(gzipSync(text)), bytes(theirs.gunzip(gzipSync(text))));
  const damaged = gzipSync(text);
  damaged[30] ^= 255;
  assert.throws(() => ours.gunzip(damaged));
  assert.throws(() => theirs.gunzip(damaged));
});

/** Both providers with the same randomness. */
function pair(seed) {
  const [one, two] = [prng(seed), prng(seed)];
  const provider = Object.create(theirs);
  provider.randomFill = one.fill;
  return [provider, new MtcuteCrypto({ crypto, random: insecureRandomForTests(two.fill) })];
}

mtcute('its key derivation, obfuscation and RSA key parsing give the same over both', async () => {
  const [serverNonce, newNonce] = [off(16), off(32)];
  const [a, b] = pair(1).map((provider) =>
    utils.generateKeyAndIvFromNonce(provider, serverNonce, newNonce).map(bytes),
  );
  assert.equal(a, b);
  assert.equal(
    utils.parsePublicKey(theirs, serverKeyPem),
    utils.parsePublicKey(ours, serverKeyPem),
  );
  const outputs = await Promise.all(
    pair(2).map(async (provider) => {
      const proxy = { dcId: 2, media: true, test: false, secret: fromHex('00'.repeat(16)) };
      const codec = new core.ObfuscatedPacketCodec(new core.IntermediatePacketCodec(), proxy);
      codec.setup(provider);
      const written = [bytes(await codec.tag())];
      const into = {
        writeSync(length) {
          written.push(new Uint8Array(length));
          return written[written.length - 1];
        },
        disposeWriteSync: () => undefined,
      };
      for (const length of [40, 4, 300]) await codec.encode(new Uint8Array(length).fill(7), into);
      codec.reset();
      return concat(...written);
    }),
  );
  assert.is(outputs[0].length, 64 + 344 + 3 * 4);
  assert.equal(outputs[0], outputs[1]);
});

/** mtcute hashes srp_B as it comes, without the padding that the definition has: avoid short ones. */
function challenge(verifier, algorithm) {
  for (;;) {
    const server = new SrpServer(crypto, verifier, algorithm);
    if (server.srpB.length === 256) return server;
  }
}

mtcute('its password check gives the same over both, and our server verifies it', async () => {
  const algorithm = { salt1: off(40), salt2: off(16), g: 3, p: DH_PRIME };
  const algo = {
    _: 'passwordKdfAlgoSHA256SHA256PBKDF2HMACSHA512iter100000SHA256ModPow',
    ...algorithm,
  };
  const verifier = srpVerifier(crypto, 'correct horse', algorithm);
  const newHash = { ...algo, salt1: algorithm.salt1.slice(0, 8) };
  for (const provider of pair(3)) {
    const server = challenge(verifier, algorithm);
    const request = { currentAlgo: algo, srpId: core.Long.ONE, srpB: server.srpB };
    const answer = await utils.computeSrpParams(provider, request, 'correct horse');
    assert.is(server.verify(answer.A, answer.M1), true, provider.constructor.name);
    const wrong = challenge(verifier, algorithm);
    const other = await utils.computeSrpParams(
      provider,
      { ...request, srpB: wrong.srpB },
      'battery',
    );
    assert.is(wrong.verify(other.A, other.M1), false);
  }
  const hashes = await Promise.all(
    pair(4).map((provider) => utils.computeNewPasswordHash(provider, { ...newHash }, 'staple')),
  );
  assert.equal(bytes(hashes[0]), bytes(hashes[1]));
});

mtcute('the provider has the type ICryptoProvider', () => {
  const folder = mkdtempSync(fileURLToPath(new URL('./clients/types-', import.meta.url)));
  writeFileSync(
    join(folder, 'use.ts'),
    `import type { ICryptoProvider } from '@mtcute/core/utils.js';
     import { MtcuteCrypto } from '${fileURLToPath(import.meta.resolve('sottovoce/adapters/mtcute'))}';
     export const provider: ICryptoProvider = new MtcuteCrypto();`,
  );
  const config = {
    compilerOptions: {
      noEmit: true,
      strict: true,
      target: 'es2022',
      lib: ['es2022', 'dom', 'esnext.disposable'],
      types: [],
      module: 'nodenext',
      skipLibCheck: true,
    },
    files: ['use.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const root = dirname(fileURLToPath(import.meta.resolve('typescript/package.json')));
  const { status, stdout } = spawnSync(process.execPath, [join(root, 'bin/tsc'), '-p', folder], {
    encoding: 'utf8',
  });
  rmSync(folder, { recursive: true });
  assert.is(status, 0, stdout);
});

/** Waits for something that the clients do in their own time. */
async function until(what, condition) {
  for (let i = 0; i < 400 && !condition(); i++) await new Promise((done) => setTimeout(done, 25));
  assert.ok(condition(), what);
}

const SECRET = '0123456789abcdef0123456789abcdef';

/** Plain obfuscation over TCP, as the issue wants it, and what else the client offers. */
const WAYS = {
  'obfuscated2 over TCP': {
    server: {},
    transport() {
      const tcp = new node.TcpTransport();
      return {
        connect: (dc) => tcp.connect(dc),
        packetCodec: () => new core.ObfuscatedPacketCodec(new core.IntermediatePacketCodec()),
      };
    },
  },
  'plain intermediate': {
    server: { obfuscated: false, envelope: 'intermediate' },
    transport: () => new node.TcpTransport(),
  },
  'a proxy with fake TLS': {
    server: { secret: fromHex(SECRET), fakeTls: true },
    transport: (port) =>
      new node.MtProxyTcpTransport({
        host: '127.0.0.1',
        port,
        secret: `ee${SECRET}${Buffer.from('example.org').toString('hex')}`,
      }),
  },
  'a proxy with padding': {
    server: { secret: fromHex(SECRET) },
    transport: (port) =>
      new node.MtProxyTcpTransport({ host: '127.0.0.1', port, secret: `dd${SECRET}` }),
  },
};

/** Connects, calls, pings. @param {any} options */
async function talk(way, provider, options = {}) {
  const { server: settings, transport } = WAYS[way];
  const server = await startMtprotoServer(crypto, { ...settings, ...options.server });
  const dc = { id: 2, ipAddress: '127.0.0.1', port: server.port };
  const client = new node.BaseTelegramClient({
    apiId: 1,
    apiHash: 'x',
    storage: new core.MemoryStorage(),
    logLevel: 0,
    defaultDcs: { main: dc, media: dc },
    disableUpdates: true,
    transport: transport(server.port),
    network: { pingInterval: 20, usePfs: options.pfs === true },
    ...(provider && { crypto: provider }),
  });
  try {
    utils.addPublicKey(theirs, serverKeyPem);
    await client.connect();
    const answer = await client.call({ _: 'help.getNearestDc' });
    await until('a ping', () => server.log.pings > 0);
    return { answer, log: server.log, used: client.crypto };
  } finally {
    await client.destroy();
    await server.close();
  }
}

for (const way of Object.keys(WAYS)) {
  for (const [whose, provider] of [
    ['its own crypto', undefined],
    ['ours', ours],
  ]) {
    mtcute(`${way}, ${whose}: a key, an encrypted call, a ping`, async () => {
      const { answer, log, used } = await talk(way, provider);
      assert.is(used === ours, provider === ours);
      assert.is(answer.country, 'AQ');
      assert.is(log.calls, 1);
      assert.equal(log.keys[log.keys.length - 1], { dc: 2, expiresIn: null });
    });
  }
}

for (const [whose, provider] of [
  ['its own crypto', undefined],
  ['ours', ours],
]) {
  mtcute(`perfect forward secrecy, ${whose}: the temporary key is bound`, async () => {
    const { answer, log } = await talk('obfuscated2 over TCP', provider, { pfs: true });
    assert.is(answer.country, 'AQ');
    assert.ok(log.bound >= 1);
    assert.ok(log.keys.some(({ expiresIn }) => expiresIn !== null && expiresIn > 0));
  });

  mtcute(`packed answers, ${whose}`, async () => {
    const server = { gzip: (data) => gzipSync(data), country: 'A'.repeat(2000) };
    const { answer } = await talk('obfuscated2 over TCP', provider, { server });
    assert.is(answer.country, server.country);
  });

  mtcute(`a server that wants another key, ${whose}: the client tries again`, async () => {
    let asked = 0;
    const judge = () => (asked++ === 0 ? 'retry' : 'ok');
    const { log } = await talk('obfuscated2 over TCP', provider, { server: { judge } });
    assert.ok(asked >= 2);
    assert.ok(log.keys.length >= 1);
  });
}

mtcute.run();
