import { dot } from "./lpc";
import { CeltDecoder, HISTORY, signal } from "./state";

/** Lags that are tried, in samples at 48 kHz. */
// @ts-ignore: decorator
@inline const MIN_LAG: i32 = 100;
// @ts-ignore: decorator
@inline const MAX_LAG: i32 = 720;

/** Samples compared, at half rate. */
// @ts-ignore: decorator
@inline const COMPARED: i32 = 480;

/** The signal at half rate: 1024 f32. */
const HALVED = memory.data(4096, 16);

/** Low-passed sum of the channels at half rate. */
function halve(state: CeltDecoder): void {
  const left = signal(state, 0);
  for (let i = 0; i < 1024; i++) {
    let sum: f32 = 0;
    for (let channel = 0; channel < state.channels; channel++) {
      const x = left + <usize>channel * (signal(state, 1) - left) + (<usize>i << 3);
      const before: f32 = i > 0 ? load<f32>(x - 4) : 0;
      sum += 0.25 * (before + load<f32>(x, 4)) + 0.5 * load<f32>(x);
    }
    store<f32>(HALVED + (<usize>i << 2), sum);
  }
}

/**
 * The lag at which the last 20 ms are most like what came before: by normalised correlation at half rate, then
 * refined at full rate on the left channel.
 */
export function findLag(state: CeltDecoder): i32 {
  halve(state);
  const target = HALVED + (<usize>(1024 - COMPARED) << 2);
  let best: i32 = MIN_LAG >> 1;
  let bestScore: f32 = 0;
  let energy = dot(target - (<usize>(MIN_LAG >> 1) << 2), target - (<usize>(MIN_LAG >> 1) << 2), COMPARED) + 1;
  for (let lag = MIN_LAG >> 1; lag <= MAX_LAG >> 1; lag++) {
    const past = target - (<usize>lag << 2);
    const match = max<f32>(0, dot(target, past, COMPARED));
    const score = match * (match / energy);
    if (score > bestScore) {
      bestScore = score;
      best = lag;
    }
    const entering = load<f32>(past - 4);
    const leaving = load<f32>(past, (COMPARED - 1) << 2);
    energy = max<f32>(1, energy + entering * entering - leaving * leaving);
  }

  const full = signal(state, 0) + (<usize>(HISTORY - 2 * COMPARED) << 2);
  let lag = 2 * best;
  bestScore = 0;
  for (let candidate = 2 * best - 1; candidate <= 2 * best + 1; candidate++) {
    const past = full - (<usize>candidate << 2);
    const match = max<f32>(0, dot(full, past, 2 * COMPARED));
    const score = match * (match / (dot(past, past, 2 * COMPARED) + 1));
    if (score > bestScore) {
      bestScore = score;
      lag = candidate;
    }
  }
  return lag;
}
