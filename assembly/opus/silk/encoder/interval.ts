/** One SILK frame of a packet in all its channels: 10 or 20 ms. */
import { RangeEncoder, asDecoder, encodeBinary } from "../../range-encoder";
import { tell } from "../../range-decoder";
import { QUANTIZATION_OFFSET_Q10 } from "../../tables/silk-excitation";
import { MID_ONLY_FIRST } from "../../tables/silk-frame";
import { CONDITIONAL, INDEPENDENT, INDEPENDENT_UNSCALED } from "../frame-parser";
import { PARAMETERS } from "../parameters";
import { channelForget } from "../state";
import { measureActivity } from "./activity";
import { encodeFrame } from "./encode-frame";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";
import { targetSnr } from "./levels";
import { WEIGHT_INDICES, chooseWeights, removePrediction, writeWeights } from "./mid-side";
import { SilkControls, SilkEncoder, channelOf, midSideOf, rawSideOf } from "./packet-state";
import { NARROW, NARROW_SIDE } from "./take-input";

/** Bits that any frame gets by with (see fit-frame.ts). */
// @ts-ignore: decorator
@inline const LEAST_BITS: i32 = 96;

/** Takes `length` new samples of one channel in, behind what is kept. */
// @ts-ignore: decorator
@inline export function append(c: EncoderChannel, from: usize, kept: i32, length: i32): void {
  memory.copy(inputOf(c) + (<usize>kept << 2), from, <usize>length << 2);
}

/** Frame `i` of every channel. Returns the activity flags in their places. */
export function encodeInterval(e: SilkEncoder, enc: RangeEncoder, controls: SilkControls, i: i32, frames: i32, rate: f32): u32 {
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  const channel = localDecoderOf(mid);
  const kHz = controls.kHz;
  const length = channel.frameLength;
  const kept = channel.historyLength + 5 * kHz;
  const stereo = controls.channels == 2;
  const limit = limitOf(controls.maxBits, frames, i);
  const fill = controls.cbr != 0 && i == frames - 1;
  const coding = i == 0 ? INDEPENDENT : CONDITIONAL;
  append(mid, NARROW + (<usize>(i * length) << 2), kept, length);
  measureActivity(mid, length);
  mid.flag = i32(mid.activity >= 0.05);
  let flags: u32 = <u32>mid.flag << (frames - i);
  let midRate = rate;
  let sideRate: f32 = 0;
  let midOnly = false;
  if (stereo) {
    flags <<= frames + 1;
    midOnly = !predictSide(e, i, length, rate) || limit - tell(asDecoder(enc)) < 3 * LEAST_BITS;
    if (midOnly) side.flag = 0;
    const frac: f32 = min<f32>(midSideOf(e).ratio, 1);
    const spare = max(rate - 600, <f32>4000);
    midRate = midOnly ? spare : max(spare * 8 / (13 + 3 * frac), <f32>4000);
    sideRate = spare - midRate;
    writeWeights(enc, WEIGHT_INDICES);
    if (side.flag == 0) encodeBinary(enc, i32(midOnly), MID_ONLY_FIRST);
    flags |= <u32>side.flag << (frames - i);
  }
  const midLimit = stereo && !midOnly ? limit - max((limit - tell(asDecoder(enc))) / 4, LEAST_BITS) : limit;
  encodeFrame(enc, mid, coding, targetSnr(<i32>midRate, kHz, channel.subframes), midLimit, fill && (!stereo || midOnly),
    controls.complexity, controls.redundancy, controls.loss, i);
  e.offset = load<i16>(QUANTIZATION_OFFSET_Q10 + (((PARAMETERS.signalType >> 1 << 1) + PARAMETERS.offsetType) << 1));
  if (stereo) {
    if (!midOnly) {
      const follows = i == 0 ? INDEPENDENT : e.midOnly != 0 ? INDEPENDENT_UNSCALED : CONDITIONAL;
      encodeFrame(enc, side, follows, targetSnr(<i32>sideRate, kHz, channel.subframes), limit, fill,
        controls.complexity, controls.redundancy, controls.loss, i);
    }
    e.midOnly = i32(midOnly);
    advanceInput(side, kept, length);
  }
  advanceInput(mid, kept, length);
  return flags;
}

// @ts-ignore: decorator
@inline export function advanceInput(c: EncoderChannel, kept: i32, length: i32): void {
  memory.copy(inputOf(c), inputOf(c) + (<usize>length << 2), <usize>kept << 2);
}

/** Weights and what is left of the side; false when that is not worth coding. */
function predictSide(e: SilkEncoder, i: i32, length: i32, rate: f32): bool {
  const mid = channelOf(e, 0);
  const side = channelOf(e, 1);
  const channel = localDecoderOf(mid);
  const kHz = channel.kHz;
  const state = midSideOf(e);
  // Raw side: one older sample, the lookahead, then the new frame.
  const raw = rawSideOf(e);
  const ahead = 5 * kHz;
  memory.copy(raw + (<usize>(1 + ahead) << 2), NARROW_SIDE + (<usize>(i * length) << 2), <usize>length << 2);
  const from = inputOf(mid) + (<usize>channel.historyLength << 2);
  const to = inputOf(side) + (<usize>channel.historyLength << 2);
  chooseWeights(state, from, raw + 4, length);
  removePrediction(state, to, from, raw + 4, kHz, length + ahead, length);
  memory.copy(raw, raw + (<usize>length << 2), <usize>(1 + ahead) << 2);
  measureActivity(side, length);
  const coded = state.ratio > (rate < 20000 ? <f32>0.05 : <f32>0.02) || side.activity > 0.5 && rate > 20000;
  side.flag = i32(coded && side.activity >= 0.05);
  if (coded && e.midOnly != 0) {
    const local = localDecoderOf(side);
    channelForget(local);
    side.first = 1;
    side.previousType = 0;
  }
  return coded;
}

/** Bits that may be used up to the end of frame `i`. */
function limitOf(maxBits: i32, frames: i32, i: i32): i32 {
  if (i == frames - 1) return maxBits;
  if (frames == 2) return (maxBits * 3) / 5;
  return i == 0 ? (maxBits * 2) / 5 : (maxBits * 3) / 4;
}
