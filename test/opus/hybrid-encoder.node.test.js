// The CELT half of hybrid frames: SILK and CELT write into one packet, both decoders read it to the end.
import { createDecoder } from 'libopus-wasm';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { noise, voice } from '../support/signals.js';

const { wasm, memory } = await instantiate('hybrid-debug');
const hybrid = suite('hybrid encoder');

const CBR = 0;
const VBR = 1;
const input = wasm.allocate(960 * 2 * 4);
const delayed = wasm.allocate(960 * 2 * 4);
const controls = wasm.allocate(64);
const range = wasm.allocate(wasm.RANGE_ENCODER_SIZE);
const packetAt = wasm.allocate(1500);
const output = wasm.allocate(5760 * 2 * 4);
const decoder = wasm.allocate(wasm.opusDecoderSize());
const silk = wasm.allocate(wasm.SILK_ENCODER_SIZE);
const celt = wasm.allocate(wasm.CELT_ENCODER_SIZE);

/** Encodes a frame: SILK at 16 kHz, no redundancy, then the bands from 17 on. The bytes of the packet. */
function encode(pcm, { samples, channels, end, silkRate, celtRate, control, bytes }) {
  const ms = samples / 48;
  const scaled = pcm.map((x) => 32768 * x);
  new Float32Array(memory.buffer, input, pcm.length).set(scaled);
  new Float32Array(memory.buffer, delayed, pcm.length).set(pcm);
  const fields = [48, 16, channels, channels, ms, silkRate, 8 * bytes - 60, 0, 10, 0, 0];
  new Int32Array(memory.buffer, controls, fields.length).set(fields);
  wasm.rangeEncoderInit(range, packetAt + 1, bytes);
  wasm.silkEncode(silk, range, input, controls);
  if (wasm.tell(range) + 37 <= 8 * bytes) wasm.encodeBit(range, 0, 12);
  const size = wasm.celtEncode(celt, range, delayed, samples, channels, 17, end, celtRate, control);
  const config = (end === 19 ? 12 : 14) + (ms === 20 ? 1 : 0);
  new Uint8Array(memory.buffer)[packetAt] = (config << 3) | ((channels - 1) << 2);
  return size + 1;
}

for (const samples of [480, 960]) {
  for (const channels of /** @type {const} */ ([1, 2])) {
    for (const end of [19, 21]) {
      hybrid(`${samples / 48} ms, ${channels} channels, to band ${end}`, async () => {
        for (const [control, bytes] of [
          [VBR, 400],
          [CBR, (70 * channels * samples) / 960],
        ]) {
          wasm.silkEncoderInit(silk);
          wasm.celtEncoderInit(celt, channels);
          wasm.opusDecoderInit(decoder, 48000, channels);
          const peer = await createDecoder({ channels, sampleRate: 48000 });
          const hiss = noise(30 * samples * channels, 0.05);
          let squares = 0;
          for (let t = 0; t < 30; t++) {
            const pcm = voice(samples, 48000, channels, t * samples);
            // Fricatives, and a click as a transient.
            for (let i = 0; i < pcm.length; i++) {
              if (t % 4 === 1) pcm[i] = hiss[t * pcm.length + i];
              if (t % 7 === 3 && i > pcm.length / 2) pcm[i] += 4 * hiss[t * pcm.length + i];
            }
            const shape = { samples, channels, end, control, bytes };
            const length = encode(pcm, {
              ...shape,
              silkRate: 16000 * channels,
              celtRate: 10000 * channels,
            });
            if (control === CBR) assert.is(length, bytes + 1);
            const written = wasm.finalRange(range) >>> 0;
            assert.is(wasm.opusDecoderDecode(decoder, packetAt, length, output, 5760, 0), samples);
            assert.is(wasm.opusDecoderFinalRange(decoder) >>> 0, written, `range of frame ${t}`);
            const theirs = peer.decodeFloat(
              new Uint8Array(memory.buffer, packetAt, length).slice(),
            );
            const ours = new Float32Array(memory.buffer, output, theirs.length);
            for (const [i, value] of theirs.entries()) squares += (32768 * (value - ours[i])) ** 2;
          }
          peer.free();
          const rms = Math.sqrt(squares / (30 * samples * channels));
          assert.ok(rms < 0.1, `control ${control}: ${rms} LSB from libopus`);
        }
      });
    }
  }
}

hybrid('high bands are there, at their level', () => {
  wasm.silkEncoderInit(silk);
  wasm.celtEncoderInit(celt, 1);
  wasm.opusDecoderInit(decoder, 48000, 1);
  const hiss = noise(20 * 960, 0.1, 7);
  let before = 0;
  let after = 0;
  for (let t = 0; t < 20; t++) {
    const pcm = hiss.slice(t * 960, (t + 1) * 960);
    const length = encode(pcm, {
      samples: 960,
      channels: 1,
      end: 21,
      silkRate: 16000,
      celtRate: 16000,
      control: VBR,
      bytes: 400,
    });
    wasm.opusDecoderDecode(decoder, packetAt, length, output, 5760, 0);
    const decoded = new Float32Array(memory.buffer, output, 960);
    if (t < 3) continue;
    // First differences stand for high frequencies.
    for (let i = 1; i < 960; i++) {
      before += (pcm[i] - pcm[i - 1]) ** 2;
      after += (decoded[i] - decoded[i - 1]) ** 2;
    }
  }
  const change = 10 * Math.log10(after / before);
  // White noise loses what lies above 20 kHz.
  assert.ok(change > -3 && change < 1, `${change} dB`);
});

hybrid.run();
