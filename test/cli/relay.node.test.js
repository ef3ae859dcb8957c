// sottovoce relay as an operator runs it.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { connectUdp } from 'sottovoce/transport/udp';
import { manifest, root } from '../../scripts/lib/package.mjs';
import { selfSigned } from '../support/node-certificate.js';

const relay = suite('cli/relay');
const program = join(root, manifest.bin.sottovoce);
const folder = mkdtempSync(join(tmpdir(), 'relay-'));
relay.after(() => rmSync(folder, { recursive: true, force: true }));
const at = (/** @type {string} */ name) => join(folder, name);
writeFileSync(at('secret'), `${'s3cret'.repeat(6)}\n`);
writeFileSync(at('short'), 'too short\n');
const tls = selfSigned();
writeFileSync(at('cert.pem'), tls.cert);
writeFileSync(at('key.pem'), tls.key);

/** Starts it, and waits for `lines` lines. @param {string[]} args @param {number} lines */
async function start(args, lines) {
  const child = spawn(process.execPath, [program, 'relay', ...args], { cwd: folder });
  let text = '';
  const ended = new Promise((resolve) => child.on('close', resolve));
  await new Promise((resolve, reject) => {
    child.stderr.on('data', (part) => reject(new Error(String(part))));
    child.stdout.on('data', (part) => {
      text += part;
      if (text.split('\n').length > lines) resolve(undefined);
    });
  });
  return { child, ended, text: () => text };
}

/** Runs it to its end. @param {string[]} args */
async function run(...args) {
  const child = spawn(process.execPath, [program, 'relay', ...args], { cwd: folder });
  const out = { stdout: '', stderr: '' };
  for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
    child[name].on('data', (part) => (out[name] += part));
  }
  const code = await new Promise((resolve) => child.on('close', resolve));
  return { code, ...out };
}

relay('a ticket of the operator is served; SIGTERM lets the call end', async () => {
  const secret = ['--secret-file', 'secret'];
  const { child, ended, text } = await start(
    [
      '--listen',
      'udp://127.0.0.1:0',
      '--listen',
      'ws://127.0.0.1:0',
      ...secret,
      '--signalling',
    ].concat(
      ['--tls-cert', 'cert.pem', '--tls-key', 'key.pem', '--metrics', '127.0.0.1:0'],
      ['--name', 'one', '--drain-seconds', '60'],
    ),
    3,
  );
  const port = Number(/listening on udp:\/\/127\.0\.0\.1:(\d+)/.exec(text())?.[1]);
  assert.match(text(), /^listening on wss:\/\/127\.0\.0\.1:\d+$/m);
  const metrics = /^metrics on (.*)\/metrics$/m.exec(text())?.[1];
  const { stdout } = await run('ticket', ...secret, '--name', 'one');
  assert.match(stdout, /^[0-9a-f]{32}\n$/);
  const peerTag = Uint8Array.from(Buffer.from(stdout.trim(), 'hex'));
  const path = await connectUdp({ kind: 'relay', host: '127.0.0.1', port, peerTag }, 'caller');
  child.kill('SIGTERM');
  for (let status = 200; status !== 503; ) status = (await fetch(`${metrics}/health`)).status;
  path.close();
  child.kill('SIGTERM');
  assert.is(await ended, 0);
  assert.match(text(), /^draining: 1 calls, at most 60 s\nclosed\n$/m);
});

relay('room tokens', async () => {
  const { code, stdout } = await run('room', '--secret-file', 'secret', '--seconds', '60');
  assert.is(code, 0);
  assert.match(stdout, /^[0-9a-f]{72}\n$/);
});

relay('wrong options: one line, and code 2', async () => {
  const cases = /** @type {[string[], RegExp][]} */ ([
    [[], /--secret-file/],
    [['--secret-file', 'none'], /no such file/],
    [['--secret-file', 'short'], /at least 16 bytes/],
    [['--secret-file', 'secret', '--listen', 'udp://localhost:1'], /IP address/],
    [['--secret-file', 'secret', '--tls-cert', 'cert.pem'], /together/],
    [['--secret-file', 'secret', '--metrics', 'here'], /--metrics/],
    [['--tag', 'xyz'], /32 hexadecimal/],
    [['--tag', '0'.repeat(32), '--signalling'], /--secret-file/],
    [['ticket'], /--secret-file/],
    [['secret'], /options only/],
  ]);
  const results = await Promise.all(cases.map(([args]) => run(...args)));
  for (const [i, { code, stderr }] of results.entries()) {
    assert.is(code, 2, stderr);
    assert.match(stderr, /^sottovoce: [^\n]+\n$/);
    assert.match(stderr, cases[i][1]);
  }
});

relay.run();
