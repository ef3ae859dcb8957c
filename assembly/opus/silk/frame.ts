/** One frame of one channel: decoded or concealed, 10 or 20 ms at the internal rate. */
import { RangeDecoder } from "../range-decoder";
import { comfortNoise } from "./comfort-noise";
import { conceal, concealmentUpdate } from "./concealment";
import { dequantize } from "./dequantize";
import { buildExcitation } from "./excitation";
import { parseFrame } from "./frame-parser";
import { glue } from "./glue";
import { LAGS, PARAMETERS } from "./parameters";
import { resamplerInit } from "./resampler";
import { Channel, channelForget, excitationOf, resamplerOf, signalOf } from "./state";
import { synthesise } from "./synthesis";

/** Sets a channel up for the payload at hand. A new internal rate makes it forget the signal. */
export function configureChannel(channel: Channel, kHz: i32, subframes: i32, outKHz: i32): void {
  const resampler = resamplerOf(channel);
  if (channel.kHz != kHz || resampler.outKHz != outKHz) resamplerInit(resampler, kHz, outKHz);
  if (channel.kHz != kHz) {
    channel.kHz = kHz;
    channel.order = kHz == 16 ? 16 : 10;
    channel.subframeLength = 5 * kHz;
    channel.historyLength = 20 * kHz;
    channelForget(channel);
  }
  channel.subframes = subframes;
  channel.frameLength = subframes * channel.subframeLength;
}

/** Reads a frame and writes its samples (i16) to `out`. */
export function decodeFrame(dec: RangeDecoder, channel: Channel, active: bool, coding: i32, out: usize): void {
  parseFrame(dec, channel, active, coding);
  dequantize(channel, coding);
  buildExcitation(excitationOf(channel), channel.frameLength);
  synthesise(channel);
  concealmentUpdate(channel);
  channel.lossCount = 0;
  channel.previousType = PARAMETERS.signalType;
  channel.first = 0;
  finish(channel, out);
  channel.previousLag = load<i32>(LAGS + (<usize>(channel.subframes - 1) << 2));
}

/** Makes a frame up from what the channel remembers. */
export function concealFrame(channel: Channel, out: usize): void {
  channel.previousLag = conceal(channel);
  channel.lossCount++;
  finish(channel, out);
}

/** Hands the frame out and moves the history on. */
function finish(channel: Channel, out: usize): void {
  const signal = signalOf(channel);
  const length = <usize>channel.frameLength << 1;
  const history = <usize>channel.historyLength << 1;
  memory.copy(out, signal + history, length);
  memory.copy(signal, signal + length, history);
  comfortNoise(channel, out);
  glue(channel, out);
}
