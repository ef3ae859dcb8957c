/** What the caller asks for: i32 fields, written at the boundary at any time, read at every encode. */
@unmanaged
export class EncoderSettings {
  /** Bit/s; 0 for a default by rate and frame size, -1 for as much as a packet holds. */
  bitrate: i32;
  /** RATE_* of celt/encoder.ts. */
  control: i32;
  /** 0 to 10. */
  complexity: i32;
  /** Bandwidth to use, 0 narrowband to 4 fullband, or -1 to choose. */
  bandwidth: i32;
  /** Highest bandwidth to choose. */
  maxBandwidth: i32;
  /** SIGNAL_*. */
  signal: i32;
  /** 1: low bit-rate redundancy (LBRR) where loss is expected. */
  fec: i32;
  expectedLossPercent: i32;
  /** 1: next to nothing is sent while nobody speaks. */
  dtx: i32;
  /** Channels of the stream, or 0 to choose. */
  forceChannels: i32;
  /** Bits of precision of the input, 8 to 24. */
  lsbDepth: i32;
  /** 1: frames do not rely on the frames before more than they must. */
  predictionDisabled: i32;
  /** 1: no phase inversion in intensity stereo. */
  phaseInversionDisabled: i32;
  /** 0 to choose, 1 + MODE_* of toc.ts for a mode wherever the frame size has it. */
  forceMode: i32;
}

// @ts-ignore: decorator
@inline export const SIGNAL_AUTO: i32 = 0;
// @ts-ignore: decorator
@inline export const SIGNAL_VOICE: i32 = 1;
// @ts-ignore: decorator
@inline export const SIGNAL_MUSIC: i32 = 2;

// @ts-ignore: decorator
@inline export const APPLICATION_VOIP: i32 = 0;
// @ts-ignore: decorator
@inline export const APPLICATION_AUDIO: i32 = 1;
// @ts-ignore: decorator
@inline export const APPLICATION_LOW_DELAY: i32 = 2;

/** Puts every setting to its default. */
export function defaultSettings(s: EncoderSettings): void {
  memory.fill(changetype<usize>(s), 0, offsetof<EncoderSettings>());
  s.control = 2;
  s.complexity = 10;
  s.bandwidth = -1;
  s.maxBandwidth = 4;
  s.lsbDepth = 24;
}

/** Bit/s for packets of `samples` at 48 kHz of at most `limit` bytes: what is asked, within what a packet can hold. */
export function effectiveBitrate(s: EncoderSettings, kHz: i32, channels: i32, samples: i32, limit: i32): i32 {
  const most = <i32>min<i64>((<i64>limit * 384000) / samples, 1500000);
  const asked = s.bitrate;
  if (asked < 0) return most;
  const rate = asked == 0 ? (60 * 48000) / samples + 1000 * kHz * channels : asked;
  return max(500, min(rate, most));
}
