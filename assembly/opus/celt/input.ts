import { CeltEncoder, PAST, edgeSamples, past } from "./encoder-state";

/** Pre-emphasised samples: `PAST` old ones and a frame, per channel; pre-filtered ones: 120 and a frame. */
const RAW = memory.data(16128, 16);
const FILTERED = memory.data(8832, 16);
// @ts-ignore: decorator
@inline const RAW_STRIDE: usize = 8064;
// @ts-ignore: decorator
@inline const FILTERED_STRIDE: usize = 4416;

/** The decoder's de-emphasis coefficient (RFC 6716, section 4.3.7.2). */
const EMPHASIS: f32 = 0.850006104;
/** Louder input than +6 dB over full scale is cut: energies must stay in range. */
const LIMIT: f32 = 65536;

/** New samples of a channel before pre-filtering, with `PAST` old ones in front. */
// @ts-ignore: decorator
@inline export function rawFrame(channel: i32): usize {
  return RAW + <usize>channel * RAW_STRIDE + (<usize>PAST << 2);
}

/** 120 old and the new samples after it. */
// @ts-ignore: decorator
@inline export function filteredFrame(channel: i32): usize {
  return FILTERED + <usize>channel * FILTERED_STRIDE;
}

/**
 * Takes a frame of interleaved f32, +-1, and emphasises high frequencies (section 5.3); gives the largest magnitude in
 * units of 1/32768. What is no number counts as 0.
 */
export function takeFrame(state: CeltEncoder, pcm: usize, samples: i32): f32 {
  const channels = state.channels;
  const memory0 = changetype<usize>(state) + offsetof<CeltEncoder>("emphasis0");
  const unit = f32x4.splat(32768);
  const limit = f32x4.splat(LIMIT);
  const emphasis = f32x4.splat(EMPHASIS);
  let peaks = f32x4.splat(0);
  for (let channel = 0; channel < channels; channel++) {
    const to = rawFrame(channel);
    memory.copy(to - (<usize>PAST << 2), past(state, channel), <usize>PAST << 2);
    memory.copy(filteredFrame(channel), edgeSamples(state, channel), 480);
    let m = load<f32>(memory0 + (<usize>channel << 2));
    const bytes = <usize>samples << 2;
    const stereo = channels == 2;
    let last = f32x4.splat(m);
    for (let i: usize = 0; i < bytes; i += 16) {
      let v: v128;
      if (stereo) {
        const p = pcm + (i << 1);
        v = channel
          ? v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 1, 3, 5, 7)
          : v128.shuffle<f32>(v128.load(p), v128.load(p, 16), 0, 2, 4, 6);
      } else {
        v = v128.load(pcm + i);
      }
      v = f32x4.mul(v, unit);
      v = f32x4.pmax(f32x4.pmin(v128.and(v, f32x4.eq(v, v)), limit), f32x4.neg(limit));
      peaks = f32x4.max(peaks, f32x4.abs(v));
      const scaled = f32x4.mul(v, emphasis);
      v128.store(to + i, f32x4.sub(v, v128.shuffle<f32>(last, scaled, 3, 4, 5, 6)));
      last = scaled;
    }
    m = f32x4.extract_lane(last, 3);
    store<f32>(memory0 + (<usize>channel << 2), m);
  }
  return max(
    max(f32x4.extract_lane(peaks, 0), f32x4.extract_lane(peaks, 1)),
    max(f32x4.extract_lane(peaks, 2), f32x4.extract_lane(peaks, 3)),
  );
}

/** Keeps what the next frame needs. */
export function keepSignal(state: CeltEncoder, samples: i32): void {
  for (let channel = 0; channel < state.channels; channel++) {
    const bytes = <usize>samples << 2;
    memory.copy(past(state, channel), rawFrame(channel) - (<usize>PAST << 2) + bytes, <usize>PAST << 2);
    memory.copy(edgeSamples(state, channel), filteredFrame(channel) + bytes, 480);
  }
}
