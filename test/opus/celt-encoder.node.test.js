// The CELT encoder: every packet is read to the same final range by our decoder, and libopus makes the
// same samples of it within the rounding of floats.
import { createDecoder } from 'libopus-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';

const { wasm, memory } = await instantiate('opus-encoder-debug');
const celt = suite('celt encoder');

const CONTROL = { cbr: 0, vbr: 1, 'constrained-vbr': 2 };
const encoder = wasm.allocate(wasm.opusEncoderSize());
const decoder = wasm.allocate(wasm.opusDecoderSize());
const input = wasm.allocate(960 * 2 * 4);
const packetAt = wasm.allocate(1500);
const output = wasm.allocate(5760 * 2 * 4);

/** Writes settings by their number. */
function configure(fields) {
  const settings = new Int32Array(memory.buffer, wasm.opusEncoderSettings(encoder), 14);
  for (const [field, value] of Object.entries(fields)) settings[field] = value;
}

/** A chord with a click now and then. */
function music(frame, samples, channels, random) {
  const pcm = new Float32Array(samples * channels);
  for (let i = 0; i < samples; i++) {
    const t = (frame * samples + i) / 48000;
    for (let c = 0; c < channels; c++) {
      const tone = Math.sin(2 * Math.PI * (220 + 110 * c) * t) + Math.sin(2 * Math.PI * 1975 * t);
      const click = (frame * samples + i) % 7001 < 8 ? random.float() - 0.5 : 0;
      pcm[i * channels + c] = 0.2 * tone + click;
    }
  }
  return pcm;
}

/** Encodes frames, decodes each here and in libopus; what the worst difference is and how many bytes. */
async function run({ channels, samples, bitrate, control, complexity, frames = 40 }) {
  wasm.opusEncoderInit(encoder, 48000, channels, 1);
  configure({ 0: bitrate, 1: CONTROL[control], 2: complexity, 10: 16, 13: 3 });
  wasm.opusDecoderInit(decoder, 48000, channels);
  const peer = await createDecoder({ channels, sampleRate: 48000 });
  const random = prng(samples + bitrate);
  const sizes = [];
  let squares = 0;
  for (let frame = 0; frame < frames; frame++) {
    const pcm = music(frame, samples, channels, random);
    new Float32Array(memory.buffer, input, pcm.length).set(pcm);
    const length = wasm.opusEncoderEncode(encoder, input, samples, 0, packetAt, 1276);
    assert.ok(length > 2, `a packet of ${length} bytes`);
    sizes.push(length);
    assert.is(wasm.opusDecoderDecode(decoder, packetAt, length, output, 5760, 0), samples);
    const written = wasm.opusEncoderFinalRange(encoder) >>> 0;
    assert.is(wasm.opusDecoderFinalRange(decoder) >>> 0, written, `range of frame ${frame}`);
    const packet = new Uint8Array(memory.buffer, packetAt, length).slice();
    const theirs = peer.decodeFloat(packet);
    const ours = new Float32Array(memory.buffer, output, theirs.length);
    for (const [i, value] of theirs.entries()) squares += ((value - ours[i]) * 32768) ** 2;
  }
  peer.free();
  return { sizes, rms: Math.sqrt(squares / (frames * samples * channels)) };
}

for (const samples of [120, 240, 480, 960]) {
  for (const channels of [1, 2]) {
    celt(`${samples} samples, ${channels} channels: ranges and samples agree`, async () => {
      for (const [control, complexity] of [
        ['cbr', 10],
        ['vbr', 5],
        ['constrained-vbr', 0],
      ]) {
        const { rms } = await run({ channels, samples, bitrate: 96000, control, complexity });
        assert.ok(rms < 0.1, `${control}, complexity ${complexity}: ${rms} LSB`);
      }
    });
  }
}

celt('constant rate fills exactly its bytes', async () => {
  const { sizes } = await run({
    channels: 2,
    samples: 960,
    bitrate: 64000,
    control: 'cbr',
    complexity: 10,
  });
  assert.equal([...new Set(sizes)], [160]); // 64 kbit/s of 20 ms
});

celt('silence, square waves and noise at full scale give packets that decode', () => {
  wasm.opusEncoderInit(encoder, 48000, 2, 2);
  wasm.opusDecoderInit(decoder, 48000, 2);
  const random = prng(9);
  const signals = [() => 0, (i) => (i & 64 ? 1 : -1), () => 2 * random.float() - 1];
  for (let frame = 0; frame < 60; frame++) {
    configure({ 0: 16000 + 8000 * (frame % 20), 1: frame % 3, 2: frame % 11 });
    const pcm = Float32Array.from({ length: 1920 }, (_, i) => signals[frame % 3](i));
    new Float32Array(memory.buffer, input, pcm.length).set(pcm);
    const length = wasm.opusEncoderEncode(encoder, input, 960, 0, packetAt, 1276);
    assert.is(wasm.opusDecoderDecode(decoder, packetAt, length, output, 5760, 0), 960);
    const samples = new Float32Array(memory.buffer, output, 1920);
    assert.ok(samples.every(Number.isFinite), `frame ${frame}`);
  }
});

celt.run();
