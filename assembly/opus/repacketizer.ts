// Joins the frames of several packets in one and cuts packets apart. Frames may share a packet when
// config and stereo bits are equal and they last 120 ms at most (RFC 6716 sections 3.1, 3.2.5).
import { BAD_ARGUMENT, INCOMPATIBLE_PACKET } from "./errors";
import { writePacket } from "./framing";
import {
  INFO_DATA_LENGTH,
  INFO_DATA_OFFSET,
  INFO_FRAME_SAMPLES,
  INFO_SIZE,
  INFO_SIZES,
  INFO_TOC,
  MAX_FRAME_BYTES,
  MAX_FRAMES,
} from "./packet-info";
import { opusPacketParse } from "./packet";
import { MAX_PACKET_SAMPLES, TOC_SHARED } from "./toc";

// State. src/opus/layout.ts holds REPACKETIZER_SIZE.
const COUNT: usize = 0;
const TOC: usize = 4;
const DATA_LENGTH: usize = 8;
const SIZES: usize = 12;
const INFO: usize = SIZES + 2 * <usize>MAX_FRAMES;
const DATA: usize = INFO + INFO_SIZE;

/** 248 bytes of header and room for 48 frames of 1275 bytes. */
export const REPACKETIZER_SIZE: usize = DATA + <usize>(MAX_FRAMES * MAX_FRAME_BYTES);

/** Forgets all frames. A zeroed state is a cleared one. */
export function opusRepacketizerClear(state: usize): void {
  store<i32>(state, 0, COUNT);
  store<i32>(state, 0, DATA_LENGTH);
}

/**
 * Appends the frames of a packet.
 * @returns frames held now, BAD_PACKET, or INCOMPATIBLE_PACKET; the state is unchanged by an error
 */
export function opusRepacketizerAppend(
  state: usize,
  packet: usize,
  length: i32,
  selfDelimited: i32,
): i32 {
  const info = state + INFO;
  const added = opusPacketParse(packet, length, selfDelimited, info);
  if (added < 0) return added;
  const count = load<i32>(state, COUNT);
  const toc = load<u32>(info, INFO_TOC) & TOC_SHARED;
  if (count > 0 && toc != load<u32>(state, TOC)) return INCOMPATIBLE_PACKET;
  if ((count + added) * load<i32>(info, INFO_FRAME_SAMPLES) > MAX_PACKET_SAMPLES) {
    return INCOMPATIBLE_PACKET;
  }
  const used = load<i32>(state, DATA_LENGTH);
  const size = load<i32>(info, INFO_DATA_LENGTH);
  memory.copy(state + DATA + used, packet + load<i32>(info, INFO_DATA_OFFSET), size);
  memory.copy(state + SIZES + 2 * <usize>count, info + INFO_SIZES, 2 * <usize>added);
  store<u32>(state, toc, TOC);
  store<i32>(state, used + size, DATA_LENGTH);
  store<i32>(state, count + added, COUNT);
  return count + added;
}

/**
 * Writes the frames `begin` to `end` - 1 as one packet.
 * @param length 0 for the shortest packet, else the exact length to pad to
 * @returns length of the packet, BAD_ARGUMENT for an empty range, or BUFFER_TOO_SMALL
 */
export function opusRepacketizerWrite(
  state: usize,
  begin: i32,
  end: i32,
  target: usize,
  capacity: i32,
  selfDelimited: i32,
  length: i32,
): i32 {
  if (begin < 0 || begin >= end || end > load<i32>(state, COUNT) || length < 0) return BAD_ARGUMENT;
  const sizes = state + SIZES;
  let data = state + DATA;
  for (let i = 0; i < begin; i++) data += load<u16>(sizes + 2 * <usize>i);
  const first = sizes + 2 * <usize>begin;
  const toc = load<u32>(state, TOC);
  return writePacket(target, capacity, toc, first, end - begin, data, selfDelimited, length);
}
