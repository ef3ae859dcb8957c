import { tellFrac } from "../range-decoder";
import { encodeBit, encodeIcdf } from "../range-encoder";
import { TRIM_ICDF } from "../tables/celt-bands";
import { setCaps } from "./boosts";
import { BOOST_STEPS } from "./dynamics";
import { BOOST, CAP, Frame, at, edge, put } from "./frame";

/** Eighth-bits given to boosts. */
export let writtenBoosts: i32 = 0;

/** Writes the boosts that fit (RFC 6716, section 4.3.3). */
export function writeBoosts(frame: Frame): void {
  setCaps(frame);
  const reader = frame.reader;
  let left = frame.totalBits << 3;
  let firstCost = 6;
  let used = tellFrac(reader);
  for (let band = frame.start; band < frame.end; band++) {
    const width = (frame.channels * (edge(band + 1) - edge(band))) << frame.lm;
    const quanta = min(width << 3, max(48, width));
    let cost = firstCost;
    let boost = 0;
    for (let step = 0; used + (cost << 3) < left && boost < at(CAP, band); step++) {
      const more = i32(step < at(BOOST_STEPS, band));
      encodeBit(frame.writer, more, cost);
      used = tellFrac(reader);
      if (!more) break;
      boost += quanta;
      left -= quanta;
      cost = 1;
    }
    put(BOOST, band, boost);
    if (boost > 0) firstCost = max(2, firstCost - 1);
  }
  writtenBoosts = (frame.totalBits << 3) - left;
}

/** Writes the trim `frame.trim`, or makes it 5 where it does not fit. */
export function writeTrim(frame: Frame): void {
  if (tellFrac(frame.reader) + 48 <= (frame.totalBits << 3) - writtenBoosts) {
    encodeIcdf(frame.writer, frame.trim, TRIM_ICDF, 7);
  } else {
    frame.trim = 5;
  }
}
