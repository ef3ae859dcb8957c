/** One frame of one channel: analysis, quantisation under the rate limit, writing, and the local decoder's step. */
import { exp2, sigmoid } from "../../celt/exponential";
import { RangeEncoder } from "../../range-encoder";
import { buildExcitation } from "../excitation";
import { INDEPENDENT } from "../frame-parser";
import { LAGS, NLSF, PARAMETERS } from "../parameters";
import { Channel, MAX_ORDER, VOICED, excitationOf, previousNlsfOf, signalOf } from "../state";
import { synthesise } from "../synthesis";
import { EncoderChannel, localDecoderOf } from "./encoder-state";
import { fitFrame } from "./fit-frame";
import { GAIN_STEP, SCALED_GAINS, finishGains, scaleGains } from "./frame-gains";
import { PLAN } from "./frame-plan";
import { lastGainIndex, quantiseGains } from "./gain-search";
import { followLevel } from "./level";
import { quantiserStates, shapingOrder, spectrumSurvivors } from "./levels";
import { searchPitch } from "./pitch-search";
import { analysePrediction } from "./prediction";
import { quantise, quantiserCommit, quantiserForget } from "./quantiser";
import { keepRedundant } from "./redundancy";
import { analyseShaping, chooseOffset } from "./shaping";

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
  if (fitFrame(enc, c, coding, maxBits, fill)) quantiserCommit(c);
  else quantiserForget(c);
  advance(c, channel);
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

/** Carries encoder and local decoder over the frame as it was written. */
function advance(c: EncoderChannel, channel: Channel): void {
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
