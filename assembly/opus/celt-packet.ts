/** Packets of one CELT frame: low delay and music. */
import { RATE_CONSTANT, celtEncode } from "./celt/encoder";
import { bytesOf, wideInput } from "./encoder-input";
import { effectiveBitrate } from "./encoder-settings";
import { OpusEncoder, celtOf, delayMs, settingsOf } from "./encoder-state";
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder, rangeEncoderInit } from "./range-encoder";
import { finalRange } from "./range-decoder";

const RANGE = changetype<RangeEncoder>(memory.data(64, 16));

/** First byte of a packet of one CELT frame (RFC 6716, section 3.1). */
// @ts-ignore: decorator
@inline function celtToc(bandwidth: i32, lm: i32, channels: i32): u32 {
  const step = bandwidth == 0 ? 0 : max(0, bandwidth - 1);
  return ((16 + (step << 2) + lm) << 3) | ((channels - 1) << 2);
}

// @ts-ignore: decorator
@inline function endBand(bandwidth: i32): i32 {
  return bandwidth == 0 ? 13 : bandwidth < 3 ? 17 : bandwidth == 3 ? 19 : 21;
}

/**
 * Bandwidth for what the signal holds: what lies above it would cost bits. Less is never chosen at rates where it costs
 * nothing to be wrong.
 */
function neededBandwidth(e: OpusEncoder, bitrate: i32): i32 {
  const channels = e.channels;
  const rate = settingsOf(e).control == RATE_CONSTANT ? bitrate - bitrate / 12 : bitrate;
  const least = rate <= 30000 * channels ? 2 : rate <= 44000 * channels ? 3 : 4;
  const band = celtOf(e).signalBand;
  const heard = band < 13 ? 0 : band < 17 ? 2 : band < 19 ? 3 : 4;
  return max(least, heard);
}

/** Encodes a frame of `samples` (120 to 960 at 48 kHz) as a packet of at most `limit` bytes at `out`; gives its bytes. */
export function encodeCeltPacket(e: OpusEncoder, samples: i32, out: usize, limit: i32): i32 {
  const s = settingsOf(e);
  const lm = <i32>ctz<u32>(samples) - 3;
  const nyquist = e.kHz == 48 ? 4 : e.kHz == 24 ? 3 : e.kHz == 16 ? 2 : e.kHz == 12 ? 1 : 0;
  let bytes = min(limit, 1276);
  const rate = effectiveBitrate(s, e.kHz, e.channels, samples, bytes);
  if (s.control == RATE_CONSTANT) bytes = max(1, min(bytes, <i32>((<i64>rate * samples + 192000) / 384000)));
  const channels = e.channels;
  let bandwidth = s.bandwidth >= 0 ? s.bandwidth : min(s.maxBandwidth, neededBandwidth(e, rate));
  bandwidth = min(bandwidth, nyquist);
  // CELT has no mediumband.
  if (bandwidth == 1) bandwidth = 2;
  store<u8>(out, celtToc(bandwidth, lm, channels));
  if (bytes < 3) {
    e.finalRange = 0;
    return 1;
  }
  const celt = celtOf(e);
  celt.complexity = s.complexity;
  celt.keepPhase = s.phaseInversionDisabled;
  celt.depth = s.lsbDepth;
  celt.step = 48 / e.kHz;
  if (s.predictionDisabled) celt.forceIntra = 1;
  const input = wideInput(e, -delayMs(e) * e.kHz, samples);
  rangeEncoderInit(RANGE, out + 1, bytes - 1);
  const share = rate - 8 * 48000 / samples * i32(s.control != RATE_CONSTANT);
  const size = celtEncode(celt, RANGE, input, samples, channels, 0, endBand(bandwidth), share, s.control);
  e.finalRange = finalRange(asDecoder(RANGE));
  e.bandwidth = bandwidth;
  e.streamChannels = channels;
  return size + 1;
}
