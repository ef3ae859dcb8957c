// Derives the weights of assembly/opus/tables/speech-music.ts: trains a network of 23 numbers, six hidden units and one
// output on what assembly/opus/analysis/texture.ts measures of recordings, voices also in noise and in babble.
// usage: derive-speech-music.mjs FOLDER [HELD-OUT]
// Each folder has subfolders speech and music of 48 kHz 16-bit WAV files, named GROUP-anything.wav. Prints the table, and how many steps of 20 ms each held-out file gets right. The shipped table: 61 files of
// recorded and synthetic voices in 30 languages, 53 pieces of music.
import { readFileSync, readdirSync } from 'node:fs';
import { instantiate } from '../test/support/node-assembly.js';
import { prng } from '../test/support/prng.js';

const USED = 23;
const HIDDEN = 6;
const EPOCHS = 12;
const DECAY = 1e-3;
const [folder, heldOut] = process.argv.slice(2);
if (!folder) throw new Error('a folder with subfolders speech and music is needed');

const random = prng(1);
const { wasm, memory } = await instantiate('analysis-debug');
const analysis = wasm.allocate(wasm.ANALYSIS_SIZE);
const pcm = wasm.allocate(960 * 2 * 4);

/** Samples of a WAV file, interleaved, and its channels. */
function read(path) {
  const bytes = readFileSync(path);
  const channels = bytes.readUInt16LE(22);
  let at = 12;
  while (bytes.toString('latin1', at, at + 4) !== 'data') at += 8 + bytes.readUInt32LE(at + 4);
  const end = Math.min(bytes.length, at + 8 + bytes.readUInt32LE(at + 4));
  const samples = new Float32Array((end - at - 8) >> 1);
  for (let i = 0; i < samples.length; i++) samples[i] = bytes.readInt16LE(at + 8 + 2 * i) / 32768;
  return { samples, channels };
}

const level = (x) => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / x.length) + 1e-9;

/** What is measured of each step in which there is something to hear, after half a second. */
function measure({ samples, channels }) {
  wasm.analysisInit(analysis, 48);
  const rows = [];
  const step = 960 * channels;
  for (let t = 0; (t + 1) * step <= samples.length; t++) {
    new Float32Array(memory.buffer, pcm, step).set(samples.subarray(t * step, (t + 1) * step));
    wasm.analyse(analysis, pcm, 960, channels);
    const [loud, peak] = new Float32Array(memory.buffer, analysis + wasm.LEVEL_OFFSET, 2);
    if (t < 25 || loud < -75 || loud < peak - 40) continue;
    rows.push([...new Float32Array(memory.buffer, wasm.TEXTURE, USED)]);
  }
  return rows;
}

/** `samples` with `other` added, `db` below. */
function mixed(samples, other, db) {
  const gain = (level(samples) / level(other)) * 10 ** (-db / 20);
  return samples.map((x, i) => x + gain * other[i % other.length]);
}

/** Noise that falls with frequency and swells slowly. */
function street(length) {
  let a = 0;
  let b = 0;
  return Float32Array.from({ length }, (_, i) => {
    const r = random.float() - 0.5;
    a = 0.998 * a + 0.05 * r;
    b = 0.97 * b + 0.15 * r;
    return (a + b + 0.5 * r) * (1 + 0.3 * Math.sin(i / 43000));
  });
}

/** Five voices at once. */
function babble(voices, from, length) {
  const sum = new Float32Array(length);
  for (let k = 0; k < 5; k++) {
    const { samples } = voices[(from + 11 * k) % voices.length];
    const gain = 1 / level(samples);
    for (let i = 0; i < length; i++) sum[i] += gain * samples[(i + 33600 * k) % samples.length];
  }
  return sum;
}

function load(root) {
  const list = [];
  for (const label of [0, 1]) {
    const kind = label ? 'music' : 'speech';
    for (const file of readdirSync(`${root}/${kind}`).filter((name) => name.endsWith('.wav'))) {
      list.push({ file, group: file.split('-')[0], label, ...read(`${root}/${kind}/${file}`) });
    }
  }
  return list;
}

/** Adam on the cross-entropy. */
function train(sets) {
  const rows = sets.flatMap((set) =>
    set.rows.filter((_, i) => i % 3 === 0).map((x) => ({ x, set })),
  );
  const keyOf = ({ label, group }) => `${label}${group}`;
  const sizes = new Map();
  for (const { set } of rows) sizes.set(keyOf(set), (sizes.get(keyOf(set)) ?? 0) + 1);
  // Classes count alike; a group by the root of its size, so that the colour of a large one does not decide.
  const weightOf = (set) => {
    const own = [...sizes].filter(([key]) => key[0] === `${set.label}`);
    const total = own.reduce((sum, [, size]) => sum + Math.sqrt(size), 0);
    return rows.length / 2 / total / Math.sqrt(sizes.get(keyOf(set)));
  };
  const weights = new Map(sets.map((set) => [set, weightOf(set)]));
  const mean = Array.from(
    { length: USED },
    (_, i) => rows.reduce((s, { x }) => s + x[i], 0) / rows.length,
  );
  const scale = mean.map((m, i) =>
    Math.sqrt(rows.reduce((s, { x }) => s + (x[i] - m) ** 2, 0) / rows.length + 1e-9),
  );
  for (const row of rows) row.x = row.x.map((v, i) => (v - mean[i]) / scale[i]);

  const width = USED + 1;
  const size = HIDDEN * width + HIDDEN + 1;
  const theta = Float64Array.from(
    { length: size },
    () => ((random.float() - 0.5) * 1.2) / Math.sqrt(USED),
  );
  const first = new Float64Array(size);
  const second = new Float64Array(size);
  const slope = new Float64Array(size);
  const h = new Float64Array(HIDDEN);
  let t = 0;
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    for (let i = rows.length - 1; i > 0; i--) {
      const j = Math.floor(random.float() * (i + 1));
      [rows[i], rows[j]] = [rows[j], rows[i]];
    }
    for (let from = 0; from < rows.length; from += 64) {
      const batch = rows.slice(from, from + 64);
      slope.fill(0);
      for (const { x, set } of batch) {
        const out = forward(theta, x, h);
        const error = (1 / (1 + Math.exp(-out)) - (set.label ? 0.97 : 0.03)) * weights.get(set);
        slope[size - 1] += error;
        for (let k = 0; k < HIDDEN; k++) {
          slope[HIDDEN * width + k] += error * h[k];
          const inner = error * theta[HIDDEN * width + k] * (1 - h[k] * h[k]);
          for (let i = 0; i < USED; i++) slope[k * width + i] += inner * x[i];
          slope[k * width + USED] += inner;
        }
      }
      t++;
      const rate = 0.01 * ((EPOCHS - epoch) / EPOCHS);
      for (let i = 0; i < size; i++) {
        const g = slope[i] / batch.length + DECAY * theta[i];
        first[i] = 0.9 * first[i] + 0.1 * g;
        second[i] = 0.999 * second[i] + 0.001 * g * g;
        theta[i] -=
          (rate * first[i]) / (1 - 0.9 ** t) / (Math.sqrt(second[i] / (1 - 0.999 ** t)) + 1e-8);
      }
    }
  }
  // What was taken off and divided by becomes part of the weights.
  for (let k = 0; k < HIDDEN; k++) {
    for (let i = 0; i < USED; i++) {
      theta[k * width + i] /= scale[i];
      theta[k * width + USED] -= theta[k * width + i] * mean[i];
    }
  }
  return theta;
}

function forward(theta, x, h) {
  const width = USED + 1;
  let out = theta[theta.length - 1];
  for (let k = 0; k < HIDDEN; k++) {
    let sum = theta[k * width + USED];
    for (let i = 0; i < USED; i++) sum += theta[k * width + i] * x[i];
    h[k] = Math.tanh(sum);
    out += theta[HIDDEN * width + k] * h[k];
  }
  return out;
}

const files = load(folder);
const voices = files.filter((file) => file.label === 0);
const sets = files.map((file) => ({ ...file, rows: measure(file) }));
for (const [i, file] of voices.entries()) {
  const length = Math.min(file.samples.length, 20 * 48000);
  const other = i % 2 ? street(length) : babble(voices, i, length);
  const samples = mixed(file.samples, other, 8 + 4 * (i % 4));
  sets.push({ ...file, group: i % 2 ? 'street' : 'babble', rows: measure({ ...file, samples }) });
}
const theta = train(sets);
const text = [...theta].map((x) => Number(x.toPrecision(5))).join(', ');
console.log(`export const SPEECH_MUSIC = memory.data<f32>([${text}], 16);`);

const rate = (list) => {
  const h = new Float64Array(HIDDEN);
  for (const { file, label, rows } of list) {
    const right = rows.filter((x) => forward(theta, x, h) > 0 === (label === 1)).length;
    console.log(`// ${file}: ${((100 * right) / rows.length).toFixed(1)} % of ${rows.length}`);
  }
};
if (heldOut) rate(load(heldOut).map((file) => ({ ...file, rows: measure(file) })));
