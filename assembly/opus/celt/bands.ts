import { tellFrac } from "../range-decoder";
import { searchedStereoBand } from "./angle-search";
import { codeBand, codeStereoBand } from "./band-shape";
import { writes } from "./direction";
import { Frame, MASKS, SHAPE_BITS, SPECTRUM, SPECTRUM_STRIDE, TF, at, edge } from "./frame";

/** Shapes of the bands so far, each times sqrt(size): what bands without pulses fold from. 800 f32 a channel. */
const FOLDING = memory.data(6400, 16);
// @ts-ignore: decorator
@inline const FOLDING_STRIDE: usize = 3200;

// @ts-ignore: decorator
@inline const SPREAD_AGGRESSIVE: i32 = 3;

/** Marks "nothing to fold from". */
// @ts-ignore: decorator
@inline const NOWHERE: i32 = -1;

/**
 * Hybrid frames begin at band 17, and band 18 is wider: its source is lengthened by repeating the end of band 17
 * (RFC 8251, section 9).
 */
function lengthenSource(frame: Frame): void {
  const start = edge(frame.start) << frame.lm;
  const first = (edge(frame.start + 1) << frame.lm) - start;
  const second = ((edge(frame.start + 2) - edge(frame.start + 1)) << frame.lm);
  const missing = second - first;
  if (missing <= 0) return;
  const to = FOLDING + (<usize>(start + first) << 2);
  const from = FOLDING + (<usize>(start + first - missing) << 2);
  memory.copy(to, from, <usize>missing << 2);
  if (frame.dualStereo) memory.copy(to + FOLDING_STRIDE, from + FOLDING_STRIDE, <usize>missing << 2);
}

/**
 * Collapse masks of the bands that cover bins `from .. from + size`, below `band`, channel by channel in two bytes.
 */
function sourceMasks(frame: Frame, band: i32, lowest: i32, from: i32, size: i32): u32 {
  const lm = frame.lm;
  let i = lowest;
  do i--; while (edge(i) << lm > from);
  let end = lowest - 1;
  do end++; while (end < band && edge(end) << lm < from + size);
  let masks: u32 = 0;
  do masks |= load<u16>(MASKS + (<usize>i << 1)); while (++i < end);
  return masks;
}

/**
 * Reads the shapes of all bands into `SPECTRUM`, or writes those that are there (RFC 6716, section 4.3.4). What a band leaves over of its bits goes
 * to the ones above.
 */
export function codeBands<D>(frame: Frame): void {
  const reader = frame.reader;
  const lm = frame.lm;
  const start = frame.start;
  const stereo = frame.channels == 2;
  const blocks = frame.transient ? 1 << lm : 1;
  const total = (frame.totalBits << 3) - frame.antiCollapseReserve;
  const first = edge(start) << lm;
  let dual = frame.dualStereo != 0;
  let balance = frame.balance;
  let lowest = 0;
  let moveLowest = true;

  for (let band = start; band < frame.end; band++) {
    if (writes<D>()) frame.avoidSplitNoise = i32(band == start && blocks > 1);
    const begin = edge(band) << lm;
    const size = (edge(band + 1) << lm) - begin;
    const x = SPECTRUM + (<usize>begin << 2);
    const y = x + SPECTRUM_STRIDE;
    const used = tellFrac(reader);
    if (band != start) balance -= used;
    frame.remaining = total - used - 1;
    let bits = 0;
    if (band < frame.codedBands) {
      const share = balance / min(3, frame.codedBands - band);
      bits = max(0, min(min(frame.remaining + 1, at(SHAPE_BITS, band) + share), 16383));
    }

    // Folding starts from the last band so far that got enough bits, if it lies far enough up.
    if ((begin - size >= first || band == start + 1) && (moveLowest || lowest == 0)) lowest = band;
    if (band == start + 1) lengthenSource(frame);
    const all = (<u32>1 << blocks) - 1;
    let from = NOWHERE;
    let masks: u32 = all | (all << 8);
    if (lowest != 0 && (frame.spread != SPREAD_AGGRESSIVE || blocks > 1 || at(TF, band) < 0)) {
      from = max(first, (edge(lowest) << lm) - size);
      masks = sourceMasks(frame, band, lowest, from, size);
    }

    if (dual && band == frame.intensity) {
      // Above, one shape serves both channels: it folds from their mean.
      dual = false;
      for (let p = FOLDING + (<usize>first << 2), end = FOLDING + (<usize>begin << 2); p < end; p += 4) {
        store<f32>(p, 0.5 * (load<f32>(p) + load<f32>(p + FOLDING_STRIDE)));
      }
    }
    const source = from == NOWHERE ? <usize>0 : FOLDING + (<usize>from << 2);
    const kept: usize = band + 1 < frame.end ? FOLDING + (<usize>begin << 2) : 0;
    let left: u32 = masks & 0xff;
    let right: u32 = masks >> 8;
    if (dual) {
      const rightSource: usize = source ? source + FOLDING_STRIDE : 0;
      const rightKept: usize = kept ? kept + FOLDING_STRIDE : 0;
      left = codeBand<D>(frame, band, x, size, bits / 2, blocks, source, kept, 1, left);
      right = codeBand<D>(frame, band, y, size, bits / 2, blocks, rightSource, rightKept, 1, right);
    } else {
      left |= right;
      if (!stereo) {
        left = codeBand<D>(frame, band, x, size, bits, blocks, source, kept, 1, left);
      } else if (writes<D>()) {
        left = searchedStereoBand(frame, band, x, y, size, bits, blocks, source, kept, left);
      } else {
        left = codeStereoBand<D>(frame, band, x, y, size, bits, blocks, source, kept, left);
      }
      right = left;
    }
    store<u16>(MASKS + (<usize>band << 1), left | (right << 8));
    balance += at(SHAPE_BITS, band) + used;
    moveLowest = bits > size << 3;
  }
}
