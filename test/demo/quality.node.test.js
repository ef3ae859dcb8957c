import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, findDelay } from '../../examples/demo/quality.mjs';
import { readWav } from '../../examples/demo/wav.mjs';
import { prng } from '../support/prng.js';

const quality = suite('demo: quality');
const random = prng(1);
const speech = readWav('examples/demo/demo-speech.wav').pcm.subarray(0, 2 * 48000);
const level = Math.sqrt(speech.reduce((sum, value) => sum + value * value, 0) / speech.length);
const noise = (/** @type {number} */ gain) =>
  speech.map(() => (random.float() * 2 - 1) * level * Math.sqrt(3) * gain);
const plus = (/** @type {Float32Array} */ other) =>
  speech.map((value, i) => value + (other[i] ?? 0));
const figure = (/** @type {Float32Array} */ copy) => compare(speech, copy).spectralSimilarity ?? -1;
/** Every n-th frame of 20 ms is lost. @param {number} n */
const withGaps = (n) => speech.map((value, i) => (Math.floor(i / 960) % n === 0 ? 0 : value));

quality('the same', () => {
  assert.equal(compare(speech, speech), {
    spectralSimilarity: 1,
    logSpectralDistanceDb: 0,
    segmentalSnrDb: 60,
    delaySamples: 0,
    gainDb: 0,
  });
});

quality('a delay either way is found and costs nothing', () => {
  for (const delay of [1, 312, 9600, -500]) {
    const moved = new Float32Array(speech.length + 20000);
    if (delay > 0) moved.set(speech, delay);
    else moved.set(speech.subarray(-delay));
    const result = compare(speech, moved);
    assert.is(result.delaySamples, delay);
    assert.ok((result.spectralSimilarity ?? 0) > 0.98, `${delay}`);
  }
  assert.is(findDelay(speech, new Float32Array(speech.length), 1000), 0);
});

quality('worse damage gives a lower figure', () => {
  const gaps = [withGaps(50), withGaps(20), withGaps(5), withGaps(2)].map(figure);
  const noises = [0.001, 0.01, 0.1, 1].map((gain) => figure(plus(noise(gain))));
  for (const row of [gaps, noises]) {
    for (let i = 1; i < row.length; i++) {
      assert.ok((row[i] ?? 1) < (row[i - 1] ?? 0), `${row}`);
    }
  }
  assert.ok((gaps[0] ?? 0) > 0.95);
  assert.ok((noises[0] ?? 0) > 0.95);
});

quality('silence, noise and another text are no copies', () => {
  assert.ok(figure(new Float32Array(speech.length)) < 0.3);
  assert.ok(figure(noise(1)) < 0.3);
  const half = speech.length / 2;
  const other = new Float32Array(speech.length);
  other.set(speech.subarray(half));
  other.set(speech.subarray(0, half), half);
  assert.ok(figure(other) < 0.4);
  assert.ok(figure(new Float32Array(0)) < 0.3);
});

quality('a silent input has no figure', () => {
  const silence = new Float32Array(9600);
  assert.is(compare(silence, silence).spectralSimilarity, null);
  assert.is(compare(new Float32Array(1), speech).spectralSimilarity, null);
});

quality('the level is told', () => {
  const { gainDb } = compare(
    speech,
    speech.map((value) => value / 2),
  );
  assert.is(gainDb, -6.02);
});

quality.run();
