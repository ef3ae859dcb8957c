/*
 * How large a frame is. At a constant rate, as large as it was set up; at a variable one, what the rate gives, and more
 * for frames that are harder than usual. All in eighth-bits, where nothing else is said.
 */
import { tell, tellFrac } from "../range-decoder";
import { rangeEncoderShrink } from "../range-encoder";
import { writtenBoosts } from "./boosts-writer";
import { boostTotal, followerMean, maxDepth } from "./dynamics";
import { CeltEncoder, analysisOf } from "./encoder-state";
import { Frame, edge } from "./frame";
import { pitchChanged } from "./pre-filter";
import { timeEstimate } from "./transient";

/** How the size of a frame is found. */
// @ts-ignore: decorator
@inline export const RATE_CONSTANT: i32 = 0;
// @ts-ignore: decorator
@inline export const RATE_VARIABLE: i32 = 1;
// @ts-ignore: decorator
@inline export const RATE_CONSTRAINED: i32 = 2;

/** Tonality of usual music: frames at this level get what the rate gives. */
// @ts-ignore: decorator
@inline const USUAL_TONALITY: f32 = 0.6;

/** What side information costs a frame of 20 ms at the rates that the model was made for, in bits. */
// @ts-ignore: decorator
@inline function overhead(frame: Frame): i32 {
  return frame.start > 0 ? 9 * frame.channels + 4 : 40 * frame.channels + 20;
}

/** Sets what the decisions of the frame go by, and how large it may become at most. `rate` in bit/s. */
export function planSize(state: CeltEncoder, frame: Frame, samples: i32, rate: i32, control: i32): void {
  const writer = frame.writer;
  const lm = frame.lm;
  const filled = (tell(frame.reader) + 4) >> 3;
  const room = <i32>writer.storage - filled;
  const perSecond = 400 >> lm;
  const held = <i32>writer.storage * 8 * perSecond;
  const extra = (40 * frame.channels + 20) * (perSecond - 50);
  frame.control = control;
  frame.share = 0;
  if (control == RATE_CONSTANT) {
    frame.bytes = room;
    frame.rate = held;
    frame.equivalent = held - extra;
  } else {
    frame.share = <i32>((<i64>rate * samples * 8) / 48000);
    let most = <i32>writer.storage;
    if (control == RATE_CONSTRAINED) {
      most = min(most, filled + max(2, (2 * frame.share - state.reservoir) >> 6));
    }
    most = max(min(most, 1275 >> (3 - lm)), (tell(frame.reader) + 15) >> 3);
    if (most < <i32>writer.storage) rangeEncoderShrink(writer, most);
    frame.bytes = min(<i32>writer.storage - filled, frame.share >> 6);
    frame.rate = rate;
    frame.equivalent = min(rate, held) - extra;
  }
  frame.totalBits = <i32>writer.storage << 3;
}

/** Bits for a frame of hybrid, whose low bands SILK has. */
function hybridTarget(state: CeltEncoder, frame: Frame): i32 {
  const shift = 3 - frame.lm;
  let target = max(0, frame.share - (overhead(frame) << 3));
  // Where SILK needed its finer offset there is a clear voice, and high bands need more; in noise they need less.
  if (state.silkOffset < 100) target += (12 << 3) >> shift;
  else if (state.silkOffset > 100) target -= (18 << 3) >> shift;
  target += <i32>((timeEstimate - 0.25) * 400);
  return timeEstimate > 0.7 ? max(target, 400) : target;
}

/** Bits for a frame of CELT alone. */
function fullTarget(state: CeltEncoder, frame: Frame): i32 {
  const lm = frame.lm;
  const channels = frame.channels;
  const constrained = frame.control == RATE_CONSTRAINED;
  const coded = state.codedBands > 0 ? state.codedBands : frame.end;
  let bins = edge(coded) << lm;
  if (channels == 2) bins += edge(min(frame.intensity, coded)) << lm;
  const base = max(0, frame.share - (overhead(frame) << 3) + (constrained ? <i32>state.drift >> (3 - lm) : 0));
  let target = base;
  const analysis = analysisOf(state);
  if (analysis) {
    target += <i32>(<f32>(bins << 3) * 1.2 * (analysis.tonality - USUAL_TONALITY));
    if (analysis.activity < 0.4) target -= <i32>(<f32>(bins << 3) * (0.4 - analysis.activity));
  }
  if (channels == 2) {
    const joint = min(frame.intensity, coded);
    const freedom = (edge(joint) << lm) - joint;
    const most: f32 = 0.8 * <f32>freedom / <f32>bins;
    const saving = min<f32>(state.stereoSaving, 1);
    target -= <i32>max<f32>(0, min<f32>(most * <f32>target, (saving - 0.1) * <f32>(freedom << 3)));
  }
  target += boostTotal - (19 << lm);
  target += <i32>((timeEstimate - 0.044) * <f32>target);
  if (pitchChanged) target += <i32>(<f32>(bins << 3) * 0.8);

  // Quiet signals need less than the rate.
  const floor = <i32>(<f32>(channels * (edge(frame.end - 2) << lm) << 3) * maxDepth);
  target = min(target, max(floor, target >> 2));

  if (constrained) target = base + <i32>(0.67 * <f32>(target - base));
  const louder = max<f32>(-1.5, min<f32>(3, followerMean - state.followerAverage));
  if (timeEstimate < 0.2) {
    const amount = 3.1e-6 * <f32>max(0, min(32000, 96000 - frame.equivalent));
    target += <i32>(louder * amount * <f32>target);
  }
  state.followerAverage += 0.02 * louder;
  return min(2 * base, target);
}

/**
 * Makes the frame as large as it should be, once all is written that does not depend on it. `start`: eighth-bits that were
 * used before CELT began.
 */
export function settleSize(state: CeltEncoder, frame: Frame, start: i32): void {
  if (frame.control == RATE_CONSTANT) return;
  const used = tellFrac(frame.reader);
  const hybrid = frame.start > 0;
  const wanted = (hybrid ? hybridTarget(state, frame) : fullTarget(state, frame)) + used;
  // Nothing that was written so far may become unwritten by a smaller frame; nor may hybrid frames become so small that
  // the flag of redundancy would vanish.
  let least = ((used + writtenBoosts + 63) >> 6) + 2;
  if (hybrid) least = max(least, (start + (37 << 3) + writtenBoosts + 63) >> 6);
  const storage = <i32>frame.writer.storage;
  let size = min(max(least, (wanted + 32) >> 6), storage);
  if (frame.control == RATE_CONSTRAINED) {
    size = min(size + settleReservoir(state, frame, size << 6, wanted), storage);
  }
  rangeEncoderShrink(frame.writer, size);
  frame.totalBits = size << 3;
}

/** Accounts for a frame of constrained rate of which `size` is used. Gives bytes that may be added. */
export function settleReservoir(state: CeltEncoder, frame: Frame, size: i32, wanted: i32): i32 {
  if (state.vbrFrames < 970) state.vbrFrames++;
  const alpha: f32 = state.vbrFrames < 970 ? 1 / <f32>(state.vbrFrames + 20) : 0.001;
  state.reservoir += size - frame.share;
  // What the model gets wrong on average comes back through the base.
  state.drift -= alpha * <f32>((wanted - frame.share) << (3 - frame.lm));
  if (state.drift > 0 && state.reservoir > 0) state.drift = 0;
  if (state.reservoir >= 0) return 0;
  const bytes = -state.reservoir >> 6;
  state.reservoir = 0;
  return bytes;
}
