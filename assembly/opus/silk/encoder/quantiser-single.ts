/**
 * The noise-shaping quantiser without delayed decision, for the lowest complexities: one path, decided sample by sample, its
 * filters laid along the vector lanes. It has no all-pass chain: shaping is not warped. All memories are in 16-bit units, so
 * gains change nothing in them.
 */
import { sumInOrder } from "../../lane-sums";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { GAINS, LAGS, LPC, LPC_BYTES, LTP_TAPS, PARAMETERS, PULSES } from "../parameters";
import { VOICED, lpcStateOf } from "../state";
import { EncoderChannel, inputOf, localDecoderOf, shapingStateOf } from "./encoder-state";
import { HARMONIC, LOW_AR, LOW_MA, PLAN, SHAPING, TILT } from "./frame-plan";
import { inputGain } from "./level";
import { loadHistory, whiten } from "./quantiser-history";
import {
  CHAIN,
  EXCLUDED,
  HISTORY,
  LARGEST_PULSE,
  LEVEL_ADJUST,
  LONG,
  OUTPUT,
  REG,
  R_COST,
  R_ERROR,
  R_LEVEL,
  SHAPED,
} from "./quantiser-lanes";

/** f32: decoded signal before saturation, and coding error; 24 of the past before the frame. */
const SYNTHESIS = memory.data(4 * (24 + 320), 16);
const ERROR = memory.data(4 * (24 + 320), 16);
/** f32, oldest sample first: taps of prediction and of shaping beyond the newest four. */
const OLDER_TAPS = memory.data(4 * 12, 16);
const OLDER_SHAPE = memory.data(4 * 12, 16);

let level: f32 = 0;
let shaped: f32 = 0;
let seed: i32 = 0;

// @ts-ignore: decorator
@inline function at(base: usize, n: i32): usize {
  return base + (<usize>n << 2);
}

/** Quantises the frame as `quantise` does. */
export function quantiseSingle(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const length = channel.subframeLength;
  const voiced = PARAMETERS.signalType == VOICED;
  loadHistory(c, channel);
  const state = lpcStateOf(channel);
  const unit: f32 = <f32>channel.previousGain * (1.0 / 65536.0) * (1.0 / 16384.0);
  for (let i = 0; i < 16; i++) store<f32>(at(SYNTHESIS, 8 + i), <f32>load<i32>(state + (i << 2)) * unit);
  store<f32>(at(ERROR, 23), c.error);
  for (let i = 0; i < 23; i++) store<f32>(at(ERROR, 22 - i), load<f32>(at(shapingStateOf(c), i)));
  level = c.levelError;
  shaped = load<f32>(at(SHAPED, HISTORY - 1));
  seed = c.frameCounter & 3;
  PARAMETERS.seed = seed;
  for (let k = 0; k < channel.subframes; k++) {
    if (voiced) {
      if (k == 0) whiten(channel, k, <f32>PARAMETERS.ltpScale * (1.0 / 16384.0));
      else if (k == 2 && PARAMETERS.interpolation < 4) whiten(channel, k, 1);
    }
    runSubframe(c, k, length, channel.order, voiced);
  }
  leave(channel.frameLength, <f32>load<i32>(GAINS + ((channel.subframes - 1) << 2)) * (1.0 / 65536.0));
}

/** Leaves the memories where `quantiserCommit` looks for the winner's. */
function leave(length: i32, gain: f32): void {
  const inverse: f32 = 1 / gain;
  const last = 24 + length - 1;
  for (let i = 0; i < PLAN.shapingOrder; i++) store<f32>(CHAIN + (<usize>i << 4), load<f32>(at(ERROR, last - 1 - i)) * inverse);
  v128.store(REG + R_COST, f32x4(0, EXCLUDED, EXCLUDED, EXCLUDED));
  store<f32>(REG + R_ERROR, load<f32>(at(ERROR, last)) * inverse);
  store<f32>(REG + R_LEVEL, level * inverse);
}

function runSubframe(c: EncoderChannel, k: i32, length: i32, order: i32, voiced: bool): void {
  const start = k * length;
  const gain = <f32>load<i32>(GAINS + (k << 2)) * (1.0 / 65536.0);
  const inverse: f32 = 1 / gain;
  const louder = inputGain(c);
  const lpc = LPC + <usize>(k >> 1) * LPC_BYTES;
  // Taps 5 and up, the farthest first; those that do not exist are zero.
  for (let j = 0; j < 12; j++) {
    const tap = 15 - j;
    store<f32>(at(OLDER_TAPS, j), tap < order ? <f32>load<i16>(lpc + (tap << 1)) * (1.0 / 4096.0) : 0);
    store<f32>(at(OLDER_SHAPE, j), tap < PLAN.shapingOrder ? load<f32>(SHAPING + (<usize>(4 * tap + k) << 2)) : 0);
  }
  const tapA = v128.load(OLDER_TAPS);
  const tapB = v128.load(OLDER_TAPS, 16);
  const tapC = v128.load(OLDER_TAPS, 32);
  const shapeA = v128.load(OLDER_SHAPE);
  const shapeB = v128.load(OLDER_SHAPE, 16);
  const shapeC = v128.load(OLDER_SHAPE, 32);
  const a0 = <f32>load<i16>(lpc) * (1.0 / 4096.0);
  const a1 = <f32>load<i16>(lpc, 2) * (1.0 / 4096.0);
  const a2 = <f32>load<i16>(lpc, 4) * (1.0 / 4096.0);
  const a3 = <f32>load<i16>(lpc, 6) * (1.0 / 4096.0);
  const h0 = load<f32>(SHAPING + (<usize>k << 2));
  const h1 = load<f32>(SHAPING + (<usize>k << 2), 16);
  const h2 = load<f32>(SHAPING + (<usize>k << 2), 32);
  const h3 = load<f32>(SHAPING + (<usize>k << 2), 48);
  const lag = load<i32>(LAGS + (k << 2));
  const taps = LTP_TAPS + <usize>(10 * k);
  const b0 = <f32>load<i16>(taps) * (1.0 / 16384.0);
  const b1 = <f32>load<i16>(taps, 2) * (1.0 / 16384.0);
  const b2 = <f32>load<i16>(taps, 4) * (1.0 / 16384.0);
  const b3 = <f32>load<i16>(taps, 6) * (1.0 / 16384.0);
  const b4 = <f32>load<i16>(taps, 8) * (1.0 / 16384.0);
  const harmonic: f32 = load<f32>(HARMONIC + (k << 2)) * 0.25;
  const tilt = load<f32>(TILT + (k << 2));
  const lowMa = load<f32>(LOW_MA + (k << 2));
  const lowAr = load<f32>(LOW_AR + (k << 2));
  const column = ((PARAMETERS.signalType >> 1) << 1) + PARAMETERS.offsetType;
  const offset = <f32>load<i16>(QUANTIZATION_OFFSET_Q10 + (column << 1)) * (1.0 / 1024.0);
  const lambda = PLAN.lambda;
  const input = inputOf(c) + (<usize>localDecoderOf(c).historyLength << 2);

  // The newest four of both histories stay in locals: a vector must not load what was stored just before.
  let s1 = load<f32>(at(SYNTHESIS, 23 + start));
  let s2 = load<f32>(at(SYNTHESIS, 22 + start));
  let s3 = load<f32>(at(SYNTHESIS, 21 + start));
  let s4 = load<f32>(at(SYNTHESIS, 20 + start));
  let e1 = load<f32>(at(ERROR, 23 + start));
  let e2 = load<f32>(at(ERROR, 22 + start));
  let e3 = load<f32>(at(ERROR, 21 + start));
  let e4 = load<f32>(at(ERROR, 20 + start));
  for (let n = start; n < start + length; n++) {
    const s = at(SYNTHESIS, 8 + n);
    const e = at(ERROR, 8 + n);
    const far = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(s), tapA), f32x4.mul(v128.load(s, 16), tapB)),
      f32x4.mul(v128.load(s, 32), tapC),
    );
    const farError = f32x4.add(
      f32x4.add(f32x4.mul(v128.load(e), shapeA), f32x4.mul(v128.load(e, 16), shapeB)),
      f32x4.mul(v128.load(e, 32), shapeC),
    );
    const short = sumInOrder(far) + (a3 * s4 + a2 * s3) + (a1 * s2 + a0 * s1);
    const feedback = sumInOrder(farError) + (h3 * e4 + h2 * e3) + (h1 * e2 + h0 * e1) + tilt * level;
    const low = lowMa * shaped + lowAr * level;
    let long: f32 = 0;
    let harmonicPart: f32 = 0;
    if (voiced) {
      const from = at(LONG, HISTORY + n - lag);
      long = b0 * load<f32>(from, 8) + b1 * load<f32>(from, 4) + b2 * load<f32>(from) + b3 * load<f32>(from - 4) +
        b4 * load<f32>(from - 8);
      const past = at(SHAPED, HISTORY + n - lag);
      harmonicPart = harmonic * (load<f32>(past, 4) + 2 * load<f32>(past) + load<f32>(past - 4));
    }
    const x = load<f32>(at(input, n)) * louder;
    seed = seed * 196314165 + 907633515;
    let r = (x + feedback + low + harmonicPart - short - long) * inverse;
    r = min(max(seed < 0 ? -r : r, -LARGEST_PULSE), LARGEST_PULSE);
    const qa = floor(r - offset);
    const qb = qa + 1;
    const va = qa + offset + (qa > 0 ? -LEVEL_ADJUST : qa < 0 ? LEVEL_ADJUST : <f32>0);
    const vb = qb + offset + (qb > 0 ? -LEVEL_ADJUST : qb < 0 ? LEVEL_ADJUST : <f32>0);
    const costA = (r - va) * (r - va) + lambda * abs(va);
    const costB = (r - vb) * (r - vb) + lambda * abs(vb);
    const useB = costB < costA;
    const pulse = <i32>(useB ? qb : qa);
    const value = (useB ? vb : va) * gain;
    seed += pulse;
    store<i16>(PULSES + (<usize>n << 1), pulse);
    const state = (seed - pulse < 0 ? -value : value) + long;
    const synthesis = state + short;
    const error = synthesis - x;
    level = error - feedback;
    shaped = level - low;
    store<f32>(at(LONG, HISTORY + n), state);
    store<f32>(at(SHAPED, HISTORY + n), shaped);
    store<f32>(at(OUTPUT, HISTORY + n), min(max(nearest(synthesis), <f32>-32768), <f32>32767));
    store<f32>(at(SYNTHESIS, 24 + n), synthesis);
    store<f32>(at(ERROR, 24 + n), error);
    s4 = s3;
    s3 = s2;
    s2 = s1;
    s1 = synthesis;
    e4 = e3;
    e3 = e2;
    e2 = e1;
    e1 = error;
  }
}
