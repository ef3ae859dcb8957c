// Writes packets: the shortest framing of RFC 6716 section 3.2 that holds the frames, appendix B if
// asked, and Opus padding up to a wanted length (section 3.2.5).
import { BUFFER_TOO_SMALL } from "./errors";
import { TOC_SHARED } from "./toc";

/** Writes a frame length (section 3.2.1), returns the bytes that it takes. */
function writeLength(at: usize, size: i32): i32 {
  if (size < 252) {
    store<u8>(at, <u8>size);
    return 1;
  }
  const first = 252 + (size & 3);
  store<u8>(at, <u8>first);
  store<u8>(at, <u8>((size - first) >> 2), 1);
  return 2;
}

/**
 * Writes a packet of `count` frames that lie one after the other at `data`. `data` may overlap `target`;
 * `sizes` may not.
 * @param target room for `capacity` bytes
 * @param toc config and stereo bits count, the code is chosen here
 * @param sizes u16 frame sizes
 * @param selfDelimited 0, or 1 for appendix B
 * @param length 0 for the shortest packet, else the exact length to pad to
 * @returns length of the packet, or BUFFER_TOO_SMALL when it exceeds `capacity` or `length`
 */
export function writePacket(
  target: usize,
  capacity: i32,
  toc: u32,
  sizes: usize,
  count: i32,
  data: usize,
  selfDelimited: i32,
  length: i32,
): i32 {
  const last = <i32>load<u16>(sizes + 2 * <usize>(count - 1));
  let dataLength = last;
  let lengths = 0; // bytes for the lengths of all frames but the last
  let equal = true;
  for (let i = 0; i < count - 1; i++) {
    const size = <i32>load<u16>(sizes + 2 * <usize>i);
    dataLength += size;
    lengths += size < 252 ? 1 : 2;
    if (size != last) equal = false;
  }
  if (equal) lengths = 0;
  const delimiter = selfDelimited ? (last < 252 ? 1 : 2) : 0;

  // Code 3 takes one byte more than codes 0 to 2, so any length from there on can be reached.
  const shortest = (count > 2 ? 2 : 1) + lengths + delimiter + dataLength;
  if (length == 0) length = shortest;
  if (length < shortest || length > capacity) return BUFFER_TOO_SMALL;
  const code3 = count > 2 || length > shortest;
  // P of section 3.2.5: padding with the bytes that tell its length. Each 255 stands for 254 + itself.
  const padding = code3 ? length - (2 + lengths + delimiter + dataLength) : 0;
  const paddingLengths = padding > 0 ? (padding + 254) / 255 : 0;
  const header = (code3 ? 2 : 1) + paddingLengths + lengths + delimiter;

  memory.copy(target + header, data, dataLength);
  const code = code3 ? 3 : count == 1 ? 0 : equal ? 1 : 2;
  store<u8>(target, <u8>((toc & TOC_SHARED) | code));
  let at = target + 1;
  if (code3) {
    store<u8>(at++, <u8>(count | (equal ? 0 : 0x80) | (padding > 0 ? 0x40 : 0)));
    for (let i = 1; i < paddingLengths; i++) store<u8>(at++, 255);
    if (padding > 0) store<u8>(at++, <u8>((padding - 1) % 255));
  }
  if (!equal) {
    for (let i = 0; i < count - 1; i++) at += writeLength(at, load<u16>(sizes + 2 * <usize>i));
  }
  if (selfDelimited) writeLength(at, last);
  memory.fill(target + header + dataLength, 0, padding - paddingLengths);
  return length;
}
