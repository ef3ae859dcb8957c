/**
 * Redundant CELT frames of 5 ms where SILK begins or ends (RFC 6716, section 4.5.1): what they cover is heard while the other
 * coder warms up.
 */
import { RATE_CONSTANT, celtEncode } from "./celt/encoder";
import { configureCelt, endBand, restartCelt } from "./celt-part";
import { wideInput } from "./encoder-input";
import { OpusEncoder, celtOf, delayMs } from "./encoder-state";
import { Plan, REDUNDANT_SAMPLES } from "./packet-plan";
import { finalRange, tell } from "./range-decoder";
import { RangeEncoder, asDecoder, encodeBit, encodeUint, rangeEncoderInit } from "./range-encoder";
import { MODE_HYBRID } from "./toc";

const RANGE = changetype<RangeEncoder>(memory.data(64, 16));
const FRAME = memory.data(272, 16);

/** Final range of the redundant frame encoded last. */
export let redundantRange: u32 = 0;

/** Bits that hybrid frames need behind SILK for the redundancy flags to be there, and SILK frames. */
// @ts-ignore: decorator
@inline export const HYBRID_FLAG_BITS: i32 = 37;
// @ts-ignore: decorator
@inline const SILK_FLAG_BITS: i32 = 17;

/**
 * Writes behind SILK what tells whether redundancy of `wanted` bytes follows the frame of at most `limit` bytes. Returns its bytes,
 * 0 when there is none.
 */
export function writeRedundancyFlags(p: Plan, writer: RangeEncoder, wanted: i32, first: bool, limit: i32): i32 {
  const reader = asDecoder(writer);
  const hybrid = p.mode == MODE_HYBRID;
  const left = (limit << 3) - tell(reader);
  if (!hybrid) {
    // Here the size says whether there is any.
    const bytes = min(wanted, (left - 1) >> 3);
    if (wanted == 0 || bytes < 3 || left < SILK_FLAG_BITS) return 0;
    encodeBit(writer, i32(first), 1);
    return bytes;
  }
  if (left < HYBRID_FLAG_BITS) return 0;
  const bytes = min(wanted, (left - HYBRID_FLAG_BITS) >> 3);
  encodeBit(writer, i32(bytes >= 2), 12);
  if (bytes < 2) return 0;
  encodeBit(writer, i32(first), 1);
  encodeUint(writer, bytes - 2, 256);
  return bytes;
}

/** Encodes 5 ms from `at` on (samples at the input rate) in `bytes` bytes; gives where they are. */
function encodeRedundant(e: OpusEncoder, p: Plan, at: i32, bytes: i32): usize {
  const input = wideInput(e, at - delayMs(e) * e.kHz, REDUNDANT_SAMPLES);
  rangeEncoderInit(RANGE, FRAME, bytes);
  celtEncode(celtOf(e), RANGE, input, REDUNDANT_SAMPLES, p.channels, 0, endBand(p.bandwidth), 0, RATE_CONSTANT);
  redundantRange = finalRange(asDecoder(RANGE));
  return FRAME;
}

/** The first 5 ms of the frame at `at`, as CELT goes on: to be called before anything else of CELT in this frame. */
export function encodeFirstRedundancy(e: OpusEncoder, p: Plan, at: i32, bytes: i32): usize {
  configureCelt(e);
  return encodeRedundant(e, p, at, bytes);
}

/** The last 5 ms of the frame at `at`, from a fresh start; CELT goes on from it in the next packet. */
export function encodeLastRedundancy(e: OpusEncoder, p: Plan, at: i32, bytes: i32): usize {
  const last = at + (p.frameSamples - REDUNDANT_SAMPLES) / (48 / e.kHz);
  restartCelt(e, last);
  return encodeRedundant(e, p, last, bytes);
}
