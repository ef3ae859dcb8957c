/** Bandwidth: by rate, and no wider than the signal. */
import { OpusEncoder, analysisOf, inputBandwidth, settingsOf } from "./encoder-state";
import { MODE_CELT } from "./toc";

/** Rate and hysteresis from which wideband, superwideband and fullband are worth it, for a voice, then for music. */
const VOICE_RATES = memory.data<i32>([9000, 700, 12500, 1000, 14000, 2000], 16);
const MUSIC_RATES = memory.data<i32>([9000, 700, 11000, 1000, 12000, 2000], 16);

/** Widest bandwidth for a rate; mediumband is never worth it. */
function bandwidthForRate(e: OpusEncoder, rate: i32, voice: i32): i32 {
  let bandwidth = 0;
  for (let step = 2; step >= 0; step--) {
    const at = <usize>step << 3;
    let threshold = load<i32>(MUSIC_RATES + at);
    threshold += (voice * voice * (load<i32>(VOICE_RATES + at) - threshold)) / 16384;
    const hysteresis = load<i32>(VOICE_RATES + at, 4);
    if (e.previousMode >= 0) threshold += e.rateBandwidth >= step + 2 ? -hysteresis : hysteresis;
    if (rate >= threshold) {
      bandwidth = step + 2;
      break;
    }
  }
  e.rateBandwidth = bandwidth;
  return bandwidth;
}

/** Bandwidth of a packet in `mode` at `rate` (equivalent); `most`: bit/s that the packet can hold. */
export function decideBandwidth(e: OpusEncoder, mode: i32, rate: i32, voice: i32, most: i32): i32 {
  const s = settingsOf(e);
  const limit = inputBandwidth(e);
  let bandwidth = bandwidthForRate(e, rate, voice);
  if (s.bandwidth >= 0) {
    bandwidth = s.bandwidth;
  } else {
    bandwidth = min(bandwidth, s.maxBandwidth);
    const a = analysisOf(e);
    if (a.valid) bandwidth = min(bandwidth, max(a.bandwidth, mode == MODE_CELT ? 0 : 2));
  }
  if (mode != MODE_CELT && most < 15000) bandwidth = min(bandwidth, 2);
  bandwidth = min(bandwidth, limit);
  // CELT has no mediumband.
  return mode == MODE_CELT && bandwidth == 1 ? 2 : bandwidth;
}
