import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readWav, wavHeader, wavSamples } from 'sottovoce/internal';
import { join, rejection } from '../support/ogg.js';
import { concat } from '../support/signals.js';

const wav = suite('files/wav');

const text = (word) => Uint8Array.from(word, (c) => c.charCodeAt(0));
const chunk = (id, body, size = body.length) =>
  join([text(id), u32(size), body, new Uint8Array(body.length & 1)]);
const u32 = (value) => new Uint8Array(Uint32Array.of(value).buffer);

function fmt(code, channels, rate, bits, align = (channels * bits) / 8) {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, code, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, rate, true);
  view.setUint32(8, rate * align, true);
  view.setUint16(12, align, true);
  view.setUint16(14, bits, true);
  return new Uint8Array(view.buffer);
}

const file = (format, data, size) =>
  join([text('RIFF'), u32(0), text('WAVE'), chunk('fmt ', format), chunk('data', data, size)]);
const read = async (source) => {
  const audio = await readWav(source);
  const pieces = [];
  for await (const piece of audio) pieces.push(piece.slice());
  return { format: audio.format, length: audio.length, pcm: concat(pieces) };
};

/** -1, -0.5, 0, 0.5 in every encoding. */
const encodings = /** @type {[number, number, number[]][]} */ ([
  [1, 8, [0, 64, 128, 192]],
  [1, 16, [0, 0x80, 0, 0xc0, 0, 0, 0, 0x40]],
  [1, 24, [0, 0, 0x80, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0x40]],
  [1, 32, [0, 0, 0, 0x80, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0, 0x40]],
  [3, 32, [...new Uint8Array(Float32Array.of(-1, -0.5, 0, 0.5).buffer)]],
  [3, 64, [...new Uint8Array(Float64Array.of(-1, -0.5, 0, 0.5).buffer)]],
]);

for (const [code, bits, data] of encodings) {
  wav(`${bits} bits of encoding ${code}`, async () => {
    const { format, length, pcm } = await read(
      file(fmt(code, 2, 44_100, bits), Uint8Array.from(data)),
    );
    assert.equal(format, { channels: 2, sampleRate: 44_100, bits, float: code === 3 });
    assert.is(length, 2);
    assert.equal([...pcm], [-1, -0.5, 0, 0.5]);
  });
}

wav('extensible, with chunks before, in pieces of one byte', async () => {
  const extensible = new Uint8Array(40);
  extensible.set(fmt(0xfffe, 1, 96_000, 24));
  extensible.set([1, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71], 24);
  const whole = join([
    text('RIFF'),
    u32(0),
    text('WAVE'),
    chunk('LIST', new Uint8Array(101)),
    chunk('fmt ', extensible),
    chunk('data', Uint8Array.of(0, 0, 0x40)),
  ]);
  const { format, pcm } = await read(Array.from(whole, (byte) => Uint8Array.of(byte)));
  assert.equal(format, { channels: 1, sampleRate: 96_000, bits: 24, float: false });
  assert.equal([...pcm], [0.5]);
});

wav('RF64 tells its size elsewhere', async () => {
  const ds64 = new Uint8Array(28);
  ds64[8] = 4;
  const rf64 = join([
    text('RF64'),
    u32(0xffffffff),
    text('WAVE'),
    chunk('ds64', ds64),
    chunk('fmt ', fmt(1, 1, 8000, 16)),
    chunk('data', Uint8Array.of(0, 0x40, 0, 0x40, 9, 9), 0xffffffff),
  ]);
  const { length, pcm } = await read(rf64);
  assert.is(length, 2);
  assert.equal([...pcm], [0.5, 0.5]);
});

wav('out of a pipe, the length is what comes', async () => {
  for (const size of [0xffffffff, 0x7ffff000]) {
    const { length, pcm } = await read(
      file(fmt(1, 1, 8000, 16), Uint8Array.of(0, 0x40, 0), size).subarray(0, -1),
    );
    assert.is(length, undefined);
    assert.equal([...pcm], [0.5], 'half a sample is none');
  }
});

wav('a lying header is found out', async () => {
  const pcm = Uint8Array.of(0, 0x40, 0, 0x40);
  for (const [source, code, message] of /** @type {[Uint8Array, string, RegExp][]} */ ([
    [file(fmt(1, 1, 8000, 16), pcm, 1000), 'truncated', /500 samples are promised, 2 are there/],
    [file(fmt(1, 1, 8000, 16, 3), pcm), 'corrupt', /contradicts itself/],
    [file(fmt(1, 0, 8000, 16), pcm), 'corrupt', /no channels/],
    [file(fmt(1, 1, 0, 16), pcm), 'unsupported', /0 Hz/],
    [file(fmt(1, 1, 8000, 12), pcm), 'unsupported', /12 bits/],
    [file(fmt(7, 1, 8000, 8), pcm), 'unsupported', /encoding 7/],
    [file(fmt(1, 1, 8000, 16).subarray(0, 10), pcm), 'corrupt', /too short/],
    [file(fmt(1, 1, 8000, 16), new Uint8Array()), 'empty', /no samples/],
    [file(fmt(1, 1, 8000, 16), new Uint8Array(), 0xffffffff), 'empty', /no samples/],
    [join([text('RIFF'), u32(0), text('WAVE')]), 'truncated', /no samples/],
    [join([text('RIFF'), u32(0), text('WAVE'), chunk('LIST', pcm, 99)]), 'truncated', /no samples/],
    [join([text('RIFF'), u32(0), text('WAVE'), chunk('data', pcm)]), 'corrupt', /no format/],
    [text('OggSxxxxxxxxxxxx'), 'not-wav', /not a WAV/],
    [text('RIFF'), 'not-wav', /not a WAV/],
    [new Uint8Array(), 'empty', /empty/],
  ])) {
    const error = await rejection(read(source));
    assert.is(error.name, 'FileError', String(message));
    assert.is(error.code, code, error.message);
    assert.match(error.message, message);
  }
});

wav('what is written is read', async () => {
  const pcm = Float32Array.of(0, 0.25, -1, 1.5);
  for (const float of [false, true]) {
    const samples = wavSamples(pcm, float);
    const head = wavHeader({ channels: 2, sampleRate: 22_050, float }, samples.length);
    const back = await read(join([head, samples]));
    assert.equal(back.format, { channels: 2, sampleRate: 22_050, bits: float ? 32 : 16, float });
    assert.is(back.length, 2);
    const top = float ? 1.5 : 32767 / 32768;
    assert.equal([...back.pcm], [0, 0.25, -1, top], 'saturated, not wrapped');
    const unknown = wavHeader({ channels: 2, sampleRate: 22_050, float }, undefined);
    assert.equal((await read(join([unknown, samples]))).pcm, back.pcm);
  }
});

wav.run();
