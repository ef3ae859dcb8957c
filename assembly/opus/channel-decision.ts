/** One or two channels in the stream, and how wide the image is: narrower before it becomes mono, never a jump. */
import { inputAt, narrowInput } from "./encoder-input";
import { OpusEncoder, settingsOf } from "./encoder-state";

/** Rates below which stereo is not worth its bits, for music and what a voice adds; either side of it, this much inertia. */
// @ts-ignore: decorator
@inline const STEREO_RATE: i32 = 17000;
// @ts-ignore: decorator
@inline const VOICE_EXTRA: i32 = 2000;
// @ts-ignore: decorator
@inline const INERTIA: i32 = 1000;
/** Rates between which the image goes from none to full. */
// @ts-ignore: decorator
@inline const NARROW_RATE: i32 = 16000;
// @ts-ignore: decorator
@inline const WIDE_RATE: i32 = 32000;
/** A side this much (60 dB) below the mid is not there. */
// @ts-ignore: decorator
@inline const NO_SIDE: f32 = 1e-6;
/** The image changes over this many ms, or the packet where it is shorter. */
// @ts-ignore: decorator
@inline const FADE_MS: i32 = 10;
/** ms of a closed image after which both coders have nothing else before them. */
// @ts-ignore: decorator
@inline const CLOSED_MS: i32 = 10;

/** Energies of mid and side over a packet; smoothed over some 200 ms, but a side that appears counts at once. */
function measureSide(e: OpusEncoder, samples: i32): void {
  let mid: f32 = 0;
  let side: f32 = 0;
  let at = inputAt(e, 0);
  for (let i = 0; i < samples; i++, at += 8) {
    const left = load<f32>(at);
    const right = load<f32>(at, 4);
    const m = left + right;
    const s = left - right;
    mid += m * m;
    side += s * s;
  }
  const keep: f32 = max<f32>(0, 1 - <f32>samples / <f32>(e.kHz * 200));
  e.midEnergy = keep * e.midEnergy + mid;
  e.sideEnergy = keep * e.sideEnergy + side;
}

/** Width that a rate is good for. */
function widthForRate(rate: i32): f32 {
  if (rate >= WIDE_RATE) return 1;
  if (rate <= NARROW_RATE) return 0;
  return 1 - 0.125 * <f32>(WIDE_RATE - rate) / <f32>(rate - 14000);
}

/**
 * Channels of the stream for a packet of `samples` at the input rate. The input's image is narrowed in place on the way to
 * mono, and mono begins when nothing is left of it.
 */
export function decideChannels(e: OpusEncoder, samples: i32, rate: i32, voice: i32): i32 {
  if (e.channels == 1) return 1;
  measureSide(e, samples);
  const forced = settingsOf(e).forceChannels;
  const first = e.previousMode < 0;
  const before = e.streamChannels;
  let threshold = STEREO_RATE + ((voice * voice * VOICE_EXTRA) >> 14);
  if (!first) threshold += before == 2 ? -INERTIA : INERTIA;
  let wanted = forced > 0 ? forced : rate > threshold ? 2 : 1;
  const nothing = forced == 0 && e.sideEnergy <= NO_SIDE * e.midEnergy;
  if (nothing) wanted = 1;
  const target: f32 = wanted == 1 ? 0 : forced == 2 ? 1 : max<f32>(0.25, widthForRate(rate));
  const from: f32 = first ? target : e.width;
  // A side that is not there may be left out at once.
  if (from != 1 || target != 1) narrowInput(e, samples, min(samples, FADE_MS * e.kHz), from, target);
  e.width = target;
  const ms = samples / e.kHz;
  const closed = nothing || first || e.monoMs >= CLOSED_MS;
  e.monoMs = target > 0 ? 0 : min(1000, e.monoMs + max(1, ms));
  return wanted == 1 && (before == 1 || closed) ? 1 : 2;
}
