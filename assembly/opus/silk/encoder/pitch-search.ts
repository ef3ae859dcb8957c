/**
 * Open-loop pitch analysis (RFC 6716, section 5.2.3.2): the input is whitened, correlated per subframe over all lags at
 * half the rate, and refined at the full rate together with the contour.
 */
import { sumInOrder } from "../../lane-sums";
import { CONTOUR_10MS, CONTOUR_20MS, CONTOUR_NB_10MS, CONTOUR_NB_20MS } from "../../tables/silk-pitch";
import { sineTurn } from "../../celt/trigonometry";
import { PARAMETERS } from "../parameters";
import { clamp } from "../fixed-point";
import { INACTIVE, UNVOICED, VOICED } from "../state";
import { log2 } from "./cost";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { PLAN } from "./frame-plan";
import { PLAN_LAGS } from "./shaping";

/** f32: whitened input, 20 ms of past and the frame; zeros around for vector reads. */
export const WHITENED = memory.data(4 * 656, 16);
/** The same at half the rate. */
const COARSE = memory.data(4 * 336, 16);
const WINDOWED = memory.data(4 * (24 * 16 + 4), 16);
const CORRELATION = memory.data(4 * 20, 16);
const WHITENER = memory.data(4 * 20, 16);
/** f32: normalised correlations, 4 subframes x lags. */
const COARSE_MATCH = memory.data(4 * 4 * 160, 16);
const FINE_MATCH = memory.data(4 * 4 * 32, 16);

// @ts-ignore: decorator
@inline function f(base: usize, i: i32): f32 {
  return load<f32>(base + (<usize>i << 2));
}

/** Sum of products; `count` is a multiple of four. */
export function dot(a: usize, b: usize, count: i32): f32 {
  let sum0 = f32x4.splat(0);
  const end = <usize>count << 2;
  for (let i: usize = 0; i < end; i += 16) sum0 = f32x4.add(sum0, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  return sumInOrder(sum0);
}

/** Whitens the input over past and frame. Returns the prediction gain of the whitening filter. */
function whiten(c: EncoderChannel, kHz: i32, order: i32): f32 {
  const channel = localDecoderOf(c);
  const past = channel.historyLength;
  const total = past + channel.frameLength;
  const input = inputOf(c);
  // Window with 2 ms slopes over the frame and 2 ms on either side.
  const slope = 2 * kHz;
  const length = channel.frameLength + 2 * slope;
  const from = input + (<usize>(past - slope) << 2);
  for (let n = 0; n < length; n++) {
    const edge = min(n, length - 1 - n);
    const w: f32 = edge < slope ? <f32>sineTurn((<f64>edge + 0.5) * 0.25, slope) : 1;
    store<f32>(WINDOWED + (n << 2), f(from, n) * w);
  }
  for (let k = 0; k <= order; k++) {
    memory.fill(WINDOWED + (<usize>length << 2), 0, 16);
    const count = (length - k) & ~3;
    let sum = dot(WINDOWED, WINDOWED + (<usize>k << 2), count);
    for (let n = count; n < length - k; n++) sum += f(WINDOWED, n) * f(WINDOWED, n + k);
    store<f32>(CORRELATION + (k << 2), sum);
  }
  const energy: f32 = f(CORRELATION, 0) * 1.001 + 1;
  store<f32>(CORRELATION, energy);
  const rest = solve(order);
  let chirp: f32 = 0.99;
  for (let j = 0; j < order; j++) {
    store<f32>(WHITENER + (j << 2), f(WHITENER, j) * chirp);
    chirp *= 0.99;
  }
  for (let n = 0; n < total; n += 4) {
    const at = input + (<usize>n << 2);
    if (n < 16) {
      v128.store(WHITENED + (<usize>n << 2), f32x4.splat(0));
      continue;
    }
    let sum = v128.load(at);
    for (let j = 0; j < order; j++) {
      sum = f32x4.sub(sum, f32x4.mul(v128.load32_splat(WHITENER + (<usize>j << 2)), v128.load(at - (<usize>(j + 1) << 2))));
    }
    v128.store(WHITENED + (<usize>n << 2), sum);
  }
  return energy / max(rest, 1);
}

/** Levinson recursion on `CORRELATION` into `WHITENER`; returns the residual energy. */
function solve(order: i32): f32 {
  let energy = f(CORRELATION, 0);
  for (let m = 0; m < order; m++) {
    let sum = f(CORRELATION, m + 1);
    for (let j = 0; j < m; j++) sum -= f(WHITENER, j) * f(CORRELATION, m - j);
    const reflection = sum / energy;
    for (let j = 0; j < m >> 1; j++) {
      const a = f(WHITENER, j);
      const b = f(WHITENER, m - 1 - j);
      store<f32>(WHITENER + (j << 2), a - reflection * b);
      store<f32>(WHITENER + ((m - 1 - j) << 2), b - reflection * a);
    }
    if (m & 1) {
      const middle = WHITENER + (<usize>(m >> 1) << 2);
      store<f32>(middle, load<f32>(middle) * (1 - reflection));
    }
    store<f32>(WHITENER + (m << 2), reflection);
    energy *= 1 - reflection * reflection;
  }
  return energy;
}

/** Normalised correlations of one subframe with lags `low`..`high` into `out`. */
function match(out: usize, x: usize, length: i32, low: i32, high: i32, floor: f32): void {
  const own = dot(x, x, length) + floor;
  let past = x - (<usize>low << 2);
  // Energy of the past moves on with the lag by one sample at either end.
  let energy = dot(past, past, length);
  const end = <usize>(length - 1) << 2;
  for (let lag = low; lag <= high; lag++) {
    store<f32>(out + (<usize>(lag - low) << 2), (2 * dot(x, past, length)) / (own + energy));
    const leaving = load<f32>(past + end);
    past -= 4;
    const entering = load<f32>(past);
    energy = max(energy + entering * entering - leaving * leaving, <f32>0);
  }
}

/**
 * Decides voiced or not; when voiced, sets lag index, contour, `PLAN_LAGS` and the correlation. An inactive frame is not
 * searched.
 */
export function searchPitch(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const kHz = channel.kHz;
  const subframes = channel.subframes;
  memory.fill(PLAN_LAGS, 0, 16);
  PLAN.ltpCorrelation = 0;
  const order = min(16, channel.order);
  PLAN.predictionGain = whiten(c, kHz, order);
  PARAMETERS.signalType = c.activity < 0.05 ? INACTIVE : UNVOICED;
  if (PARAMETERS.signalType == INACTIVE || c.first != 0) return;

  const halved = kHz > 8;
  const rate = halved ? kHz >> 1 : kHz;
  const past = 20 * rate;
  const step = 5 * rate;
  if (halved) halve(past + subframes * step);
  else memory.copy(COARSE, WHITENED, <usize>(past + subframes * step) << 2);
  const low = 2 * rate;
  const high = 18 * rate - 1;
  const span = high - low + 1;
  const floor: f32 = 4 * <f32>step;
  for (let k = 0; k < subframes; k++) {
    match(COARSE_MATCH + (<usize>(k * 160) << 2), COARSE + (<usize>(past + k * step) << 2), step, low, high, floor);
  }

  const narrow = kHz == 8;
  // Contours at the coarse rate are those of narrowband.
  const contours = subframes == 4 ? CONTOUR_NB_20MS : CONTOUR_NB_10MS;
  const width = subframes == 4 ? 11 : 3;
  let best: f32 = -1e9;
  let bestMatch: f32 = 0;
  let bestLag = 0;
  let bestContour = 0;
  const previousLog: f32 = c.previousType == VOICED ? log2(<f32>c.previousLag * <f32>rate / <f32>kHz) : 0;
  for (let i = 0; i < span; i++) {
    // A quick look: skip lags that no contour could make interesting.
    let plain: f32 = 0;
    for (let k = 0; k < subframes; k++) plain += f(COARSE_MATCH, k * 160 + i);
    if (plain < 0.1 * <f32>subframes) continue;
    const lag = low + i;
    const log = log2(<f32>lag);
    let bias: f32 = 0.2 * log;
    if (c.previousType == VOICED) {
      const d = log - previousLog;
      bias += 0.2 * c.ltpCorrelation * d * d / (d * d + 0.5);
    }
    for (let j = 0; j < width; j++) {
      let sum: f32 = 0;
      for (let k = 0; k < subframes; k++) {
        const offset: i32 = load<i8>(contours + k * width + j);
        sum += f(COARSE_MATCH, k * 160 + clamp(i + offset, 0, span - 1));
      }
      const score = sum - <f32>subframes * bias;
      if (score > best) {
        best = score;
        bestMatch = sum;
        bestLag = lag;
        bestContour = j;
      }
    }
  }
  const threshold: f32 = 0.6 - 0.004 * <f32>order - 0.1 * c.activity - (c.previousType == VOICED ? 0.15 : 0) -
    0.1 * c.spectralTilt;
  if (bestMatch < threshold * <f32>subframes || bestMatch <= 0) return;
  PARAMETERS.signalType = VOICED;
  PLAN.ltpCorrelation = min(bestMatch / <f32>subframes, 1);
  if (narrow) {
    settle(kHz, subframes, bestLag, bestContour, contours, width);
    return;
  }
  refine(kHz, subframes, 2 * bestLag);
}

/** Half the rate: a short low-pass. */
function halve(length: i32): void {
  for (let i = 0; i < length; i++) {
    const at = WHITENED + (<usize>i << 3);
    const wide = i > 1 ? load<f32>(at - 12) + load<f32>(at, 12) : 0;
    const near = (i > 0 ? load<f32>(at - 4) : 0) + load<f32>(at, 4);
    store<f32>(COARSE + (i << 2), 0.5 * load<f32>(at) + 0.29 * near - 0.04 * wide);
  }
}

/** Lag and contour at the full rate, around `centre`. */
function refine(kHz: i32, subframes: i32, centre: i32): void {
  const shortest = 2 * kHz;
  const longest = 18 * kHz - 1;
  const low = max(shortest, centre - 12);
  const high = min(18 * kHz, centre + 12);
  const step = 5 * kHz;
  for (let k = 0; k < subframes; k++) {
    match(FINE_MATCH + (<usize>(k * 32) << 2), WHITENED + (<usize>(20 * kHz + k * step) << 2), step, low, high, 4 * <f32>step);
  }
  const contours = subframes == 4 ? CONTOUR_20MS : CONTOUR_10MS;
  const width = subframes == 4 ? 34 : 12;
  let best: f32 = -1e9;
  let bestLag = centre;
  let bestContour = 0;
  for (let lag = max(shortest, centre - 3); lag <= min(longest, centre + 3); lag++) {
    for (let j = 0; j < width; j++) {
      let sum: f32 = 0;
      for (let k = 0; k < subframes; k++) {
        const offset: i32 = load<i8>(contours + k * width + j);
        sum += f(FINE_MATCH, k * 32 + clamp(lag + offset, low, high) - low);
      }
      if (sum > 0) sum *= 1 - 0.05 / <f32>lag * <f32>j;
      if (sum > best) {
        best = sum;
        bestLag = lag;
        bestContour = j;
      }
    }
  }
  settle(kHz, subframes, bestLag, bestContour, contours, width);
}

function settle(kHz: i32, subframes: i32, lag: i32, contour: i32, contours: usize, width: i32): void {
  PARAMETERS.lagIndex = lag - 2 * kHz;
  PARAMETERS.contour = contour;
  for (let k = 0; k < subframes; k++) {
    const offset: i32 = load<i8>(contours + k * width + contour);
    store<i32>(PLAN_LAGS + (k << 2), clamp(lag + offset, 2 * kHz, 18 * kHz));
  }
}
