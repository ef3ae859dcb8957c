/** One SILK frame from the range decoder into the static parameter block (RFC 6716, section 4.2.7, table 5). */
import { RangeDecoder, decodeIcdf } from "../range-decoder";
import { UNIFORM4_ICDF } from "../tables/silk-frame";
import { parseGains } from "./gains";
import { parseFrameType } from "./header";
import { parseNlsf } from "./nlsf";
import { PARAMETERS } from "./parameters";
import { parseLag, parseLtp } from "./pitch";
import { parsePulses } from "./pulses";
import { Channel, VOICED } from "./state";

/** The first frame of its kind in a payload, or one after a gap: nothing is taken from the frame before. */
// @ts-ignore: decorator
@inline export const INDEPENDENT: i32 = 0;
/** The side after a frame in which it was not coded: as independent, but without long-term scale. */
// @ts-ignore: decorator
@inline export const INDEPENDENT_UNSCALED: i32 = 1;
/** Gains and lag continue those of the frame before. */
// @ts-ignore: decorator
@inline export const CONDITIONAL: i32 = 2;

/** Reads everything up to the pulses and the pulses. `active` is the frame's voice activity, true for redundancy. */
export function parseFrame(dec: RangeDecoder, channel: Channel, active: bool, coding: i32): void {
  const subframes = channel.subframes;
  parseFrameType(dec, active);
  parseGains(dec, subframes, coding != CONDITIONAL);
  parseNlsf(dec, channel.order, subframes);
  if (PARAMETERS.signalType == VOICED) {
    parseLag(dec, channel, coding == CONDITIONAL);
    parseLtp(dec, subframes, coding == INDEPENDENT);
  }
  channel.parsedType = PARAMETERS.signalType;
  PARAMETERS.seed = decodeIcdf(dec, UNIFORM4_ICDF, 8);
  parsePulses(dec, channel.frameLength);
}
