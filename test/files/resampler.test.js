import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Resampler } from 'sottovoce/internal';
import { concat, snr } from '../support/signals.js';

const resampler = suite('files/resampler');

const sine = (hz, rate, length) =>
  Float32Array.from({ length }, (_, i) => 0.5 * Math.sin((2 * Math.PI * hz * i) / rate));

function convert(pcm, from, to, channels = 1, piece = pcm.length) {
  const converter = new Resampler(from, to, channels);
  const parts = [];
  for (let at = 0; at < pcm.length; at += piece) {
    parts.push(converter.push(pcm.subarray(at, at + piece)));
  }
  return concat([...parts, converter.flush()]);
}

for (const [from, to] of [
  [44_100, 48_000],
  [96_000, 48_000],
  [48_000, 44_100],
  [8000, 48_000],
  [44_101, 48_000],
  [192_000, 48_000],
]) {
  resampler(`${from} to ${to} Hz: a sine stays one, in time and level`, () => {
    const out = convert(sine(1000, from, from / 4), from, to);
    assert.is(out.length, Math.round((Math.floor(from / 4) * to) / from));
    const edge = Math.ceil(to / 200); // the signal begins and ends at once
    const middle = out.subarray(edge, out.length - edge);
    const expected = sine(1000, to, out.length).subarray(edge, out.length - edge);
    assert.ok(snr(expected, middle) > 80, `${snr(expected, middle)} dB`);
  });
}

resampler('what the new rate cannot hold is gone', () => {
  const out = convert(sine(30_000, 96_000, 24_000), 96_000, 48_000);
  const loudest = Math.max(...out.subarray(400, -400).map(Math.abs));
  assert.ok(loudest < 0.5e-4, `${loudest}`);
});

resampler('pieces of any length give the same samples', () => {
  const pcm = sine(700, 44_100, 4000);
  const whole = convert(pcm, 44_100, 48_000, 2);
  for (const piece of [2, 14, 1000]) {
    assert.equal(convert(pcm, 44_100, 48_000, 2, piece), whole, `pieces of ${piece}`);
  }
});

resampler('few samples, or none', () => {
  assert.is(convert(new Float32Array(), 44_100, 48_000).length, 0);
  for (const length of [1, 2, 31, 32, 33, 64]) {
    assert.is(
      convert(new Float32Array(length), 44_100, 48_000).length,
      Math.round(length * (160 / 147)),
    );
    assert.is(convert(new Float32Array(length), 96_000, 48_000).length, Math.round(length / 2));
  }
});

resampler.run();
