/**
 * The input of a packet: made finite, freed of DC, and put behind what is kept of the packets before, so that CELT may lag
 * behind SILK and a coder that starts anew may look back.
 */
import { HISTORY_MS, OpusEncoder, historyOf } from "./encoder-state";
import { MAX_PACKET_SAMPLES } from "./toc";

/** f32, interleaved, at the input rate: `HISTORY_MS`, then the packet. */
const INPUT = memory.data(4 * 2 * (48 * HISTORY_MS + MAX_PACKET_SAMPLES), 16);
/** f32, interleaved: a frame at 48 kHz. */
const WIDE = memory.data(4 * 2 * 960, 16);

/** Corner of the DC filter: 3 Hz. */
// @ts-ignore: decorator
@inline const DC_RATE: f32 = 6.3 * 3 / 1000;
/** Input louder than +6 dB over full scale is cut. */
// @ts-ignore: decorator
@inline const LIMIT: f32 = 2;
/** Filter memories below this are as good as 0, and would be slow. */
// @ts-ignore: decorator
@inline const TINY: f32 = 1e-20;

/** Bytes of `samples` per channel. */
// @ts-ignore: decorator
@inline export function bytesOf(e: OpusEncoder, samples: i32): usize {
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
  for (let channel = 0; channel < e.channels; channel++) removeDc(e, channel, to, samples);
}

/** Keeps what later packets look back at. */
export function keepInput(e: OpusEncoder, samples: i32): void {
  memory.copy(historyOf(e), INPUT + bytesOf(e, samples), bytesOf(e, HISTORY_MS * e.kHz));
}

/** One-pole filter of one channel in place. */
function removeDc(e: OpusEncoder, channel: i32, pcm: usize, samples: i32): void {
  const rate: f32 = DC_RATE / <f32>e.kHz;
  const stride = <usize>e.channels << 2;
  let dc = channel ? e.dc1 : e.dc0;
  let at = pcm + (<usize>channel << 2);
  for (let i = 0; i < samples; i++, at += stride) {
    const x = load<f32>(at);
    store<f32>(at, x - dc);
    dc += rate * (x - dc);
  }
  if (abs<f32>(dc) < TINY) dc = 0;
  if (channel) e.dc1 = dc;
  else e.dc0 = dc;
}

/**
 * `samples` (at 48 kHz) of the input from `at` (at the input rate) on, at 48 kHz. Rates below are filled up with zeros, whose
 * images lie outside the coded bands.
 */
export function wideInput(e: OpusEncoder, at: i32, samples: i32): usize {
  const from = inputAt(e, at);
  const step = 48 / e.kHz;
  if (step == 1) return from;
  const channels = e.channels;
  memory.fill(WIDE, 0, <usize>(samples * channels) << 2);
  for (let i = 0; i < samples / step; i++) {
    for (let c = 0; c < channels; c++) {
      const x = load<f32>(from + (<usize>(i * channels + c) << 2));
      store<f32>(WIDE + (<usize>(i * step * channels + c) << 2), x * <f32>step);
    }
  }
  return WIDE;
}
