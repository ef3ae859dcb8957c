/** The part of a packet that repeats the packet before (RFC 6716, section 4.2.4). */
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder, encodeBinary } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { MID_ONLY_FIRST } from "../../tables/silk-frame";
import { SilkEncoder, channelOf } from "./packet-state";
import { writeRedundancyFlags, writeRedundant, writeRedundantWeights } from "./redundancy";

/** The range encoder before redundancy. */
const SAVED = memory.data(64, 16);

/** Redundant frames of the packet before; none when they take more than half. Returns their bits. */
export function writeRedundancy(e: SilkEncoder, enc: RangeEncoder, channels: i32, frames: i32, maxBits: i32): f32 {
  const start = tell(asDecoder(enc));
  memory.copy(SAVED, changetype<usize>(enc), RANGE_ENCODER_SIZE);
  for (let n = 0; n < channels; n++) writeRedundancyFlags(enc, channelOf(e, n), frames);
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  for (let i = 0; i < frames; i++) {
    if ((mid.lbrrFlags >> i) & 1) {
      if (channels == 2) {
        writeRedundantWeights(enc, mid, i);
        if (((side.lbrrFlags >> i) & 1) == 0) encodeBinary(enc, 1, MID_ONLY_FIRST);
      }
      writeRedundant(enc, mid, i);
    }
    if (channels == 2 && (side.lbrrFlags >> i) & 1) writeRedundant(enc, side, i);
  }
  if (2 * tell(asDecoder(enc)) > maxBits || enc.error != 0) {
    memory.copy(changetype<usize>(enc), SAVED, RANGE_ENCODER_SIZE);
    for (let n = 0; n < channels; n++) channelOf(e, n).lbrrFlags = 0;
  }
  return <f32>(tell(asDecoder(enc)) - start);
}
