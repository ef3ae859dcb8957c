import { decodeBit, decodeIcdf, tellFrac } from "../range-decoder";
import { BANDS, CAPS, TRIM_ICDF } from "../tables/celt-bands";
import { BOOST, CAP, Frame, at, edge, put } from "./frame";

/** The most each band can use, in eighth-bits, into `CAP` (RFC 6716, section 4.3.3). */
export function setCaps(frame: Frame): void {
  const row = CAPS + <usize>((frame.lm * 2 + frame.channels - 1) * BANDS);
  for (let band = frame.start; band < frame.end; band++) {
    const bins = (edge(band + 1) - edge(band)) << frame.lm;
    put(CAP, band, ((load<u8>(row + <usize>band) + 64) * frame.channels * bins) >> 2);
  }
}

/** Band boosts into `BOOST`, then the allocation trim (RFC 6716, section 4.3.3). */
export function readBoostsAndTrim(frame: Frame): void {
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
    while (used + (cost << 3) < left && boost < at(CAP, band)) {
      const more = decodeBit(reader, cost);
      used = tellFrac(reader);
      if (!more) break;
      boost += quanta;
      left -= quanta;
      cost = 1;
    }
    put(BOOST, band, boost);
    if (boost > 0) firstCost = max(2, firstCost - 1);
  }
  frame.trim = used + 48 <= left ? decodeIcdf(reader, TRIM_ICDF, 7) : 5;
}
