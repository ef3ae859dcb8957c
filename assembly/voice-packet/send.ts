// From samples to a sealed packet: the encoder writes straight into the body, where it is sealed.

import { opusEncoderEncode } from "../opus/encoder";
import { callPacketSeal } from "../packet/seal";

/**
 * Encodes a frame into a call body behind what the caller has put there, and seals the body in place.
 * @param encoder state of an Opus encoder, `pcm` its input: `samples` per channel, i16 with `int16`, or f32
 * @param key @param x as for callPacketSeal
 * @param body with 32 bytes of headroom; its first `head` bytes are there already
 * @param limit most bytes of the Opus packet
 * @param silence an Opus packet of at most so many bytes is not sealed
 * @returns bytes of msg_key || ciphertext from body - 16; 0 when nothing was sealed; below 0 an error of the encoder
 */
export function voiceEncodeAndSeal(
  encoder: usize, pcm: usize, samples: i32, int16: i32, key: usize, x: usize, body: usize, head: i32, limit: i32,
  silence: i32,
): i32 {
  const size = opusEncoderEncode(encoder, pcm, samples, int16, body + <usize>head, limit);
  if (size < 0) return size;
  if (size <= silence) return 0;
  return callPacketSeal(key, x, body, <usize>(head + size));
}
