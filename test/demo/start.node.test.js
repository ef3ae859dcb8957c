// The main job from the outside: what a person types, what comes back.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readWav, WavWriter } from '../../examples/demo/wav.mjs';

const start = suite('demo: npm start');
const program = fileURLToPath(new URL('../../scripts/start.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'start-'));
const input = join(folder, 'input.wav');
const { pcm } = readWav('examples/demo/demo-speech.wav');
const writer = new WavWriter(input);
writer.write(pcm.subarray(0, 2.5 * 48000));
writer.close();
start.after(() => rmSync(folder, { recursive: true }));

/**
 * @param {string[]} args
 * @param {{ stopAt?: string }} [options] `stopAt`: SIGINT once this has been printed
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
function run(args, { stopAt } = {}) {
  return new Promise((resolve, reject) => {
    const { npm_lifecycle_event: _, ...env } = process.env;
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
    let stdout = '';
    let stderr = '';
    let asked = false;
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      if (stopAt && !asked && stdout.includes(stopAt)) asked = child.kill('SIGINT');
    });
    child.stderr.on('data', (chunk) => (stderr += chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}
const out = (/** @type {string} */ name) => join(folder, 'out', name);

start('--json: one object, and all that it has to hold', async () => {
  const { code, stdout, stderr } = await run(['--speed', '20', '--json', '--input', 'input.wav']);
  assert.is(code, 0, stderr);
  assert.is(stdout.trim().split('\n').length, 1);
  const report = JSON.parse(stdout);
  assert.equal(report, JSON.parse(readFileSync(out('report.json'), 'utf8')));
  const { emojis, packets, relay, delayMs, quality } = report;
  assert.is(emojis.caller.length, 4);
  assert.equal(emojis.caller, emojis.callee);
  assert.match(report.keyFingerprint, /^[0-9a-f]{16}$/);
  // 2.5 s are 125 frames, and one more in each direction.
  assert.is(packets.voice, 252);
  assert.ok(packets.sent >= 252 && packets.received >= 252 && packets.received <= packets.sent);
  assert.equal(packets.injected, { tampered: 2, replayed: 2, truncated: 4 });
  assert.is(packets.dropped, 8);
  assert.is(packets.lost, 0);
  assert.ok(report.bytes > 252 * 33);
  assert.ok(relay.packets >= 252);
  assert.is(relay.opened, 0);
  assert.is(relay.control, relay.packets);
  assert.ok(relay.guesses > 20 && relay.attempts >= relay.guesses * 252);
  assert.is(relay.opusRuns, 0);
  assert.is(relay.pcmRuns, 0);
  assert.ok(relay.entropy > 7.9 && relay.entropy <= 8);
  assert.ok(relay.bytes > report.bytes);
  assert.ok(delayMs.p50 > 0 && delayMs.p95 >= delayMs.p50);
  assert.is(quality.name, 'spectralSimilarity');
  assert.ok(quality.received > 0.85 && quality.receivedBack > 0.85, JSON.stringify(quality));
  assert.ok(report.bitrate > 15_000 && report.bitrate < 35_000);
  assert.ok(Math.abs(readWav(out('received.wav')).pcm.length - 120_000) <= 960);
  assert.ok(existsSync(out('received-back.wav')));
  for (const part of ['Key exchange', 'Emojis', 'What the relay saw', 'What was heard']) {
    assert.ok(stderr.includes(part), part);
  }
});

start('--direct --loss: losses are concealed, and told', async () => {
  const args = ['--speed', '20', '--json', '--direct', '--loss', '10', '--input', 'input.wav'];
  const { code, stdout, stderr } = await run(args);
  assert.is(code, 0, stderr);
  const { packets, relay, quality } = JSON.parse(stdout);
  assert.ok(packets.lost > 10 && packets.lost < 45, `${packets.lost}`);
  assert.is(packets.dropped, 0);
  assert.is(relay.packets, 0);
  assert.ok(quality.received > 0.6);
});

start('--attack: only the emojis betray him', async () => {
  const { code, stdout, stderr } = await run(['--attack', '--speed', '20', '--input', 'input.wav']);
  assert.is(code, 3, stderr);
  assert.match(stdout, /They differ: somebody is in between/);
  const { emojis, relay, packets, quality } = JSON.parse(readFileSync(out('report.json'), 'utf8'));
  assert.not.equal(emojis.caller, emojis.callee);
  assert.ok(relay.packets >= packets.voice);
  assert.is(relay.opened, relay.packets);
  assert.is(packets.dropped, 0);
  assert.ok(quality.received > 0.85 && quality.receivedBack > 0.85);
  assert.ok(Math.abs(readWav(out('attacker.wav')).pcm.length - 120_000) <= 960);
});

start('--attack commitment: refused, and nothing was said', async () => {
  const { code, stdout, stderr } = await run(['--attack', 'commitment', '--input', 'input.wav']);
  assert.is(code, 4, stderr);
  assert.match(stdout, /commitment-mismatch/);
  const { packets, ended } = JSON.parse(readFileSync(out('report.json'), 'utf8'));
  assert.is(ended.code, 'commitment-mismatch');
  assert.is(packets.voice, 0);
  assert.not.ok(existsSync(out('received.wav')));
});

start('bad input: one line and exit code 2', async () => {
  for (const args of [['--input', 'missing.wav'], ['--nonsense']]) {
    const { code, stdout, stderr } = await run(args);
    assert.is(code, 2);
    assert.is(stdout, '');
    assert.match(stderr, /^sottovoce: .*(no such file|unknown option).*\n$/);
  }
});

start('Ctrl-C: files are finished, no stack trace', async () => {
  const { code, stdout, stderr } = await run(['--input', 'input.wav'], { stopAt: 'mouth to ear' });
  assert.is(code, 130);
  assert.is(stderr, '');
  assert.match(stdout, /Stopped\. So far received/);
  const { length } = readWav(out('received.wav')).pcm;
  assert.ok(length > 0 && length < 120_000);
});

start.run();
