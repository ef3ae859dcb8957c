/** From pulses to the excitation signal (RFC 6716, section 4.2.7.8.6). */
import { QUANTIZATION_OFFSET_Q10 } from "../tables/silk-excitation";
import { nextSeed } from "./fixed-point";
import { PARAMETERS, PULSES } from "./parameters";

/** Magnitudes are lowered by this, Q14. */
// @ts-ignore: decorator
@inline const LEVEL_ADJUST: i32 = 80 << 4;

/** Writes `length` samples of excitation (i32 Q14) to `out`. */
export function buildExcitation(out: usize, length: i32): void {
  const column = ((PARAMETERS.signalType >> 1) << 1) + PARAMETERS.offsetType;
  const offset = <i32>load<i16>(QUANTIZATION_OFFSET_Q10 + (column << 1)) << 4;
  let seed = PARAMETERS.seed;
  for (let i = 0; i < length; i++) {
    const pulse: i32 = load<i16>(PULSES + (i << 1));
    seed = nextSeed(seed);
    const sign = pulse >> 31;
    // The adjustment points toward zero: -1 becomes +, +1 becomes -, 0 stays.
    const value = (pulse << 14) - ((sign | i32(pulse != 0)) * LEVEL_ADJUST) + offset;
    const flip = seed >> 31;
    store<i32>(out + (i << 2), (value ^ flip) - flip);
    seed += pulse;
  }
}
