/**
 * The input of a packet: made finite, filtered, and put behind what is kept of the packets before, so that CELT may lag behind
 * SILK and a coder that starts anew may look back.
 */
import { exp2 } from "./celt/exponential";
import { APPLICATION_VOIP } from "./encoder-settings";
import { HISTORY_MS, OpusEncoder, filterOf, historyOf } from "./encoder-state";
import { MAX_PACKET_SAMPLES } from "./toc";

/** f32, interleaved, at the input rate: `HISTORY_MS`, then the packet. */
const INPUT = memory.data(4 * 2 * (48 * HISTORY_MS + MAX_PACKET_SAMPLES), 16);
/** f32, interleaved: a frame as a coder wants it: 20 ms at 48 kHz for CELT, 60 ms in 16-bit units for SILK. */
const WIDE = memory.data(4 * 2 * 960, 16);
const SCALED = memory.data(4 * 2 * 2880, 16);

/** Corner of the DC filter: 3 Hz. */
// @ts-ignore: decorator
@inline const DC_RATE: f64 = 6.3 * 3 / 1000;
/** Input louder than +6 dB over full scale is cut. */
// @ts-ignore: decorator
@inline const LIMIT: f32 = 2;
/** Filter memories below this are as good as 0, and would be slow. */
// @ts-ignore: decorator
@inline const TINY: f64 = 1e-30;

/** Bytes of `samples` per channel. */
// @ts-ignore: decorator
@inline function bytesOf(e: OpusEncoder, samples: i32): usize {
  return <usize>(samples * e.channels) << 2;
}

/** The packet's sample `at` per channel; negative ones are those of packets before, `HISTORY_MS` of them. */
// @ts-ignore: decorator
@inline export function inputAt(e: OpusEncoder, at: i32): usize {
  return INPUT + bytesOf(e, HISTORY_MS * e.kHz + at);
}

/** Takes a packet of `samples` per channel: i16 with `int16`, or f32. What is no number counts as 0. */
export function takeInput(e: OpusEncoder, pcm: usize, samples: i32, int16: bool): void {
  const count = samples * e.channels;
  const to = inputAt(e, 0);
  memory.copy(INPUT, historyOf(e), bytesOf(e, HISTORY_MS * e.kHz));
  if (int16) {
    for (let i = 0; i < count; i++) {
      store<f32>(to + (<usize>i << 2), <f32>load<i16>(pcm + (<usize>i << 1)) * (1.0 / 32768.0));
    }
  } else {
    for (let i: usize = 0; i < <usize>count << 2; i += 4) {
      const x = load<f32>(pcm + i);
      store<f32>(to + i, abs<f32>(x) <= LIMIT ? x : x > 0 ? LIMIT : x < 0 ? -LIMIT : 0);
    }
  }
  for (let channel = 0; channel < e.channels; channel++) {
    if (e.application == APPLICATION_VOIP) highPass(e, channel, to, samples);
    else removeDc(e, channel, to, samples);
  }
}

/** Keeps what later packets look back at. */
export function keepInput(e: OpusEncoder, samples: i32): void {
  memory.copy(historyOf(e), INPUT + bytesOf(e, samples), bytesOf(e, HISTORY_MS * e.kHz));
}

/** One-pole filter of one channel in place. */
function removeDc(e: OpusEncoder, channel: i32, pcm: usize, samples: i32): void {
  const rate = DC_RATE / <f64>e.kHz;
  const stride = <usize>e.channels << 2;
  const state = filterOf(e) + (<usize>channel << 4);
  let dc = load<f64>(state);
  let at = pcm + (<usize>channel << 2);
  for (let i = 0; i < samples; i++, at += stride) {
    const x = <f64>load<f32>(at) - dc;
    store<f32>(at, <f32>x);
    dc += rate * x;
  }
  store<f64>(state, abs(dc) < TINY ? 0 : dc);
}

/**
 * Second-order high-pass of one channel in place, corner below the voice's pitch: hum and handling noise would cost bits. Twice
 * the precision, because the poles are that near to 1.
 */
function highPass(e: OpusEncoder, channel: i32, pcm: usize, samples: i32): void {
  const hertz = <f64>exp2(e.slowCorner);
  const f = 1.5 * 3.14159 * hertz / (1000 * <f64>e.kHz);
  const r = 1 - 0.92 * f;
  const a1 = -r * (2 - f * f);
  const a2 = r * r;
  const stride = <usize>e.channels << 2;
  const state = filterOf(e) + (<usize>channel << 4);
  let s0 = load<f64>(state);
  let s1 = load<f64>(state, 8);
  let at = pcm + (<usize>channel << 2);
  for (let i = 0; i < samples; i++, at += stride) {
    const x = r * <f64>load<f32>(at);
    const y = s0 + x;
    s0 = s1 - a1 * y - 2 * x;
    s1 = x - a2 * y;
    store<f32>(at, <f32>y);
  }
  store<f64>(state, abs(s0) < TINY ? 0 : s0);
  store<f64>(state, abs(s1) < TINY ? 0 : s1, 8);
}

/** Moves the stereo width of the packet's first `fade` samples from `from` to `to`, and lets it be `to` in the rest. */
export function narrowInput(e: OpusEncoder, samples: i32, fade: i32, from: f32, to: f32): void {
  const step = (to - from) / <f32>fade;
  let width = from;
  let at = inputAt(e, 0);
  for (let i = 0; i < samples; i++, at += 8) {
    width = i < fade ? width + step : to;
    const left = load<f32>(at);
    const right = load<f32>(at, 4);
    const mid: f32 = 0.5 * (left + right);
    const side: f32 = 0.5 * width * (left - right);
    store<f32>(at, mid + side);
    store<f32>(at, mid - side, 4);
  }
}

/**
 * `samples` (at 48 kHz) of the input from `at` (at the input rate) on, at 48 kHz. Rates below are filled up with zeros, whose
 * images lie outside the coded bands.
 */
export function wideInput(e: OpusEncoder, at: i32, samples: i32): usize {
  return e.kHz == 48 ? inputAt(e, at) : widen(e, at, samples);
}

function widen(e: OpusEncoder, at: i32, samples: i32): usize {
  const from = inputAt(e, at);
  const step = 48 / e.kHz;
  const channels = e.channels;
  if (step == 1) {
    memory.copy(WIDE, from, bytesOf(e, samples));
    return WIDE;
  }
  memory.fill(WIDE, 0, bytesOf(e, samples));
  for (let i = 0; i < samples / step; i++) {
    for (let c = 0; c < channels; c++) {
      const x = load<f32>(from + (<usize>(i * channels + c) << 2));
      store<f32>(WIDE + (<usize>(i * step * channels + c) << 2), x * <f32>step);
    }
  }
  return WIDE;
}

/** Samples at 48 kHz over which an amplification changes. */
// @ts-ignore: decorator
@inline const GAIN_FADE: i32 = 120;

/** `wideInput`, amplified: the gain moves from `before` to `gain` in the first 2.5 ms. */
export function amplifiedInput(e: OpusEncoder, at: i32, samples: i32, before: f32, gain: f32): usize {
  if (before == 1 && gain == 1) return wideInput(e, at, samples);
  const to = widen(e, at, samples);
  const channels = e.channels;
  const fade = GAIN_FADE * channels;
  const step: f32 = (gain - before) / <f32>fade;
  for (let i = 0; i < samples * channels; i++) {
    const x = to + (<usize>i << 2);
    store<f32>(x, load<f32>(x) * (i < fade ? before + step * <f32>i : gain));
  }
  return to;
}

/** `samples` of the input from `at` on, both at the input rate, in units of 16 bits. */
export function scaledInput(e: OpusEncoder, at: i32, samples: i32): usize {
  const from = inputAt(e, at);
  const scale = f32x4.splat(32768);
  const most = f32x4.splat(32767);
  const least = f32x4.splat(-32768);
  for (let i: usize = 0; i < bytesOf(e, samples); i += 16) {
    const x = f32x4.mul(v128.load(from + i), scale);
    v128.store(SCALED + i, f32x4.min(most, f32x4.max(least, x)));
  }
  return SCALED;
}
