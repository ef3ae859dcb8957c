import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createCallCore } from 'sottovoce/call';
import { prng } from '../support/prng.js';

const scale = suite('call/time-scale');

const make = (/** @type {8000 | 48000} */ sampleRate = 48_000, /** @type {1 | 2} */ channels = 1) =>
  createCallCore().createTimeScaler({ sampleRate, channels });

/** Room for 20 ms and what may be added, filled with a tone. */
const tone = (/** @type {number} */ hertz, /** @type {number} */ room = 1920) =>
  Float32Array.from({ length: room }, (_, i) =>
    i < 960 ? 0.5 * Math.sin((2 * Math.PI * hertz * i) / 48_000) : 0,
  );

/** The largest step between neighbours: a click would show. */
const roughness = (/** @type {Float32Array} */ pcm) =>
  pcm.reduce((most, x, i) => (i === 0 ? most : Math.max(most, Math.abs(x - pcm[i - 1]))), 0);

scale('a tone is cut and repeated in whole periods, without a seam', () => {
  const scaler = make();
  for (const hertz of [100, 150, 220, 440, 1000]) {
    const period = 48_000 / hertz;
    for (const wanted of [-600, 600]) {
      const pcm = tone(hertz);
      const before = roughness(pcm.subarray(0, 960));
      const change = scaler.scale(pcm, 960, wanted, false);
      assert.is(Math.sign(change), Math.sign(wanted));
      assert.ok(Math.abs(change) <= 600 && Math.abs(change) >= 192);
      const periods = Math.abs(change) / period;
      assert.ok(Math.abs(periods - Math.round(periods)) * period < 2, `${hertz} Hz: ${change}`);
      assert.ok(roughness(pcm.subarray(0, 960 + change)) < 1.1 * before, `${hertz} Hz`);
    }
  }
  scaler.close();
});

scale('in silence exactly as much as is wanted; nothing below the least change', () => {
  const scaler = make();
  assert.is(scaler.scale(new Float32Array(1920), 960, -333, false), -333);
  assert.is(scaler.scale(new Float32Array(1920), 960, 501, false), 501);
  assert.is(scaler.scale(new Float32Array(1920), 960, -191, true), 0);
  assert.is(scaler.scale(new Float32Array(1920), 960, 0, true), 0);
});

scale('noise waits for a better frame, unless it is urgent', () => {
  const scaler = make();
  const random = prng(9);
  const noise = () =>
    Float32Array.from({ length: 1920 }, (_, i) => (i < 960 ? random.float() - 0.5 : 0));
  let changed = 0;
  for (let n = 0; n < 20; n++) {
    if (scaler.scale(noise(), 960, -400, false) !== 0) changed++;
    assert.is.not(scaler.scale(noise(), 960, -400, true), 0);
  }
  assert.ok(changed < 5, `${changed}`);
});

scale('what lies before and after the seam stays', () => {
  const scaler = make();
  const pcm = tone(200);
  const original = pcm.slice(0, 960);
  const change = scaler.scale(pcm, 960, -500, false);
  assert.equal(pcm.slice(0, 100), original.slice(0, 100));
  assert.equal(pcm.slice(960 + change - 100, 960 + change), original.slice(860));
});

scale('both channels alike, other rates', () => {
  const stereo = make(48_000, 2);
  const mono = tone(300);
  const pcm = new Float32Array(3840);
  for (let i = 0; i < 960; i++) pcm.set([mono[i], -0.25 * mono[i]], 2 * i);
  const change = stereo.scale(pcm, 960, 480, false);
  assert.ok(change >= 192);
  for (let i = 0; i < 960 + change; i++) {
    assert.ok(Math.abs(pcm[2 * i + 1] + 0.25 * pcm[2 * i]) < 1e-6);
  }
  const narrow = make(8000);
  assert.is(narrow.least, 32);
  assert.is(narrow.scale(new Float32Array(320), 160, -80, false), -80);
});

scale('any length and any wish', () => {
  const scaler = make();
  const random = prng(10);
  for (let n = 0; n < 300; n++) {
    const samples = 1 + random.int(5760);
    const pcm = Float32Array.from({ length: 6720 }, () => random.float() - 0.5);
    pcm[random.int(samples)] = [Number.NaN, Number.POSITIVE_INFINITY, 1e30, 0][random.int(4)];
    const wanted = random.int(1920) - 960;
    const change = scaler.scale(pcm, samples, wanted, random.int(2) === 0);
    assert.ok(change === 0 || Math.sign(change) === Math.sign(wanted));
    assert.ok(Math.abs(change) <= Math.abs(wanted) && samples + change > 0);
  }
});

scale.run();
