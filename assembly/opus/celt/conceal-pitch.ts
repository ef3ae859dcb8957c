import { ANALYSED, dot, predict, residual, synthesiseFrom } from "./lpc";
import { overlap } from "./mdct";
import { combValue, postFilter } from "./post-filter";
import { scale } from "./shape";
import { CeltDecoder, HISTORY, signal } from "./state";
import { advance } from "./synthesis";
import { WINDOW } from "./transform-tables";

/** Samples of the past beside the new ones: the longest period of the post-filter and room. */
// @ts-ignore: decorator
@inline const PAST: i32 = 1152;
/** Samples beyond the frame that its aliased tail needs. */
// @ts-ignore: decorator
@inline const BEYOND: i32 = 120;

/** Past, then new samples: 1152 + 960 + 120 f32. */
const WORK = memory.data(8928, 16);
/** Excitation: 1024 f32. */
const EXCITATION = memory.data(4096, 16);
const COEFFICIENTS = memory.data(96, 16);

/**
 * Goes on from the signal of one channel: its excitation repeated at `lag`, fading as it did before, through its own
 * prediction filter. `count` new samples behind the past in `WORK`.
 */
function extrapolate(x: usize, lag: i32, count: i32, fade: f32): void {
  const end = x + (HISTORY << 2);
  predict(end - (ANALYSED << 2), COEFFICIENTS);
  memory.copy(WORK, end - (PAST << 2), PAST << 2);
  const to = WORK + (PAST << 2);

  const used = min(2 * lag, ANALYSED) & ~7;
  residual(end - (<usize>used << 2), used, COEFFICIENTS, EXCITATION);
  const half = <usize>(used >> 1) << 2;
  const earlier = dot(EXCITATION, EXCITATION, used >> 1) + 1;
  const later = dot(EXCITATION + half, EXCITATION + half, used >> 1) + 1;
  const decay = sqrt<f32>(min(earlier, later) / earlier);

  const period = EXCITATION + (<usize>(used - lag) << 2);
  let gain = fade * decay;
  let reference: f32 = 0;
  for (let i = 0, j = 0; i < count; i++, j++) {
    if (j == lag) {
      j = 0;
      gain *= decay;
    }
    store<f32>(to + (<usize>i << 2), gain * load<f32>(period + (<usize>j << 2)));
    const past = load<f32>(end - (<usize>(lag - j) << 2));
    reference += past * past;
  }
  synthesiseFrom(to, count, COEFFICIENTS);

  // A filter that rings more than the signal did is turned down, a runaway one off.
  const energy = dot(to, to, count);
  if (!(energy <= 5 * reference + 1)) {
    memory.fill(to, 0, <usize>count << 2);
  } else if (energy > reference) {
    const ratio = sqrt<f32>((reference + 1) / (energy + 1));
    for (let i: usize = 0; i < 480; i += 4) {
      store<f32>(to + i, load<f32>(to + i) * (1 - load<f32>(WINDOW + i) * (1 - ratio)));
    }
    scale(to + 480, to + 480, count - 120, ratio);
  }
}

/** Sample `i` of the new ones as it was before the post-filter. */
// @ts-ignore: decorator
@inline function unfiltered(state: CeltDecoder, i: i32): f32 {
  const x = WORK + (<usize>(PAST + i) << 2);
  return load<f32>(x) - combValue(x, state.period, state.gain, state.tapset);
}

/** Conceals `count` samples of one channel by repetition at `lag`. */
export function repeatChannel(state: CeltDecoder, channel: i32, lag: i32, count: i32, fade: f32): void {
  extrapolate(signal(state, channel), lag, count + BEYOND, fade);
  const x = advance(state, channel, count);
  // The first 120 samples are half known: the aliased tail of the frame before holds them. The other half, which
  // the lost frame would have brought, comes from the extrapolation.
  for (let i = 0; i < 60; i++) {
    const rising = load<f32>(WINDOW + (<usize>i << 2));
    const falling = load<f32>(WINDOW + (<usize>(119 - i) << 2));
    store<f32>(x + (<usize>(119 - i) << 2), falling * unfiltered(state, 119 - i) - rising * unfiltered(state, i));
  }
  overlap(x);
  postFilter(x, 120, state.period, state.period, state.gain, state.gain, state.tapset, state.tapset);
  memory.copy(x + 480, WORK + ((PAST + 120) << 2), <usize>(count - 120) << 2);
  // The tail, aliased as a frame would have left it.
  for (let i = 0; i < 60; i++) {
    const rising = load<f32>(WINDOW + (<usize>i << 2));
    const falling = load<f32>(WINDOW + (<usize>(119 - i) << 2));
    store<f32>(
      x + (<usize>(count + i) << 2),
      falling * unfiltered(state, count + i) + rising * unfiltered(state, count + 119 - i),
    );
  }
}
