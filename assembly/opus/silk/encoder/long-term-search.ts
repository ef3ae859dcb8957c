/** Chooses the long-term filters of a voiced frame (RFC 6716, section 5.2.3.4.1). */
import { LTP_INDEX0_ICDF, LTP_INDEX1_ICDF, LTP_INDEX2_ICDF, LTP_TAPS0_Q7, LTP_TAPS1_Q7, LTP_TAPS2_Q7 } from "../../tables/silk-pitch";
import { exp2 } from "../../celt/exponential";
import { LTP_INDICES, PARAMETERS } from "../parameters";
import { symbolBits, log2 } from "./cost";
import { EncoderChannel, localDecoderOf } from "./encoder-state";
import { PLAN } from "./frame-plan";
import { WHITENED, dot } from "./pitch-search";
import { PLAN_LAGS } from "./shaping";

/**
 * f32 x 4, one lane a subframe: the fifteen correlations among taps, those off the diagonal twice, then the five with the target
 * times -2; all normalised.
 */
const CORRELATIONS = memory.data(16 * 20, 16);
/** f32 x 4: share of the energy that each filter of a book leaves in each subframe. */
const LEFT = memory.data(16 * 32, 16);
/** u8 x 4 for each book: the best filters. */
const CHOICES = memory.data(16, 16);

/** Correlations of subframe `k`, divided by the energies that they are compared with. */
function correlate(c: EncoderChannel, k: i32): void {
  const channel = localDecoderOf(c);
  const length = channel.subframeLength;
  const lag = load<i32>(PLAN_LAGS + (k << 2));
  const x = WHITENED + (<usize>(channel.historyLength + k * length) << 2);
  const y = x - (<usize>(lag - 2) << 2);
  const lane = CORRELATIONS + (<usize>k << 2);
  const own = dot(x, x, length);
  const first = dot(y, y, length);
  const last = dot(y - 16, y - 16, length);
  const weight: f32 = 1 / max(own, 0.015 * (first + last) + 1);
  let at = lane;
  for (let i: usize = 0; i < 20; i += 4) {
    for (let j = i; j < 20; j += 4) {
      const twice: f32 = i == j ? 1 : 2;
      store<f32>(at, twice * weight * dot(y - i, y - j, length));
      at += 16;
    }
  }
  for (let i: usize = 0; i < 20; i += 4) {
    store<f32>(at, -2 * weight * dot(x, y - i, length));
    at += 16;
  }
}

/** Fills `LEFT` for the `size` filters (i8 Q7 x 5) at `taps`. */
function measureFilters(taps: usize, size: i32): void {
  for (let f = 0; f < size; f++) {
    let sum = f32x4.splat(1.001);
    let at = CORRELATIONS;
    for (let i: usize = 0; i < 5; i++) {
      const b: f32 = <f32>load<i8>(taps + i) * (1.0 / 128.0);
      let inner = v128.load(CORRELATIONS + 240 + (i << 4));
      for (let j = i; j < 5; j++) {
        inner = f32x4.add(inner, f32x4.mul(f32x4.splat(<f32>load<i8>(taps + j) * (1.0 / 128.0)), v128.load(at)));
        at += 16;
      }
      sum = f32x4.add(sum, f32x4.mul(f32x4.splat(b), inner));
    }
    v128.store(LEFT + (<usize>f << 4), f32x4.max(sum, f32x4.splat(1e-3)));
    taps += 5;
  }
}

/** Sets book and filters; the gain of prediction goes into the plan. */
export function searchLongTerm(c: EncoderChannel): void {
  const channel = localDecoderOf(c);
  const subframes = channel.subframes;
  for (let k = 0; k < subframes; k++) correlate(c, k);
  let least: f32 = Infinity;
  let residual: f32 = 1;
  let finalSum: f32 = 0;
  for (let book = 0; book < 3; book++) {
    const size = 8 << book;
    const taps = book == 0 ? LTP_TAPS0_Q7 : book == 1 ? LTP_TAPS1_Q7 : LTP_TAPS2_Q7;
    const icdf = book == 0 ? LTP_INDEX0_ICDF : book == 1 ? LTP_INDEX1_ICDF : LTP_INDEX2_ICDF;
    measureFilters(taps, size);
    let total: f32 = 0;
    let rest: f32 = 0;
    let sum = c.ltpGainSum;
    for (let k = 0; k < subframes; k++) {
      const limit: f32 = exp2(250.0 / 6.0 - sum) - 0.4;
      let cheapest: f32 = Infinity;
      let nearestValue: f32 = Infinity;
      let nearestBits: f32 = Infinity;
      let itsRest: f32 = 1;
      let itsGain: f32 = 0;
      for (let i = 0; i < size; i++) {
        const at = taps + <usize>(5 * i);
        const gain = <f32>(<i32>load<i8>(at) + <i32>load<i8>(at, 1) + <i32>load<i8>(at, 2) + <i32>load<i8>(at, 3) +
          <i32>load<i8>(at, 4)) * (1.0 / 128.0);
        const left = load<f32>(LEFT + (<usize>i << 4) + (<usize>k << 2));
        const value = left + 8 * max(<f32>0, gain - limit);
        const bits: f32 = 0.5 * symbolBits(icdf, i);
        // The logarithm only where the filter can still win.
        if (value >= nearestValue && bits >= nearestBits) continue;
        const cost: f32 = 0.5 * <f32>channel.subframeLength * log2(value) + bits;
        if (cost < cheapest) {
          cheapest = cost;
          nearestValue = value;
          nearestBits = bits;
          itsRest = left;
          itsGain = gain;
          store<u8>(CHOICES + (book << 2) + k, i);
        }
      }
      total += cheapest;
      rest += itsRest;
      sum = max(<f32>0, sum + log2(0.4 + itsGain));
    }
    if (total <= least) {
      least = total;
      PARAMETERS.periodicity = book;
      residual = rest / <f32>subframes;
      finalSum = sum;
    }
  }
  memory.copy(LTP_INDICES, CHOICES + (<usize>PARAMETERS.periodicity << 2), 4);
  c.ltpGainSum = finalSum;
  PLAN.ltpGain = -3 * log2(residual);
}
