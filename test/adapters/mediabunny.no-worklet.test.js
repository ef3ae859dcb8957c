import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import * as mediabunny from 'mediabunny';
import { registerOpus } from 'sottovoce/adapters/mediabunny';
import { decodeOgg } from 'sottovoce/files';
import { all } from '../support/ogg.js';
import { concat, snr, voice } from '../support/signals.js';

const bunny = suite('adapters/mediabunny');

// The declarations of mediabunny are hidden from the type check (see tsconfig.json).
const {
  ALL_FORMATS,
  AudioSample,
  AudioSampleSink,
  AudioSampleSource,
  BufferSource,
  BufferTarget,
  Input,
  OggOutputFormat,
  Output,
  WebMOutputFormat,
} = /** @type {any} */ (mediabunny);

let registered = false;
function register() {
  if (!registered) registerOpus(/** @type {any} */ (mediabunny));
  registered = true;
}

async function encode(pcm, channels, sampleRate, format, options = {}) {
  register();
  const output = new Output({ format, target: new BufferTarget() });
  const source = new AudioSampleSource({ codec: 'opus', bitrate: 96_000, ...options });
  output.addAudioTrack(source);
  await output.start();
  for (let at = 0; at < pcm.length; at += 1000 * channels) {
    const data = pcm.slice(at, at + 1000 * channels);
    const timestamp = at / channels / sampleRate;
    const sample = new AudioSample({
      data,
      format: 'f32',
      numberOfChannels: channels,
      sampleRate,
      timestamp,
    });
    await source.add(sample);
    sample.close();
  }
  await output.finalize();
  return new Uint8Array(output.target.buffer);
}

async function decode(file) {
  register();
  const input = new Input({ source: new BufferSource(file), formats: ALL_FORMATS });
  const track = await input.getPrimaryAudioTrack();
  const parts = [];
  for await (const sample of new AudioSampleSink(track).samples()) {
    const pcm = new Float32Array(sample.numberOfFrames * sample.numberOfChannels);
    sample.copyTo(pcm, { planeIndex: 0, format: 'f32' });
    sample.close();
    parts.push(pcm);
  }
  return concat(parts);
}

for (const [channels, rate] of [
  [1, 48_000],
  [2, 44_100],
]) {
  bunny(`Ogg, ${channels} channels, ${rate} Hz: the same length comes out, in place`, async () => {
    const pcm = voice(rate + 77, rate, channels);
    const file = await encode(pcm, channels, rate, new OggOutputFormat());
    const samples = Math.round(((rate + 77) * 48_000) / rate) * channels;
    const back = await decode(file);
    assert.is(back.length, samples);
    const ours = concat(await all(await decodeOgg(file)));
    assert.is(ours.length, samples);
    assert.equal(back, ours);
    if (rate === 48_000) assert.ok(snr(pcm, back) > 12, `${snr(pcm, back)} dB`);
  });
}

bunny('WebM', async () => {
  const pcm = voice(48_000, 48_000);
  const back = await decode(await encode(pcm, 1, 48_000, new WebMOutputFormat()));
  // WebM tells time in ms: the end is not exact.
  assert.ok(back.length >= 48_000 && back.length < 48_000 + 960, `${back.length}`);
  assert.ok(snr(pcm, back) > 12, `${snr(pcm, back)} dB`);
});

bunny('settings of WebCodecs', async () => {
  const options = { bitrateMode: 'constant', bitrate: 32_000 };
  const file = await encode(voice(48_000, 48_000), 1, 48_000, new OggOutputFormat(), options);
  assert.ok(Math.abs(file.length - (51 * 80 + 250)) < 150, `${file.length} bytes`);
});

bunny.run();
