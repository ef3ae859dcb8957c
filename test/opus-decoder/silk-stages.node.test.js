// Stages of the SILK decoder against plain integer references written from RFC 6716 and exact arithmetic.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { instantiate } from '../support/node-assembly.js';
import { prng } from '../support/prng.js';

const { wasm, put, int16, int32 } = await instantiate('silk-debug');
const stages = suite('silk stages');

const wrap = (x) => Number(BigInt.asIntN(32, x));
const mulWB = (a, b) => wrap((BigInt(a) * BigInt(b)) >> 16n);
const clamp32 = (x) => Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, x));
const clamp16 = (x) => Math.max(-32768, Math.min(32767, x));

stages('exponential, square root, inverse, quotient come near the true values', () => {
  assert.equal([-1, 3967].map(wasm.exp2Q7), [0, 2 ** 31 - 1]);
  for (let x = 0; x < 3967; x++) {
    assert.ok(
      Math.abs(wasm.exp2Q7(x) / 2 ** (x / 128) - 1) < (x < 1024 ? 0.5 : 0.01),
      `2^(${x}/128)`,
    );
  }
  const random = prng(1);
  for (let i = 0; i < 2000; i++) {
    const b = 1 + (random.next() >>> (1 + random.int(20)));
    const a = random.next() >>> (1 + random.int(20));
    assert.ok(
      Math.abs(wasm.squareRoot(b) - Math.sqrt(b)) <= 2 + 0.02 * Math.sqrt(b),
      `root of ${b}`,
    );
    const exponent = 30 + random.int(17);
    if (2 ** exponent / b < 2 ** 31 && 2 ** exponent / b > 256) {
      assert.ok(Math.abs((wasm.inverse(b, exponent) * b) / 2 ** exponent - 1) < 0.006);
      assert.ok(Math.abs((wasm.inverse(-b, exponent) * b) / 2 ** exponent + 1) < 0.006);
    }
    const quotient = (a * 65536) / b;
    if (quotient > 4096 && quotient < 2 ** 31) {
      assert.ok(Math.abs(wasm.divide(a, b, 16) / quotient - 1) < 0.001, `${a} / ${b}`);
    }
  }
});

stages('the stabiliser keeps every distance and leaves good spectra alone', () => {
  const random = prng(2);
  for (const [order, table] of [
    [10, wasm.NB_MB_SPACING_Q15],
    [16, wasm.WB_SPACING_Q15],
  ]) {
    const spacing = int16(table, order + 1);
    const at = wasm.allocate(32);
    for (let round = 0; round < 300; round++) {
      const nlsf = int16(at, order);
      for (let i = 0; i < order; i++) nlsf[i] = random.int(3) ? random.int(32768) : random.int(400);
      if (round % 2) nlsf.sort();
      wasm.stabiliseNlsf(at, order, table);
      const edges = [0, ...nlsf, 32768];
      for (let i = 0; i <= order; i++)
        assert.ok(edges[i + 1] - edges[i] >= spacing[i], `${order}, ${i}`);
      const before = [...nlsf];
      wasm.stabiliseNlsf(at, order, table);
      assert.equal([...nlsf], before);
    }
  }
});

/** Roots on the unit circle to predictor: the product of second-order factors, in floating point. */
function predictorOf(nlsf) {
  const product = (parity) => {
    let poly = [1];
    for (let k = parity; k < nlsf.length; k += 2) {
      const c = -2 * Math.cos((Math.PI * nlsf[k]) / 32768);
      const next = new Array(poly.length + 2).fill(0);
      poly.forEach((x, i) => {
        next[i] += x;
        next[i + 1] += c * x;
        next[i + 2] += x;
      });
      poly = next;
    }
    return poly;
  };
  const p = product(0);
  const q = product(1);
  return nlsf.map((_, k) => -0.5 * (p[k + 1] + p[k] + q[k + 1] - q[k]));
}

stages('line spectra become the predictor with these roots, stable', () => {
  const random = prng(3);
  for (const [order, table] of [
    [10, wasm.NB_MB_SPACING_Q15],
    [16, wasm.WB_SPACING_Q15],
  ]) {
    const at = wasm.allocate(32);
    const lpc = wasm.allocate(32);
    for (let round = 0; round < 200; round++) {
      const nlsf = int16(at, order);
      const even = 32768 / (order + 1);
      const spread = round % 2 ? 0.3 : 3;
      for (let i = 0; i < order; i++) {
        nlsf[i] = Math.max(0, Math.min(32767, even * (i + 1 + spread * (random.float() - 0.5))));
      }
      nlsf.sort();
      wasm.stabiliseNlsf(at, order, table);
      wasm.nlsfToLpc(lpc, at, order);
      assert.ok(wasm.inversePredictionGain(lpc, order) > 0);
      if (round % 2) {
        predictorOf([...nlsf]).forEach((a, k) => {
          assert.ok(Math.abs(int16(lpc, order)[k] - 4096 * a) < 8, `${order}, ${k}`);
        });
      }
    }
  }
});

stages('short-term synthesis is exact, with and without saturation', () => {
  const random = prng(4);
  for (const [order, length, level] of [
    [16, 80, 2 ** 20],
    [10, 40, 2 ** 20],
    [10, 60, 2 ** 27],
    [16, 80, 2 ** 31],
    [16, 320, 2 ** 31],
  ]) {
    for (let round = 0; round < 6; round++) {
      const signed = (limit) => Math.floor((random.float() * 2 - 1) * limit);
      const lpc = Int16Array.from({ length: 16 }, (_, j) =>
        j < order ? signed(round < 3 ? 1500 : 32768) : 0,
      );
      if (round === 5) lpc[0] = -32768;
      const state = Int32Array.from({ length: 16 }, () => signed(level));
      const source = Int32Array.from({ length }, () => signed(level));
      const samples = [...state];
      for (let n = 0; n < length; n++) {
        let sum = order >> 1;
        for (let j = 0; j < order; j++) sum = (sum + mulWB(samples[16 + n - 1 - j], lpc[j])) | 0;
        const limited = Math.max(-(2 ** 27), Math.min(2 ** 27 - 1, sum));
        samples.push(clamp32(source[n] + limited * 16));
      }
      const gain = 64 + random.int(2 ** 22);
      const at = put(state);
      const out = wasm.allocate(640);
      wasm.shortTermPrepare(put(lpc), order);
      wasm.shortTermLoad(at);
      wasm.shortTermRun(put(source), order, length);
      wasm.shortTermOutput(out, gain, length);
      wasm.shortTermAdvance(length);
      wasm.shortTermSave(at);
      assert.equal([...int32(at, 16)], samples.slice(-16));
      const expected = samples.slice(16).map((s) => {
        const scaled = mulWB(s, gain);
        return clamp16(((scaled >> 7) + 1) >> 1);
      });
      assert.equal([...int16(out, length)], expected);
    }
  }
});

stages('the resampler keeps level and pitch, and does not care how its input is cut', () => {
  for (const inKHz of [8, 12, 16]) {
    for (const outKHz of [8, 12, 16, 24, 48]) {
      const tone = Int16Array.from(
        { length: 60 * inKHz },
        (_, i) => 8000 * Math.sin((2 * Math.PI * i) / inKHz),
      );
      const run = (parts) => {
        const state = wasm.allocate(wasm.RESAMPLER_SIZE);
        const input = put(tone);
        const out = wasm.allocate(120 * outKHz);
        wasm.resamplerInit(state, inKHz, outKHz);
        let done = 0;
        for (const ms of parts) {
          wasm.resample(state, out + 2 * done * outKHz, input + 2 * done * inKHz, ms * inKHz);
          done += ms;
        }
        return [...int16(out, 60 * outKHz)];
      };
      const whole = run([20, 20, 20]);
      assert.equal(run([20, 10, 10, 20]).length, whole.length);
      // 1 kHz: 30 ms from the middle hold thirty periods of 8000 at the peak.
      const middle = whole.slice(20 * outKHz, 50 * outKHz);
      const project = (f) =>
        middle.reduce((sum, x, i) => sum + x * f((2 * Math.PI * i) / outKHz), 0) / middle.length;
      const level = 2 * Math.hypot(project(Math.cos), project(Math.sin));
      assert.ok(Math.abs(level / 8000 - 1) < 0.05, `${inKHz} to ${outKHz}: ${level}`);
    }
  }
});

stages.run();
