/** One Opus frame: SILK, CELT or both, and the redundancy at changes between them (RFC 6716, section 4.5). */
import { configureCelt, encodeCeltPart, restartCelt } from "./celt-part";
import { OpusEncoder } from "./encoder-state";
import { Plan } from "./packet-plan";
import { finalRange } from "./range-decoder";
import { RangeEncoder, asDecoder, bytesUsed, rangeEncoderDone, rangeEncoderInit, rangeEncoderShrink } from "./range-encoder";
import { encodeSilkPart } from "./silk-part";
import {
  HYBRID_FLAG_BITS, encodeFirstRedundancy, encodeLastRedundancy, redundantRange, writeRedundancyFlags,
} from "./switch-redundancy";
import { MODE_CELT, MODE_HYBRID, MODE_SILK } from "./toc";

const RANGE = changetype<RangeEncoder>(memory.data(64, 16));

/** 1 when the last frame carried redundancy at its end. */
export let frameBridged: bool = false;

/**
 * Encodes the frame at `at` (samples at the input rate) of the plan. `firstBytes`, `lastBytes`: redundancy that is wanted. `before`:
 * mode of the frame before, -1 for none. Returns the frame's bytes, at most `limit`; 0 when it does not fit: then a decoder
 * has to conceal it.
 */
export function encodeFrame(
  e: OpusEncoder, p: Plan, at: i32, out: usize, limit: i32, before: i32, firstBytes: i32, lastBytes: i32,
): i32 {
  frameBridged = false;
  const bridged = e.bridged != 0;
  const wanted = firstBytes + lastBytes;
  const first = firstBytes > 0;
  let redundant = 0;
  let range: u32 = 0;
  let redundantFrame: usize = 0;
  rangeEncoderInit(RANGE, out, limit);
  if (p.mode != MODE_CELT) {
    const flagBits = p.mode == MODE_HYBRID ? HYBRID_FLAG_BITS : 0;
    if (encodeSilkPart(e, p, RANGE, at, ((limit - wanted) << 3) - flagBits * i32(wanted > 0), before) < 0) return 0;
    redundant = writeRedundancyFlags(p, RANGE, wanted, first, limit);
    if (redundant > 0 && first) {
      redundantFrame = encodeFirstRedundancy(e, p, at, redundant);
      range = redundantRange;
    }
  }
  let size = 0;
  if (p.mode == MODE_SILK) {
    size = bytesUsed(RANGE);
    rangeEncoderShrink(RANGE, size);
    rangeEncoderDone(RANGE);
  } else {
    const fresh = before >= 0 && before != p.mode && !bridged;
    if (fresh || (redundant > 0 && first)) restartCelt(e, at);
    else configureCelt(e);
    if (redundant > 0) rangeEncoderShrink(RANGE, limit - redundant);
    size = encodeCeltPart(e, p, RANGE, at);
  }
  range ^= finalRange(asDecoder(RANGE));
  if (redundant > 0 && !first) {
    redundantFrame = encodeLastRedundancy(e, p, at, redundant);
    range ^= redundantRange;
    frameBridged = true;
  }
  if (redundant > 0) memory.copy(out + size, redundantFrame, redundant);
  size += redundant;
  e.finalRange = size > 1 ? range : 0;
  return size;
}
