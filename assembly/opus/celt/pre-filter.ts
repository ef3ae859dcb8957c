import { sumPairs } from "../lane-sums";
import { encodeBit, encodeIcdf, encodeRawBits, encodeUint } from "../range-encoder";
import { TAPSET_ICDF } from "../tables/celt-post-filter";
import { CeltEncoder } from "./encoder-state";
import { Frame, currentFrame } from "./frame";
import { filteredFrame, rawFrame } from "./input";
import { findPitch, pitchGain } from "./pitch-search";
import { MIN_PERIOD, comb, tap } from "./post-filter";
import { WINDOW_SQUARED } from "./transform-tables";

/*
 * The pitch pre-filter (RFC 6716, section 5.3.1): takes out of the input what the decoder's post-filter will put back, so
 * that the noise between harmonics falls with the post-filter.
 */

/** Whether the period differs much from the frame before while the filter is on: a costly frame. */
export let pitchChanged: bool = false;

let oldPeriod: i32 = 0;
let oldTapset: i32 = 0;
let oldGain: f32 = 0;

/** Chooses period, gain and tapset of the frame into `frame`: gain 0 for off. */
export function choosePreFilter(state: CeltEncoder, frame: Frame, samples: i32, enabled: bool, bytes: i32): void {
  oldPeriod = max(state.period, MIN_PERIOD);
  oldTapset = state.tapset;
  oldGain = state.gain;
  let period = MIN_PERIOD;
  let gain: f32 = 0;
  if (enabled) {
    period = findPitch(state, samples);
    gain = 0.55 * pitchGain;
  }
  let threshold: f32 = 0.2;
  if (abs(period - oldPeriod) * 10 > period) threshold += 0.2;
  if (bytes < 25) threshold += 0.1;
  if (bytes < 35) threshold += 0.1;
  if (oldGain > 0.4) threshold -= 0.1;
  if (oldGain > 0.55) threshold -= 0.1;
  threshold = max<f32>(threshold, 0.2);
  if (!enabled || gain < threshold) {
    gain = 0;
  } else {
    if (abs<f32>(gain - oldGain) < 0.1) gain = oldGain;
    const step = max(0, min(7, <i32>floor<f32>(0.5 + gain * 32 / 3) - 1));
    gain = 0.09375 * <f32>(step + 1);
  }
  pitchChanged = (gain > 0.4 || oldGain > 0.4) &&
    (<f32>period > 1.26 * <f32>oldPeriod || <f32>period < 0.79 * <f32>oldPeriod);
  frame.filterPeriod = period;
  frame.filterGain = gain;
  frame.filterTapset = state.tapsetChoice;
}

// @ts-ignore: decorator
@inline export function preFilterOn(frame: Frame): bool {
  return frame.filterGain > 0;
}

/** Writes the choice (section 4.3.7.1). */
export function writePreFilter(frame: Frame): void {
  const writer = frame.writer;
  if (frame.filterGain == 0) {
    encodeBit(writer, 0, 1);
    return;
  }
  encodeBit(writer, 1, 1);
  const period = frame.filterPeriod + 1;
  const octave = 27 - <i32>clz<u32>(period);
  encodeUint(writer, octave, 6);
  encodeRawBits(writer, period - (16 << octave), 4 + octave);
  encodeRawBits(writer, <u32>(frame.filterGain * 32 / 3 + 0.5) - 1, 3);
  encodeIcdf(writer, frame.filterTapset, TAPSET_ICDF, 2);
}

/** to = x - comb(x), `count` samples; the past is that of `x`, unfiltered. */
function plain(to: usize, x: usize, count: i32, period: i32, gain: f32, tapset: i32): void {
  const back = <usize>period << 2;
  const g0 = f32x4.splat(gain * tap(tapset, 0));
  const g1 = f32x4.splat(gain * tap(tapset, 1));
  const g2 = f32x4.splat(gain * tap(tapset, 2));
  for (const end = x + (<usize>count << 2); x < end; x += 16, to += 16) {
    v128.store(to, f32x4.sub(v128.load(x), comb(x - back, g0, g1, g2)));
  }
}

/** 120 samples from the filter of the frame before to that of this one. */
function fade(to: usize, x: usize, frame: Frame): void {
  const back0 = <usize>oldPeriod << 2;
  const back1 = <usize>max(MIN_PERIOD, frame.filterPeriod) << 2;
  const a0 = f32x4.splat(oldGain * tap(oldTapset, 0));
  const a1 = f32x4.splat(oldGain * tap(oldTapset, 1));
  const a2 = f32x4.splat(oldGain * tap(oldTapset, 2));
  const b0 = f32x4.splat(frame.filterGain * tap(frame.filterTapset, 0));
  const b1 = f32x4.splat(frame.filterGain * tap(frame.filterTapset, 1));
  const b2 = f32x4.splat(frame.filterGain * tap(frame.filterTapset, 2));
  const one = f32x4.splat(1);
  for (let i: usize = 0; i < 480; i += 16) {
    const w = v128.load(WINDOW_SQUARED + i);
    const old = f32x4.mul(f32x4.sub(one, w), comb(x + i - back0, a0, a1, a2));
    const now = f32x4.mul(w, comb(x + i - back1, b0, b1, b2));
    v128.store(to + i, f32x4.sub(v128.load(x + i), f32x4.add(old, now)));
  }
}

/** Sum of magnitudes. */
function magnitude(x: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  for (const end = x + (<usize>count << 2); x < end; x += 16) sum = f32x4.add(sum, f32x4.abs(v128.load(x)));
  return sumPairs(sum);
}

/** Least share of the signal, relative to the gain, that the filter must take out to be worth its bits. */
// @ts-ignore: decorator
@inline const WORTH: f32 = 0.5;

/** Filters the new samples of all channels as chosen, unless that helps little; keeps the choice for the next frame. */
export function filterInput(state: CeltEncoder, samples: i32): void {
  const frame = currentFrame();
  apply(state, frame, samples);
  if (frame.filterGain > 0) {
    let before: f32 = 0;
    let after: f32 = 0;
    for (let channel = 0; channel < state.channels; channel++) {
      before += magnitude(rawFrame(channel), samples);
      after += magnitude(filteredFrame(channel) + 480, samples);
    }
    if (before - after < WORTH * frame.filterGain * before) {
      frame.filterGain = 0;
      apply(state, frame, samples);
    }
  }
  state.period = frame.filterPeriod;
  state.gain = frame.filterGain;
  state.tapset = frame.filterTapset;
}

function apply(state: CeltEncoder, frame: Frame, samples: i32): void {
  for (let channel = 0; channel < state.channels; channel++) {
    const x = rawFrame(channel);
    const to = filteredFrame(channel) + 480;
    if (oldGain == 0 && frame.filterGain == 0) {
      memory.copy(to, x, <usize>samples << 2);
    } else {
      fade(to, x, frame);
      plain(to + 480, x + 480, samples - 120, max(MIN_PERIOD, frame.filterPeriod), frame.filterGain, frame.filterTapset);
    }
  }
}
