/** One frame of one channel: analysis, quantisation under the rate limit, writing, and the local decoder's step. */
import { exp2 } from "../../celt/exponential";
import { RANGE_ENCODER_SIZE, RangeEncoder, asDecoder } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { buildExcitation } from "../excitation";
import { CONDITIONAL } from "../frame-parser";
import { GAINS, LAGS, NLSF, PARAMETERS, PULSES } from "../parameters";
import { Channel, INACTIVE, MAX_ORDER, VOICED, excitationOf, previousNlsfOf, signalOf } from "../state";
import { synthesise } from "../synthesis";
import { log2, sigmoid } from "./cost";
import { EncoderChannel, localDecoderOf } from "./encoder-state";
import { PLAN, PLAN_GAINS, RESIDUAL_ENERGY } from "./frame-plan";
import { lastGainIndex, quantiseGains } from "./gain-search";
import { quantiserStates, shapingOrder, spectrumSurvivors } from "./levels";
import { searchPitch } from "./pitch-search";
import { analysePrediction } from "./prediction";
import { quantise, quantiserCommit } from "./quantiser";
import { analyseShaping, chooseOffset } from "./shaping";
import { writeFrame } from "./write-frame";

/** Attempts at a frame that has to fit. */
// @ts-ignore: decorator
@inline const ATTEMPTS: i32 = 6;

const SAVED = memory.data(64, 16);
const SCALED_GAINS = memory.data(16, 16);

/**
 * Encodes the frame that `measureActivity` has looked at, aimed at `snr` dB, in at most `maxBits` (counted by `tell`);
 * with `fill`, close to them.
 */
export function encodeFrame(
  enc: RangeEncoder,
  c: EncoderChannel,
  coding: i32,
  snr: f32,
  maxBits: i32,
  fill: bool,
  complexity: i32,
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
  analysePrediction(c, spectrumSurvivors(complexity), complexity >= 4);
  finishGains(c, channel);
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
  PLAN.lambda = 1.2 - 0.05 * <f32>PLAN.states - 0.2 * c.activity - 0.1 * PLAN.inputQuality -
    0.2 * PLAN.codingQuality + 0.8 * offset;
}

/** One attempt with all gains times `multiplier`; returns `tell` afterwards. */
function attempt(enc: RangeEncoder, c: EncoderChannel, coding: i32, multiplier: f32): i32 {
  const channel = localDecoderOf(c);
  for (let k = 0; k < 4; k++) {
    const gain = min(load<f32>(PLAN_GAINS + (k << 2)) * multiplier, <f32>32767);
    store<f32>(SCALED_GAINS + (k << 2), gain);
  }
  quantiseGains(SCALED_GAINS, channel.subframes, channel.gainIndex, coding != CONDITIONAL);
  quantise(c);
  writeFrame(enc, channel, c.flag != 0, coding);
  return tell(asDecoder(enc));
}

/** Looks for the gains with which the frame fits; bits fall by about a bit per sample and doubling at high rates. */
function fitFrame(enc: RangeEncoder, c: EncoderChannel, coding: i32, maxBits: i32, fill: bool): void {
  const channel = localDecoderOf(c);
  memory.copy(SAVED, changetype<usize>(enc), RANGE_ENCODER_SIZE);
  const parsedType = channel.parsedType;
  const parsedLag = channel.parsedLagIndex;
  const lambda = PLAN.lambda;
  const start = tell(asDecoder(enc));
  let log: f32 = 0;
  let low: f32 = -100; // too many bits here
  let lowBits: f32 = 0;
  let high: f32 = 100; // fits here
  let highBits: f32 = 0;
  let highLambda = lambda;
  for (let i = 0; ; i++) {
    const bits = attempt(enc, c, coding, exp2(log));
    const fits = bits <= maxBits && enc.error == 0;
    if (fits && (!fill || bits >= maxBits - 6 || i > ATTEMPTS)) return;
    if (fits) {
      high = log;
      highBits = <f32>bits;
      highLambda = PLAN.lambda;
    } else {
      low = log;
      lowBits = <f32>bits;
    }
    restore(enc, channel, parsedType, parsedLag);
    if (i >= ATTEMPTS) {
      if (high < 100) {
        // The last that fitted.
        PLAN.lambda = highLambda;
        attempt(enc, c, coding, exp2(high));
        return;
      }
      if (i > 2 * ATTEMPTS) break;
      PLAN.lambda = max<f32>(1.5 * PLAN.lambda, 1.5);
      log += 1;
      continue;
    }
    if (high < 100 && low > -100) {
      const share: f32 = (lowBits - <f32>maxBits + 3) / max(lowBits - highBits, 1);
      log = low + (high - low) * min(max(share, <f32>0.2), <f32>0.8);
    } else {
      // Bits of a frame are about proportional to 2^-0.8 log.
      const ratio: f32 = <f32>max(bits - start, 1) / <f32>max(maxBits - 3 - start, 1);
      log += min(max(log2(ratio) * 1.1, <f32>-2), <f32>2) + (fits ? <f32>-0.02 : <f32>0.02);
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
  const signal = signalOf(channel);
  memory.copy(signal, signal + (<usize>channel.frameLength << 1), <usize>channel.historyLength << 1);
  c.previousType = PARAMETERS.signalType;
  c.previousLag = channel.previousLag;
  c.ltpCorrelation = PLAN.ltpCorrelation;
  c.first = 0;
  c.frameCounter++;
}
