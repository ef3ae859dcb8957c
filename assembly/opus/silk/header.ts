/** Bits at the head of a payload and of a frame (RFC 6716, sections 4.2.3, 4.2.4, 4.2.7.3). */
import { RangeDecoder, decodeBinary, decodeBit, decodeIcdf } from "../range-decoder";
import {
  FRAME_TYPE_ACTIVE_ICDF,
  FRAME_TYPE_INACTIVE_FIRST,
  LBRR_FLAGS_40MS_ICDF,
  LBRR_FLAGS_60MS_ICDF,
} from "../tables/silk-frame";
import { PARAMETERS } from "./parameters";
import { Channel } from "./state";

/** Reads the voice activity of every frame and whether there is redundancy, for one channel (section 4.2.3). */
export function parseActivity(dec: RangeDecoder, channel: Channel, frames: i32): void {
  let flags = 0;
  for (let i = 0; i < frames; i++) flags |= decodeBit(dec, 1) << i;
  channel.vadFlags = flags;
  channel.lbrrFlags = decodeBit(dec, 1);
}

/** Replaces the one redundancy bit by one flag for each frame (section 4.2.4). */
export function parseLbrrFlags(dec: RangeDecoder, channel: Channel, frames: i32): void {
  if (channel.lbrrFlags == 0 || frames == 1) return;
  channel.lbrrFlags = decodeIcdf(dec, frames == 2 ? LBRR_FLAGS_40MS_ICDF : LBRR_FLAGS_60MS_ICDF, 8) + 1;
}

/** Reads signal and offset type (section 4.2.7.3); redundant frames count as active. */
export function parseFrameType(dec: RangeDecoder, active: bool): void {
  const type = active ? decodeIcdf(dec, FRAME_TYPE_ACTIVE_ICDF, 8) + 2 : decodeBinary(dec, FRAME_TYPE_INACTIVE_FIRST);
  PARAMETERS.signalType = type >> 1;
  PARAMETERS.offsetType = type & 1;
}
