/** Packets of one CELT frame: low delay and music. */
import { RATE_CONSTANT, celtEncode } from "./celt/encoder";
import { DELAY_SAMPLES, OpusEncoder, celtOf, delayOf } from "./encoder-state";
import { RANGE_ENCODER_SIZE, RangeEncoder, rangeEncoderInit } from "./range-encoder";
import { finalRange } from "./range-decoder";
import { asDecoder } from "./range-encoder";

const RANGE = changetype<RangeEncoder>(memory.data(64, 16));
/** Input of a frame at 48 kHz behind the delay, interleaved: 192 + 960 samples of two channels. */
const INPUT = memory.data(9216, 16);

// @ts-ignore: decorator
@inline export const APPLICATION_VOIP: i32 = 0;
// @ts-ignore: decorator
@inline export const APPLICATION_AUDIO: i32 = 1;
// @ts-ignore: decorator
@inline export const APPLICATION_LOW_DELAY: i32 = 2;

/** Corner of the DC filter: 3 Hz. */
// @ts-ignore: decorator
@inline const DC_RATE: f32 = 6.3 * 3 / 48000;

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
 * Input to 48 kHz without DC, into `INPUT`; rates below are filled up with zeros, whose images lie outside the coded
 * bands. Gives where the frame starts.
 */
function prepare(e: OpusEncoder, pcm: usize, samples: i32): usize {
  const channels = e.channels;
  const step = 48 / e.kHz;
  const delay = e.application == APPLICATION_LOW_DELAY ? 0 : DELAY_SAMPLES;
  const delayBytes = <usize>(delay * channels) << 2;
  memory.copy(INPUT, delayOf(e), delayBytes);
  const to = INPUT + delayBytes;
  const bytes = <usize>(samples * channels) << 2;
  if (step > 1) memory.fill(to, 0, bytes);
  const rate: f32 = DC_RATE * <f32>step;
  for (let channel = 0; channel < channels; channel++) {
    let dc = channel ? e.dc1 : e.dc0;
    let from = pcm + (<usize>channel << 2);
    let at = to + (<usize>channel << 2);
    for (let i = 0; i < samples; i += step) {
      let x = load<f32>(from);
      if (!(abs<f32>(x) <= 2)) x = x > 0 ? 2 : x < 0 ? -2 : 0;
      const y = x - dc;
      dc += rate * y;
      store<f32>(at, y * <f32>step);
      from += <usize>channels << 2;
      at += <usize>(channels * step) << 2;
    }
    if (channel) e.dc1 = dc;
    else e.dc0 = dc;
  }
  memory.copy(delayOf(e), INPUT + bytes, delayBytes);
  return INPUT;
}

/**
 * Bandwidth for what the signal holds: what lies above it would cost bits. Less is never chosen at rates where it costs
 * nothing to be wrong.
 */
function neededBandwidth(e: OpusEncoder): i32 {
  const channels = e.channels;
  const rate = e.control == RATE_CONSTANT ? e.bitrate - e.bitrate / 12 : e.bitrate;
  const least = rate <= 30000 * channels ? 2 : rate <= 44000 * channels ? 3 : 4;
  const band = celtOf(e).signalBand;
  const heard = band < 13 ? 0 : band < 17 ? 2 : band < 19 ? 3 : 4;
  return max(least, heard);
}

/**
 * Encodes one frame of `samples` (120 to 960 at 48 kHz) as a packet of at most `limit` bytes at `out`; gives its bytes.
 */
export function encodeCeltPacket(e: OpusEncoder, pcm: usize, samples: i32, out: usize, limit: i32): i32 {
  const lm = <i32>ctz<u32>(samples) - 3;
  const input = prepare(e, pcm, samples);
  const nyquist = e.kHz == 48 ? 4 : e.kHz == 24 ? 3 : e.kHz == 16 ? 2 : e.kHz == 12 ? 1 : 0;
  let bytes = min(limit, 1276);
  let rate = e.bitrate;
  if (e.control == RATE_CONSTANT) bytes = max(1, min(bytes, <i32>((<i64>rate * samples + 192000) / 384000)));
  const channels = e.channels;
  let bandwidth = min(min(e.maxBandwidth, nyquist), neededBandwidth(e));
  // CELT has no mediumband.
  if (bandwidth == 1) bandwidth = 2;
  store<u8>(out, celtToc(bandwidth, lm, channels));
  if (bytes < 3) {
    e.finalRange = 0;
    return 1;
  }
  const celt = celtOf(e);
  celt.complexity = e.complexity;
  celt.keepPhase = e.keepPhase;
  celt.depth = e.depth;
  celt.step = 48 / e.kHz;
  rangeEncoderInit(RANGE, out + 1, bytes - 1);
  const size = celtEncode(celt, RANGE, input, samples, channels, 0, endBand(bandwidth), rate - 8 * 48000 / samples * i32(e.control != RATE_CONSTANT), e.control);
  e.finalRange = finalRange(asDecoder(RANGE));
  e.bandwidth = bandwidth;
  e.streamChannels = channels;
  return size + 1;
}
