/**
 * Several Opus streams in one packet, spread over up to 255 channels (RFC 7845, section 5.1.1): all packets but the last
 * are self-delimited (RFC 6716, appendix B).
 */
import { decodeParsed, info, opusDecoderConceal, parse } from "./decoder";
import { OpusDecoder, decimationOf } from "./decoder-state";
import { BAD_PACKET, BUFFER_TOO_SMALL } from "./errors";
import { INFO_FRAME_SAMPLES, INFO_LENGTH } from "./packet-info";

/** Which stream goes to which channel; src/opus/layout.ts holds the same offsets. */
@unmanaged
export class Multistream {
  channels: i32;
  streams: i32;
  /** The first so many streams are decoded to two channels, the others to one. */
  coupled: i32;
  /** Room for the f32 PCM of one stream of 120 ms in stereo. */
  pcm: usize;
}

// @ts-ignore: decorator
@inline const MAPPING: usize = 16;
// @ts-ignore: decorator
@inline const DECODERS: usize = MAPPING + 256;
/** A channel without sound. */
// @ts-ignore: decorator
@inline const SILENT: i32 = 255;

// @ts-ignore: decorator
@inline function decoderOf(m: Multistream, stream: i32): usize {
  return load<u32>(changetype<usize>(m) + DECODERS + (<usize>stream << 2));
}

/** Copies the `samples` that stream `stream` gave to the channels that want them. */
function spread(m: Multistream, stream: i32, samples: i32, out: usize): void {
  const coupled = stream < m.coupled;
  const step: usize = coupled ? 8 : 4;
  const stride = <usize>m.channels << 2;
  for (let channel = 0; channel < m.channels; channel++) {
    const source = <i32>load<u8>(changetype<usize>(m) + MAPPING + <usize>channel);
    const right = source < m.coupled << 1 ? source & 1 : 0;
    const from = source < m.coupled << 1 ? source >> 1 : source - m.coupled;
    if (source == SILENT || from != stream) continue;
    let at = m.pcm + (<usize>right << 2);
    let to = out + (<usize>channel << 2);
    for (let i = 0; i < samples; i++, at += step, to += stride) store<f32>(to, load<f32>(at));
  }
}

function clear(m: Multistream, samples: i32, out: usize): void {
  memory.fill(out, 0, <usize>(samples * m.channels) << 2);
}

/** Length in samples at 48 kHz, or BAD_PACKET: all packets must be right and of the same duration. */
function check(m: Multistream, packet: usize, length: i32): i32 {
  let duration = 0;
  let at = 0;
  for (let stream = 0; stream < m.streams; stream++) {
    const count = parse(packet + at, length - at, i32(stream < m.streams - 1));
    if (count < 0) return BAD_PACKET;
    const samples = count * info(INFO_FRAME_SAMPLES);
    if (stream > 0 && samples != duration) return BAD_PACKET;
    duration = samples;
    at += info(INFO_LENGTH);
  }
  return duration;
}

/**
 * Decodes a packet to f32, interleaved. Nothing changes when it is refused.
 * @param capacity room at `out` in samples per channel
 * @returns samples per channel, or BAD_PACKET, BUFFER_TOO_SMALL
 */
export function opusMultistreamDecode(
  multistream: usize, packet: usize, length: i32, out: usize, capacity: i32,
): i32 {
  const m = changetype<Multistream>(multistream);
  const duration = check(m, packet, length);
  if (duration < 0) return duration;
  const samples = duration / decimationOf(changetype<OpusDecoder>(decoderOf(m, 0)));
  if (samples > capacity) return BUFFER_TOO_SMALL;
  clear(m, samples, out);
  let at = 0;
  for (let stream = 0; stream < m.streams; stream++) {
    parse(packet + at, length - at, i32(stream < m.streams - 1));
    const next = at + info(INFO_LENGTH);
    decodeParsed(changetype<OpusDecoder>(decoderOf(m, stream)), packet + at, m.pcm, 0);
    spread(m, stream, samples, out);
    at = next;
  }
  return samples;
}

/**
 * Makes up `samples` per channel for a packet that did not come.
 * @returns samples per channel, or BAD_ARGUMENT
 */
export function opusMultistreamConceal(multistream: usize, samples: i32, out: usize): i32 {
  const m = changetype<Multistream>(multistream);
  clear(m, samples, out);
  for (let stream = 0; stream < m.streams; stream++) {
    const result = opusDecoderConceal(decoderOf(m, stream), samples, m.pcm, 0);
    if (result < 0) return result;
    spread(m, stream, samples, out);
  }
  return samples;
}
