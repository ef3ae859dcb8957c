// Settings change between any two frames, and nobody hears it: a sound without high frequencies is encoded, and a click would have them.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Bench, CELT, HYBRID, SILK, VBR } from './node-encoder.js';

const switches = suite('encoder switches');

const FRAMES = 60;
/** Frames between changes. */
const PERIOD = 8;

/** Steady harmonics of 150 Hz in both channels, softer and with a tone of its own in the second. */
const sound = new Float32Array(2 * 960 * FRAMES);
for (let i = 0; i < 960 * FRAMES; i++) {
  const t = (2 * Math.PI * i) / 48000;
  let voice = 0;
  for (let h = 1; h <= 6; h++) voice += Math.sin(150 * h * t + h) / h;
  sound[2 * i] = 0.12 * voice;
  sound[2 * i + 1] = 0.05 * voice + 0.05 * Math.sin(330 * t);
}

/** Largest energy of the second difference in 2.5 ms, in dB, after 200 ms. @param {number[]} pcm @param {number} channels */
function loudestClick(pcm, channels) {
  let most = 0;
  for (let channel = 0; channel < channels; channel++) {
    const x = pcm.filter((_, i) => i % channels === channel);
    for (let start = 9600; start + 120 <= x.length; start += 120) {
      let sum = 0;
      for (let i = start; i < start + 120; i++) sum += (x[i] - 2 * x[i - 1] + x[i - 2]) ** 2;
      most = Math.max(most, sum / 120);
    }
  }
  return 10 * Math.log10(most);
}

/** @param {(frame: number) => Record<string, number>} settings of each frame */
async function clicksOf(channels, base, settings) {
  const bench = await Bench.create({ channels, application: 1 });
  bench.set({ control: VBR, ...base });
  const decoded = [];
  for (let frame = 0; frame < FRAMES; frame++) {
    bench.set(settings(frame));
    const pcm = sound.slice(1920 * frame, 1920 * (frame + 1));
    const mono = pcm.filter((_, i) => i % 2 === 0);
    decoded.push(...bench.step(channels === 2 ? pcm : mono).decoded);
  }
  bench.close();
  return loudestClick(decoded, channels);
}

const CASES = [
  ['SILK and CELT', 1, { bitrate: 24000 }, { forceMode: SILK }, { forceMode: CELT }],
  ['hybrid and CELT', 1, { bitrate: 32000 }, { forceMode: HYBRID }, { forceMode: CELT }],
  ['SILK and hybrid', 1, { bitrate: 32000 }, { forceMode: SILK }, { forceMode: HYBRID }],
  ['SILK rates', 1, { bitrate: 20000, forceMode: SILK }, { bandwidth: 0 }, { bandwidth: 2 }],
  ['CELT bands', 1, { bitrate: 48000, forceMode: CELT }, { bandwidth: 0 }, { bandwidth: 4 }],
  ['rates', 1, {}, { bitrate: 12000 }, { bitrate: 64000 }],
  ['complexities', 1, { bitrate: 24000 }, { complexity: 0 }, { complexity: 10 }],
  [
    'channels in CELT',
    2,
    { bitrate: 64000, forceMode: CELT },
    { forceChannels: 1 },
    { forceChannels: 2 },
  ],
  [
    'channels in SILK',
    2,
    { bitrate: 48000, forceMode: SILK },
    { forceChannels: 1 },
    { forceChannels: 2 },
  ],
  [
    'channels in hybrid',
    2,
    { bitrate: 48000, forceMode: HYBRID },
    { forceChannels: 1 },
    { forceChannels: 2 },
  ],
];

for (const [name, channels, base, one, other] of /** @type {any[]} */ (CASES)) {
  switches(`between ${name}: no click`, async () => {
    const steady = Math.max(
      await clicksOf(channels, base, () => one),
      await clicksOf(channels, base, () => other),
    );
    const switching = await clicksOf(channels, base, (frame) =>
      Math.floor(frame / PERIOD) % 2 === 0 ? one : other,
    );
    assert.ok(switching < steady + 3, `${switching} dB, ${steady} dB without switching`);
  });
}

switches.run();
