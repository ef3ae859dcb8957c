/** Whether packets carry a coarser copy of the one before (LBRR), and how much coarser. */
import { OpusEncoder, settingsOf } from "./encoder-state";
import { MODE_CELT } from "./toc";

/** Rate from which redundancy leaves enough for the frame itself, by bandwidth. */
const RATES = memory.data<i32>([12000, 14000, 16000, 20000, 22000], 16);
// @ts-ignore: decorator
@inline const INERTIA: i32 = 1000;
/** Above this loss in per cent bandwidth is given up for redundancy. */
// @ts-ignore: decorator
@inline const SERIOUS_LOSS: i32 = 5;

/** Decides for a packet at `rate` (equivalent); returns the bandwidth at which redundancy fits, or `bandwidth`. */
export function decideFec(e: OpusEncoder, mode: i32, bandwidth: i32, rate: i32): i32 {
  const s = settingsOf(e);
  const loss = s.expectedLossPercent;
  const before = e.fecOn;
  e.fecOn = 0;
  if (!s.fec || loss == 0 || mode == MODE_CELT) return bandwidth;
  for (let narrower = bandwidth; narrower >= 0; narrower--) {
    let threshold = load<i32>(RATES + (<usize>narrower << 2)) + (before ? -INERTIA : INERTIA);
    threshold = (threshold * (125 - min(loss, 25))) / 100;
    if (rate > threshold) {
      e.fecOn = 1;
      return narrower;
    }
    if (loss <= SERIOUS_LOSS || s.bandwidth >= 0) break;
  }
  return bandwidth;
}

/** Steps of SILK's gain index by which the copy is coarser: fewer the more often it will be needed; 0 for no copy. */
export function fecSteps(e: OpusEncoder): i32 {
  if (!e.fecOn) return 0;
  return max(2, 7 - (2 * settingsOf(e).expectedLossPercent) / 5);
}
