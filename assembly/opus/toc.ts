// The table-of-contents byte, RFC 6716 section 3.1: config (5 bits), stereo (1), frame count code (2).

/** The bits that all frames of a packet share: config and stereo. */
export const TOC_SHARED: u32 = 0xfc;

/** Longest packet: 120 ms in samples at 48 kHz (R5). */
export const MAX_PACKET_SAMPLES: i32 = 5760;

export const MODE_SILK: i32 = 0;
export const MODE_HYBRID: i32 = 1;
export const MODE_CELT: i32 = 2;

/** MODE_SILK, MODE_HYBRID or MODE_CELT. */
export function tocMode(toc: u32): i32 {
  const config = toc >> 3;
  return config < 12 ? MODE_SILK : config < 16 ? MODE_HYBRID : MODE_CELT;
}

/** 0 narrowband, 1 mediumband, 2 wideband, 3 super-wideband, 4 fullband. */
export function tocBandwidth(toc: u32): i32 {
  const config = toc >> 3;
  if (config < 12) return config >> 2;
  if (config < 16) return 3 + ((config - 12) >> 1);
  const step = (config - 16) >> 2; // CELT has no mediumband
  return step == 0 ? 0 : step + 1;
}

/** Highest bandwidth that a rate of `kHz` (8, 12, 16, 24 or 48) has. */
// @ts-ignore: decorator
@inline export function bandwidthOf(kHz: i32): i32 {
  return kHz == 48 ? 4 : kHz == 24 ? 3 : kHz == 16 ? 2 : kHz == 12 ? 1 : 0;
}

/** Samples of one frame at 48 kHz, per channel: 120 (2.5 ms) to 2880 (60 ms). */
export function tocFrameSamples(toc: u32): i32 {
  const config = toc >> 3;
  if (config >= 16) return 120 << (config & 3);
  if (config >= 12) return 480 << (config & 1);
  return (config & 3) == 3 ? 2880 : 480 << (config & 3);
}

/** 1 or 2. */
export function tocChannels(toc: u32): i32 {
  return 1 + ((toc >> 2) & 1);
}

/** The first byte of a packet but for its code. `samples`: of a frame at 48 kHz. */
export function tocOf(mode: i32, bandwidth: i32, samples: i32, channels: i32): u32 {
  const lm = <i32>ctz<u32>(samples) - 3; // 120 is 0, 960 is 3
  let config: i32;
  if (mode == MODE_SILK) config = (bandwidth << 2) + (samples == 2880 ? 3 : lm - 2);
  else if (mode == MODE_HYBRID) config = 12 + ((bandwidth - 3) << 1) + (lm - 2);
  else config = 16 + (max(0, bandwidth - 1) << 2) + lm;
  return (config << 3) | ((channels - 1) << 2);
}
