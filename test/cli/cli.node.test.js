// The program as a user calls it: what it prints, how it ends, and what it leaves behind.
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { wavHeader, wavSamples } from 'sottovoce/internal';
import { manifest, root } from '../../scripts/lib/package.mjs';
import { join as joined, pagesOf, writePages } from '../support/ogg.js';
import { voice } from '../support/signals.js';

const cli = suite('cli');
const program = join(root, manifest.bin.sottovoce);
const folder = mkdtempSync(join(tmpdir(), 'cli-'));
cli.after(() => rmSync(folder, { recursive: true, force: true }));
const at = (name) => join(folder, name);
const read = (name) => readFileSync(at(name));

/** @param {string[]} args @param {{ input?: Uint8Array, closeStdout?: boolean }} [options] */
function run(args, { input, closeStdout } = {}) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    if (closeStdout) child.stdout.destroy();
    const parts = [];
    let stderr = '';
    child.stdout.on('data', (part) => parts.push(part));
    child.stderr.on('data', (part) => (stderr += part));
    child.on('close', (code) => {
      const stdout = Buffer.concat(parts);
      resolve({ code, stdout, text: stdout.toString(), stderr });
    });
  });
}

/** It ends with this code and one line. */
async function fails(code, message, args, options) {
  const result = await run(args, options);
  assert.is(result.code, code, result.stderr);
  assert.match(result.stderr, message);
  assert.match(result.stderr, /^sottovoce: [^\n]+\n$/, 'one line');
  return result;
}

function wav(name, samples, { channels = 1, sampleRate = 48_000, float = false } = {}) {
  const bytes = wavSamples(voice(samples, sampleRate, channels), float);
  writeFileSync(
    at(name),
    joined([wavHeader({ channels, sampleRate, float }, bytes.length), bytes]),
  );
}

wav('in.wav', 20_000);
wav('cd.wav', 22_051, { channels: 2, sampleRate: 44_100 });
const files = () => readdirSync(folder).filter((name) => name.includes('part'));

cli('help fits a screen and holds an example', async () => {
  const calls = [
    ['--help'],
    ['encode', '--help'],
    ['decode', '-h'],
    ['info', '--help'],
    ['relay', '--help'],
  ];
  const results = await Promise.all(calls.map((args) => run(args)));
  for (const [i, { code, text, stderr }] of results.entries()) {
    const args = calls[i];
    assert.is(code, 0);
    assert.is(stderr, '');
    const lines = text.trimEnd().split('\n');
    assert.ok(lines.length <= 24, `${args}: ${lines.length} lines`);
    assert.ok(
      lines.every((line) => line.length <= 80),
      `${args}: 80 columns`,
    );
    assert.match(text, /Example: sottovoce /);
  }
  assert.is((await run(['--version'])).text, `${manifest.version}\n`);
});

cli('encode, decode, info', async () => {
  const made = await run(['encode', 'cd.wav', 'cd.opus', '--bitrate', '64', '--tag', 'TITLE=A']);
  assert.equal([made.code, made.text, made.stderr], [0, '', '']);
  const back = await run(['decode', 'cd.opus', 'back.wav']);
  assert.equal([back.code, back.text, back.stderr], [0, '', '']);
  assert.is(statSync(at('back.wav')).size, statSync(at('cd.wav')).size, 'rate and length are back');
  assert.is((await run(['decode', 'cd.opus', '48.wav', '--rate', '48000', '--float'])).code, 0);
  assert.is(statSync(at('48.wav')).size, 58 + 4 * 2 * Math.round((22_051 * 48_000) / 44_100));

  const report = JSON.parse((await run(['info', 'cd.opus', '--json'])).text);
  const [stream] = report.streams;
  assert.is(stream.samples, Math.round((22_051 * 48_000) / 44_100));
  assert.is(stream.channels, 2);
  assert.is(stream.complete, true);
  assert.equal(stream.packetMs, { 20: stream.packets });
  assert.equal(stream.tags.at(-1), { name: 'TITLE', value: 'A' });
  assert.is(stream.bitrate, Math.round((8 * stream.bytes) / stream.duration));
  const words = (await run(['info', 'cd.opus'])).text;
  assert.match(words, /cd\.opus: 0:00\.500\nstream 1 .*2 channels, encoded from 44100 Hz/);
  assert.equal(files(), []);
});

cli('options reach the encoder', async () => {
  const args = ['--bitrate', '24', '--cbr', '--frame', '60', '--application', 'voip', '--gain=-3'];
  await run(['encode', 'in.wav', 'o.opus', '--complexity', '1', ...args]);
  const [stream] = JSON.parse((await run(['info', 'o.opus', '--json'])).text).streams;
  assert.equal(stream.packetBytes, { min: 180, max: 180 });
  assert.equal(stream.packetMs, { 60: stream.packets });
  assert.is(stream.gain, -3);
});

cli('through pipes', async () => {
  const encoded = await run(['encode', '-', '-'], { input: read('in.wav') });
  assert.equal([encoded.code, encoded.stderr], [0, '']);
  const decoded = await run(['decode', '-', '-'], { input: encoded.stdout });
  assert.is(decoded.stdout.length, 44 + 2 * 20_000);
  assert.is(decoded.stdout.readUInt32LE(40), 0xffffffff, 'the length is not known in front');
  const again = await run(['encode', '-', 'again.opus'], { input: decoded.stdout });
  assert.is(again.code, 0);
  const report = JSON.parse((await run(['info', '-', '--json'], { input: encoded.stdout })).text);
  assert.is(report.streams[0].samples, 20_000);
  assert.is(report.file, 'standard input');
});

cli('wrong usage: exit code 2', async () => {
  await Promise.all([
    fails(2, /a command is missing/, []),
    fails(2, /no command "frobnicate"/, ['frobnicate']),
    fails(2, /expected IN\.wav and OUT\.opus/, ['encode', 'in.wav']),
    fails(2, /'--loud'/, ['encode', 'in.wav', 'x.opus', '--loud']),
    fails(2, /--bitrate expected 6 to 510, got "many"/, [
      'encode',
      'in.wav',
      'x',
      '--bitrate',
      'many',
    ]),
    fails(2, /--frame expected 2\.5, 5/, ['encode', 'in.wav', 'x.opus', '--frame', '30']),
    fails(2, /--application expected/, ['encode', 'in.wav', 'x.opus', '--application', 'movie']),
    fails(2, /exclude each other/, ['encode', 'in.wav', 'x.opus', '--cbr', '--vbr']),
    fails(2, /--tag expected NAME=VALUE/, ['encode', 'in.wav', 'x.opus', '--tag', 'TITLE']),
    fails(2, /--rate expected/, ['decode', 'in.opus', 'x.wav', '--rate', '1']),
  ]);
  assert.not(existsSync(at('x.opus')));
});

cli('wrong input: exit code 2, and nothing under the final name', async () => {
  await run(['encode', 'in.wav', 'good.opus']);
  const good = read('good.opus');
  const pages = pagesOf(good);
  const flipped = Buffer.from(good);
  flipped[flipped.length - 5] ^= 1;
  writeFileSync(at('flipped.opus'), flipped);
  writeFileSync(
    at('vorbis.ogg'),
    writePages([{ ...pages[0], body: Buffer.from('\x01vorbis'), lacing: [7] }]),
  );
  writeFileSync(at('empty'), '');
  const six = Buffer.from(read('in.wav'));
  six.writeUInt16LE(6, 22);
  six.writeUInt16LE(12, 32);
  writeFileSync(at('six.wav'), six);
  mkdirSync(at('folder'));
  writeFileSync(at('kept.wav'), 'what was there before');
  await Promise.all([
    fails(2, /nosuch\.wav: no such file/, ['encode', 'nosuch.wav', 'y.opus']),
    fails(2, /folder: is a folder/, ['encode', 'folder', 'y.opus']),
    fails(2, /empty: the file is empty/, ['encode', 'empty', 'y.opus']),
    fails(2, /good\.opus: not a WAV file/, ['encode', 'good.opus', 'y.opus']),
    fails(2, /six\.wav: 6 channels: expected mono or stereo/, ['encode', 'six.wav', 'y.opus']),
    fails(2, /in\.wav: not an Ogg file/, ['decode', 'in.wav', 'y.wav']),
    fails(2, /vorbis\.ogg: an Ogg file with Vorbis, not Opus/, ['decode', 'vorbis.ogg', 'y.wav']),
    fails(2, /flipped\.opus: .*wrong checksum/, ['decode', 'flipped.opus', 'kept.wav']),
    fails(2, /wrong checksum/, ['info', 'flipped.opus']),
    fails(2, /vorbis/i, ['info', 'vorbis.ogg', '--json']),
  ]);
  assert.not(existsSync(at('y.opus')) || existsSync(at('y.wav')));
  assert.is(read('kept.wav').toString(), 'what was there before');
  assert.equal(files(), []);
});

cli('input that breaks off: what came before is kept beside the final name', async () => {
  await run(['encode', 'in.wav', 'whole.opus', '--frame', '2.5']);
  const whole = read('whole.opus');
  writeFileSync(at('cut.opus'), whole.subarray(0, whole.length - 10));
  const { stderr } = await fails(2, /cut\.opus: the page at byte/, [
    'decode',
    'cut.opus',
    'cut.wav',
  ]);
  if (pagesOf(whole).length > 3) {
    assert.match(stderr, /what came before is in cut\.wav\.part/);
    assert.is(read('cut.wav.part').readUInt32LE(40), read('cut.wav.part').length - 44);
  }
  assert.not(existsSync(at('cut.wav')));

  wav('long.wav', 100_000);
  writeFileSync(at('lying.wav'), read('long.wav').subarray(0, 150_000));
  await fails(
    2,
    /100000 samples are promised, 74978 are there; what came before is in lying\.opus\.part/,
    ['encode', 'lying.wav', 'lying.opus'],
  );
  assert.not(existsSync(at('lying.opus')));
  assert.match(read('lying.opus.part').subarray(0, 4).toString(), /OggS/);
  for (const name of files()) rmSync(at(name));

  const info = await run(['info', 'cut.opus', '--json']);
  assert.is(info.code, 2);
  assert.is(JSON.parse(info.text).streams[0].complete, false, 'what could be read is told');
});

cli('output that cannot be written: exit code 1', async () => {
  await fails(1, /nowhere\/x\.opus: cannot be written: no such folder/, [
    'encode',
    'in.wav',
    'nowhere/x.opus',
  ]);
  mkdirSync(at('taken'));
  await fails(1, /taken: cannot be written: is a folder/, ['encode', 'in.wav', 'taken']);
  if (existsSync('/dev/full')) {
    await fails(1, /\/dev\/full: cannot be written: no space left/, [
      'encode',
      'in.wav',
      '/dev/full',
    ]);
    assert.ok(statSync('/dev/full').isCharacterDevice(), 'a device is written to, not replaced');
  }
  assert.equal(files(), []);
});

cli('a closed pipe: one line, exit code 1', async () => {
  wav('minute.wav', 48_000 * 5);
  await fails(
    1,
    /standard output: cannot be written: the reader closed the pipe/,
    ['encode', 'minute.wav', '-', '--complexity', '0'],
    {
      closeStdout: true,
    },
  );
});

cli('a link stays a link, and its file is replaced', async () => {
  writeFileSync(at('real.opus'), 'old');
  symlinkSync(at('real.opus'), at('link.opus'));
  assert.is((await run(['encode', 'in.wav', 'link.opus'])).code, 0);
  assert.is(read('real.opus').subarray(0, 4).toString(), 'OggS');
});

cli.run();
