// Time-scale modification of one decoded frame: a piece is cut out or repeated where the signal resembles
// itself at that distance, and the seam is cross-faded. Pitch and sound stay, only the duration changes.
// Everything happens inside the frame: it needs no history and adds no delay.

/** Power below which nothing is heard that could be torn: -60 dB of full scale. */
const SILENCE: f32 = 1e-6;
/** Correlation from which a seam is smooth enough when there is time to wait for a better frame. */
const SMOOTH: f32 = 0.45;
/** Longer steps are worth this much correlation: fewer seams. */
const LONG_BONUS: f32 = 0.08;
/** Samples between the distances of the coarse search. */
const COARSE = 4;

// @ts-ignore: decorator
@inline
function lanes(x: v128): f32 {
  return (
    f32x4.extract_lane(x, 0) +
    f32x4.extract_lane(x, 1) +
    f32x4.extract_lane(x, 2) +
    f32x4.extract_lane(x, 3)
  );
}

/** Inner product of two runs of `count` samples, a multiple of 4. */
function product(a: usize, b: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count << 2; i += 16) {
    sum = f32x4.add(sum, f32x4.mul(v128.load(a + i), v128.load(b + i)));
  }
  return lanes(sum);
}

/** Where the first of two runs `lag` apart starts, so that both lie in the middle of the frame. */
// @ts-ignore: decorator
@inline
function middle(mono: usize, samples: i32, window: i32, lag: i32): usize {
  return mono + (<usize>((samples - window - lag) >> 1) << 2);
}

/** Normalised correlation of the runs `lag` apart, -1..1. */
function likeness(mono: usize, samples: i32, window: i32, lag: i32): f32 {
  const first = middle(mono, samples, window, lag);
  const second = first + (<usize>lag << 2);
  const power = product(first, first, window) * product(second, second, window);
  if (power <= 0) return 0;
  return product(first, second, window) / sqrt<f32>(power);
}

function mixDown(pcm: usize, samples: i32, channels: i32, mono: usize): void {
  if (channels == 1) {
    memory.copy(mono, pcm, <usize>samples << 2);
    return;
  }
  for (let i = 0; i < samples; i++) {
    store<f32>(mono + (i << 2), load<f32>(pcm + (i << 3)) + load<f32>(pcm + (i << 3), 4));
  }
}

/** Cross-fades the frames at `from` into those at `to`; the result is at `out`, which is one of them. */
function fade(from: usize, to: usize, out: usize, window: i32, channels: i32): void {
  const step: f32 = <f32>1 / <f32>window;
  for (let i = 0; i < window; i++) {
    const t = (<f32>i + 0.5) * step;
    for (let c = 0; c < channels; c++) {
      const at = <usize>(i * channels + c) << 2;
      const old = load<f32>(from + at);
      store<f32>(out + at, old + t * (load<f32>(to + at) - old));
    }
  }
}

/**
 * Changes the length of a frame in place. `wanted` is in samples per channel: below 0 to shorten, above
 * to lengthen; the change never exceeds it, and is 0 where no seam would be smooth, unless `force`.
 * `window` (a multiple of 4) is the length of the seam and the least change. `mono` has room for
 * `samples`, `pcm` for `samples + wanted`. Returns the change.
 */
export function voiceTimeScale(
  pcm: usize,
  samples: i32,
  channels: i32,
  wanted: i32,
  window: i32,
  force: i32,
  mono: usize,
): i32 {
  const longest = min(abs(wanted), samples - window);
  if (longest < window) return 0;
  mixDown(pcm, samples, channels, mono);
  const whole = samples & ~3;
  let lag = longest;
  if (product(mono, mono, whole) > SILENCE * <f32>whole) {
    let best: f32 = -1;
    for (let l = window; l <= longest; l += COARSE) {
      const score =
        likeness(mono, samples, window, l) + (LONG_BONUS * <f32>l) / <f32>longest;
      if (score > best) {
        best = score;
        lag = l;
      }
    }
    best = -1;
    const first = max(window, lag - COARSE + 1);
    const last = min(longest, lag + COARSE - 1);
    for (let l = first; l <= last; l++) {
      const score = likeness(mono, samples, window, l);
      if (score > best) {
        best = score;
        lag = l;
      }
    }
    if (best < SMOOTH && !force) return 0;
  }
  const frame = <usize>channels << 2;
  const start = <usize>((samples - window - lag) >> 1);
  const early = pcm + start * frame;
  const late = early + <usize>lag * frame;
  const seam = <usize>window * frame;
  const end = pcm + <usize>samples * frame;
  if (wanted < 0) {
    fade(early, late, early, window, channels);
    memory.copy(early + seam, late + seam, end - late - seam);
    return -lag;
  }
  // What follows the early run moves behind the seam; the late run, where the seam is, stays as it was.
  memory.copy(late + seam, early + seam, end - early - seam);
  fade(late, early, late, window, channels);
  return lag;
}
