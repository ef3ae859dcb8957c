/** The gains of a frame before quantisation, and what goes with them: offset type and the price of pulses. */
import { exp2, sigmoid } from "../../celt/exponential";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { PARAMETERS } from "../parameters";
import { Channel, VOICED } from "../state";
import { EncoderChannel, inputOf } from "./encoder-state";
import { PLAN, PLAN_GAINS, RESIDUAL_ENERGY } from "./frame-plan";
import { LARGEST_PULSE } from "./quantiser-lanes";

/** f32 x 4, filled by `scaleGains`. */
export const SCALED_GAINS = memory.data(16, 16);
const LEAST_GAINS = memory.data(16, 16);

/** One step of the gain index, in octaves. */
// @ts-ignore: decorator
@inline export const GAIN_STEP: f32 = 0.22744;

/** Gains follow what prediction leaves; then offset type and the price of pulses. */
export function finishGains(c: EncoderChannel, channel: Channel): void {
  const voiced = PARAMETERS.signalType == VOICED;
  const factor: f32 = voiced ? 1 - 0.5 * sigmoid(0.25 * (PLAN.ltpGain - 12)) : 1;
  const share: f32 = exp2(0.33 * (21 - PLAN.snr)) / <f32>channel.subframeLength;
  for (let k = 0; k < channel.subframes; k++) {
    const at = PLAN_GAINS + (k << 2);
    const gain = load<f32>(at) * factor;
    store<f32>(at, min(sqrt<f32>(gain * gain + load<f32>(RESIDUAL_ENERGY + (k << 2)) * share), 32767));
  }
  if (voiced) PARAMETERS.offsetType = PLAN.ltpGain + c.spectralTilt > 1 ? 0 : 1;
  const column = ((PARAMETERS.signalType >> 1) << 1) + PARAMETERS.offsetType;
  const offset: f32 = <f32>load<i16>(QUANTIZATION_OFFSET_Q10 + (column << 1)) * (1.0 / 1024.0);
  // Rounding towards zero pays at low rates; at high ones it costs more than the bits that it saves.
  PLAN.lambda = 1.25 - 0.05 * <f32>PLAN.states - 0.2 * c.activity - 0.1 * PLAN.inputQuality -
    0.75 * PLAN.codingQuality + 0.8 * offset;
  findPeaks(c, channel);
}

/** The least gain of each subframe: the largest sample must be within reach of the largest pulse. */
function findPeaks(c: EncoderChannel, channel: Channel): void {
  const length = channel.subframeLength;
  const from = inputOf(c) + (<usize>channel.historyLength << 2);
  for (let k = 0; k < channel.subframes; k++) {
    let peak: f32 = 0;
    for (let n = k * length; n < (k + 1) * length; n++) peak = max(peak, abs(load<f32>(from + (<usize>n << 2))));
    store<f32>(LEAST_GAINS + (k << 2), peak * (1.0 / <f32>LARGEST_PULSE));
  }
}

/** The planned gains times `multiplier`, within what can be used. */
export function scaleGains(multiplier: f32): void {
  for (let at: usize = 0; at < 16; at += 4) {
    const gain = max(load<f32>(PLAN_GAINS + at) * multiplier, load<f32>(LEAST_GAINS + at));
    store<f32>(SCALED_GAINS + at, min(gain, <f32>32767));
  }
}
