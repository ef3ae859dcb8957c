/**
 * Low bit-rate redundancy (RFC 6716, section 4.2.4): a frame's parameters quantised once more, coarser, to be sent in the
 * packet that follows. What the writer needs of it is kept with the channel until then.
 */
import { RangeEncoder, encodeIcdf } from "../../range-encoder";
import { LBRR_FLAGS_40MS_ICDF, LBRR_FLAGS_60MS_ICDF } from "../../tables/silk-frame";
import { CONDITIONAL, INDEPENDENT } from "../frame-parser";
import { GAIN_INDICES, LTP_INDICES, NLSF_INDICES, PARAMETERS, Parameters, PULSES } from "../parameters";
import { EncoderChannel, localDecoderOf, redundancyOf } from "./encoder-state";
import { WEIGHT_INDICES, WeightIndices, writeWeights } from "./mid-side";
import { writeFrame } from "./write-frame";

/** Bytes kept of one frame: parameters 48, gains 16, spectrum 32, filters 16, weights 32, pulses of i8. */
// @ts-ignore: decorator
@inline const WEIGHTS_AT: usize = 112;
// @ts-ignore: decorator
@inline const PULSES_AT: usize = 144;
// @ts-ignore: decorator
@inline export const REDUNDANT_FRAME: usize = PULSES_AT + 320;

// @ts-ignore: decorator
@inline function slot(c: EncoderChannel, i: i32): usize {
  return redundancyOf(c) + <usize>i * REDUNDANT_FRAME;
}

/** Keeps the frame in the parameter block as frame `i` of the packet at hand. */
export function keepRedundant(c: EncoderChannel, i: i32): void {
  const to = slot(c, i);
  memory.copy(to, changetype<usize>(PARAMETERS), offsetof<Parameters>());
  memory.copy(to + 48, GAIN_INDICES, 16);
  memory.copy(to + 64, NLSF_INDICES, 32);
  memory.copy(to + 96, LTP_INDICES, 16);
  memory.copy(to + WEIGHTS_AT, changetype<usize>(WEIGHT_INDICES), offsetof<WeightIndices>());
  const length = localDecoderOf(c).frameLength;
  for (let n = 0; n < length; n++) store<i8>(to + PULSES_AT + n, load<i16>(PULSES + (<usize>n << 1)));
  c.keptFlags |= 1 << i;
}

/** Writes the mask of a packet of several frames. */
export function writeRedundancyFlags(enc: RangeEncoder, c: EncoderChannel, frames: i32): void {
  if (c.lbrrFlags == 0 || frames == 1) return;
  encodeIcdf(enc, c.lbrrFlags - 1, frames == 2 ? LBRR_FLAGS_40MS_ICDF : LBRR_FLAGS_60MS_ICDF, 8);
}

/** Writes redundant frame `i` of the packet before. The parameter block is overwritten. */
export function writeRedundant(enc: RangeEncoder, c: EncoderChannel, i: i32): void {
  const from = slot(c, i);
  const channel = localDecoderOf(c);
  memory.copy(changetype<usize>(PARAMETERS), from, offsetof<Parameters>());
  memory.copy(GAIN_INDICES, from + 48, 16);
  memory.copy(NLSF_INDICES, from + 64, 32);
  memory.copy(LTP_INDICES, from + 96, 16);
  for (let n = 0; n < channel.frameLength; n++) store<i16>(PULSES + (<usize>n << 1), load<i8>(from + PULSES_AT + n));
  const follows = i > 0 && ((c.lbrrFlags >> (i - 1)) & 1) != 0;
  writeFrame(enc, channel, true, follows ? CONDITIONAL : INDEPENDENT);
}

/** Writes the stereo weights of redundant frame `i`. */
export function writeRedundantWeights(enc: RangeEncoder, c: EncoderChannel, i: i32): void {
  writeWeights(enc, changetype<WeightIndices>(slot(c, i) + WEIGHTS_AT));
}
