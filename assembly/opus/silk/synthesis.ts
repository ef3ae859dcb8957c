/**
 * Long-term and short-term synthesis of a good frame (RFC 6716, section 4.2.7.9, in the fixed point of the reference
 * decoder, which all decoders follow to the bit).
 */
import { clamp, divide, inverse, mulQ16 } from "./fixed-point";
import { predict, rescale, rewhiten } from "./long-term";
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
        rewhiten(channel, lpc, position, lag, mulQ16(inverse(gain, 47), PARAMETERS.ltpScale) << 2);
      } else if (k == 2 && interpolated) {
        rewhiten(channel, lpc, position, lag, inverse(gain, 47));
      } else if (adjust != 65536) {
        rescale(position, lag, adjust);
      }
      predict(RESIDUAL, source, position, lag, taps, length);
      source = RESIDUAL;
    }
    if ((k & 1) == 0) shortTermPrepare(lpc, order);
    shortTermRun(source, order, length);
    shortTermOutput(signalOf(channel) + (<usize>position << 1), gain >> 6, length);
    shortTermAdvance(length);
  }
  shortTermSave(lpcState);
}
