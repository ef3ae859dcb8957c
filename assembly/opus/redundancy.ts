/** Finds the redundant CELT frame in a SILK or hybrid frame (RFC 6716, sections 4.5.1.1 to 4.5.1.3). */
import { RangeDecoder, decodeBit, decodeUint, tell } from "./range-decoder";

/** Bytes of the redundant frame, 0 when there is none. */
export let redundantBytes: i32 = 0;
/** Whether it belongs to the beginning (CELT came before) or to the end (CELT follows). */
export let redundantFirst: bool = false;

/**
 * Reads what follows the SILK part of a frame of `size` bytes, and cuts the redundant frame off the range decoder's.
 * Returns the bytes that are left for the main part; 0 when the redundant frame claims more than there is: then the rest
 * of the frame counts as lost.
 */
export function parseRedundancy(range: RangeDecoder, size: i32, hybrid: bool): i32 {
  redundantBytes = 0;
  const bits = size << 3;
  if (tell(range) + (hybrid ? 37 : 17) > bits) return size;
  if (hybrid && !decodeBit(range, 12)) return size;
  redundantFirst = decodeBit(range, 1) != 0;
  const bytes = hybrid ? <i32>decodeUint(range, 256) + 2 : size - ((tell(range) + 7) >> 3);
  const rest = size - bytes;
  if (rest << 3 < tell(range)) return 0;
  redundantBytes = bytes;
  range.storage -= bytes;
  return rest;
}
