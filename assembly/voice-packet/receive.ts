// From a sealed packet to samples: opened in place, and decoded where it lies.

import { opusDecoderDecode } from "../opus/decoder";
import { callPacketOpen } from "../packet/open";
import { findVoice, voiceLength, voiceStart } from "./body";

/** What a receiver carries from packet to packet: zero at first. */
@unmanaged
class Reception {
  /** The highest counter so far: packets are taken in order, each once. */
  counter: u32;
  /** Where the Opus packet starts in the body of the last packet that was taken, and bytes of it. */
  start: i32;
  length: i32;
}

/**
 * Opens a call packet in place and decodes the voice in it.
 * @param decoder state of an Opus decoder
 * @param key @param x @param body @param length as for callPacketOpen; `length` is at least 5
 * @param reception a Reception
 * @param out room for `capacity` samples per channel, i16 with `int16`, or f32
 * @returns samples per channel; 0 for a packet that does not open, that is not newer than the last, or that holds no
 *   voice: the decoder was not touched
 */
export function voiceOpenAndDecode(
  decoder: usize, key: usize, x: usize, body: usize, length: i32, reception: usize, out: usize, capacity: i32, int16: i32,
): i32 {
  if (callPacketOpen(key, x, body, <usize>length) == 0) return 0;
  const r = changetype<Reception>(reception);
  const counter = bswap<u32>(load<u32>(body)) & 0x3fffffff;
  if (counter <= r.counter || !findVoice(body, length)) return 0;
  const samples = opusDecoderDecode(decoder, body + <usize>voiceStart, voiceLength, out, capacity, int16);
  if (samples < 0) return 0;
  r.counter = counter;
  r.start = voiceStart;
  r.length = voiceLength;
  return samples;
}
