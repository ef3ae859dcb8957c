// The SILK encoder: every packet is read to the same final range by our decoder, and libopus makes the same samples.
import { createDecoder } from 'libopus-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { noise, voice } from '../support/signals.js';

const { wasm, memory, int16 } = await instantiate('silk-encoder-debug');
const silk = suite('silk encoder');

const KHZ = [8, 12, 16];
const MS = [10, 20, 40, 60];
const controls = wasm.allocate(64);
const input = wasm.allocate(60 * 48 * 8);
const payload = wasm.allocate(1280);
const range = wasm.allocate(wasm.RANGE_ENCODER_SIZE);
const reader = wasm.allocate(wasm.RANGE_DECODER_SIZE);
const pcm = wasm.allocate(60 * 48 * 4);

function codec() {
  const encoder = wasm.allocate(wasm.SILK_ENCODER_SIZE);
  const decoder = wasm.allocate(wasm.SILK_DECODER_SIZE);
  wasm.silkEncoderInit(encoder);
  wasm.silkDecoderInit(decoder);
  /** Encodes one frame and decodes it; the packet, both ranges and what was decoded. */
  return (
    samples,
    {
      inKHz,
      kHz,
      ms,
      channels,
      bitrate,
      maxBytes = 1274,
      cbr = 0,
      complexity = 10,
      redundancy = 0,
    },
  ) => {
    const inChannels = samples.length / (ms * inKHz);
    new Float32Array(memory.buffer, input, samples.length).set(samples);
    const fields = [
      inKHz,
      kHz,
      inChannels,
      channels,
      ms,
      bitrate,
      maxBytes * 8,
      cbr,
      complexity,
      redundancy,
      0,
    ];
    new Int32Array(memory.buffer, controls, fields.length).set(fields);
    wasm.rangeEncoderInit(range, payload, 1274);
    wasm.silkEncode(encoder, range, input, controls);
    const length = wasm.bytesUsed(range);
    wasm.rangeEncoderDone(range);
    const toc = (4 * KHZ.indexOf(kHz) + MS.indexOf(ms)) * 8 + 4 * (channels - 1);
    const packet = Uint8Array.of(toc, ...new Uint8Array(memory.buffer, payload, length));
    wasm.rangeDecoderInit(reader, payload, length);
    const count = wasm.silkDecode(decoder, reader, 0, ms, kHz, channels, 48, 2, pcm);
    const decoded = int16(pcm, 2 * count).slice();
    return {
      packet,
      decoded,
      sent: wasm.finalRange(range) >>> 0,
      read: wasm.finalRange(reader) >>> 0,
    };
  };
}

silk(
  'all rates, durations, channels, redundancy: the same range here, the same samples in libopus',
  async () => {
    for (const kHz of KHZ) {
      for (const ms of MS) {
        for (const channels of [1, 2]) {
          const step = codec();
          const libopus = await createDecoder({ sampleRate: 48000, channels: 2 });
          const n = ms * 48;
          const left = voice(8 * n, 48000);
          const hiss = noise(8 * n, 0.02);
          for (let t = 0; t < 8; t++) {
            const samples = new Float32Array(2 * n);
            for (let i = 0; i < n; i++) {
              samples[2 * i] = 32768 * left[t * n + i];
              samples[2 * i + 1] = 9000 * (left[t * n + i] + hiss[t * n + i]);
            }
            const shape = {
              inKHz: 48,
              kHz,
              ms,
              channels,
              bitrate: 16000 * channels,
              redundancy: t % 2 === 0 ? 5 : 0,
            };
            const { packet, decoded, sent, read } = step(samples, shape);
            assert.is(
              read,
              sent,
              `range at ${kHz} kHz, ${ms} ms, ${channels} channels, frame ${t}`,
            );
            assert.equal(
              new Int16Array(libopus.decode(packet)),
              decoded,
              `samples at ${kHz} kHz, ${ms} ms`,
            );
          }
          libopus.free?.();
        }
      }
    }
  },
);

silk('a limit in bytes is kept', () => {
  for (const kHz of KHZ) {
    const step = codec();
    for (let t = 0; t < 12; t++) {
      const samples = noise(960, 20000, t);
      const shape = { inKHz: 48, kHz, ms: 20, channels: 1, bitrate: 16000, maxBytes: 39, cbr: 1 };
      const { packet, sent, read } = step(samples, shape);
      assert.is(read, sent);
      assert.ok(packet.length <= 40, `${packet.length} bytes`);
    }
  }
});

silk.run();
