// Frame packing, RFC 6716 sections 3.2 and 3.4 (rules R1 to R7), and self-delimiting framing,
// appendix B. Only headers are read: frame contents are never touched, except for the LBRR flags.
import { BAD_PACKET } from "./errors";
import {
  INFO_BANDWIDTH,
  INFO_CHANNELS,
  INFO_DATA_LENGTH,
  INFO_DATA_OFFSET,
  INFO_FEC,
  INFO_FRAME_COUNT,
  INFO_FRAME_SAMPLES,
  INFO_LENGTH,
  INFO_MODE,
  INFO_PADDING,
  INFO_SIZES,
  INFO_TOC,
  MAX_FRAME_BYTES,
} from "./packet-info";
import {
  MAX_PACKET_SAMPLES,
  MODE_CELT,
  tocBandwidth,
  tocChannels,
  tocFrameSamples,
  tocMode,
} from "./toc";

/** How many bytes a frame length takes whose first byte is at `at` (section 3.2.1). */
// @ts-ignore: decorator
@inline
function lengthBytes(at: usize): i32 {
  return load<u8>(at) < 252 ? 1 : 2;
}

/** The frame length coded in the one or two bytes at `at`. */
// @ts-ignore: decorator
@inline
function frameLength(at: usize): i32 {
  const first = <i32>load<u8>(at);
  return first < 252 ? first : first + 4 * <i32>load<u8>(at, 1);
}

/**
 * LBRR flags of the first frame (section 4.2.3): after one VAD flag for each 20 ms of the frame comes
 * the LBRR flag, first for mid, then for side. All are coded with even odds at the start of the range
 * coder's data, so they are the topmost bits of the first byte.
 */
function hasFec(toc: u32, frame: usize, size: i32): i32 {
  if (size < 1 || tocMode(toc) == MODE_CELT) return 0;
  const silkFrames = max<i32>(1, tocFrameSamples(toc) / 960);
  const first = <u32>load<u8>(frame);
  const mid = (first >> (7 - silkFrames)) & 1;
  const side = tocChannels(toc) == 2 ? (first >> (6 - 2 * silkFrames)) & 1 : 0;
  return mid | side;
}

/**
 * Checks a packet and describes it.
 * @param packet the bytes
 * @param length how many; with self-delimiting framing others may follow the packet
 * @param selfDelimited 0, or 1 for appendix B
 * @param info where the description goes, INFO_SIZE bytes; undefined after an error
 * @returns number of frames, 1 to 48, or BAD_PACKET
 */
export function opusPacketParse(packet: usize, length: i32, selfDelimited: i32, info: usize): i32 {
  if (length < 1) return BAD_PACKET; // R1
  const toc = <u32>load<u8>(packet);
  const frameSamples = tocFrameSamples(toc);
  const code = toc & 3;
  let at = 1;
  let end = length; // where frames have to end: before the padding
  let count = code == 0 ? 1 : 2;
  let vbr = code == 2;

  if (code == 3) {
    if (at >= end) return BAD_PACKET; // R6, R7
    const byte = <i32>load<u8>(packet + at);
    at++;
    count = byte & 63;
    if (count == 0 || count * frameSamples > MAX_PACKET_SAMPLES) return BAD_PACKET; // R5
    vbr = (byte & 0x80) != 0;
    if ((byte & 0x40) != 0) {
      let value: i32;
      do {
        if (at >= end) return BAD_PACKET; // R6, R7
        value = <i32>load<u8>(packet + at);
        at++;
        end -= value == 255 ? 254 : value;
      } while (value == 255);
      if (end < at) return BAD_PACKET; // R6, R7
    }
  }

  let explicit = 0; // sum of the sizes that the header tells
  if (vbr) {
    for (let i = 0; i < count - 1; i++) {
      if (at >= end || at + lengthBytes(packet + at) > end) return BAD_PACKET; // R4, R7
      const size = frameLength(packet + at);
      at += lengthBytes(packet + at);
      store<u16>(info + INFO_SIZES + 2 * <usize>i, <u16>size);
      explicit += size;
    }
  }

  let size: i32; // of the last frame, or of every frame where they are equal
  if (selfDelimited) {
    if (at >= end || at + lengthBytes(packet + at) > end) return BAD_PACKET;
    size = frameLength(packet + at);
    at += lengthBytes(packet + at);
  } else {
    size = end - at - explicit;
    if (!vbr) {
      if (size % count != 0) return BAD_PACKET; // R3, R6
      size /= count;
    }
    if (size < 0 || size > MAX_FRAME_BYTES) return BAD_PACKET; // R2, R4, R7
  }
  let data = explicit + size;
  if (vbr) {
    store<u16>(info + INFO_SIZES + 2 * <usize>(count - 1), <u16>size);
  } else {
    data = size * count;
    for (let i = 0; i < count; i++) store<u16>(info + INFO_SIZES + 2 * <usize>i, <u16>size);
  }
  if (data > end - at) return BAD_PACKET;

  const padding = length - end;
  store<i32>(info, count, INFO_FRAME_COUNT);
  store<i32>(info, frameSamples, INFO_FRAME_SAMPLES);
  store<i32>(info, at, INFO_DATA_OFFSET);
  store<i32>(info, data, INFO_DATA_LENGTH);
  store<i32>(info, padding, INFO_PADDING);
  store<i32>(info, at + data + padding, INFO_LENGTH);
  store<u32>(info, toc, INFO_TOC);
  store<i32>(info, tocMode(toc), INFO_MODE);
  store<i32>(info, tocBandwidth(toc), INFO_BANDWIDTH);
  store<i32>(info, tocChannels(toc), INFO_CHANNELS);
  store<i32>(info, hasFec(toc, packet + at, load<u16>(info, INFO_SIZES)), INFO_FEC);
  return count;
}
