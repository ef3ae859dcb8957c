// Settings that change at random between any two frames, and input that no microphone gives: always a packet, never more than asked
// for, that decodes here and in libopus.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { prng } from '../support/prng.js';
import { voice } from '../support/signals.js';
import { Bench, memory, wasm } from './node-encoder.js';

const hostile = suite('encoder, hostile input');

const RATES = [8000, 12000, 16000, 24000, 48000];
const DURATIONS = [2.5, 5, 10, 20, 40, 60, 80, 100, 120];
const CHOICES = {
  bitrate: [-1, 0, 500, 6000, 9000, 12000, 16000, 24000, 32000, 64000, 128000, 510000],
  control: [0, 1, 2],
  complexity: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  bandwidth: [-1, -1, 0, 1, 2, 3, 4],
  maxBandwidth: [0, 1, 2, 3, 4, 4],
  signal: [0, 1, 2],
  fec: [0, 1],
  expectedLossPercent: [0, 2, 10, 25, 100],
  dtx: [0, 1],
  lsbDepth: [8, 16, 24],
  predictionDisabled: [0, 0, 1],
  phaseInversionDisabled: [0, 1],
  forceMode: [0, 1, 2, 3],
  forceChannels: [0, 1, 2],
};
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, -1e30, 1e-40, 0, 2];

for (let seed = 1; seed <= 12; seed++) {
  hostile(`everything at random, ${seed}`, async () => {
    const random = prng(seed);
    const pick = (list) => list[Math.floor(random.float() * list.length)];
    const rate = pick(RATES);
    const channels = pick([1, 2]);
    const bench = await Bench.create({ rate, channels, application: seed % 3 });
    const speech = voice(rate, rate);
    const size = memory.buffer.byteLength;
    let at = 0;
    for (let frame = 0; frame < 40; frame++) {
      for (const [name, values] of Object.entries(CHOICES)) {
        if (random.float() < 0.1) {
          const value = pick(values);
          bench.set({ [name]: name === 'forceChannels' ? Math.min(value, channels) : value });
        }
      }
      const kind = Math.floor(random.float() * 5);
      const pcm = Float32Array.from({ length: (pick(DURATIONS) * rate * channels) / 1000 }, () => {
        at++;
        if (kind === 0) return at & 64 ? 1 : -1;
        if (kind === 1) return random.float() < 0.02 ? pick(ODD) : 2 * random.float() - 1;
        if (kind === 2) return 0;
        return speech[Math.floor(at / channels) % rate];
      });
      bench.step(pcm, random.float() < 0.2 ? 2 + Math.floor(random.float() * 80) : 7660);
    }
    assert.is(memory.buffer.byteLength, size, 'encoding reserves nothing');
    bench.close();
  });
}

hostile('what no packet can hold is refused, and changes nothing', async () => {
  const state = wasm.allocate(wasm.opusEncoderSize());
  assert.is(wasm.opusEncoderInit(state, 44100, 1, 0), -1);
  assert.is(wasm.opusEncoderInit(state, 48000, 3, 0), -1);
  assert.is(wasm.opusEncoderInit(state, 48000, 1, 0), 0);
  const pcm = wasm.allocate(6000 * 4);
  const packet = wasm.allocate(2000);
  const before = new Uint8Array(memory.buffer, state, wasm.opusEncoderSize()).slice();
  for (const samples of [0, -1, 119, 121, 481, 1440, 5761]) {
    assert.is(wasm.opusEncoderEncode(state, pcm, samples, 0, packet, 1276), -1, `${samples}`);
  }
  assert.is(wasm.opusEncoderEncode(state, pcm, 960, 0, packet, 0), -1);
  assert.equal(new Uint8Array(memory.buffer, state, wasm.opusEncoderSize()).slice(), before);
});

hostile('a reset forgets everything but the settings', async () => {
  const bench = await Bench.create({ channels: 2, application: 1 });
  const pcm = voice(960 * 30, 48000, 2);
  const frame = (i) => pcm.slice(1920 * i, 1920 * (i + 1));
  bench.set({ bitrate: 40000, dtx: 1 });
  const first = Array.from({ length: 10 }, (_, i) => bench.encode(frame(i)));
  for (let i = 10; i < 30; i++) {
    bench.set({ forceMode: i % 4 });
    bench.encode(frame(i));
  }
  bench.set({ forceMode: 0 });
  bench.reset();
  const again = Array.from({ length: 10 }, (_, i) => bench.encode(frame(i)));
  assert.equal(again, first);
  bench.close();
});

hostile.run();
