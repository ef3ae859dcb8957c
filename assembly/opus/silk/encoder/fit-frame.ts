/** Quantises and writes a frame at the level at which it fits its limit. */
import { exp2 } from "../../celt/exponential";
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { CONDITIONAL } from "../frame-parser";
import { nlsfToLpc } from "../lpc";
import { reconstructNlsf } from "../nlsf";
import { LPC, LPC_BYTES, NLSF, NLSF_INDICES, PARAMETERS, PULSES } from "../parameters";
import { clearPitch } from "../pitch";
import { Channel, INACTIVE, MAX_FRAME, MAX_ORDER, UNVOICED } from "../state";
import { EncoderChannel, localDecoderOf } from "./encoder-state";
import { GAIN_STEP, SCALED_GAINS, scaleGains } from "./frame-gains";
import { PLAN } from "./frame-plan";
import { gainOf, quantiseGains } from "./gain-search";
import { quantise } from "./quantiser";
import { writeFrame } from "./write-frame";

/** Attempts at a frame that has to fit. */
// @ts-ignore: decorator
@inline const ATTEMPTS: i32 = 6;

const SAVED = memory.data(64, 16);

/**
 * One attempt at level `dial`, in steps of the gain index: half of
 * it moves the gains, in whole steps, the rest the price of pulses, so that bits fall evenly. Far up the price rises as well and the offset is low: noise from larger gains would have to be
 * coded in turn. Returns `tell` afterwards.
 */
function attempt(enc: RangeEncoder, c: EncoderChannel, coding: i32, dial: f32): i32 {
  const channel = localDecoderOf(c);
  const steps = floor<f32>(0.5 * dial + 0.5);
  scaleGains(exp2(GAIN_STEP * steps));
  const lambda = PLAN.lambda;
  const offset = PARAMETERS.offsetType;
  PLAN.lambda = lambda * exp2(0.58 * (dial - steps) + 0.12 * max<f32>(steps, 0));
  if (steps > 5) PARAMETERS.offsetType = 0;
  quantiseGains(SCALED_GAINS, channel.subframes, channel.gainIndex, coding != CONDITIONAL);
  quantise(c);
  PLAN.lambda = lambda;
  writeFrame(enc, channel, c.flag != 0, coding);
  offsetTried = PARAMETERS.offsetType;
  PARAMETERS.offsetType = offset;
  return tell(asDecoder(enc));
}

let offsetTried: i32 = 0;

/**
 * Looks for the level at which the frame fits, and when `fill` is set, hardly less than fits. False when only the shortest frame
 * was left, which the quantiser has not seen; that one may still be too long.
 */
export function fitFrame(enc: RangeEncoder, c: EncoderChannel, coding: i32, maxBits: i32, fill: bool): bool {
  const channel = localDecoderOf(c);
  memory.copy(SAVED, changetype<usize>(enc), RANGE_ENCODER_SIZE);
  const parsedType = channel.parsedType;
  const parsedLag = channel.parsedLagIndex;
  let dial: f32 = fill ? c.dial : 0;
  let low: f32 = -100; // too many bits here
  let lowBits: f32 = 0;
  let high: f32 = 100; // fits here
  let highBits: f32 = 0;
  const target = <f32>(maxBits - 4);
  for (let i = 0; i < 3 * ATTEMPTS; i++) {
    const bits = attempt(enc, c, coding, dial);
    const fits = bits <= maxBits && enc.error == 0;
    const near = bits >= maxBits - (i < 3 ? 9 : 18);
    if (fits && (!fill || near || i >= ATTEMPTS || (i == 0 && dial <= -16))) {
      if (fill) c.dial = 0.75 * min(max(dial, <f32>-16), <f32>6);
      PARAMETERS.offsetType = offsetTried;
      return true;
    }
    if (fits) {
      high = dial;
      highBits = <f32>bits;
    } else {
      low = dial;
      lowBits = <f32>bits;
    }
    restore(enc, channel, parsedType, parsedLag);
    if (i >= ATTEMPTS - 1) {
      // Time is up: the last that fitted, or away from the limit in long steps.
      dial = high < 100 ? high : dial + 4;
    } else if (high < 100 && low > -100) {
      const share: f32 = (lowBits - target) / max<f32>(lowBits - highBits, 1);
      dial = low + (high - low) * min(max<f32>(share, 0.15), <f32>0.85);
    } else {
      dial += min(max<f32>((<f32>bits - target) / (0.1 * <f32>min(bits, maxBits)), -8), 8);
    }
  }
  writeLeast(enc, c, coding);
  return false;
}

/** The shortest frame: no pulses, no pitch, a first-stage spectrum, the level on its way down. */
function writeLeast(enc: RangeEncoder, c: EncoderChannel, coding: i32): void {
  const channel = localDecoderOf(c);
  PARAMETERS.signalType = c.flag != 0 ? UNVOICED : INACTIVE;
  PARAMETERS.offsetType = 0;
  PARAMETERS.interpolation = 4;
  PARAMETERS.ltpScaleIndex = 0;
  PARAMETERS.seed = 0;
  clearPitch();
  memory.fill(NLSF_INDICES + 1, 0, MAX_ORDER);
  reconstructNlsf(NLSF, channel.order);
  nlsfToLpc(LPC, NLSF, channel.order);
  memory.copy(LPC + LPC_BYTES, LPC, LPC_BYTES);
  const gain = <f32>gainOf(max(channel.gainIndex - 4, 0)) * (1.0 / 65536.0);
  for (let k: usize = 0; k < 16; k += 4) store<f32>(SCALED_GAINS + k, gain);
  quantiseGains(SCALED_GAINS, channel.subframes, channel.gainIndex, coding != CONDITIONAL);
  memory.fill(PULSES, 0, 2 * MAX_FRAME);
  writeFrame(enc, channel, c.flag != 0, coding);
}

function restore(enc: RangeEncoder, channel: Channel, parsedType: i32, parsedLag: i32): void {
  memory.copy(changetype<usize>(enc), SAVED, RANGE_ENCODER_SIZE);
  channel.parsedType = parsedType;
  channel.parsedLagIndex = parsedLag;
}
