/**
 * The Opus decoder (RFC 6716, RFC 8251): packets to PCM. A packet is checked whole before any state changes, so an error
 * leaves the decoder as it was. Every function writes f32, interleaved, or i16 with `int16`, to `out`, and returns the
 * samples per channel; `out` needs room for the f32 samples in either case, and for 7 more.
 */
import { celtDecoderInit, celtDecoderReset } from "./celt/decoder";
import { exp2 } from "./celt/exponential";
import { OPUS_DECODER_SIZE, OpusDecoder, celtOf, decimationOf, silkOf } from "./decoder-state";
import { BAD_ARGUMENT, BUFFER_TOO_SMALL } from "./errors";
import { concealSamples, decodeFrame, decodeLbrr } from "./frame-decoder";
import { opusPacketParse } from "./packet";
import {
  INFO_BANDWIDTH,
  INFO_CHANNELS,
  INFO_DATA_OFFSET,
  INFO_FRAME_COUNT,
  INFO_FRAME_SAMPLES,
  INFO_MODE,
  INFO_SIZES,
} from "./packet-info";
import { amplify, clipLeft, clipRight, toInt16 } from "./pcm";
import { silkDecoderInit } from "./silk/decoder";
import { MAX_PACKET_SAMPLES, MODE_CELT } from "./toc";

/** Description of the packet at hand. */
const INFO = memory.data(140, 16);

/** log2(10) / (20 * 256): dB in Q8 to powers of two. */
// @ts-ignore: decorator
@inline const LOG2_PER_Q8_DB: f64 = 3.321928094887362 / 5120;

/** Duration of a packet in samples per channel at 48 kHz, or BAD_PACKET. */
export function opusPacketSamples(packet: usize, length: i32): i32 {
  const count = parse(packet, length, 0);
  return count < 0 ? count : count * info(INFO_FRAME_SAMPLES);
}

/** Bytes that a decoder needs, 16-byte aligned. */
export function opusDecoderSize(): i32 {
  return <i32>OPUS_DECODER_SIZE;
}

/**
 * Makes a decoder at `decoder`.
 * @param sampleRate 8000, 12000, 16000, 24000 or 48000 Hz
 * @param channels 1 or 2
 * @returns 0, or BAD_ARGUMENT
 */
export function opusDecoderInit(decoder: usize, sampleRate: i32, channels: i32): i32 {
  const kHz = sampleRate / 1000;
  const rates = kHz == 8 || kHz == 12 || kHz == 16 || kHz == 24 || kHz == 48;
  if (!rates || kHz * 1000 != sampleRate || channels < 1 || channels > 2) return BAD_ARGUMENT;
  const d = changetype<OpusDecoder>(decoder);
  memory.fill(decoder, 0, OPUS_DECODER_SIZE);
  d.kHz = kHz;
  d.channels = channels;
  d.gain = 1;
  celtDecoderInit(celtOf(d), channels);
  opusDecoderReset(decoder);
  return 0;
}

/** Forgets the signal; rate, channels, gain and phase inversion stay. */
export function opusDecoderReset(decoder: usize): void {
  const d = changetype<OpusDecoder>(decoder);
  silkDecoderInit(silkOf(d));
  celtDecoderReset(celtOf(d));
  d.previousMode = -1;
  d.bridged = 0;
  d.mode = -1;
  d.finalRange = 0;
  d.concealed = 0;
  d.clip0 = 0;
  d.clip1 = 0;
}

/**
 * @param gain dB in Q8, -32768 to 32767
 * @param keepPhase 1: no phase inversion in intensity stereo (RFC 8251, section 10)
 */
export function opusDecoderConfigure(decoder: usize, gain: i32, keepPhase: i32): void {
  const d = changetype<OpusDecoder>(decoder);
  d.gain = gain == 0 ? 1 : exp2(<f32>(<f64>gain * LOG2_PER_Q8_DB));
  celtOf(d).keepPhase = keepPhase;
}

/** Range register after the last packet, 0 when its last frame had at most one byte. */
export function opusDecoderFinalRange(decoder: usize): u32 {
  return changetype<OpusDecoder>(decoder).finalRange;
}

/** Samples per channel at 48 kHz that were made up since the last reset. */
export function opusDecoderConcealed(decoder: usize): u32 {
  return changetype<OpusDecoder>(decoder).concealed;
}

/** Gain and format of `samples` (per channel) that were decoded to `out`. */
function finish(d: OpusDecoder, samples: i32, out: usize, int16: i32): i32 {
  amplify(out, samples * d.channels, d.gain);
  if (int16) {
    toInt16(out, samples, d.channels, d.clip0, d.clip1);
    d.clip0 = clipLeft;
    d.clip1 = clipRight;
  }
  return samples;
}

/** A field (INFO_*) of the packet that was parsed last. */
// @ts-ignore: decorator
@inline export function info(field: usize): i32 {
  return load<i32>(INFO + field);
}

/** Parses a packet into `INFO`; returns the number of frames, or BAD_PACKET. */
// @ts-ignore: decorator
@inline export function parse(packet: usize, length: i32, selfDelimited: i32): i32 {
  return opusPacketParse(packet, length, selfDelimited, INFO);
}

/** Takes over what the packet's first byte says. */
function follow(d: OpusDecoder): void {
  d.mode = info(INFO_MODE);
  d.bandwidth = info(INFO_BANDWIDTH);
  d.streamChannels = info(INFO_CHANNELS);
  d.frameSamples = info(INFO_FRAME_SAMPLES);
}

/** Decodes the packet that `INFO` describes. Nothing can fail any more. */
export function decodeParsed(d: OpusDecoder, packet: usize, out: usize, int16: i32): i32 {
  follow(d);
  const count = info(INFO_FRAME_COUNT);
  const frameLength = d.frameSamples / decimationOf(d);
  let data = packet + info(INFO_DATA_OFFSET);
  let to = out;
  for (let i = 0; i < count; i++) {
    const size = <i32>load<u16>(INFO + INFO_SIZES + (<usize>i << 1));
    decodeFrame(d, data, size, to);
    data += size;
    to += <usize>(frameLength * d.channels) << 2;
  }
  return finish(d, count * frameLength, out, int16);
}

/**
 * Decodes a packet.
 * @param capacity room at `out` in samples per channel
 * @returns samples per channel, or BAD_PACKET, BUFFER_TOO_SMALL
 */
export function opusDecoderDecode(
  decoder: usize, packet: usize, length: i32, out: usize, capacity: i32, int16: i32,
): i32 {
  const d = changetype<OpusDecoder>(decoder);
  const count = parse(packet, length, 0);
  if (count < 0) return count;
  if (count * info(INFO_FRAME_SAMPLES) > capacity * decimationOf(d)) return BUFFER_TOO_SMALL;
  return decodeParsed(d, packet, out, int16);
}

/** Samples at 48 kHz for a request at the output rate, or BAD_ARGUMENT: a multiple of 2.5 ms up to 120 ms is wanted. */
function requested(d: OpusDecoder, samples: i32): i32 {
  if (samples <= 0 || samples > MAX_PACKET_SAMPLES) return BAD_ARGUMENT;
  const scaled = samples * decimationOf(d);
  return scaled > MAX_PACKET_SAMPLES || scaled % 120 != 0 ? BAD_ARGUMENT : scaled;
}

/**
 * Makes up `samples` (per channel, at the output rate) in place of what did not arrive.
 * @returns samples per channel, or BAD_ARGUMENT
 */
export function opusDecoderConceal(decoder: usize, samples: i32, out: usize, int16: i32): i32 {
  const d = changetype<OpusDecoder>(decoder);
  const wanted = requested(d, samples);
  if (wanted < 0) return wanted;
  concealSamples(d, wanted, out);
  return finish(d, samples, out, int16);
}

/**
 * Makes up the `samples` before a packet with the redundancy (LBRR) in it. Where the packet has none, or CELT comes
 * before or after, this is concealment; and so is what the redundancy, one frame long, does not reach back to.
 * @returns samples per channel, or BAD_PACKET, BAD_ARGUMENT
 */
export function opusDecoderDecodeFec(
  decoder: usize, packet: usize, length: i32, samples: i32, out: usize, int16: i32,
): i32 {
  const d = changetype<OpusDecoder>(decoder);
  const wanted = requested(d, samples);
  if (wanted < 0) return wanted;
  const count = parse(packet, length, 0);
  if (count < 0) return count;
  const frameSamples = info(INFO_FRAME_SAMPLES);
  if (info(INFO_MODE) == MODE_CELT || d.mode == MODE_CELT || wanted < frameSamples) {
    concealSamples(d, wanted, out);
    return finish(d, samples, out, int16);
  }
  const gap = wanted - frameSamples;
  concealSamples(d, gap, out);
  follow(d);
  const to = out + (<usize>((gap / decimationOf(d)) * d.channels) << 2);
  decodeLbrr(d, packet + info(INFO_DATA_OFFSET), load<u16>(INFO + INFO_SIZES), to);
  return finish(d, samples, out, int16);
}
