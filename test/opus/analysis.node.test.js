// The analysis of the encoder's input: speech or music, tonality, activity, bandwidth.
import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';
import { noise } from '../support/signals.js';

const { wasm, memory } = await instantiate('analysis-debug');
const analysis = suite('opus analysis');

const state = wasm.allocate(wasm.ANALYSIS_SIZE);
const input = wasm.allocate(2880 * 2 * 4);

/** The fields that the analysis fills, in the order of the record. */
function fields() {
  const f = new Float32Array(memory.buffer, state, 16);
  const i = new Int32Array(memory.buffer, state, 16);
  const [, , , activity, tonality, music] = f;
  return { valid: i[2], activity, tonality, music, bandwidth: i[7], level: f[8] };
}

/** Analyses interleaved samples, `ms` at a time; what it says at the end. */
function analyse(pcm, { kHz = 48, channels = 1, ms = 20, depth = 16 } = {}) {
  wasm.analysisInit(state, kHz);
  new Int32Array(memory.buffer, state, 2)[1] = depth;
  const step = ms * kHz * channels;
  for (let at = 0; at + step <= pcm.length; at += step) {
    new Float32Array(memory.buffer, input, step).set(pcm.subarray(at, at + step));
    wasm.analyse(state, input, ms * kHz, channels);
  }
  return fields();
}

/** A second of a tone. */
function tone(hertz, kHz = 48, level = 0.2) {
  return Float32Array.from(
    { length: kHz * 1000 },
    (_, i) => level * Math.sin((2 * Math.PI * hertz * i) / (1000 * kHz)),
  );
}

/** Chords of plucked strings, four a second. */
function chords(seconds) {
  const pcm = new Float32Array(48000 * seconds);
  const random = prng(3);
  for (let at = 0; at < pcm.length; at += 12000) {
    const root = 110 * 2 ** (Math.floor(12 * random.float()) / 12);
    for (const interval of [1, 1.25, 1.5, 2, 3]) {
      for (let h = 1; h <= 8; h++) {
        const w = (2 * Math.PI * root * interval * h) / 48000;
        for (let i = 0; i < 36000 && at + i < pcm.length; i++) {
          pcm[at + i] += (0.05 / h) * Math.exp(-i / (24000 / h)) * Math.sin(w * i);
        }
      }
    }
  }
  return pcm;
}

/** Four seconds of a recorded-like voice. */
function speech() {
  const wav = readFileSync(new URL('../../examples/demo/demo-speech.wav', import.meta.url));
  return Float32Array.from({ length: 4 * 48000 }, (_, i) => wav.readInt16LE(44 + 2 * i) / 32768);
}

analysis('a tone is tonal, noise is not', () => {
  for (const kHz of [8, 12, 16, 24, 48]) {
    assert.ok(analyse(tone(1010, kHz), { kHz }).tonality > 0.9, `tone at ${kHz} kHz`);
    assert.ok(analyse(noise(1000 * kHz), { kHz }).tonality < 0.35, `noise at ${kHz} kHz`);
  }
});

analysis('a voice is told from music', () => {
  const voice = analyse(speech());
  const music = analyse(chords(4));
  assert.ok(voice.music < 0.3, `voice: ${voice.music}`);
  assert.ok(music.music > 0.7, `music: ${music.music}`);
  assert.ok(voice.activity > 0.5 && music.activity > 0.5);
});

analysis('frames of any length and two channels give the same', () => {
  const pcm = speech();
  const whole = analyse(pcm);
  assert.equal(analyse(pcm, { ms: 2.5 }), whole);
  assert.equal(analyse(pcm, { ms: 60 }), { ...whole, ...analyse(pcm, { ms: 60 }) });
  const both = new Float32Array(2 * pcm.length);
  for (let i = 0; i < pcm.length; i++) both[2 * i] = both[2 * i + 1] = pcm[i];
  const stereo = analyse(both, { channels: 2 });
  assert.ok(Math.abs(stereo.music - whole.music) < 0.01);
  // Opposite channels do not vanish.
  for (let i = 0; i < pcm.length; i++) both[2 * i + 1] = -pcm[i];
  assert.ok(analyse(both, { channels: 2 }).activity > 0.5);
});

analysis('the bandwidth is that of the signal', () => {
  const hiss = noise(96000, 0.3);
  for (const [hertz, bandwidth] of [
    [3400, 0],
    [5500, 1],
    [7500, 2],
    [11000, 3],
    [20000, 4],
  ]) {
    // A windowed sinc, and the dither of 16 bits.
    const taps = Float64Array.from({ length: 401 }, (_, i) => {
      const t = i - 200;
      const w =
        0.42 + 0.5 * Math.cos((Math.PI * t) / 201) + 0.08 * Math.cos((2 * Math.PI * t) / 201);
      return t === 0
        ? hertz / 24000
        : (w * Math.sin((Math.PI * hertz * t) / 24000)) / (Math.PI * t);
    });
    const random = prng(5);
    const pcm = Float32Array.from({ length: 64000 }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < 401; k++) sum += taps[k] * hiss[i + k];
      return sum + (random.float() + random.float() - 1) / 32768;
    });
    assert.is(analyse(pcm).bandwidth, bandwidth, `${hertz} Hz`);
  }
  assert.is(analyse(noise(48000), { kHz: 24 }).bandwidth, 3);
  assert.is(analyse(noise(16000), { kHz: 8 }).bandwidth, 0);
});

analysis('silence and steady noise are not active, and change nothing', () => {
  const silence = analyse(new Float32Array(96000));
  assert.ok(silence.activity < 0.1);
  assert.is(silence.music, 0.5);
  const hiss = analyse(noise(8 * 48000, 0.003));
  assert.ok(hiss.activity < 0.3, `hiss: ${hiss.activity}`);
});

analysis('whatever comes in, what goes out is finite', () => {
  const odd = [Number.NaN, Infinity, -Infinity, 1e-40, 3e38, -3e38, 1, -1, 0];
  const random = prng(11);
  for (const channels of [1, 2]) {
    const pcm = Float32Array.from(
      { length: 48000 },
      () => odd[Math.floor(odd.length * random.float())],
    );
    const { activity, tonality, music, level, bandwidth } = analyse(pcm, { channels });
    for (const x of [activity, tonality, music, level]) assert.ok(Number.isFinite(x));
    assert.ok(activity >= 0 && activity <= 1 && tonality >= 0 && tonality <= 1.001);
    assert.ok(music >= 0 && music <= 1 && bandwidth >= 0 && bandwidth <= 4);
  }
});

analysis.run();
