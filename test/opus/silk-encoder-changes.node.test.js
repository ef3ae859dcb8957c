// The SILK encoder under change and under hostile input: whatever the settings do from packet to packet, the decoder reads the
// same range, limits hold, and nothing clicks.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';
import { noise, voice } from '../support/signals.js';

const { wasm, memory, int16, int32 } = await instantiate('silk-encoder-debug');
const silk = suite('silk encoder changes');

const controls = wasm.allocate(64);
const input = wasm.allocate(60 * 48 * 8);
const payload = wasm.allocate(1280);
const range = wasm.allocate(wasm.RANGE_ENCODER_SIZE);
const reader = wasm.allocate(wasm.RANGE_DECODER_SIZE);
const pcm = wasm.allocate(60 * 48 * 4);

/** One encoder and one decoder; every call is a packet. Input is 48 kHz stereo in 16-bit units. */
function codec() {
  const encoder = wasm.allocate(wasm.SILK_ENCODER_SIZE);
  const decoder = wasm.allocate(wasm.SILK_DECODER_SIZE);
  wasm.silkEncoderInit(encoder);
  wasm.silkDecoderInit(decoder);
  let last = 0;
  return (
    samples,
    {
      kHz,
      ms,
      channels = 1,
      bitrate = 20000,
      maxBytes = 1274,
      cbr = 0,
      complexity = 10,
      redundancy = 0,
      independent = 0,
    },
  ) => {
    const fields = [
      48,
      kHz,
      2,
      channels,
      ms,
      bitrate,
      maxBytes * 8,
      cbr,
      complexity,
      redundancy,
      0,
      independent,
    ];
    int32(controls, fields.length).set(fields);
    const feed = () => new Float32Array(memory.buffer, input, samples.length).set(samples);
    if (last !== 0 && last !== kHz) {
      // What a caller does at a change of the internal rate: the last 10 ms again.
      new Float32Array(memory.buffer, input, 960).set(codec.past.subarray(codec.past.length - 960));
      int32(controls, 5).set([10], 4);
      wasm.silkPrefill(encoder, input, controls);
      int32(controls, 5).set([ms], 4);
    }
    feed();
    last = kHz;
    codec.past = Float32Array.from(samples);
    wasm.rangeEncoderInit(range, payload, 1274);
    const bits = wasm.silkEncode(encoder, range, input, controls);
    const length = wasm.bytesUsed(range);
    wasm.rangeEncoderDone(range);
    wasm.rangeDecoderInit(reader, payload, length);
    const count = wasm.silkDecode(decoder, reader, 0, ms, kHz, channels, 48, 2, pcm);
    assert.is(
      wasm.finalRange(reader),
      wasm.finalRange(range),
      `range at ${kHz} kHz, ${ms} ms, ${channels} channels`,
    );
    return { bits, length, decoded: int16(pcm, 2 * count).slice() };
  };
}
/** @type {Float32Array} */
codec.past = new Float32Array(960);

/** Interleaved stereo of two mono signals. */
function pair(left, right, scale) {
  const out = new Float32Array(2 * left.length);
  for (let i = 0; i < left.length; i++) {
    out[2 * i] = scale * left[i];
    out[2 * i + 1] = scale * right[i];
  }
  return out;
}

silk('every setting may change between packets', () => {
  const random = prng(11);
  for (let round = 0; round < 4; round++) {
    const step = codec();
    const left = voice(48000 * 4, 48000);
    const right = noise(48000 * 4, 0.1, round);
    for (let at = 0; at + 2880 < left.length; ) {
      const ms = [10, 20, 40, 60][random.int(4)];
      const kHz = [8, 12, 16][random.int(3)];
      const channels = 1 + random.int(2);
      const n = 48 * ms;
      const samples = pair(left.subarray(at, at + n), right.subarray(at, at + n), 20000);
      const maxBytes = 25 + random.int(150) + (channels * ms) / 2;
      const { bits } = step(samples, {
        kHz,
        ms,
        channels,
        maxBytes,
        bitrate: 6000 + random.int(40000),
        cbr: random.int(2),
        complexity: random.int(11),
        redundancy: random.int(3) * 3,
        independent: random.int(2),
      });
      assert.ok(
        bits <= 8 * maxBytes,
        `${bits} bits of ${8 * maxBytes}: ${kHz} kHz, ${ms} ms, ${channels} channels`,
      );
      at += n;
    }
  }
});

// A change of the internal rate clears every decoder's memory; callers cover it with redundancy.
silk('a change of channels, duration or complexity leaves no click', () => {
  const step = codec();
  const hertz = 300;
  const tone = Float32Array.from(
    { length: 48000 * 2 },
    (_, i) => 0.3 * Math.sin((2 * Math.PI * hertz * i) / 48000),
  );
  const samples = pair(tone, tone, 32768);
  /** @type {number[]} */
  const out = [];
  let packet = 0;
  for (let at = 0; at < tone.length; packet++) {
    const ms = [20, 20, 10, 40][packet % 4];
    const n = 48 * ms;
    if (at + n > tone.length) break;
    const { decoded } = step(samples.subarray(2 * at, 2 * (at + n)), {
      kHz: 16,
      ms,
      channels: 1 + ((packet >> 2) & 1),
      complexity: packet % 11,
      bitrate: 40000,
    });
    for (let i = 0; i < n; i++) out.push(decoded[2 * i]);
    at += n;
  }
  // A tone of this level moves by at most 386 from sample to sample.
  for (let i = 9600; i < out.length; i++) {
    const jump = Math.abs(out[i] - out[i - 1]);
    assert.ok(jump < 2500, `jump of ${jump} at ${i}`);
  }
});

silk('a packet without prediction leans on nothing before it', () => {
  const n = 960;
  const left = voice(8 * n, 48000);
  const frames = (/** @type {number} */ t) =>
    pair(left.subarray(t * n, (t + 1) * n), left.subarray(t * n, (t + 1) * n), 20000);
  for (const independent of [0, 1]) {
    const step = codec();
    let voiced = 0;
    for (let t = 0; t < 8; t++) {
      step(frames(t), { kHz: 16, ms: 20, independent });
      // The frame read last: its type, and interpolation with the spectrum before, 4 for none.
      const [type, , , interpolation] = int32(wasm.PARAMETERS, 4);
      if (type === 2) voiced++;
      if (independent) assert.is(interpolation, 4);
    }
    assert.ok(independent ? voiced === 0 : voiced > 4, `${voiced} voiced frames`);
  }
});

silk('full scale, impulses, denormals and silence keep their level', () => {
  const n = 960;
  const random = prng(12);
  const signals = {
    noise: () => 32767 * (2 * random.float() - 1),
    square: (i) => (Math.floor(i / 200) % 2 ? 32767 : -32768),
    binary: () => (random.int(2) ? 32767 : -32768),
    silence: () => 0,
    denormal: (i) => (i % 2 ? 1e-40 : -1e-40),
    faint: (i) => 0.4 * Math.sin(i / 20),
    beyond: (i) => 1e5 * Math.sin(i / 30),
  };
  for (const kHz of [8, 12, 16]) {
    for (const complexity of [0, 10]) {
      const step = codec();
      for (const [name, signal] of Object.entries(signals)) {
        for (const cbr of [0, 1]) {
          let quiet = 0;
          for (let t = 0; t < 5; t++) {
            const samples = Float32Array.from({ length: 2 * n }, (_, i) =>
              signal(t * n + (i >> 1)),
            );
            const { decoded, bits } = step(samples, {
              kHz,
              ms: 20,
              complexity,
              cbr,
              bitrate: 40000,
              maxBytes: 100,
            });
            assert.ok(bits <= 800, `${name}: ${bits} bits`);
            if (t > 1) for (const y of decoded) quiet = Math.max(quiet, Math.abs(y));
          }
          if (name === 'silence' || name === 'denormal' || name === 'faint') {
            assert.ok(
              quiet < 200,
              `${name} after ${cbr}: ${quiet} at ${kHz} kHz, complexity ${complexity}`,
            );
          }
        }
      }
    }
  }
});

silk('constant rate: close below the limit', () => {
  for (const kHz of [8, 12, 16]) {
    const step = codec();
    const left = voice(48000, 48000);
    let missing = 0;
    for (let t = 0; t < 50; t++) {
      const part = left.subarray(t * 960, (t + 1) * 960);
      const { length, bits } = step(pair(part, part, 20000), {
        kHz,
        ms: 20,
        bitrate: 16000,
        maxBytes: 39,
        cbr: 1,
      });
      assert.ok(bits <= 39 * 8);
      if (t > 4) missing += 39 - length;
    }
    assert.ok(missing / 45 < 9, `${missing / 45} bytes left on average at ${kHz} kHz`);
  }
});

silk.run();
