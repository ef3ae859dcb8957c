// npm run check:deno serves release/deno on loopback and lets Deno import every subpath of it over
// HTTP, without npm and without configuration, and do some real work. Needs Deno (test:runtimes
// installs it).
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { denoEntries, entryFile, layOut } from './release-deno.mjs';
import { installRuntimes, runtimes } from './runtimes.mjs';

installRuntimes(['deno']);
const folder = mkdtempSync(join(tmpdir(), 'deno-'));
layOut(`${folder}/site`);

const types = {
  '.ts': 'application/typescript', // video/mp2t, as some servers say, is refused
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};
const served = new Set();
const server = createServer((request, response) => {
  try {
    const body = readFileSync(`${folder}/site${request.url}`);
    served.add(request.url);
    response.writeHead(200, { 'content-type': types[extname(request.url ?? '')] ?? 'text/plain' });
    response.end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
const origin = `http://127.0.0.1:${server.address().port}`;

const program = `
${denoEntries.map(({ key }, i) => `import * as entry${i} from '${origin}/${entryFile(key)}';`).join('\n')}
import { createCrypto } from '${origin}/crypto.ts';
import { OpusDecoder, OpusEncoder } from '${origin}/opus.ts';

for (const entry of [${denoEntries.map((_, i) => `entry${i}`).join(', ')}]) {
  if (Object.keys(entry).length === 0) throw new Error('an entry point without names');
}

const crypto = createCrypto();
const key = new Uint8Array(32).fill(7);
const iv = new Uint8Array(32).fill(9);
const data = new Uint8Array(64).fill(3);
const sealed: Uint8Array = crypto.aesIgeEncrypt(key, iv, data).slice();
const opened = crypto.aesIgeDecrypt(key, iv, sealed);
if (sealed.every((byte, i) => byte === data[i])) throw new Error('not encrypted');
if (!opened.every((byte, i) => byte === data[i])) throw new Error('AES-IGE does not come back');

const encoder = await OpusEncoder.create({ sampleRate: 48000, channels: 1 });
const decoder = await OpusDecoder.create({ sampleRate: 48000, channels: 1 });
const pcm = Float32Array.from({ length: 960 }, (_, i) => Math.sin(i / 20) / 2);
const packet: Uint8Array = encoder.encode(pcm).slice();
const samples: number = decoder.decode(packet).length;
if (samples !== 960) throw new Error(\`\${samples} samples\`);
encoder.close();
decoder.close();
console.log(\`AES-IGE and Opus work: \${packet.length} bytes for 960 samples\`);
`;
writeFileSync(`${folder}/main.ts`, program);

const flags = [
  '--quiet',
  '--check',
  '--no-config',
  '--no-npm',
  '--no-prompt',
  `--allow-import=${origin.slice(7)}`,
];
const child = spawn(runtimes.deno.path, ['run', ...flags, `${folder}/main.ts`], {
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, DENO_DIR: `${folder}/cache`, NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1' },
});
const code = await new Promise((done) => child.on('close', done));
server.close();
rmSync(folder, { recursive: true });
console.log(`${served.size} files served`);
process.exitCode = code === 0 && served.size > 0 ? 0 : 1;
