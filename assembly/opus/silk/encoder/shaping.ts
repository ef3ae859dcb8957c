/**
 * Noise shaping: for each subframe the spectrum that quantisation noise should have, as a warped all-pole filter, and the
 * gain that sets its level (RFC 6716, section 5.2.3.3). The four subframes go through analysis together, one in each
 * vector lane.
 */
import { exp2 } from "../../celt/exponential";
import { sineTurn } from "../../celt/trigonometry";
import { PARAMETERS } from "../parameters";
import { VOICED } from "../state";
import { log2 } from "./cost";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { HARMONIC, LOW_AR, LOW_MA, PLAN, PLAN_GAINS, SHAPING, TILT } from "./frame-plan";

/** f32 x 4 lanes: windowed samples of the four subframes. */
const WINDOWED = memory.data(16 * 240, 16);
/** Warped autocorrelation, predictor and its work row. */
const CORRELATION = memory.data(16 * 25, 16);
const ROW = memory.data(16 * 26, 16);
const OTHER = memory.data(16 * 26, 16);
/** f32 x 240: window; its length in samples, 0 before the first. */
const WINDOW = memory.data(4 * 240, 16);
let windowLength: i32 = 0;

/** Flat for 3 ms, sine flanks. */
function prepareWindow(length: i32, kHz: i32): void {
  if (windowLength == length) return;
  windowLength = length;
  const slope = (length - 3 * kHz) >> 1;
  for (let i = 0; i < length; i++) {
    let w: f64 = 1;
    const from = min(i, length - 1 - i);
    if (from < slope) w = sineTurn((<f64>from + 0.5) * 0.25, slope);
    store<f32>(WINDOW + (i << 2), <f32>w);
  }
}

/** Address of vector `i` at `base`. */
// @ts-ignore: decorator
@inline function vec(base: usize, i: i32): usize {
  return base + (<usize>i << 4);
}

/** Autocorrelation along a chain of all-pass sections in place of delays. */
function correlate(length: i32, order: i32, warping: f32): void {
  const w = f32x4.splat(warping);
  memory.fill(ROW, 0, 16 * 26);
  memory.fill(CORRELATION, 0, 16 * 25);
  for (let n = 0; n < length; n++) {
    const x = v128.load(vec(WINDOWED, n));
    let here = x;
    let before = v128.load(ROW);
    v128.store(ROW, x);
    v128.store(CORRELATION, f32x4.add(v128.load(CORRELATION), f32x4.mul(x, x)));
    for (let i = 16; i <= order << 4; i += 16) {
      // y_i[n] = y_(i-1)[n-1] + w (y_i[n-1] - y_(i-1)[n])
      const own = v128.load(ROW + i);
      here = f32x4.add(before, f32x4.mul(w, f32x4.sub(own, here)));
      before = own;
      v128.store(ROW + i, here);
      v128.store(CORRELATION + i, f32x4.add(v128.load(CORRELATION + i), f32x4.mul(x, here)));
    }
  }
}

/** Levinson recursion in all lanes: fills `ROW` with 1-based predictor coefficients, returns the residual energy. */
function levinson(order: i32): v128 {
  let energy = v128.load(CORRELATION);
  for (let m = 1; m <= order; m++) {
    let sum = v128.load(vec(CORRELATION, m));
    for (let j = 1; j < m; j++) {
      sum = f32x4.sub(sum, f32x4.mul(v128.load(vec(ROW, j)), v128.load(vec(CORRELATION, m - j))));
    }
    const reflection = f32x4.div(sum, energy);
    for (let j = 1; j < m; j++) {
      v128.store(vec(OTHER, j), f32x4.sub(v128.load(vec(ROW, j)), f32x4.mul(reflection, v128.load(vec(ROW, m - j)))));
    }
    memory.copy(ROW + 16, OTHER + 16, <usize>(m - 1) << 4);
    v128.store(vec(ROW, m), reflection);
    energy = f32x4.mul(energy, f32x4.sub(f32x4.splat(1), f32x4.mul(reflection, reflection)));
  }
  return energy;
}

/** Analysis of the frame: spectral shaping, gains before quantisation, low-frequency and harmonic shaping. */
export function analyseShaping(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const kHz = channel.kHz;
  const order = PLAN.shapingOrder;
  const voiced = PARAMETERS.signalType == VOICED;
  const activity = c.activity;
  const codingQuality = PLAN.codingQuality;
  const inputQuality = PLAN.inputQuality;

  let snr = PLAN.snr;
  snr -= 2 * codingQuality * (0.5 + 0.5 * inputQuality) * (1 - activity) * (1 - activity);
  if (voiced) snr += 2 * PLAN.ltpCorrelation;
  else snr += (6 - 0.4 * PLAN.snr) * (1 - inputQuality);

  const length = 15 * kHz;
  prepareWindow(length, kHz);
  const first = inputOf(c) + (<usize>(channel.historyLength - 5 * kHz) << 2);
  const step = <usize>channel.subframeLength << 2;
  const half = channel.subframes == 2;
  for (let n = 0; n < length; n++) {
    const at = first + (<usize>n << 2);
    const w = load<f32>(WINDOW + (n << 2));
    const a = load<f32>(at) * w;
    const b = load<f32>(at + step) * w;
    const d = half ? a : load<f32>(at + 2 * step) * w;
    const e = half ? b : load<f32>(at + 3 * step) * w;
    v128.store(vec(WINDOWED, n), f32x4(a, b, d, e));
  }
  correlate(length, order, PLAN.warping);
  const zeroLag = v128.load(CORRELATION);
  v128.store(CORRELATION, f32x4.add(f32x4.mul(zeroLag, f32x4.splat(1.00003)), f32x4.splat(1)));
  v128.store(PLAN_GAINS, f32x4.sqrt(levinson(order)));
  expandAndUnwarp(order, PLAN.warping);

  const multiplier: f32 = exp2(-0.16 * snr);
  const addition: f32 = exp2(0.16 * 2);
  v128.store(
    PLAN_GAINS,
    f32x4.add(f32x4.mul(v128.load(PLAN_GAINS), f32x4.splat(multiplier)), f32x4.splat(addition)),
  );
  shapeLow(c, kHz, voiced);
}

/** Widens resonances, moves the filter to one without a delay-free path, and bounds it; in all lanes. */
function expandAndUnwarp(order: i32, warping: f32): void {
  const ratio: f32 = 1e-3 * PLAN.predictionGain;
  const chirp: f32 = (0.98 - 0.05 * PLAN.codingQuality) / (1 + ratio * ratio);
  let factor = chirp;
  for (let i = 1; i <= order; i++) {
    v128.store(vec(ROW, i), f32x4.mul(v128.load(vec(ROW, i)), f32x4.splat(factor)));
    factor *= chirp;
  }
  for (let round = 0; round < 10; round++) {
    // sum a_k A^k = sum a_k (-w)^k + (1 - w^2) G r(A): r by synthetic division.
    let rest = v128.load(vec(ROW, order));
    v128.store(vec(OTHER, order - 1), rest);
    for (let k = order - 1; k >= 1; k--) {
      rest = f32x4.sub(v128.load(vec(ROW, k)), f32x4.mul(f32x4.splat(warping), rest));
      v128.store(vec(OTHER, k - 1), rest);
    }
    // The value at A = -w is -w r_0; one minus it scales all.
    const level = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(f32x4.splat(warping), rest)));
    const scale = f32x4.mul(level, f32x4.splat(1 - warping * warping));
    let largest: f32 = 0;
    for (let k = 0; k < order; k++) {
      const value = f32x4.mul(v128.load(vec(OTHER, k)), scale);
      v128.store(vec(SHAPING, k), value);
      const m = f32x4.abs(value);
      largest = max(largest, max(max(f32x4.extract_lane(m, 0), f32x4.extract_lane(m, 1)),
        max(f32x4.extract_lane(m, 2), f32x4.extract_lane(m, 3))));
    }
    if (largest <= 3.999 || round == 9) {
      v128.store(PLAN_GAINS, f32x4.mul(v128.load(PLAN_GAINS), level));
      return;
    }
    const narrower: f32 = 0.99 - (0.1 + 0.02 * <f32>round) * (largest - 3.999) / largest;
    factor = narrower;
    for (let i = 1; i <= order; i++) {
      v128.store(vec(ROW, i), f32x4.mul(v128.load(vec(ROW, i)), f32x4.splat(factor)));
      factor *= narrower;
    }
  }
}

/** Low-frequency, tilt and harmonic shaping; lags must be known. */
function shapeLow(c: EncoderChannel, kHz: i32, voiced: bool): void {
  const channel = localDecoderOf(c);
  const strength: f32 = 4 * (1 + 0.5 * (c.quality0 - 1)) * c.activity;
  let tilt: f32 = -0.2;
  let harmonic: f32 = 0;
  if (voiced) {
    tilt = -0.2 - 0.26 * c.activity;
    harmonic = (0.24 + 0.2 * (1 - (1 - PLAN.codingQuality) * PLAN.inputQuality)) * Mathf.sqrt(PLAN.ltpCorrelation);
  }
  for (let k = 0; k < channel.subframes; k++) {
    let b: f32 = 1.3 / <f32>kHz;
    if (voiced) {
      b = 0.2 / <f32>kHz + 3.0 / <f32>load<i32>(PLAN_LAGS + (k << 2));
      store<f32>(LOW_AR + (k << 2), 1 - b - b * strength);
    } else {
      store<f32>(LOW_AR + (k << 2), 1 - b - 0.6 * b * strength);
    }
    store<f32>(LOW_MA + (k << 2), b - 1);
    c.harmonic += 0.4 * (harmonic - c.harmonic);
    c.tilt += 0.4 * (tilt - c.tilt);
    store<f32>(HARMONIC + (k << 2), c.harmonic);
    store<f32>(TILT + (k << 2), c.tilt);
  }
}

/** i32 x 4: lags found by pitch analysis. */
export const PLAN_LAGS = memory.data(16, 16);

/** Low offset where the energy of 2 ms pieces jumps about, else high: for frames that are not voiced. */
export function chooseOffset(c: EncoderChannel): i32 {
  const channel = localDecoderOf(c);
  const piece = 2 * channel.kHz;
  const pieces = channel.frameLength / piece;
  const start = inputOf(c) + (<usize>channel.historyLength << 2);
  let previous: f32 = 0;
  let variation: f32 = 0;
  for (let i = 0; i < pieces; i++) {
    let energy: f32 = <f32>piece;
    for (let n = i * piece; n < (i + 1) * piece; n++) {
      const x = load<f32>(start + (<usize>n << 2));
      energy += x * x;
    }
    const level = log2(energy);
    if (i > 0) variation += abs(level - previous);
    previous = level;
  }
  return variation > 0.6 * <f32>(pieces - 1) ? 0 : 1;
}
