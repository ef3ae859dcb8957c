/** Makes decisions of the noise-shaping quantiser final, along the cheapest of its paths. */
import { GAINS, PULSES } from "../parameters";
import {
  EXCLUDED,
  HISTORY,
  IDENTITY,
  LANE_LONG,
  LANE_OUTPUT,
  LANE_PULSE,
  LANE_SHAPED,
  LONG,
  OUTPUT,
  PARENTS,
  REG,
  R_COST,
  SHAPED,
} from "./quantiser-lanes";

const SCRATCH = memory.data(16, 16);
/** First sample of the frame that is not final. */
let committed: i32 = 0;
let subframeLength: i32 = 80;

/** Begins a frame. */
export function commitStart(length: i32): void {
  committed = 0;
  subframeLength = length;
}

/** True when samples before `end` are not all final. */
// @ts-ignore: decorator
@inline export function pending(end: i32): bool {
  return end > committed;
}

/** Lane of the cheapest path. */
export function winner(): i32 {
  let best = 0;
  for (let i = 1; i < 4; i++) {
    if (load<f32>(REG + R_COST + (<usize>i << 2)) < load<f32>(REG + R_COST + (<usize>best << 2))) best = i;
  }
  return best;
}

/**
 * Makes everything before `end - delay` final along the cheapest path and drops paths that disagree with it there. The
 * costs start again from the winner's.
 */
export function commit(end: i32, delay: i32, all: bool): void {
  const to = all ? end : end - delay;
  const best = winner();
  let ancestors = IDENTITY;
  for (let n = end - 1; n >= to; n--) ancestors = i8x16.swizzle(v128.load(PARENTS + (<usize>n << 4)), ancestors);
  v128.store(SCRATCH, ancestors);
  const base = load<f32>(REG + R_COST + (<usize>best << 2));
  let lane: usize = load<u8>(SCRATCH + (<usize>best << 2)); // in bytes: 4 x lane
  for (let i = 0; i < 4; i++) {
    const at = REG + R_COST + (<usize>i << 2);
    const other = <usize>load<u8>(SCRATCH + (<usize>i << 2)) != lane;
    store<f32>(at, other ? EXCLUDED : load<f32>(at) - base);
  }
  if (all) {
    for (let i = 0; i < 4; i++) if (i != best) store<f32>(REG + R_COST + (<usize>i << 2), EXCLUDED);
  }
  for (let n = to - 1; n >= committed; n--) {
    const at = <usize>n << 4;
    const to4 = <usize>(HISTORY + n) << 2;
    const gain = gainAt(n);
    store<i16>(PULSES + (<usize>n << 1), <i16>nearest(load<f32>(LANE_PULSE + at + lane)));
    store<f32>(LONG + to4, load<f32>(LANE_LONG + at + lane) * gain);
    store<f32>(OUTPUT + to4, min(max(nearest(load<f32>(LANE_OUTPUT + at + lane) * gain), <f32>-32768), <f32>32767));
    store<f32>(SHAPED + to4, load<f32>(LANE_SHAPED + at + lane) * gain);
    lane = load<u8>(PARENTS + at + lane);
  }
  committed = to;
}

// @ts-ignore: decorator
@inline function gainAt(n: i32): f32 {
  return <f32>load<i32>(GAINS + ((n / subframeLength) << 2)) * (1.0 / 65536.0);
}
