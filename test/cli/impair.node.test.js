// The forwarder between two real sockets on this machine.
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { manifest, root } from '../../scripts/lib/package.mjs';

const impair = suite('cli/impair');
const program = join(root, manifest.bin.sottovoce);

/** @param {string[]} args */
const start = (args) => spawn(process.execPath, [program, 'impair', ...args]);

impair('forwards there and back, with delay and loss, until it is told to end', async () => {
  const server = createSocket('udp4');
  server.on('message', (data, { address, port }) => server.send(data, port, address));
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  const to = `127.0.0.1:${server.address().port}`;
  const child = start(['--to', to, '--delay', '20', '--loss', '20', '--seed', '3']);
  const [line] = await once(child.stdout, 'data');
  const port = Number(/^impairing udp:\/\/127\.0\.0\.1:(\d+)\n$/.exec(String(line))?.[1]);
  const client = createSocket('udp4');
  /** @type {number[]} */
  const echoes = [];
  let first = 0;
  const sent = performance.now();
  client.on('message', (data) => {
    if (echoes.length === 0) first = performance.now() - sent;
    echoes.push(data[0] ?? -1);
  });
  for (let n = 0; n < 100; n++) client.send(Uint8Array.of(n), port, '127.0.0.1');
  for (let i = 0; i < 100 && echoes.length < 40; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(echoes.length > 40 && echoes.length < 85, `${echoes.length} of 100, 64 expected`);
  assert.ok(first >= 38, `${first} ms`);
  assert.is(new Set(echoes).size, echoes.length);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.is(code, 0);
  client.close();
  server.close();
});

impair('wrong options: one line, exit code 2', async () => {
  for (const [args, message] of /** @type {[string[], RegExp][]} */ ([
    [[], /--to expected HOST:PORT, got nothing/],
    [['--to', 'nowhere'], /--to expected HOST:PORT, got "nowhere"/],
    [['--to', '127.0.0.1:9', '--network', 'moon'], /--network expected good-wifi/],
    [['--to', '127.0.0.1:9', '--network', 'train', '--loss', '1'], /leave out --loss/],
    [['--to', '127.0.0.1:9', '--loss', '101'], /--loss expected 0 to 100/],
    [['--to', '127.0.0.1:9', '--trace', '/no/such/file'], /such file/],
  ])) {
    const child = start(args);
    let stderr = '';
    child.stderr.on('data', (part) => (stderr += part));
    const [code] = await once(child, 'close');
    assert.is(code, 2, stderr);
    assert.match(stderr, message);
    assert.is(stderr.trim().split('\n').length, 1);
  }
});

impair.run();
