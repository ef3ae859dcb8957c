/**
 * The noise-shaping quantiser with delayed decision: turns the frame into pulses (RFC 6716, section 5.2.3.8, in a form
 * of our own).
 *
 * Four candidate paths run side by side, one in each vector lane. Each sample, every path has its two nearest pulse
 * values; the four cheapest of the eight go on. A pulse is final once all later candidates have had `delay` samples to
 * show what follows from it. Paths differ in pulses and therefore in the decoder's pseudorandom signs, which is half of
 * the gain.
 *
 * Prediction is done in f32 from the quantised parameters; rounding of the decoder's integers is a thousandth of a
 * pulse. The state at the start of a frame is the local decoder's own, so nothing accumulates.
 *
 * With d the coding error, the shaping filters make it from the white error e of quantisation:
 *   v = e + harmonic part of past v;  u = v + LOW_MA v' + LOW_AR u';  d = u + TILT u' + sum SHAPING allpass_k(d).
 */
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { GAINS, LAGS, LPC, LPC_BYTES, LTP_TAPS, PARAMETERS } from "../parameters";
import { Channel, MAX_FRAME, VOICED } from "../state";
import { EncoderChannel, MAX_SHAPING, inputOf, localDecoderOf, shapedErrorOf, shapingStateOf } from "./encoder-state";
import { HARMONIC, LOW_AR, LOW_MA, PLAN, SHAPING, TILT } from "./frame-plan";
import { inputGain } from "./level";
import { commit, commitStart, pending, winner } from "./quantiser-commit";
import { loadLanes, rescaleLanes, whiten } from "./quantiser-history";
import {
  CHAIN,
  HISTORY,
  IDENTITY,
  LANE_LONG,
  LANE_OUTPUT,
  LANE_PULSE,
  LANE_SHAPED,
  LARGEST_PULSE,
  LEVEL_ADJUST,
  LONG,
  PARENTS,
  REG,
  R_COST,
  R_ERROR,
  R_FIRST_SEED,
  R_LEVEL,
  R_SEED,
  R_SHAPED,
  SHAPED,
  SYNTHESIS,
} from "./quantiser-lanes";
import { quantiseSingle } from "./quantiser-single";

/** Samples between commitments, and a bound on the delay. */
// @ts-ignore: decorator
@inline const BLOCK: i32 = 8;
// @ts-ignore: decorator
@inline const MAX_DELAY: i32 = 40;

/** Quantises the frame: fills `PULSES` and the seed. The encoder's state is not touched until `quantiserCommit`. */
export function quantise(c: EncoderChannel): void {
  if (PLAN.states == 1 && PLAN.warping == 0) {
    quantiseSingle(c);
    return;
  }
  const channel = localDecoderOf(c);
  const length = channel.subframeLength;
  loadLanes(c, channel);
  const delay = decisionDelay(channel);
  commitStart(length);
  let previousGain: f32 = <f32>channel.previousGain * (1.0 / 65536.0);
  for (let k = 0; k < channel.subframes; k++) {
    const gain = <f32>load<i32>(GAINS + (k << 2)) * (1.0 / 65536.0);
    if (gain != previousGain) rescaleLanes(k * length, previousGain / gain);
    previousGain = gain;
    if (PARAMETERS.signalType == VOICED) {
      if (k == 0) {
        whiten(channel, k, <f32>PARAMETERS.ltpScale * (1.0 / 16384.0));
      } else if (k == 2 && PARAMETERS.interpolation < 4) {
        commit(k * length, 0, true);
        whiten(channel, k, 1);
      }
    }
    runSubframe(c, channel, k, gain, delay);
  }
  commit(channel.frameLength, 0, true);
  PARAMETERS.seed = load<i32>(REG + R_FIRST_SEED + (<usize>winner() << 2));
}

/** Takes over the memories of the winning path. */
export function quantiserCommit(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const gain = <f32>load<i32>(GAINS + ((channel.subframes - 1) << 2)) * (1.0 / 65536.0);
  const lane = <usize>winner() << 2;
  for (let i = 0; i < PLAN.shapingOrder; i++) {
    store<f32>(shapingStateOf(c) + (i << 2), load<f32>(CHAIN + lane + (i << 4)) * gain);
  }
  c.error = load<f32>(REG + R_ERROR + lane) * gain;
  c.levelError = load<f32>(REG + R_LEVEL + lane) * gain;
  const keep = <usize>channel.historyLength << 2;
  memory.copy(shapedErrorOf(c), SHAPED + (<usize>(HISTORY + channel.frameLength) << 2) - keep, keep);
}

/** Clears the memories: the frame at hand was not quantised here. */
export function quantiserForget(c: EncoderChannel): void {
  memory.fill(shapingStateOf(c), 0, 4 * MAX_SHAPING);
  memory.fill(shapedErrorOf(c), 0, 4 * MAX_FRAME);
  c.error = 0;
  c.levelError = 0;
}

/** Samples that a decision may wait: long-term prediction and harmonic shaping only look at what is final. */
function decisionDelay(channel: Channel): i32 {
  let delay = MAX_DELAY;
  if (PARAMETERS.signalType == VOICED) {
    for (let k = 0; k < channel.subframes; k++) delay = min(delay, load<i32>(LAGS + (k << 2)) - blockOf(channel) - 3);
  }
  return delay;
}

// @ts-ignore: decorator
@inline function blockOf(channel: Channel): i32 {
  return channel.kHz == 8 ? 4 : BLOCK;
}

// @ts-ignore: decorator
@inline function swapLanes(at: usize, perm: v128): void {
  v128.store(at, i8x16.swizzle(v128.load(at), perm));
}

/** Filter coefficients of the subframe as vectors. */
const TAPS = memory.data(16 * 16, 16);
const SHAPE = memory.data(16 * 24, 16);

function runSubframe(c: EncoderChannel, channel: Channel, k: i32, gain: f32, delay: i32): void {
  const length = channel.subframeLength;
  const start = k * length;
  const order = channel.order;
  const shaping = PLAN.shapingOrder;
  const inverse: f32 = 1 / gain;
  const inward: f32 = inverse * inputGain(c);
  const lpc = LPC + <usize>(k >> 1) * LPC_BYTES;
  for (let j = 0; j < order; j++) {
    v128.store(TAPS + (j << 4), f32x4.splat(<f32>load<i16>(lpc + (j << 1)) * (1.0 / 4096.0)));
  }
  for (let j = 0; j < shaping; j++) v128.store(SHAPE + (j << 4), v128.load32_splat(SHAPING + (<usize>(4 * j + k) << 2)));
  const voiced = PARAMETERS.signalType == VOICED;
  const lag = load<i32>(LAGS + (k << 2));
  const scale: f32 = inverse * (1.0 / 16384.0);
  const b0 = <f32>load<i16>(LTP_TAPS + 10 * k) * scale;
  const b1 = <f32>load<i16>(LTP_TAPS + 10 * k, 2) * scale;
  const b2 = <f32>load<i16>(LTP_TAPS + 10 * k, 4) * scale;
  const b3 = <f32>load<i16>(LTP_TAPS + 10 * k, 6) * scale;
  const b4 = <f32>load<i16>(LTP_TAPS + 10 * k, 8) * scale;
  const harmonic: f32 = load<f32>(HARMONIC + (k << 2)) * inverse * 0.25;
  const column = ((PARAMETERS.signalType >> 1) << 1) + PARAMETERS.offsetType;
  const offsetValue: f32 = <f32>load<i16>(QUANTIZATION_OFFSET_Q10 + (column << 1)) * (1.0 / 1024.0);

  const offset = f32x4.splat(offsetValue);
  const lambda = f32x4.splat(PLAN.lambda);
  const tilt = v128.load32_splat(TILT + (<usize>k << 2));
  const lowMa = v128.load32_splat(LOW_MA + (<usize>k << 2));
  const lowAr = v128.load32_splat(LOW_AR + (<usize>k << 2));
  const warp = f32x4.splat(PLAN.warping);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const signBit = i32x4.splat(0x80000000);

  let cost = v128.load(REG + R_COST);
  let seed = v128.load(REG + R_SEED);
  let error = v128.load(REG + R_ERROR);
  let level = v128.load(REG + R_LEVEL);
  let shaped = v128.load(REG + R_SHAPED);
  const block = blockOf(channel);
  let next = start + block;
  const input = inputOf(c) + (<usize>channel.historyLength << 2);

  for (let n = start; n < start + length; n++) {
    let long: f32 = 0;
    let harmonicPart: f32 = 0;
    if (voiced) {
      const at = LONG + (<usize>(HISTORY + n - lag) << 2);
      long = b0 * load<f32>(at, 8) + b1 * load<f32>(at, 4) + b2 * load<f32>(at) + b3 * load<f32>(at - 4) +
        b4 * load<f32>(at - 8);
      const past = SHAPED + (<usize>(HISTORY + n - lag) << 2);
      harmonicPart = harmonic * (load<f32>(past, 4) + 2 * load<f32>(past) + load<f32>(past - 4));
    }
    // Short-term prediction.
    const s = SYNTHESIS + (<usize>(n + 16) << 4);
    let p0 = zero;
    let p1 = zero;
    for (let j = 0; j < order; j += 2) {
      const back = s - (<usize>j << 4);
      p0 = f32x4.add(p0, f32x4.mul(v128.load(TAPS + (j << 4)), v128.load(back - 16)));
      p1 = f32x4.add(p1, f32x4.mul(v128.load(TAPS + (j << 4), 16), v128.load(back - 32)));
    }
    const short = f32x4.add(p0, p1);
    const predicted = f32x4.add(short, f32x4.splat(long));
    // Spectral shaping: the chain steps on, then is weighed.
    let before = v128.load(CHAIN);
    let here = f32x4.add(error, f32x4.mul(warp, before));
    v128.store(CHAIN, here);
    let feedback = f32x4.mul(v128.load(SHAPE), here);
    for (let j = 16; j < shaping << 4; j += 16) {
      const own = v128.load(CHAIN + j);
      here = f32x4.add(before, f32x4.mul(warp, f32x4.sub(own, here)));
      before = own;
      v128.store(CHAIN + j, here);
      feedback = f32x4.add(feedback, f32x4.mul(v128.load(SHAPE + j), here));
    }
    feedback = f32x4.add(feedback, f32x4.mul(tilt, level));
    const low = f32x4.add(f32x4.mul(lowMa, shaped), f32x4.mul(lowAr, level));
    const shaping3 = f32x4.splat(harmonicPart);
    const noise = f32x4.add(f32x4.add(feedback, low), shaping3);
    const x = f32x4.splat(load<f32>(input + (<usize>n << 2)) * inward);

    // The two nearest pulses, in the sign that the generator will give.
    seed = i32x4.add(i32x4.mul(seed, i32x4.splat(196314165)), i32x4.splat(907633515));
    const flip = v128.and(seed, signBit);
    let r = v128.xor(f32x4.sub(f32x4.add(x, noise), predicted), flip);
    r = f32x4.min(f32x4.max(r, f32x4.splat(-LARGEST_PULSE)), f32x4.splat(LARGEST_PULSE));
    const qa = f32x4.floor(f32x4.sub(r, offset));
    const qb = f32x4.add(qa, one);
    const adjustA = v128.bitselect(f32x4.splat(LEVEL_ADJUST), v128.and(f32x4.splat(-LEVEL_ADJUST), f32x4.gt(qa, zero)), f32x4.lt(qa, zero));
    const adjustB = v128.bitselect(f32x4.splat(LEVEL_ADJUST), v128.and(f32x4.splat(-LEVEL_ADJUST), f32x4.gt(qb, zero)), f32x4.lt(qb, zero));
    const va = f32x4.add(f32x4.add(qa, offset), adjustA);
    const vb = f32x4.add(f32x4.add(qb, offset), adjustB);
    const da = f32x4.sub(r, va);
    const db = f32x4.sub(r, vb);
    const costA = f32x4.add(f32x4.mul(da, da), f32x4.mul(lambda, f32x4.abs(va)));
    const costB = f32x4.add(f32x4.mul(db, db), f32x4.mul(lambda, f32x4.abs(vb)));
    const useB = f32x4.lt(costB, costA);
    let pulse = v128.bitselect(qb, qa, useB);
    let value = v128.bitselect(vb, va, useB);
    const other = f32x4.add(cost, f32x4.max(costA, costB));
    cost = f32x4.add(cost, f32x4.min(costA, costB));

    // The best of the second choices may take the place of the worst path.
    const c0 = f32x4.extract_lane(cost, 0);
    const c1 = f32x4.extract_lane(cost, 1);
    const c2 = f32x4.extract_lane(cost, 2);
    const c3 = f32x4.extract_lane(cost, 3);
    const o0 = f32x4.extract_lane(other, 0);
    const o1 = f32x4.extract_lane(other, 1);
    const o2 = f32x4.extract_lane(other, 2);
    const o3 = f32x4.extract_lane(other, 3);
    let perm = IDENTITY;
    let synthetic = short;
    let flips = flip;
    if (PLAN.states > 1) {
      const w01 = c1 > c0 ? 1 : 0;
      const w23 = c3 > c2 ? 3 : 2;
      const states = PLAN.states;
      const w2 = states > 2 ? (states > 3 ? w23 : 2) : w01;
      const second = states > 2 ? (states > 3 ? max(c2, c3) : c2) : <f32>-1;
      const worst = second > max(c0, c1) ? w2 : w01;
      const l01 = o1 < o0 ? 1 : 0;
      const l23 = o3 < o2 ? 3 : 2;
      const least = min(o2, o3) < min(o0, o1) ? l23 : l01;
      const most = max(max(c0, c1), second);
      const lowest = min(min(o0, o1), min(o2, o3));
      if (lowest < most) {
        const mask = v128.load(LANE_MASK + (worst << 4));
        perm = v128.bitselect(v128.load(LANE_BYTES + (least << 4)), IDENTITY, mask);
        const pulse2 = v128.bitselect(qa, qb, useB);
        const value2 = v128.bitselect(va, vb, useB);
        pulse = v128.bitselect(i8x16.swizzle(pulse2, perm), pulse, mask);
        value = v128.bitselect(i8x16.swizzle(value2, perm), value, mask);
        cost = v128.bitselect(f32x4.splat(lowest), cost, mask);
        seed = i8x16.swizzle(seed, perm);
        flips = i8x16.swizzle(flip, perm);
        synthetic = i8x16.swizzle(short, perm);
        feedback = i8x16.swizzle(feedback, perm);
        v128.store(REG + R_FIRST_SEED, i8x16.swizzle(v128.load(REG + R_FIRST_SEED), perm));
        for (let j = 0; j < shaping << 4; j += 16) swapLanes(CHAIN + j, perm);
        for (let j: usize = 16; j < 256; j += 16) swapLanes(s - j, perm);
        const lowSwapped = i8x16.swizzle(low, perm);
        shaped = f32x4.sub(zero, lowSwapped);
      } else {
        shaped = f32x4.sub(zero, low);
      }
    } else {
      shaped = f32x4.sub(zero, low);
    }
    v128.store(PARENTS + (<usize>n << 4), perm);

    const excitation = v128.xor(value, flips);
    const longState = f32x4.add(excitation, f32x4.splat(long));
    const synthesis = f32x4.add(longState, synthetic);
    seed = i32x4.add(seed, i32x4.trunc_sat_f32x4_s(pulse));
    v128.store(s, synthesis);
    error = f32x4.sub(synthesis, x);
    level = f32x4.sub(error, feedback);
    shaped = f32x4.add(level, shaped);
    v128.store(LANE_PULSE + (<usize>n << 4), pulse);
    v128.store(LANE_LONG + (<usize>n << 4), longState);
    v128.store(LANE_OUTPUT + (<usize>n << 4), synthesis);
    v128.store(LANE_SHAPED + (<usize>n << 4), shaped);

    if (n + 1 == next) {
      v128.store(REG + R_COST, cost);
      if (pending(n + 1 - delay)) {
        commit(n + 1, delay, false);
        cost = v128.load(REG + R_COST);
      }
      next = min(next + block, start + length);
    }
  }
  v128.store(REG + R_COST, cost);
  v128.store(REG + R_SEED, seed);
  v128.store(REG + R_ERROR, error);
  v128.store(REG + R_LEVEL, level);
  v128.store(REG + R_SHAPED, shaped);
}

/** One lane all ones; bytes of one lane everywhere. */
const LANE_MASK = memory.data<i32>([-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1], 16);
const LANE_BYTES = memory.data<u8>([
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7, 4, 5, 6, 7,
  8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 8, 9, 10, 11, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13,
  14, 15,
], 16);
