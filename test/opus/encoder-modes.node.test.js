// Every kind of packet that there is, and every way from one to the next.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { noise, voice } from '../support/signals.js';
import { Bench, CBR, CELT, HYBRID, hasLbrr, SILK, toc, VBR, wasm } from './node-encoder.js';

const modes = suite('encoder modes');

/** A second of a voice and of hiss, by rate. @type {Map<number, { speech: Float32Array, hiss: Float32Array }>} */
const material = new Map();

/** Endless voice, hissing a little, later and softer in the second channel. */
function source(rate, channels) {
  let found = material.get(rate);
  if (found === undefined) {
    found = { speech: voice(rate, rate), hiss: noise(rate, 0.02, 7) };
    material.set(rate, found);
  }
  const { speech, hiss } = found;
  let at = 0;
  return (samples) => {
    const pcm = new Float32Array(samples * channels);
    for (let i = 0; i < samples; i++, at++) {
      pcm[i * channels] = speech[at % rate] + hiss[at % rate];
      if (channels === 2)
        pcm[2 * i + 1] = 0.5 * speech[(at + 1234) % rate] + hiss[(at + 99) % rate];
    }
    return pcm;
  };
}

const SILK_MS = [10, 20, 40, 60];
const CELT_MS = [2.5, 5, 10, 20];
/** Every configuration of RFC 6716, table 2: mode, bandwidth, ms. */
const CONFIGS = [
  ...[0, 1, 2].flatMap((band) => SILK_MS.map((ms) => ({ mode: SILK, band, ms }))),
  ...[3, 4].flatMap((band) => SILK_MS.slice(0, 2).map((ms) => ({ mode: HYBRID, band, ms }))),
  ...[0, 2, 3, 4].flatMap((band) => CELT_MS.map((ms) => ({ mode: CELT, band, ms }))),
];

for (const channels of [1, 2]) {
  modes(`all 32 configurations, ${channels} channels`, async () => {
    for (const [config, { mode, band, ms }] of CONFIGS.entries()) {
      const bench = await Bench.create({ channels, application: 1 });
      const next = source(48000, channels);
      const rate = mode === SILK ? 14000 + 6000 * band : 48000;
      bench.set({
        bitrate: rate * channels,
        control: config % 3,
        forceMode: mode,
        bandwidth: band,
        forceChannels: channels,
      });
      for (let i = 0; i < 4; i++) {
        const { packet } = bench.step(next(ms * 48));
        assert.equal(
          { config: toc(packet).config, stereo: toc(packet).stereo },
          { config, stereo: channels - 1 },
        );
      }
      assert.ok(bench.rms < 0.1, `config ${config}: ${bench.rms} LSB`);
      bench.close();
    }
  });
}

modes('packets of 40 to 120 ms in every mode; codes 0 to 3', async () => {
  const codes = new Set();
  for (const forceMode of [SILK, HYBRID, CELT]) {
    for (const ms of [20, 40, 60, 80, 100, 120]) {
      for (const control of [CBR, VBR]) {
        const bench = await Bench.create();
        const next = source(48000, 1);
        bench.set({ bitrate: 24000, control, forceMode });
        for (let i = 0; i < 4; i++) {
          const { packet } = bench.step(next(ms * 48));
          codes.add(toc(packet).code);
          if (control === CBR) assert.is(packet.length, (24000 * ms) / 8000);
        }
        assert.ok(bench.rms < 0.1, `mode ${forceMode}, ${ms} ms: ${bench.rms} LSB`);
        bench.close();
      }
    }
  }
  assert.equal([...codes].sort(), [0, 1, 2, 3]);
});

modes('input at every rate', async () => {
  for (const rate of [8000, 12000, 16000, 24000, 48000]) {
    for (const channels of [1, 2]) {
      const bench = await Bench.create({ rate, channels, application: 1 });
      const next = source(rate, channels);
      for (let i = 0; i < 12; i++) {
        bench.set({ forceMode: 1 + ((i >> 2) % 3), bitrate: 32000 * channels });
        bench.step(next(rate / 50));
      }
      assert.ok(bench.rms < 0.1, `${rate} Hz: ${bench.rms} LSB`);
      bench.close();
    }
  }
});

modes(
  'switches carry redundancy, at the end of the old mode and the start of the new',
  async () => {
    for (const channels of [1, 2]) {
      const bench = await Bench.create({ channels, application: 1 });
      const next = source(48000, channels);
      bench.set({ bitrate: 32000 * channels, control: VBR });
      const seen = [];
      const steps = [SILK, CELT, HYBRID, SILK, HYBRID, CELT, SILK];
      for (const forceMode of steps) {
        bench.set({ forceMode });
        for (let i = 0; i < 5; i++) {
          const { packet, redundancy } = bench.step(next(960));
          if (redundancy !== 'none')
            seen.push(`${toc(packet).config < 12 ? 'silk' : 'hybrid'} ${redundancy}`);
        }
      }
      assert.equal(seen, ['silk last', 'hybrid first', 'hybrid last', 'silk first']);
      assert.ok(bench.rms < 0.1, `${bench.rms} LSB`);
      bench.close();
    }
  },
);

modes('SILK changes its rate behind redundancy', async () => {
  const bench = await Bench.create();
  const next = source(48000, 1);
  bench.set({ bitrate: 20000, control: VBR, forceMode: SILK });
  const seen = [];
  for (const bandwidth of [2, 0, 1, 2]) {
    bench.set({ bandwidth });
    for (let i = 0; i < 4; i++) {
      const { packet, redundancy } = bench.step(next(960));
      if (redundancy !== 'none') seen.push(`${toc(packet).config >> 2} ${redundancy}`);
    }
  }
  assert.equal(seen, ['2 last', '0 first', '0 last', '1 first', '1 last', '2 first']);
  assert.ok(bench.rms < 0.1, `${bench.rms} LSB`);
  bench.close();
});

modes('redundancy for lost packets where loss is expected', async () => {
  for (const ms of [20, 60]) {
    const bench = await Bench.create();
    const next = source(48000, 1);
    bench.set({ bitrate: 32000, control: VBR, forceMode: SILK, fec: 1, expectedLossPercent: 10 });
    const packets = Array.from({ length: 10 }, () => bench.step(next(ms * 48)).packet);
    assert.ok(packets.slice(2).every(hasLbrr), `${ms} ms`);
    bench.set({ expectedLossPercent: 0 });
    bench.step(next(ms * 48));
    assert.not(hasLbrr(bench.step(next(ms * 48)).packet));
    bench.close();
  }
});

modes('silence: one packet above two bytes in 400 ms', async () => {
  for (const [application, level] of [
    [0, 0],
    [0, 0.0003],
    [1, 0],
  ]) {
    const bench = await Bench.create({ application });
    const next = source(48000, 1);
    bench.set({ bitrate: 24000, dtx: 1 });
    for (let i = 0; i < 50; i++) bench.step(next(960));
    assert.not(bench.inDtx);
    const sizes = [];
    for (let i = 0; i < 150; i++) sizes.push(bench.step(noise(960, level, i + 1)).packet.length);
    assert.ok(bench.inDtx);
    // After a second at most the pauses have begun.
    const sent = sizes.slice(50).filter((size) => size > 2).length;
    assert.ok(sent >= 2 && sent <= 6, `${sent} of 100 packets, level ${level}: ${sizes}`);
    bench.step(next(960));
    bench.step(next(960));
    assert.not(bench.inDtx);
    bench.close();
  }
});

modes('a constant rate is exact to the byte, also through switches', async () => {
  const bench = await Bench.create({ channels: 2, application: 1 });
  const next = source(48000, 2);
  for (const bitrate of [16000, 24000, 40000, 96000]) {
    for (const forceMode of [SILK, CELT, HYBRID, CELT, SILK]) {
      bench.set({ bitrate, control: CBR, forceMode });
      for (let i = 0; i < 3; i++) {
        assert.is(bench.step(next(960)).packet.length, Math.round(bitrate / 400));
      }
    }
  }
  bench.close();
});

modes('one block of less than 80 KB', () => {
  assert.ok(wasm.opusEncoderSize() <= 80 * 1024, `${wasm.opusEncoderSize()} bytes`);
});

modes.run();
