import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { resample } from '../../examples/demo/resample.mjs';
import { WavWriter, decodeWav, readWav } from '../../examples/demo/wav.mjs';

const wav = suite('demo: wav');
const folder = mkdtempSync(join(tmpdir(), 'wav-'));
wav.after(() => rmSync(folder, { recursive: true }));

/**
 * A WAV image with the given data.
 * @param {{ format?: number, channels?: number, rate?: number, bits: number, data: Uint8Array,
 *   extra?: Uint8Array, dataSize?: number }} options
 */
function image({ format = 1, channels = 1, rate = 48000, bits, data, extra, dataSize }) {
  const chunk = (/** @type {string} */ id, /** @type {Uint8Array} */ body, size = body.length) => {
    const head = Buffer.alloc(8);
    head.write(id, 0, 'latin1');
    head.writeUInt32LE(size, 4);
    return Buffer.concat([head, body, Buffer.alloc(body.length & 1)]);
  };
  const fmt = Buffer.alloc(16);
  fmt.writeUInt16LE(format, 0);
  fmt.writeUInt16LE(channels, 2);
  fmt.writeUInt32LE(rate, 4);
  fmt.writeUInt32LE((rate * channels * bits) / 8, 8);
  fmt.writeUInt16LE((channels * bits) / 8, 12);
  fmt.writeUInt16LE(bits, 14);
  const chunks = [chunk('fmt ', extra ? Buffer.concat([fmt, extra]) : fmt)];
  chunks.push(chunk('LIST', Buffer.from('odd'))); // to be skipped, padded to an even length
  chunks.push(chunk('data', data, dataSize));
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk('RIFF', body);
}
const bytesOf = (/** @type {ArrayBufferView} */ list) =>
  new Uint8Array(list.buffer, list.byteOffset, list.byteLength);
const close = (
  /** @type {Float32Array} */ actual,
  /** @type {number[]} */ expected,
  error = 1e-6,
) => {
  assert.is(actual.length, expected.length);
  for (const [i, value] of expected.entries()) {
    assert.ok(Math.abs((actual[i] ?? NaN) - value) <= error, `${i}: ${actual[i]}, not ${value}`);
  }
};

wav('integers of 8, 16, 24 and 32 bits', () => {
  close(decodeWav(image({ bits: 8, data: Uint8Array.of(0, 128, 192) })).pcm, [-1, 0, 0.5]);
  const words = bytesOf(Int16Array.of(-32768, 0, 16384));
  close(decodeWav(image({ bits: 16, data: words })).pcm, [-1, 0, 0.5]);
  const triples = Uint8Array.of(0, 0, 0x80, 0, 0, 0, 0, 0, 0x40, 1, 0, 0, 0xff, 0xff, 0xff);
  close(decodeWav(image({ bits: 24, data: triples })).pcm, [-1, 0, 0.5, 2 ** -23, -(2 ** -23)], 0);
  const longs = bytesOf(Int32Array.of(-(2 ** 31), 0, 2 ** 30));
  close(decodeWav(image({ bits: 32, data: longs })).pcm, [-1, 0, 0.5]);
});

wav('floats, clipped to full scale', () => {
  const single = bytesOf(Float32Array.of(-1, 0.25, 2));
  close(decodeWav(image({ format: 3, bits: 32, data: single })).pcm, [-1, 0.25, 1]);
  const double = bytesOf(Float64Array.of(-0.5, 0.25));
  close(decodeWav(image({ format: 3, bits: 64, data: double })).pcm, [-0.5, 0.25]);
});

wav('stereo is averaged, the extensible header is understood', () => {
  const data = bytesOf(Int16Array.of(16384, 0, -16384, -16384));
  close(decodeWav(image({ bits: 16, channels: 2, data })).pcm, [0.25, -0.5]);
  const extra = Buffer.alloc(24);
  extra.writeUInt16LE(22, 0);
  extra.writeUInt16LE(1, 8);
  close(decodeWav(image({ format: 0xfffe, bits: 16, data, extra })).pcm, [0.5, 0, -0.5, -0.5]);
});

wav('other rates keep a sine', () => {
  for (const rate of [8000, 11025, 16000, 44100, 96000]) {
    const sine = (/** @type {number} */ hz) =>
      Float32Array.from(
        { length: hz / 10 },
        (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / hz),
      );
    const result = resample(sine(rate), rate, 48000);
    const expected = sine(48000);
    assert.ok(Math.abs(result.length - 4800) <= 3, `${rate}: ${result.length}`);
    for (let i = 500; i < 4300; i++) {
      assert.ok(Math.abs((result[i] ?? 9) - (expected[i] ?? 0)) < 2e-4, `${rate}: sample ${i}`);
    }
  }
});

wav('a rate above is filtered, not folded', () => {
  const tone = Float32Array.from({ length: 9600 }, (_, i) =>
    Math.sin((2 * Math.PI * 40000 * i) / 96000),
  );
  const result = resample(tone, 96000, 48000).subarray(500, 4300);
  assert.ok(result.every((value) => Math.abs(value) < 1e-3));
});

wav('one clear line for what is no usable WAV', () => {
  const message = (/** @type {Uint8Array} */ bytes) => {
    try {
      decodeWav(bytes);
    } catch (error) {
      const { name, message: text } = /** @type {Error} */ (error);
      assert.is(name, 'WavError', text);
      assert.not.match(text, /\n/);
      return text;
    }
    return 'accepted';
  };
  const data = new Uint8Array(8);
  assert.is(message(new Uint8Array(0)), 'the file is empty');
  assert.is(message(Buffer.from('not a WAV file at all, but a text')), 'not a WAV file');
  assert.is(message(image({ bits: 16, data: new Uint8Array(0) })), 'holds no samples');
  assert.match(message(image({ bits: 16, data, dataSize: 100 })), /truncated.* 100 bytes/);
  assert.match(message(image({ bits: 16, data }).subarray(0, 22)), /truncated/);
  assert.match(message(image({ bits: 16, data }).subarray(0, 40)), /truncated: no data chunk/);
  assert.match(message(image({ bits: 16, channels: 3, data })), /3 channels/);
  assert.match(message(image({ bits: 16, rate: 10, data })), /10 Hz/);
  assert.match(message(image({ bits: 12, data })), /unsupported/);
  assert.match(message(image({ format: 85, bits: 16, data })), /unsupported/);
  const nan = bytesOf(Float32Array.of(NaN));
  assert.match(message(image({ format: 3, bits: 32, data: nan })), /not a number/);
});

wav('a data chunk of unknown size ends with the file', () => {
  const data = bytesOf(Int16Array.of(1, 2, 3));
  assert.is(decodeWav(image({ bits: 16, data, dataSize: 0xffffffff })).pcm.length, 3);
});

wav('files: no such file, a folder, and what the writer wrote', () => {
  assert.throws(() => readWav(join(folder, 'missing.wav')), /missing\.wav: no such file/);
  assert.throws(() => readWav(folder), /is a folder/);
  const path = join(folder, 'written.wav');
  const writer = new WavWriter(path);
  writer.write(Float32Array.of(0, 0.5, -0.5));
  close(readWav(path).pcm, [0, 0.5, -0.5]); // playable before it is closed
  writer.write(Float32Array.of(1, -1));
  writer.close();
  writer.close();
  close(readWav(path).pcm, [0, 0.5, -0.5, 32767 / 32768, -1]);
  writeFileSync(path, readFileSync(path).subarray(0, 50));
  assert.throws(() => readWav(path), /truncated/);
});

wav.run();
