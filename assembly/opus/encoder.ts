/** The Opus encoder at the boundary of the module. */
import { celtEncoderInit, celtEncoderReset } from "./celt/encoder";
import { encodeCeltPacket } from "./celt-packet";
import { OPUS_ENCODER_SIZE, OpusEncoder, celtOf } from "./encoder-state";

/** Bytes of an encoder's state. */
export function opusEncoderSize(): i32 {
  return <i32>OPUS_ENCODER_SIZE;
}

/** Makes an encoder at `state` (16-byte aligned) for input at `rate` Hz in `channels` channels. */
export function opusEncoderInit(state: usize, rate: i32, channels: i32, application: i32): void {
  memory.fill(state, 0, OPUS_ENCODER_SIZE);
  const e = changetype<OpusEncoder>(state);
  e.kHz = rate / 1000;
  e.channels = channels;
  e.application = application;
  e.bitrate = 48000 * channels;
  e.control = 2;
  e.complexity = 10;
  e.maxBandwidth = 4;
  e.depth = 24;
  celtEncoderInit(celtOf(e), channels);
}

/** Sets bit/s, rate control (0 constant, 1 variable, 2 constrained), complexity, bandwidth limit, phase inversion off. */
export function opusEncoderConfigure(
  state: usize, bitrate: i32, control: i32, complexity: i32, maxBandwidth: i32, keepPhase: i32, depth: i32,
): void {
  const e = changetype<OpusEncoder>(state);
  e.bitrate = bitrate;
  e.control = control;
  e.complexity = complexity;
  e.maxBandwidth = maxBandwidth;
  e.keepPhase = keepPhase;
  e.depth = depth;
}

/** Encodes `samples` per channel (at 48 kHz) of interleaved f32 at `pcm` into at most `limit` bytes at `out`. */
export function opusEncoderEncode(state: usize, pcm: usize, samples: i32, out: usize, limit: i32): i32 {
  return encodeCeltPacket(changetype<OpusEncoder>(state), pcm, samples, out, limit);
}

/** Range register after the last packet. */
export function opusEncoderFinalRange(state: usize): u32 {
  return changetype<OpusEncoder>(state).finalRange;
}

/** Forgets the signal; settings stay. */
export function opusEncoderReset(state: usize): void {
  const e = changetype<OpusEncoder>(state);
  e.dc0 = 0;
  e.dc1 = 0;
  e.finalRange = 0;
  celtEncoderReset(celtOf(e));
}
