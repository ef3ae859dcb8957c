// Several streams in one packet: our encoder before our decoder.
import { createOpus, OpusMultistreamDecoder, OpusMultistreamEncoder } from 'sottovoce/opus';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { codeOf } from '../support/opus.js';
import { energy, toInt16 } from '../support/signals.js';

const multistream = suite('opus multistream encoder');

/** A tone in one channel of several, another for each channel. */
function tone(channels, channel, start = 0) {
  const pcm = new Float32Array(960 * channels);
  for (let i = 0; i < 960; i++) {
    const t = (start + i) / 48_000;
    pcm[i * channels + channel] = 0.3 * Math.sin(2 * Math.PI * (80 + 15 * channel) * t);
  }
  return pcm;
}

for (let channels = 1; channels <= 8; channels++) {
  multistream(`${channels} channels: each comes back where it was`, () => {
    const encoder = new OpusMultistreamEncoder({ channels, bitrate: 64_000 * channels });
    const decoder = new OpusMultistreamDecoder({ channels });
    assert.is(encoder.channels, channels);
    for (const channel of new Set([0, channels >> 1, channels - 1])) {
      encoder.reset();
      decoder.reset();
      let pcm = /** @type {Float32Array} */ (new Float32Array());
      for (let i = 0; i < 5; i++) {
        const frame = tone(channels, channel, 960 * i);
        pcm = decoder.decode(encoder.encode(i % 2 ? toInt16(frame) : frame));
        assert.is(pcm.length, 960 * channels);
      }
      const of = (c) => energy(pcm.filter((_, i) => i % channels === c));
      for (let c = 0; c < channels; c++) {
        if (c === channel) assert.ok(of(c) > 960 * 0.02, `channel ${c} is heard`);
        else assert.ok(of(c) < 0.02 * of(channel), `channel ${c} is silent`);
      }
    }
    encoder.close();
    decoder.close();
  });
}

multistream('a mapping of its own, with channels that nobody sends', () => {
  const layout = { channels: 3, streamCount: 2, coupledCount: 0, mapping: [1, 255, 0] };
  const encoder = new OpusMultistreamEncoder(layout);
  const decoder = new OpusMultistreamDecoder(layout);
  assert.equal(encoder.mapping, [1, 255, 0]);
  assert.is(encoder.finalRanges.length, 2);
  let pcm = /** @type {Float32Array} */ (new Float32Array());
  for (let i = 0; i < 4; i++) pcm = decoder.decode(encoder.encode(tone(3, 2, 960 * i)));
  const of = (c) => energy(pcm.filter((_, i) => i % 3 === c));
  assert.ok(of(2) > 10 && of(0) < 0.1 && of(1) === 0);
  encoder.close();
  decoder.close();
});

multistream('the rate is that of all streams, and every duration is there', () => {
  const encoder = new OpusMultistreamEncoder({ channels: 6, rateControl: 'cbr', bitrate: 256_000 });
  const decoder = new OpusMultistreamDecoder({ channels: 6 });
  const sizes = new Set();
  for (let i = 0; i < 4; i++) sizes.add(encoder.encode(tone(6, 1, 960 * i)).length);
  assert.is(sizes.size, 1, 'constant');
  assert.ok(Math.abs([...sizes][0] - 640) < 20, `${[...sizes]} bytes`);
  for (const frameMs of /** @type {const} */ ([2.5, 10, 40, 60, 120])) {
    encoder.configure({ frameMs });
    const samples = encoder.frameSamples * 6;
    assert.is(decoder.decode(encoder.encode(new Float32Array(samples))).length, samples);
  }
  assert.is(encoder.settings.bitrate, 256_000);
  assert.is(encoder.lookahead, 312);
  encoder.close();
  decoder.close();
});

multistream('wrong options, wrong PCM, and closed', () => {
  const make = (options) => codeOf(() => new OpusMultistreamEncoder(options));
  for (const wrong of [
    null,
    {},
    { channels: 0 },
    { channels: 9 },
    { channels: 2, streamCount: 1 },
    { channels: 2, streamCount: 1, coupledCount: 1, mapping: [0, 2] },
    { channels: 2, maxPacketBytes: 100 },
    { channels: 2, bitrate: 5 },
    { channels: 2, bitRate: 64_000 },
    { channels: 2, sampleRate: 44_100 },
  ]) {
    assert.is(make(/** @type {any} */ (wrong)), 'bad-argument', JSON.stringify(wrong));
  }
  const encoder = new OpusMultistreamEncoder({ channels: 4, core: createOpus() });
  assert.is(
    codeOf(() => encoder.encode(new Float32Array(960))),
    'frame-size',
  );
  assert.is(
    codeOf(() => encoder.encode(/** @type {any} */ (new Uint8Array(3840)))),
    'bad-argument',
  );
  assert.is(
    codeOf(() => encoder.configure({ frameMs: /** @type {any} */ (3) })),
    'bad-argument',
  );
  encoder.close();
  encoder.close();
  assert.is(
    codeOf(() => encoder.encode(new Float32Array(3840))),
    'released',
  );
  assert.is(
    codeOf(() => encoder.reset()),
    'released',
  );
});

multistream.run();
