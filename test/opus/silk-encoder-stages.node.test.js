// Stages of the SILK encoder, each against the stage of the decoder that undoes it.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';

const { wasm, memory, put, int16, int32 } = await instantiate('silk-encoder-stages-debug');
const silk = suite('silk encoder stages');
/** Room for a channel of the encoder or the decoder. */
const CHANNEL = 24000;
wasm.costInit();
wasm.decimateInit();

const float32 = (/** @type {number} */ at, /** @type {number} */ count) =>
  new Float32Array(memory.buffer, at, count);
const bytes = (/** @type {number} */ at, /** @type {number} */ count) =>
  new Uint8Array(memory.buffer, at, count);

/** An encoder's channel with 20 ms frames, as if one active frame had been coded. @param {number} kHz */
function encoderChannel(kHz) {
  const c = wasm.allocate(CHANNEL);
  bytes(c, CHANNEL).fill(0);
  const local = wasm.localDecoderOf(c);
  int32(local, 11).set([
    kHz,
    kHz === 16 ? 16 : 10,
    5 * kHz,
    4,
    20 * kHz,
    20 * kHz,
    0,
    0,
    0,
    10,
    65536,
  ]);
  float32(c, 15).set([1, 0, 0.9, 0.9], 11); // activity, tilt, quality
  return { c, local, input: wasm.inputOf(c) };
}

/** Line spectra that a stable predictor has: increasing, well apart. */
function lineSpectrum(random, order) {
  const gaps = Array.from({ length: order + 1 }, () => 0.4 + random.float());
  const sum = gaps.reduce((a, b) => a + b);
  let at = 0;
  return Int16Array.from(gaps.slice(0, order), (gap) => {
    at += gap;
    return Math.round((32767 * at) / sum);
  });
}

silk('gains: symbols stand for what the quantiser says, within two steps', () => {
  const random = prng(1);
  const channel = wasm.allocate(CHANNEL);
  const gains = wasm.allocate(16);
  for (let round = 0; round < 500; round++) {
    const previous = random.int(64);
    const wanted = Float32Array.from({ length: 4 }, () => 2 ** (1 + 13 * random.float()));
    float32(gains, 4).set(wanted);
    const independent = round & 1;
    wasm.quantiseGains(gains, 4, previous, independent);
    const chosen = int32(wasm.GAINS, 4).slice();
    int32(channel, 10).set([4], 3);
    int32(channel, 10).set([previous], 9);
    wasm.dequantizeGains(channel, independent);
    assert.equal(int32(wasm.GAINS, 4), chosen);
    // Only the way down is limited, to 4 steps, or 16 for the first when it stands alone.
    for (let k = 0; k < 4; k++) {
      const octaves = Math.log2(chosen[k] / 65536 / wanted[k]);
      if (octaves < -0.25) assert.unreachable(`gain ${k} is ${octaves} octaves too low`);
    }
  }
});

silk('line spectra: from a predictor and back', () => {
  const random = prng(2);
  const lpc = wasm.allocate(32);
  const predictor = wasm.allocate(64);
  const found = wasm.allocate(32);
  for (const order of [10, 16]) {
    for (let round = 0; round < 100; round++) {
      const nlsf = lineSpectrum(random, order);
      wasm.nlsfToLpc(lpc, put(nlsf), order);
      float32(predictor, order).set(Array.from(int16(lpc, order), (a) => a / 4096));
      wasm.toLineSpectrum(found, predictor, order);
      const back = int16(found, order);
      for (let i = 0; i < order; i++) {
        assert.ok(Math.abs(back[i] - nlsf[i]) < 120, `order ${order}: ${back[i]} for ${nlsf[i]}`);
      }
    }
  }
});

silk('line spectra: what decoders reconstruct is near, nearer with more survivors', () => {
  const random = prng(3);
  const out = wasm.allocate(32);
  for (const order of [10, 16]) {
    const errors = [1, 16].map(() => 0);
    for (let round = 0; round < 60; round++) {
      const nlsf = lineSpectrum(random, order);
      const at = put(nlsf);
      [1, 16].forEach((survivors, s) => {
        wasm.spacingWeights(wasm.WEIGHTS, at, order);
        const weights = float32(wasm.WEIGHTS, order);
        for (let i = 0; i < order; i++) weights[i] *= 2 ** -32;
        wasm.searchLineSpectrum(at, order, 0.003, survivors);
        wasm.reconstructNlsf(out, order);
        const decoded = int16(out, order);
        for (let i = 0; i < order; i++) errors[s] += weights[i] * (decoded[i] - nlsf[i]) ** 2;
        for (let i = 1; i < order; i++) assert.ok(decoded[i] > decoded[i - 1], 'in order');
      });
    }
    assert.ok(errors[1] < errors[0], `${errors}`);
    assert.ok(errors[1] / 60 < 0.05, `weighted error ${errors[1] / 60}`);
  }
});

silk('Burg finds the predictor of a filtered noise', () => {
  const random = prng(4);
  const length = 4 * 96;
  const x = new Float32Array(length);
  for (let n = 0; n < length; n++) {
    x[n] = 1.5 * (x[n - 1] ?? 0) - 0.8 * (x[n - 2] ?? 0) + 2 * random.float() - 1;
  }
  const at = put(x);
  const a = wasm.allocate(64);
  const left = wasm.burg(a, at, 4, 96, 16, 1e-4);
  assert.ok(Math.abs(float32(a, 1)[0] - 1.5) < 0.15);
  const energy = x.reduce((sum, v) => sum + v * v, 0);
  assert.ok(left < 0.15 * energy, `${left} of ${energy}`);
});

silk('pitch: the lag of a pulse train, its filter; none in noise', () => {
  const random = prng(5);
  for (const kHz of [8, 12, 16]) {
    for (const ms of [3, 4, 6]) {
      const lag = Math.round(ms * kHz);
      const { c, input } = encoderChannel(kHz);
      // Silence behind the frame would be a pitch mark of its own: the train goes on.
      const x = float32(input, 45 * kHz);
      for (let n = 0; n < x.length; n++) {
        x[n] = (n % lag === 0 ? 9000 : 0) + 0.8 * (x[n - 1] ?? 0) + 20 * (random.float() - 0.5);
      }
      wasm.searchPitch(c);
      assert.is(int32(wasm.PARAMETERS, 1)[0], 2, `voiced at ${kHz} kHz, ${ms} ms`);
      const lags = int32(wasm.PLAN_LAGS, 4);
      for (const l of lags) assert.ok(Math.abs(l - lag) <= 1, `${kHz} kHz: ${lags} for ${lag}`);
      wasm.searchLongTerm(c);
      const gain = float32(wasm.PLAN, 9)[8];
      assert.ok(gain > 3, `${kHz} kHz, ${ms} ms: prediction gain ${gain} dB`);
    }
    const { c, input } = encoderChannel(kHz);
    float32(input, 45 * kHz).set(
      Array.from({ length: 45 * kHz }, () => 8000 * (random.float() - 0.5)),
    );
    wasm.searchPitch(c);
    assert.is(int32(wasm.PARAMETERS, 1)[0], 1, 'noise is not voiced');
  }
});

silk('pulses of any size are read as they were written', () => {
  const random = prng(6);
  const payload = wasm.allocate(4000);
  const encoder = wasm.allocate(wasm.RANGE_ENCODER_SIZE);
  const decoder = wasm.allocate(wasm.RANGE_DECODER_SIZE);
  for (let round = 0; round < 60; round++) {
    const most = [1, 2, 8, 30, 120, 1000][round % 6];
    const pulses = Int16Array.from({ length: 320 }, () =>
      Math.round(most * (2 * random.float() - 1) ** 3),
    );
    int32(wasm.PARAMETERS, 2).set([round % 3, round & 1]);
    int16(wasm.PULSES, 320).set(pulses);
    wasm.rangeEncoderInit(encoder, payload, 4000);
    wasm.writePulses(encoder, 320);
    const length = wasm.bytesUsed(encoder);
    wasm.rangeEncoderDone(encoder);
    wasm.rangeDecoderInit(decoder, payload, length);
    int16(wasm.PULSES, 320).fill(-1);
    wasm.parsePulses(decoder, 320);
    assert.equal(int16(wasm.PULSES, 320), pulses);
    assert.is(wasm.finalRange(decoder), wasm.finalRange(encoder));
  }
});

silk('the rate converter keeps level and delay from every rate', () => {
  for (const from of [8, 12, 16, 24, 48]) {
    for (const to of [8, 12, 16].filter((kHz) => kHz <= from)) {
      const hertz = 1000;
      const input = wasm.allocate(4 * (80 + 20 * from));
      const out = wasm.allocate(4 * 20 * to);
      float32(input, 80 + 20 * from).set(
        Array.from({ length: 80 + 20 * from }, (_, n) =>
          Math.sin((2 * Math.PI * hertz * (n - 80)) / (1000 * from)),
        ),
      );
      wasm.decimate(out, input + 320, 20 * from, from, to);
      const y = float32(out, 20 * to);
      // 33 samples of 48 kHz, or the nearest whole number where nothing is filtered.
      const delay = from === to ? Math.floor(33 / (48 / from)) / from : 33 / 48;
      for (let n = 0; n < y.length; n++) {
        const ideal = Math.sin(2 * Math.PI * hertz * (n / (1000 * to) - delay / 1000));
        assert.ok(
          Math.abs(y[n] - ideal) < 0.02,
          `${from} to ${to} kHz, sample ${n}: ${y[n]}, ${ideal}`,
        );
      }
    }
  }
});

silk.run();
