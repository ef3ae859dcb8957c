// npm run check:files [-- PATTERN]: our Ogg Opus files in other people's programs, and theirs in ours.
//   written   opusinfo finds nothing to say, opusdec and ffmpeg get the exact length, and opusdec the
//             samples that we decode
//   read      what opusenc and ffmpeg write decodes to what opusdec gives: within 1 LSB RMS, same length
//   chromium  plays a voice message and decodes it to the exact length
// Needs opus-tools, ffmpeg and Chromium. Ends with "N passed, N failed".
import './ready.mjs';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launch } from '../test/harness/browsers.mjs';
import { encodeVoiceMessage } from 'sottovoce/files';
import { manifest, root } from './lib/package.mjs';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const at = (name) => join(folder, name);
const pattern = new RegExp(process.argv[2] ?? '');

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'buffer',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${status}\n${stderr}`);
  return { stdout, text: `${stdout}${stderr}` };
}
const sottovoce = (...args) => run(process.execPath, [join(root, manifest.bin.sottovoce), ...args]);
const ffmpeg = (...args) =>
  run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-y', ...args]);

function equal(actual, expected, what) {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}

/** 16-bit samples of a WAV file. */
function samplesOf(name) {
  const bytes = readFileSync(at(name));
  const start = bytes.indexOf('data') + 8;
  const data = bytes.subarray(start);
  return new Int16Array(new Uint8Array(data.subarray(0, data.length & ~1)).buffer);
}

/** Root mean square of the difference, in LSB. */
function difference(a, b) {
  equal(b.length, a.length, 'samples');
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum / a.length);
}

/** Decodes with both programs; returns what differs. */
function compare(name) {
  run('opusdec', ['--quiet', '--no-dither', '--rate', '48000', name, `${name}.theirs.wav`]);
  sottovoce('decode', name, `${name}.ours.wav`, '--rate', '48000');
  const ours = samplesOf(`${name}.ours.wav`);
  const rms = difference(samplesOf(`${name}.theirs.wav`), ours);
  if (!(rms < 1)) throw new Error(`${rms.toFixed(3)} LSB RMS from opusdec`);
  return { samples: ours.length, rms };
}

/** Something like speech and music: gliding harmonics, noise bursts, a pause. */
function signal(samples, rate, channels) {
  const pcm = new Float64Array(samples * channels);
  let seed = 1;
  for (let i = 0; i < samples; i++) {
    const t = i / rate;
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const burst = t % 0.5 < 0.05 ? (0.2 * (seed - 2 ** 31)) / 2 ** 31 : 0;
    for (let c = 0; c < channels; c++) {
      let sum = burst;
      for (let h = 1; h < 20; h++) sum += (0.15 / h) * Math.sin(h * (800 * t + 60 * t * t) + c * h);
      pcm[i * channels + c] = t % 2 < 1.7 ? sum : 0;
    }
  }
  return pcm;
}

/** Writes a WAV file with sox-like encodings: 8, 16, 24 or 'float'. */
function makeWav(name, { samples, rate, channels, bits }) {
  const pcm = signal(samples, rate, channels);
  const float = bits === 'float';
  const width = float ? 4 : bits / 8;
  const bytes = Buffer.alloc(44 + pcm.length * width);
  bytes.write('RIFF', 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write('WAVEfmt ', 8);
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(float ? 3 : 1, 20);
  bytes.writeUInt16LE(channels, 22);
  bytes.writeUInt32LE(rate, 24);
  bytes.writeUInt32LE(rate * channels * width, 28);
  bytes.writeUInt16LE(channels * width, 32);
  bytes.writeUInt16LE(width * 8, 34);
  bytes.write('data', 36);
  bytes.writeUInt32LE(bytes.length - 44, 40);
  pcm.forEach((x, i) => {
    const place = 44 + i * width;
    if (float) bytes.writeFloatLE(x, place);
    else if (bits === 8) bytes.writeUInt8(Math.round(x * 127) + 128, place);
    else bytes.writeIntLE(Math.round(x * (2 ** (bits - 1) - 1)), place, width);
  });
  writeFileSync(at(name), bytes);
}

const checks = [];
const check = (name, work) => checks.push({ name, work });

// --- written by us ---

for (const [input, ...options] of [
  [{ samples: 96_007, rate: 48_000, channels: 1, bits: 16 }],
  [{ samples: 96_007, rate: 48_000, channels: 1, bits: 16 }, '--bitrate', '6', '--frame', '2.5'],
  [{ samples: 50_001, rate: 48_000, channels: 2, bits: 16 }, '--application', 'low-delay'],
  [
    { samples: 50_001, rate: 16_000, channels: 1, bits: 8 },
    '--application',
    'voip',
    '--bitrate',
    '16',
  ],
  [{ samples: 100_003, rate: 44_100, channels: 2, bits: 24 }, '--bitrate', '128', '--cbr'],
  [{ samples: 200_001, rate: 96_000, channels: 2, bits: 'float' }, '--frame', '60', '--cvbr'],
  [{ samples: 96_000, rate: 48_000, channels: 2, bits: 16 }, '--frame', '120', '--gain=-6.5'],
  [{ samples: 1, rate: 48_000, channels: 1, bits: 16 }],
]) {
  const { samples, rate, channels, bits } = input;
  const title = `${rate} Hz, ${channels} x ${bits}, ${samples} samples ${options.join(' ')}`;
  check(`written: ${title.trim()}`, () => {
    makeWav('in.wav', input);
    sottovoce('encode', 'in.wav', 'out.opus', '--tag', 'TITLE=Grüße', ...options);
    const { text } = run('opusinfo', ['out.opus']);
    if (/warn|error|invalid|missing|hole|corrupt/i.test(text)) throw new Error(text);
    if (!text.includes('TITLE=Gr')) throw new Error(`no tag:\n${text}`);
    const expected = Math.round((samples * 48_000) / rate);
    const { samples: got, rms } = compare('out.opus');
    equal(got, expected * channels, 'samples of opusdec');
    // At the rate of the input, the length is that of the input.
    sottovoce('decode', 'out.opus', 'back.wav');
    equal(
      samplesOf('back.wav').length / channels,
      rate === 96_000 ? 2 * expected : samples,
      'length',
    );
    const raw = ffmpeg('-i', 'out.opus', '-f', 's16le', '-ar', '48000', '-').stdout.length / 2;
    equal(raw, expected * channels, 'samples of ffmpeg');
    return `${rms.toFixed(3)} LSB RMS from opusdec`;
  });
}

// --- written by others ---

const theirs = [
  ...[
    ['--bitrate', '24', '--speech'],
    ['--bitrate', '12', '--framesize', '60'],
    ['--bitrate', '96', '--framesize', '2.5'],
    ['--bitrate', '256', '--hard-cbr', '--framesize', '40'],
  ].map((options) => ({
    name: `opusenc ${options.join(' ')}`,
    make: () => run('opusenc', ['--quiet', ...options, 'in.wav', 'theirs.opus']),
  })),
  ...[
    ['-b:a', '24k', '-application', 'voip', '-frame_duration', '20'],
    ['-b:a', '64k', '-vbr', 'off', '-frame_duration', '60'],
    [
      '-b:a',
      '48k',
      '-application',
      'lowdelay',
      '-frame_duration',
      '2.5',
      '-page_duration',
      '5000000',
    ],
  ].map((options) => ({
    name: `ffmpeg ${options.join(' ')}`,
    make: () => ffmpeg('-i', 'in.wav', '-c:a', 'libopus', ...options, 'theirs.opus'),
  })),
];
for (const { name, make } of theirs) {
  for (const [channels, rate] of [
    [1, 48_000],
    [2, 44_100],
  ]) {
    check(`read: ${name}, ${rate} Hz, ${channels} channels`, () => {
      makeWav('in.wav', { samples: 2 * rate + 77, rate, channels, bits: 16 });
      make();
      const { rms } = compare('theirs.opus');
      return `${rms.toFixed(3)} LSB RMS from opusdec`;
    });
  }
}

check('read: opusenc, chained by hand', () => {
  makeWav('in.wav', { samples: 48_000, rate: 48_000, channels: 2, bits: 16 });
  run('opusenc', ['--quiet', '--serial', '1', 'in.wav', 'a.opus']);
  run('opusenc', ['--quiet', '--serial', '2', 'in.wav', 'b.opus']);
  writeFileSync(
    at('chain.opus'),
    Buffer.concat([readFileSync(at('a.opus')), readFileSync(at('b.opus'))]),
  );
  const { samples, rms } = compare('chain.opus');
  equal(samples, 2 * 96_000, 'samples');
  return `${rms.toFixed(3)} LSB RMS from opusdec`;
});

// --- in a browser ---

const PAGE = `<!doctype html><meta charset=utf-8><title>files</title><audio preload=auto></audio><script>
(async () => {
  const audio = document.querySelector('audio');
  audio.muted = true;
  const ended = new Promise((done, failed) => {
    audio.onended = done;
    audio.onerror = () => failed(new Error(audio.error.message));
  });
  audio.src = '/message.ogg';
  await audio.play();
  await ended;
  const bytes = await (await fetch('/message.ogg')).arrayBuffer();
  const decoded = await new OfflineAudioContext(1, 1, 48000).decodeAudioData(bytes);
  return { played: audio.duration, decoded: decoded.length };
})().catch((error) => ({ error: String(error) }))
  .then((result) => fetch('/result', { method: 'POST', body: JSON.stringify(result) }));
</script>`;

check('chromium plays a voice message', async () => {
  const pcm = Float32Array.from(signal(96_000, 48_000, 1));
  const { ogg } = await encodeVoiceMessage(pcm);
  let finish;
  const result = new Promise((resolve) => (finish = resolve));
  const server = createServer((request, response) => {
    if (request.method === 'POST') {
      let body = '';
      request.on('data', (part) => (body += part));
      request.on('end', () => finish(JSON.parse(body)));
      response.end();
    } else if (request.url === '/message.ogg') {
      response
        .writeHead(200, { 'content-type': 'audio/ogg', 'content-length': ogg.length })
        .end(ogg);
    } else response.writeHead(200, { 'content-type': 'text/html' }).end(PAGE);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = launch('chromium', `http://127.0.0.1:${port}/`, [
    '--autoplay-policy=no-user-gesture-required',
  ]);
  if (!browser) throw new Error('no Chromium');
  const timer = setTimeout(() => finish({ error: 'no answer for 60 s' }), 60_000);
  const { error, played, decoded } = await result;
  clearTimeout(timer);
  const log = browser.log();
  await browser.close();
  server.close();
  if (error) throw new Error(`${error}\n${log}`);
  equal(decoded, 96_000, 'samples of decodeAudioData');
  if (Math.abs(played - 2) > 0.05) throw new Error(`${played} s long for <audio>`);
  return `${played} s, ${decoded} samples`;
});

let passed = 0;
let failed = 0;
for (const { name, work } of checks.filter(({ name }) => pattern.test(name))) {
  try {
    console.log(`ok    ${name}: ${await work()}`);
    passed++;
  } catch (error) {
    console.log(`FAIL  ${name}: ${/** @type {Error} */ (error).message}`);
    failed++;
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
