// npm run check:memory [-- --minutes N]: the memory of the program while an hour of stereo flows through
// it, in and out by pipes: the peak of the resident set of each process, which has to stay below 100 MiB.
import './ready.mjs';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { manifest, root } from './lib/package.mjs';

const LIMIT = 100 * 1024 * 1024;
const RATE = 48_000;
const given = process.argv.indexOf('--minutes');
const minutes = given < 0 ? 60 : Number(process.argv[given + 1]);
const samples = minutes * 60 * RATE;

/** Tells the peak when the process leaves; resourceUsage().maxRSS is in kilobytes. */
const tell = `data:text/javascript,process.on('exit', () =>
  process.stderr.write('peak ' + process.resourceUsage().maxRSS * 1024 + '\\n'))`.replace(
  /\s+/g,
  ' ',
);

function start(...args) {
  const program = join(root, manifest.bin.sottovoce);
  const child = spawn(process.execPath, ['--import', tell, program, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (part) => (stderr += part));
  const done = new Promise((resolve, reject) => {
    child.on('close', (code) => {
      const peak = Number(/peak (\d+)/.exec(stderr)?.[1]);
      if (code === 0) resolve(peak);
      else reject(new Error(`${args[0]}: exit code ${code}\n${stderr}`));
    });
  });
  return { child, done };
}

const encoder = start('encode', '-', '-', '--bitrate', '96', '--complexity', '5');
const decoder = start('decode', '-', '-');
encoder.child.stdout.pipe(decoder.child.stdin);
let bytes = 0;
decoder.child.stdout.on('data', (part) => (bytes += part.length));

// One second of stereo that is written again and again, behind the header of a pipe.
const second = new Int16Array(2 * RATE);
for (let i = 0; i < RATE; i++) {
  second[2 * i] = 9000 * Math.sin(i * 0.05) + 3000 * Math.sin(i * i * 1e-6);
  second[2 * i + 1] = 9000 * Math.sin(i * 0.031);
}
const header = Buffer.alloc(44);
header.write('RIFF\xff\xff\xff\xffWAVEfmt ', 'latin1');
header.writeUInt32LE(16, 16);
header.writeUInt16LE(1, 20);
header.writeUInt16LE(2, 22);
header.writeUInt32LE(RATE, 24);
header.writeUInt32LE(RATE * 4, 28);
header.writeUInt16LE(4, 32);
header.writeUInt16LE(16, 34);
header.write('data\xff\xff\xff\xff', 36, 'latin1');

const { stdin } = encoder.child;
stdin.on('error', () => {}); // told by its exit code
const write = (part) =>
  stdin.write(part) ? undefined : new Promise((resolve) => stdin.once('drain', resolve));
const begin = performance.now();
await write(header);
const bytesOfSecond = new Uint8Array(second.buffer);
for (let i = 0; i < minutes * 60; i++) await write(bytesOfSecond);
stdin.end();

const [encoding, decoding] = await Promise.all([encoder.done, decoder.done]);
const seconds = ((performance.now() - begin) / 1000).toFixed(0);
const mb = (value) => `${(value / 1e6).toFixed(1)} MB`;
const whole = bytes === 44 + 4 * samples;
const report = `${minutes} min of stereo in ${seconds} s: encode ${mb(encoding)}, decode ${mb(decoding)}`;
console.log(whole ? report : `${report}; ${bytes} bytes came back, not ${44 + 4 * samples}`);
process.exitCode = whole && encoding < LIMIT && decoding < LIMIT ? 0 : 1;
