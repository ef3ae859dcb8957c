/**
 * Frames made up after a loss. The last pitch period is repeated through a single long-term tap that fades, noise takes
 * over at the level of the last good excitation, and the last short-term predictor, a little narrower with every frame,
 * shapes the sum. RFC 6716, section 4.4, leaves all of this to the decoder.
 */
import { addSaturated, clamp, inverse, mulQ16, nextSeed, roundShift, saturate16, shiftSaturated } from "./fixed-point";
import { expandBandwidth16, inversePredictionGain } from "./lpc";
import { GAINS, LAGS, LPC, LPC_BYTES, LTP_TAPS, PARAMETERS } from "./parameters";
import { longestLag } from "./pitch";
import {
  shortTermAdvance,
  shortTermLoad,
  shortTermOutput,
  shortTermPrepare,
  shortTermRun,
  shortTermSave,
} from "./short-term";
import {
  Channel,
  Concealment,
  INACTIVE,
  VOICED,
  concealmentLpcOf,
  concealmentOf,
  excitationOf,
  lpcStateOf,
  signalOf,
} from "./state";

/** Bounds of the long-term tap, Q14: 0.7 and 0.95. */
// @ts-ignore: decorator
@inline const TAP_MIN: i32 = 11469;
// @ts-ignore: decorator
@inline const TAP_MAX: i32 = 15565;
/** Fading of the tap for each subframe, Q15: first lost frame, later ones. */
// @ts-ignore: decorator
@inline const TAP_FADE_FIRST: i32 = 32440;
// @ts-ignore: decorator
@inline const TAP_FADE_LATER: i32 = 31130;
/** Fading of the noise after voiced frames, Q15. */
// @ts-ignore: decorator
@inline const NOISE_FADE_VOICED_FIRST: i32 = 32440;
// @ts-ignore: decorator
@inline const NOISE_FADE_VOICED_LATER: i32 = 31130;
/** Fading of the noise after other frames, Q15. */
// @ts-ignore: decorator
@inline const NOISE_FADE_FIRST: i32 = 32440;
// @ts-ignore: decorator
@inline const NOISE_FADE_LATER: i32 = 31130;
/** The predictor narrows by this with every lost frame, Q16: 0.99. */
// @ts-ignore: decorator
@inline const CHIRP: i32 = 64881;
/** Least share of noise beside the long-term tap, Q14: 0.2. */
// @ts-ignore: decorator
@inline const NOISE_MIN: i32 = 3277;
/** The lag grows by this with every subframe, Q16: 1 %. */
// @ts-ignore: decorator
@inline const LAG_DRIFT: i32 = 655;
/** Samples of excitation that the noise is drawn from. */
// @ts-ignore: decorator
@inline const NOISE_SPAN: i32 = 128;

/** Long-term state, i32 Q14: 20 ms of history, then the frame. */
const LTP_STATE = memory.data(4 * 640, 16);

/** Remembers what a good frame leaves for a loss. */
export function concealmentUpdate(channel: Channel): void {
  const c = concealmentOf(channel);
  const last = channel.subframes - 1;
  c.kHz = channel.kHz;
  c.frameLength = channel.frameLength;
  c.olderGain = load<i32>(GAINS + (<usize>(last - 1) << 2));
  c.gain = load<i32>(GAINS + (<usize>last << 2));
  c.ltpScale = PARAMETERS.ltpScale;
  memory.copy(concealmentLpcOf(channel), LPC + LPC_BYTES, LPC_BYTES);
  if (PARAMETERS.signalType == VOICED) {
    chooseTap(c, channel);
  } else {
    c.tap = 0;
    c.lag = longestLag(channel.kHz) << 8;
  }
}

/** Takes the strongest filter of the last pitch period and folds it into one tap. */
function chooseTap(c: Concealment, channel: Channel): void {
  const last = channel.subframes - 1;
  const period = load<i32>(LAGS + (<usize>last << 2));
  let best = i32.MIN_VALUE;
  for (let k = last; k >= 0 && (last - k) * channel.subframeLength < period; k--) {
    const taps = LTP_TAPS + <usize>(10 * k);
    let sum = 0;
    for (let j = 0; j < 10; j += 2) sum += <i32>load<i16>(taps + j);
    if (sum > best) {
      best = sum;
      c.lag = load<i32>(LAGS + (<usize>k << 2)) << 8;
    }
  }
  c.tap = clamp(best, TAP_MIN, TAP_MAX);
}

/** Nothing to go by: the first frame is missing, or the rate has changed since. */
function startFresh(c: Concealment, channel: Channel): void {
  c.kHz = channel.kHz;
  c.frameLength = channel.frameLength;
  c.lag = channel.frameLength << 7;
  c.tap = 0;
  c.olderGain = 1 << 16;
  c.gain = 1 << 16;
  memory.fill(concealmentLpcOf(channel), 0, LPC_BYTES);
  memory.fill(excitationOf(channel), 0, <usize>channel.frameLength << 2);
}

/** Makes up the frame at hand behind the channel's history. Returns the lag at its end. */
export function conceal(channel: Channel): i32 {
  const c = concealmentOf(channel);
  const lpc = concealmentLpcOf(channel);
  const order = channel.order;
  if (c.kHz != channel.kHz) startFresh(c, channel);
  const first = channel.lossCount == 0;
  const voiced = channel.previousType == VOICED;
  expandBandwidth16(lpc, order, CHIRP);

  let noiseFade = first ? NOISE_FADE_FIRST : NOISE_FADE_LATER;
  if (voiced) noiseFade = first ? NOISE_FADE_VOICED_FIRST : NOISE_FADE_VOICED_LATER;
  if (first) {
    c.noiseScale = 1 << 14;
    if (voiced) {
      c.noiseScale = (max(c.noiseScale - c.tap, NOISE_MIN) * c.ltpScale) >> 14;
    } else {
      // A predictor of high gain rings: let the noise fade faster.
      const gain = clamp(inversePredictionGain(lpc, order), 1 << 22, 1 << 27);
      noiseFade = mulQ16(gain >> 11, noiseFade);
    }
  }
  const lag = excite(c, channel, noiseFade, first);
  shape(channel, lpc, c.gain);
  return lag;
}

/** Fills the long-term state of the frame: the repeated past plus noise. */
function excite(c: Concealment, channel: Channel, noiseFade: i32, first: bool): i32 {
  const history = channel.historyLength;
  const end = noiseEnd(c, channel);
  const span = min(end, NOISE_SPAN);
  const source = excitationOf(channel) + (<usize>(end - span) << 2);
  const longest = longestLag(channel.kHz) << 8;
  let lag = roundShift(c.lag, 8);
  rewhiten(channel, lag, c.gain);
  const tapFade = first ? TAP_FADE_FIRST : TAP_FADE_LATER;
  let seed = c.seed;
  let at = LTP_STATE + (<usize>history << 2);
  for (let k = 0; k < channel.subframes; k++) {
    let from = at - (<usize>lag << 2);
    for (let i = 0; i < channel.subframeLength; i++) {
      seed = nextSeed(seed);
      const index = ((seed >>> 25) * span) >> 7;
      const noise = mulQ16(load<i32>(source + (<usize>index << 2)), c.noiseScale) << 2;
      const repeated = shiftSaturated(mulQ16(load<i32>(from), c.tap), 2);
      store<i32>(at, addSaturated(noise, repeated));
      at += 4;
      from += 4;
    }
    c.tap = (c.tap * tapFade) >> 15;
    if (channel.previousType != INACTIVE) c.noiseScale = (c.noiseScale * noiseFade) >> 15;
    c.lag = min(c.lag + mulQ16(c.lag, LAG_DRIFT), longest);
    lag = roundShift(c.lag, 8);
  }
  c.seed = seed;
  return lag;
}

/** Where the stretch of excitation that noise is drawn from ends: with the quieter of the last two subframes. */
function noiseEnd(c: Concealment, channel: Channel): i32 {
  const length = channel.subframeLength;
  const excitation = excitationOf(channel);
  const older = subframeEnergy(excitation, c.frameLength - 2 * length, length, c.olderGain);
  const newer = subframeEnergy(excitation, c.frameLength - length, length, c.gain);
  return older < newer ? c.frameLength - length : c.frameLength;
}

function subframeEnergy(excitation: usize, start: i32, length: i32, gain: i32): f64 {
  let energy: f64 = 0;
  for (let i = start; i < start + length; i++) {
    const value = <f64>load<i32>(excitation + (<usize>i << 2)) * <f64>gain;
    energy += value * value;
  }
  return energy;
}

/** Rebuilds the long-term state from the output, over all that the lag can reach. */
function rewhiten(channel: Channel, lag: i32, gain: i32): void {
  const order = channel.order;
  const history = channel.historyLength;
  const lpc = concealmentLpcOf(channel);
  const signal = signalOf(channel);
  const scale = inverse(gain, 46);
  for (let i = history - lag; i < history; i++) {
    const at = signal + (<usize>i << 1);
    let sum = <i32>load<i16>(at) << 12;
    for (let j = 0; j < order; j++) {
      sum -= <i32>load<i16>(at - 2 - (<usize>j << 1)) * <i32>load<i16>(lpc + (<usize>j << 1));
    }
    store<i32>(LTP_STATE + (<usize>i << 2), mulQ16(scale, saturate16(roundShift(sum, 12))));
  }
}

/** Short-term synthesis and gain of the whole frame. */
function shape(channel: Channel, lpc: usize, gain: i32): void {
  const length = channel.frameLength;
  const history = channel.historyLength;
  const lpcState = lpcStateOf(channel);
  shortTermPrepare(lpc, channel.order);
  shortTermLoad(lpcState);
  shortTermRun(LTP_STATE + (<usize>history << 2), channel.order, length);
  shortTermOutput(signalOf(channel) + (<usize>history << 1), gain >> 6, length);
  shortTermAdvance(length);
  shortTermSave(lpcState);
}
