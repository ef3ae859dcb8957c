/** Subframe gains (RFC 6716, section 4.2.7.4). */
import { RangeDecoder, decodeIcdf } from "../range-decoder";
import { GAIN_DELTA_ICDF, GAIN_HIGH_ICDF, UNIFORM8_ICDF } from "../tables/silk-frame";
import { clamp, exp2Q7, mulQ16 } from "./fixed-point";
import { GAINS, GAIN_INDICES, PARAMETERS } from "./parameters";
import { Channel } from "./state";

/** Reads the gain symbols into `GAIN_INDICES`. The first gain stands alone when `independent`. */
export function parseGains(dec: RangeDecoder, subframes: i32, independent: bool): void {
  let first: i32;
  if (independent) {
    first = decodeIcdf(dec, GAIN_HIGH_ICDF + 8 * <usize>PARAMETERS.signalType, 8) << 3;
    first += decodeIcdf(dec, UNIFORM8_ICDF, 8);
  } else {
    first = decodeIcdf(dec, GAIN_DELTA_ICDF, 8);
  }
  store<u8>(GAIN_INDICES, first);
  for (let k = 1; k < subframes; k++) store<u8>(GAIN_INDICES + k, decodeIcdf(dec, GAIN_DELTA_ICDF, 8));
}

/** One step of the log gain: steps above 8 + previous count double (section 4.2.7.4). */
// @ts-ignore: decorator
@inline function applyDelta(previous: i32, symbol: i32): i32 {
  const delta = symbol - 4;
  const threshold = 8 + previous;
  return previous + (delta > threshold ? 2 * delta - threshold : delta);
}

/** Turns the symbols into `GAINS` (Q16) and moves the channel's gain index on. */
export function dequantizeGains(channel: Channel, independent: bool): void {
  let index = channel.gainIndex;
  for (let k = 0; k < channel.subframes; k++) {
    const symbol: i32 = load<u8>(GAIN_INDICES + k);
    index = k == 0 && independent ? max(symbol, index - 16) : applyDelta(index, symbol);
    index = clamp(index, 0, 63);
    store<i32>(GAINS + (k << 2), exp2Q7(min(mulQ16(1907825, index) + 2090, 3967)));
  }
  channel.gainIndex = index;
}
