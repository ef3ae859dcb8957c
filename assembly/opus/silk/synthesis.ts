/**
 * Long-term and short-term synthesis of a good frame (RFC 6716, section 4.2.7.9, in the fixed point of the reference
 * decoder, which all decoders follow to the bit).
 */
import { clamp, divide, inverse, mulWB, mulWW, roundShift, saturate16 } from "./fixed-point";
import { GAINS, LAGS, LPC, LPC_BYTES, LTP_TAPS, PARAMETERS } from "./parameters";
import { longestLag, shortestLag } from "./pitch";
import {
  shortTermAdvance,
  shortTermLoad,
  shortTermOutput,
  shortTermPrepare,
  shortTermRescale,
  shortTermRun,
  shortTermSave,
} from "./short-term";
import { Channel, VOICED, excitationOf, lpcStateOf, signalOf } from "./state";

/** Long-term state, i32 Q15: 20 ms of history, then the frame. */
const LTP_STATE = memory.data(4 * 640, 16);
/** Input of the short-term synthesis for one subframe, i32 Q14. */
const RESIDUAL = memory.data(4 * 80, 16);

/** One centre tap of 0.25 stands in for a pitch that a lost frame had and this one has not. */
const BRIDGE_TAPS = memory.data<i16>([0, 0, 4096, 0, 0], 16);

/** Synthesises the frame at hand behind the channel's history. The history is not moved yet. */
export function synthesise(channel: Channel): void {
  const order = channel.order;
  const length = channel.subframeLength;
  const history = channel.historyLength;
  const interpolated = PARAMETERS.interpolation < 4;
  const bridged =
    channel.lossCount > 0 && channel.previousType == VOICED && PARAMETERS.signalType != VOICED;
  const excitation = excitationOf(channel);
  const lpcState = lpcStateOf(channel);
  shortTermLoad(lpcState);
  for (let k = 0; k < channel.subframes; k++) {
    const lpc = LPC + <usize>(k >> 1) * LPC_BYTES;
    const gain = load<i32>(GAINS + (k << 2));
    let adjust = 65536;
    if (gain != channel.previousGain) {
      adjust = divide(channel.previousGain, gain, 16);
      shortTermRescale(adjust);
      channel.previousGain = gain;
    }
    const position = history + k * length;
    let source = excitation + (<usize>(k * length) << 2);
    let voiced = PARAMETERS.signalType == VOICED;
    let lag = load<i32>(LAGS + (k << 2));
    let taps: usize = LTP_TAPS + <usize>(10 * k);
    if (bridged && k < 2) {
      voiced = true;
      lag = clamp(channel.previousLag, shortestLag(channel.kHz), longestLag(channel.kHz));
      taps = BRIDGE_TAPS;
      store<i32>(LAGS + (k << 2), lag);
    }
    if (voiced) {
      if (k == 0) {
        rewhiten(channel, lpc, position, lag, mulWB(inverse(gain, 47), PARAMETERS.ltpScale) << 2);
      } else if (k == 2 && interpolated) {
        rewhiten(channel, lpc, position, lag, inverse(gain, 47));
      } else if (adjust != 65536) {
        rescale(position, lag, adjust);
      }
      predictLongTerm(source, position, lag, taps, length);
      source = RESIDUAL;
    }
    if ((k & 1) == 0) shortTermPrepare(lpc, order);
    shortTermRun(source, order, length);
    shortTermOutput(signalOf(channel) + (<usize>position << 1), gain >> 6, length);
    shortTermAdvance(length);
  }
  shortTermSave(lpcState);
}

/** Runs the predictor backwards over the last `lag` + 2 samples of output to rebuild the long-term state. */
function rewhiten(channel: Channel, lpc: usize, position: i32, lag: i32, scale: i32): void {
  const order = channel.order;
  const signal = signalOf(channel);
  for (let i = position - lag - 2; i < position; i++) {
    const at = signal + (<usize>i << 1);
    let sum = <i32>load<i16>(at) << 12;
    for (let j = 0; j < order; j++) {
      sum -= <i32>load<i16>(at - 2 - (<usize>j << 1)) * <i32>load<i16>(lpc + (j << 1));
    }
    store<i32>(LTP_STATE + (<usize>i << 2), mulWB(scale, saturate16(roundShift(sum, 12))));
  }
}

/** Brings the last `lag` + 2 values of the long-term state to a new gain. */
function rescale(position: i32, lag: i32, adjust: i32): void {
  for (let i = position - lag - 2; i < position; i++) {
    const at = LTP_STATE + (<usize>i << 2);
    store<i32>(at, mulWW(adjust, load<i32>(at)));
  }
}

/** Adds the long-term prediction to the excitation of one subframe: `RESIDUAL` in Q14, the state in Q15. */
function predictLongTerm(excitation: usize, position: i32, lag: i32, taps: usize, length: i32): void {
  const t0: i32 = load<i16>(taps);
  const t1: i32 = load<i16>(taps, 2);
  const t2: i32 = load<i16>(taps, 4);
  const t3: i32 = load<i16>(taps, 6);
  const t4: i32 = load<i16>(taps, 8);
  let from = LTP_STATE + (<usize>(position - lag - 2) << 2);
  let to = LTP_STATE + (<usize>position << 2);
  for (let i = 0; i < length; i++) {
    let sum = 2;
    sum += mulWB(load<i32>(from, 16), t0);
    sum += mulWB(load<i32>(from, 12), t1);
    sum += mulWB(load<i32>(from, 8), t2);
    sum += mulWB(load<i32>(from, 4), t3);
    sum += mulWB(load<i32>(from), t4);
    const value = load<i32>(excitation + (i << 2)) + (sum << 1);
    store<i32>(RESIDUAL + (i << 2), value);
    store<i32>(to, value << 1);
    from += 4;
    to += 4;
  }
}
