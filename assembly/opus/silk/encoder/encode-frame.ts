/** One frame of one channel: analysis, quantisation under the rate limit, writing, and the local decoder's step. */
import { exp2 } from "../../celt/exponential";
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { buildExcitation } from "../excitation";
import { CONDITIONAL, INDEPENDENT } from "../frame-parser";
import { GAINS, LAGS, NLSF, PARAMETERS, PULSES } from "../parameters";
import { Channel, INACTIVE, MAX_ORDER, VOICED, excitationOf, previousNlsfOf, signalOf } from "../state";
import { synthesise } from "../synthesis";
import { sigmoid } from "./cost";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { PLAN, PLAN_GAINS, RESIDUAL_ENERGY } from "./frame-plan";
import { lastGainIndex, quantiseGains } from "./gain-search";
import { followLevel } from "./level";
import { quantiserStates, shapingOrder, spectrumSurvivors } from "./levels";
import { searchPitch } from "./pitch-search";
import { analysePrediction } from "./prediction";
import { quantise, quantiserCommit } from "./quantiser";
import { LARGEST_PULSE } from "./quantiser-lanes";
import { keepRedundant } from "./redundancy";
import { analyseShaping, chooseOffset } from "./shaping";
import { writeFrame } from "./write-frame";

/** Attempts at a frame that has to fit. */
// @ts-ignore: decorator
@inline const ATTEMPTS: i32 = 6;

const SAVED = memory.data(64, 16);
const SCALED_GAINS = memory.data(16, 16);
const LEAST_GAINS = memory.data(16, 16);

/**
 * Encodes the frame that `measureActivity` has looked at, aimed at `snr` dB, in at most `maxBits` (counted by `tell`);
 * with `fill`, close to them. `redundancy` is by how many steps of the gain index the copy for the next packet is coarser,
 * 0 for none; `i` is the frame's place in the packet.
 */
export function encodeFrame(
  enc: RangeEncoder,
  c: EncoderChannel,
  coding: i32,
  snr: f32,
  maxBits: i32,
  fill: bool,
  complexity: i32,
  redundancy: i32,
  loss: i32,
  i: i32,
): void {
  const channel = localDecoderOf(c);
  PLAN.snr = snr;
  PLAN.inputQuality = 0.5 * (c.quality0 + c.quality1);
  PLAN.codingQuality = sigmoid(0.25 * (snr - 20));
  PLAN.shapingOrder = shapingOrder(complexity);
  PLAN.warping = complexity < 4 ? 0 : 0.015 * <f32>channel.kHz + 0.01 * PLAN.codingQuality;
  PLAN.states = quantiserStates(complexity);
  searchPitch(c);
  analyseShaping(c);
  PARAMETERS.offsetType = PARAMETERS.signalType == VOICED ? 0 : chooseOffset(c);
  PLAN.lossy = coding == INDEPENDENT ? loss : 0;
  analysePrediction(c, spectrumSurvivors(complexity), complexity >= 4);
  finishGains(c, channel);
  if (redundancy > 0 && c.activity > 0.3) makeRedundant(c, redundancy, i);
  fitFrame(enc, c, coding, maxBits, fill);
  advance(c, channel);
}

/** Gains follow what prediction leaves; then offset type and the price of pulses. */
function finishGains(c: EncoderChannel, channel: Channel): void {
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
function scaleGains(multiplier: f32): void {
  for (let at: usize = 0; at < 16; at += 4) {
    const gain = max(load<f32>(PLAN_GAINS + at) * multiplier, load<f32>(LEAST_GAINS + at));
    store<f32>(SCALED_GAINS + at, min(gain, <f32>32767));
  }
}

/** Quantises the frame coarser, from the same state, and keeps the result for the next packet. */
function makeRedundant(c: EncoderChannel, coarser: i32, i: i32): void {
  const channel = localDecoderOf(c);
  scaleGains(exp2(GAIN_STEP * <f32>coarser));
  const follows = i > 0 && ((c.keptFlags >> (i - 1)) & 1) != 0;
  quantiseGains(SCALED_GAINS, channel.subframes, follows ? c.lbrrGainIndex : channel.gainIndex, !follows);
  c.lbrrGainIndex = lastGainIndex;
  quantise(c);
  keepRedundant(c, i);
}

/** One step of the gain index, in octaves. */
// @ts-ignore: decorator
@inline const GAIN_STEP: f32 = 0.22744;

/**
 * One attempt at level `dial`, in steps of the gain index: whole steps move the gains, the rest the price of pulses, so
 * that bits fall evenly. Far up the price rises as well and the offset is low: noise from larger gains would have to be
 * coded in turn. Returns `tell` afterwards.
 */
function attempt(enc: RangeEncoder, c: EncoderChannel, coding: i32, dial: f32): i32 {
  const channel = localDecoderOf(c);
  const steps = floor<f32>(dial + 0.5);
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

/** Looks for the level at which the frame fits, and when `fill` is set, hardly less than fits. */
function fitFrame(enc: RangeEncoder, c: EncoderChannel, coding: i32, maxBits: i32, fill: bool): void {
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
    if (fits && (!fill || near || i >= ATTEMPTS || (i == 0 && dial <= -8))) {
      if (fill) c.dial = 0.75 * min(max(dial, <f32>-8), <f32>6);
      PARAMETERS.offsetType = offsetTried;
      return;
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
  // Nothing helps: no pulses at all.
  memory.fill(PULSES, 0, 640);
  writeFrame(enc, channel, c.flag != 0, coding);
}

function restore(enc: RangeEncoder, channel: Channel, parsedType: i32, parsedLag: i32): void {
  memory.copy(changetype<usize>(enc), SAVED, RANGE_ENCODER_SIZE);
  channel.parsedType = parsedType;
  channel.parsedLagIndex = parsedLag;
}

/** Carries encoder and local decoder over the frame as it was written. */
function advance(c: EncoderChannel, channel: Channel): void {
  quantiserCommit(c);
  buildExcitation(excitationOf(channel), channel.frameLength);
  synthesise(channel);
  channel.gainIndex = lastGainIndex;
  memory.copy(previousNlsfOf(channel), NLSF, 2 * MAX_ORDER);
  channel.previousType = PARAMETERS.signalType;
  channel.first = 0;
  channel.previousLag = load<i32>(LAGS + (<usize>(channel.subframes - 1) << 2));
  followLevel(c);
  const signal = signalOf(channel);
  memory.copy(signal, signal + (<usize>channel.frameLength << 1), <usize>channel.historyLength << 1);
  c.previousType = PARAMETERS.signalType;
  c.previousLag = channel.previousLag;
  c.ltpCorrelation = PLAN.ltpCorrelation;
  c.first = 0;
  c.frameCounter++;
}
