/** Chooses the long-term filters of a voiced frame (RFC 6716, section 5.2.3.4.1). */
import { LTP_INDEX0_ICDF, LTP_INDEX1_ICDF, LTP_INDEX2_ICDF, LTP_TAPS0_Q7, LTP_TAPS1_Q7, LTP_TAPS2_Q7 } from "../../tables/silk-pitch";
import { exp2 } from "../../celt/exponential";
import { LTP_INDICES, PARAMETERS } from "../parameters";
import { symbolBits, log2 } from "./cost";
import { EncoderChannel, localDecoderOf } from "./encoder-state";
import { PLAN } from "./frame-plan";
import { WHITENED, dot } from "./pitch-search";
import { PLAN_LAGS } from "./shaping";

/** f32 x 25 and x 5 for each subframe: correlations among taps, and with the target; normalised. */
const AMONG = memory.data(4 * 25 * 4, 16);
const TOWARD = memory.data(4 * 5 * 4, 16);
/** u8 x 4 for each book: the best filters. */
const CHOICES = memory.data(16, 16);

/** Correlations of subframe `k`, divided by the energies that they are compared with. */
function correlate(c: EncoderChannel, k: i32): void {
  const channel = localDecoderOf(c);
  const length = channel.subframeLength;
  const lag = load<i32>(PLAN_LAGS + (k << 2));
  const x = WHITENED + (<usize>(channel.historyLength + k * length) << 2);
  const y = x - (<usize>(lag - 2) << 2);
  const among = AMONG + <usize>(k * 100);
  const toward = TOWARD + <usize>(k * 20);
  for (let i = 0; i < 5; i++) {
    store<f32>(toward + (i << 2), dot(x, y - (<usize>i << 2), length));
    for (let j = i; j < 5; j++) {
      const value = dot(y - (<usize>i << 2), y - (<usize>j << 2), length);
      store<f32>(among + ((5 * i + j) << 2), value);
      store<f32>(among + ((5 * j + i) << 2), value);
    }
  }
  const own = dot(x, x, length);
  const weight: f32 = 1 / max(own, 0.015 * (load<f32>(among) + load<f32>(among, 96)) + 1);
  for (let i = 0; i < 25; i++) store<f32>(among + (i << 2), load<f32>(among + (i << 2)) * weight);
  for (let i = 0; i < 5; i++) store<f32>(toward + (i << 2), load<f32>(toward + (i << 2)) * weight);
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
    let total: f32 = 0;
    let rest: f32 = 0;
    let sum = c.ltpGainSum;
    for (let k = 0; k < subframes; k++) {
      const limit: f32 = exp2(250.0 / 6.0 - sum) - 0.4;
      let cheapest: f32 = Infinity;
      let itsRest: f32 = 1;
      let itsGain: f32 = 0;
      for (let i = 0; i < size; i++) {
        const at = taps + <usize>(5 * i);
        const gain = <f32>(<i32>load<i8>(at) + <i32>load<i8>(at, 1) + <i32>load<i8>(at, 2) + <i32>load<i8>(at, 3) +
          <i32>load<i8>(at, 4)) * (1.0 / 128.0);
        const left = max(leftOver(k, at), 1e-3);
        const penalty: f32 = 8 * max(<f32>0, gain - limit);
        const cost: f32 = 0.5 * <f32>channel.subframeLength * log2(left + penalty) + 0.5 * symbolBits(icdf, i);
        if (cost < cheapest) {
          cheapest = cost;
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

/** Share of the subframe's energy that the filter at `taps` (i8 Q7 x 5) leaves. */
// @ts-ignore: decorator
@inline function leftOver(k: i32, taps: usize): f32 {
  const among = AMONG + <usize>(k * 100);
  const toward = TOWARD + <usize>(k * 20);
  let sum: f32 = 1.001;
  for (let i = 0; i < 5; i++) {
    const b: f32 = <f32>load<i8>(taps + i) * (1.0 / 128.0);
    let inner: f32 = -2 * load<f32>(toward + (i << 2));
    for (let j = 0; j < 5; j++) {
      inner += <f32>load<i8>(taps + j) * (1.0 / 128.0) * load<f32>(among + ((5 * i + j) << 2));
    }
    sum += b * inner;
  }
  return sum;
}
