import { boostTotal, followerMean, maxDepth } from "./dynamics";
import { CeltEncoder } from "./encoder-state";
import { Frame, edge } from "./frame";

/*
 * How large a frame should be at a variable rate: what the rate gives, more for frames that are harder than usual.
 * All in eighth-bits.
 */

/** What side information costs a frame at the rates that the model was made for. */
// @ts-ignore: decorator
@inline function overhead(channels: i32): i32 {
  return (40 * channels + 20) << 3;
}

/** Wanted size of a frame. `share`: the rate's eighth-bits per frame. `rate` in bit/s. */
export function targetSize(
  state: CeltEncoder, frame: Frame, share: i32, rate: i32, constrained: bool, timeEstimate: f32, tonality: f32,
  pitchChange: bool,
): i32 {
  const lm = frame.lm;
  const channels = frame.channels;
  const coded = state.codedBands > 0 ? state.codedBands : frame.end;
  let bins = edge(coded) << lm;
  if (channels == 2) bins += edge(min(frame.intensity, coded)) << lm;
  const base = max(0, share - overhead(channels) + (constrained ? <i32>state.drift >> (3 - lm) : 0));
  let target = base;
  if (channels == 2) {
    const joint = min(frame.intensity, coded);
    const freedom = (edge(joint) << lm) - joint;
    const most: f32 = 0.8 * <f32>freedom / <f32>bins;
    const saving = min<f32>(state.stereoSaving, 1);
    target -= <i32>max<f32>(0, min<f32>(most * <f32>target, (saving - 0.1) * <f32>(freedom << 3)));
  }
  target += boostTotal - (19 << lm);
  target += <i32>((timeEstimate - 0.044) * <f32>target);
  target += <i32>(<f32>(bins << 3) * 1.2 * (max<f32>(0, tonality - 0.15) - 0.12));
  if (pitchChange) target += <i32>(<f32>(bins << 3) * 0.8);

  // Quiet signals need less than the rate.
  const floor = <i32>(<f32>(channels * (edge(frame.end - 2) << lm) << 3) * maxDepth);
  target = min(target, max(floor, target >> 2));

  if (constrained) target = base + <i32>(0.67 * <f32>(target - base));
  if (timeEstimate < 0.2) {
    const louder = max<f32>(-1.5, min<f32>(3, followerMean - state.followerAverage));
    const amount = 3.1e-6 * <f32>max(0, min(32000, 96000 - rate));
    target += <i32>(louder * amount * <f32>target);
    state.followerAverage += 0.02 * louder;
  } else {
    state.followerAverage += 0.02 * max<f32>(-1.5, min<f32>(3, followerMean - state.followerAverage));
  }
  return min(2 * base, target);
}

/** Accounts for a frame of constrained rate: `size` was used, `share` was due. Gives bytes that may be added. */
export function settleReservoir(state: CeltEncoder, lm: i32, size: i32, wanted: i32, share: i32): i32 {
  if (state.vbrFrames < 970) state.vbrFrames++;
  const alpha: f32 = state.vbrFrames < 970 ? 1 / <f32>(state.vbrFrames + 20) : 0.001;
  state.reservoir += size - share;
  // What the model gets wrong on average comes back through the base.
  const error = <f32>((wanted - share) << (3 - lm));
  state.drift -= alpha * (error);
  if (state.drift > 0 && state.reservoir > 0) state.drift = 0;
  if (state.reservoir >= 0) return 0;
  const bytes = -state.reservoir >> 6;
  state.reservoir = 0;
  return bytes;
}
