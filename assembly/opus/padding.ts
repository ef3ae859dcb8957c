// Opus padding (RFC 6716 section 3.2.5) added and taken away in place.
import { BUFFER_TOO_SMALL } from "./errors";
import { writePacket } from "./framing";
import { INFO_DATA_OFFSET, INFO_SIZES, INFO_TOC } from "./packet-info";
import { opusPacketParse } from "./packet";

/**
 * Rewrites a packet in place, without its padding and with `wanted` bytes in all.
 * @param packet `length` bytes with room for `capacity`
 * @param wanted 0 for the shortest packet
 * @param info scratch, INFO_SIZE bytes
 * @returns new length, BAD_PACKET, or BUFFER_TOO_SMALL when `wanted` is too short for the frames
 */
export function opusPacketPad(
  packet: usize,
  length: i32,
  capacity: i32,
  wanted: i32,
  info: usize,
): i32 {
  const count = opusPacketParse(packet, length, 0, info);
  if (count < 0) return count;
  if (wanted < 0) return BUFFER_TOO_SMALL;
  const data = packet + load<i32>(info, INFO_DATA_OFFSET);
  const toc = load<u32>(info, INFO_TOC);
  return writePacket(packet, capacity, toc, info + INFO_SIZES, count, data, 0, wanted);
}
