import { ENERGY_MEAN } from "../tables/celt-energy";
import { LOG_WIDTH } from "../tables/celt-bands";
import { MEASURED, slotOf } from "./energy-measure";
import { exp2 } from "./exponential";
import { Frame, edge, put } from "./frame";

/*
 * What stands out of the spectrum: a follower of the band energies is what neighbours and noise hide; bands far above
 * it are tones or peaks that the static allocation would starve.
 */

/** How much a band's decisions matter: 13 and more, i32. */
export const IMPORTANCE = memory.data(96, 16);
/** The same for spreading: 32 for bands well above what masks them, down to 1, i32. */
export const SPREAD_WEIGHT = memory.data(96, 16);
/** Wanted boost of each band in steps of its own, i32. */
export const BOOST_STEPS = memory.data(96, 16);
/** Noise floor of each band, f32. */
const NOISE = memory.data(96, 16);
/** Followers of both channels, 2 * 21 f32. */
const FOLLOWER = memory.data(176, 16);
const MASK = memory.data(96, 16);
/** Energies that the follower goes by: those of a long block, even in frames of short ones. */
export const FOLLOWED = memory.data(176, 16);

/** Highest band energy above its noise floor. */
export let maxDepth: f32 = 0;
/** Eighth-bits of all boosts that are wanted. */
export let boostTotal: i32 = 0;
/** Mean of the followers: slow level of the signal. */
export let followerMean: f32 = 0;

// @ts-ignore: decorator
@inline function f(table: usize, i: i32): f32 {
  return load<f32>(table + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline function median3(a: f32, b: f32, c: f32): f32 {
  return max(min(a, b), min(max(a, b), c));
}

function median5(p: usize): f32 {
  // Sorts a copy of five by insertion.
  let a = load<f32>(p), b = load<f32>(p, 4), c = load<f32>(p, 8), d = load<f32>(p, 12), e = load<f32>(p, 16);
  let t: f32;
  if (a > b) { t = a; a = b; b = t; }
  if (d > e) { t = d; d = e; e = t; }
  // The larger of the lows and the smaller of the highs stay with the fifth.
  const low = max(a, d);
  const high = min(b, e);
  return median3(low, c, high);
}

function setNoise(frame: Frame, depth: i32): void {
  for (let band = 0; band < frame.end; band++) {
    const above = <f32>((band + 5) * (band + 5));
    store<f32>(
      NOISE + (<usize>band << 2),
      0.0625 * <f32>load<u8>(LOG_WIDTH + <usize>band) + 9.5 - <f32>depth -
        <f32>load<u8>(ENERGY_MEAN + <usize>band) * 0.0625 + 0.0062 * above,
    );
  }
}

/** How far above its masking each band is. */
function setSpreadWeights(frame: Frame): void {
  const end = frame.end;
  for (let band = 0; band < end; band++) {
    let level = f(MEASURED, band) - f(NOISE, band);
    if (frame.channels == 2) level = max(level, load<f32>(MEASURED + slotOf(1, band)) - f(NOISE, band));
    store<f32>(MASK + (<usize>band << 2), level);
    store<f32>(FOLLOWER + (<usize>band << 2), level);
  }
  for (let band = 1; band < end; band++) {
    store<f32>(MASK + (<usize>band << 2), max(f(MASK, band), f(MASK, band - 1) - 2));
  }
  for (let band = end - 2; band >= 0; band--) {
    store<f32>(MASK + (<usize>band << 2), max(f(MASK, band), f(MASK, band + 1) - 3));
  }
  for (let band = 0; band < end; band++) {
    const ratio = f(FOLLOWER, band) - max(max<f32>(0, maxDepth - 12), f(MASK, band));
    put(SPREAD_WEIGHT, band, 32 >> max(0, min(5, -<i32>floor<f32>(0.5 + ratio))));
  }
}

/** Follower of one channel. */
function follow(frame: Frame, channel: i32): void {
  const end = frame.end;
  const x = FOLLOWED + slotOf(channel, 0);
  const y = FOLLOWER + slotOf(channel, 0);
  let last = 0;
  store<f32>(y, f(x, 0));
  for (let band = 1; band < end; band++) {
    if (f(x, band) > f(x, band - 1) + 0.5) last = band;
    store<f32>(y + (<usize>band << 2), min(f(y, band - 1) + 1.5, f(x, band)));
  }
  for (let band = last - 1; band >= 0; band--) {
    store<f32>(y + (<usize>band << 2), min(f(y, band), min(f(y, band + 1) + 2, f(x, band))));
  }
  // Not below the medians: one loud band in a valley must not count as all excess.
  for (let band = 2; band < end - 2; band++) {
    const p = y + (<usize>band << 2);
    store<f32>(p, max(load<f32>(p), median5(x + (<usize>(band - 2) << 2)) - 1));
  }
  if (end >= 3) {
    const low = median3(f(x, 0), f(x, 1), f(x, 2)) - 1;
    store<f32>(y, max(f(y, 0), low));
    store<f32>(y + 4, max(f(y, 1), low));
    const high = median3(f(x, end - 3), f(x, end - 2), f(x, end - 1)) - 1;
    const p = y + (<usize>(end - 2) << 2);
    store<f32>(p, max(load<f32>(p), high));
    store<f32>(p + 4, max(load<f32>(p, 4), high));
  }
  for (let band = 0; band < end; band++) {
    const p = y + (<usize>band << 2);
    store<f32>(p, max(load<f32>(p), f(NOISE, band)));
  }
}

/**
 * Measures importance, masking, and wanted boosts. `halve`: constant rate, where boosts cost other bands at once;
 * `limit`: most eighth-bits that boosts may take, or -1.
 */
export function measureDynamics(frame: Frame, bytes: i32, depth: i32, halve: bool, limit: i32): void {
  const start = frame.start;
  const end = frame.end;
  const lm = frame.lm;
  const channels = frame.channels;
  setNoise(frame, depth);
  maxDepth = -31.9;
  for (let channel = 0; channel < channels; channel++) {
    for (let band = 0; band < end; band++) {
      maxDepth = max(maxDepth, load<f32>(MEASURED + slotOf(channel, band)) - f(NOISE, band));
    }
  }
  setSpreadWeights(frame);
  boostTotal = 0;
  for (let band = 0; band < end; band++) {
    put(BOOST_STEPS, band, 0);
    put(IMPORTANCE, band, 13);
  }
  if (bytes < 30 + 5 * lm) return;

  followerMean = 0;
  for (let channel = 0; channel < channels; channel++) follow(frame, channel);
  for (let band = start; band < end; band++) {
    let excess = max<f32>(0, f(FOLLOWED, band) - f(FOLLOWER, band));
    let level = f(FOLLOWER, band);
    if (channels == 2) {
      // Cross-talk of 24 dB: what is below the other channel by more is not heard apart.
      const other = FOLLOWER + slotOf(1, band);
      const right = max(load<f32>(other), level - 4);
      const left = max(level, load<f32>(other) - 4);
      excess = 0.5 * (max<f32>(0, f(FOLLOWED, band) - left) + max<f32>(0, load<f32>(FOLLOWED + slotOf(1, band)) - right));
      level = max(left, right);
    }
    followerMean += level;
    put(IMPORTANCE, band, <i32>floor<f32>(0.5 + 13 * exp2(min<f32>(excess, 4))));
    if (halve) excess *= 0.5;
    if (band < 8) excess *= 2;
    if (band >= 12) excess *= 0.5;
    excess = min<f32>(excess, 4);
    const width = (channels * (edge(band + 1) - edge(band))) << lm;
    let steps: i32;
    let bits: i32;
    if (width < 6) {
      steps = <i32>excess;
      bits = (steps * width) << 3;
    } else if (width > 48) {
      steps = <i32>(excess * 8);
      bits = ((steps * width) << 3) / 8;
    } else {
      steps = <i32>(excess * <f32>width / 6);
      bits = (steps * 6) << 3;
    }
    if (limit >= 0 && boostTotal + bits > limit) {
      put(BOOST_STEPS, band, width < 6 ? (limit - boostTotal) / max(1, width << 3) : 0);
      break;
    }
    put(BOOST_STEPS, band, steps);
    boostTotal += bits;
  }
  followerMean /= <f32>(end - start);
}
