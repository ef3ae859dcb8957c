import { decodeBit, tell } from "../range-decoder";
import { TF_CHANGE } from "../tables/celt-bands";
import { Frame, TF, at, put } from "./frame";

/**
 * Time-frequency resolution of each band (RFC 6716, sections 4.3.1 and 4.3.4.5) into `TF`: below zero for finer time,
 * above zero for finer frequency. A flag that does not fit repeats the one before.
 */
export function readResolution(frame: Frame): void {
  const reader = frame.reader;
  let logp = frame.transient ? 2 : 4;
  const selectable = i32(frame.lm > 0 && tell(reader) + logp + 1 <= frame.totalBits);
  const budget = frame.totalBits - selectable;
  let flag = 0;
  let any = 0;
  for (let band = frame.start; band < frame.end; band++) {
    if (tell(reader) + logp <= budget) {
      flag ^= decodeBit(reader, logp);
      any |= flag;
    }
    put(TF, band, flag);
    logp = frame.transient ? 4 : 5;
  }
  const table = TF_CHANGE + <usize>((frame.lm * 2 + frame.transient) * 4);
  // Read only where it makes a difference.
  const matters = load<i8>(table + <usize>any) != load<i8>(table + 2 + <usize>any);
  const select = selectable && matters ? decodeBit(reader, 1) : 0;
  for (let band = frame.start; band < frame.end; band++) {
    put(TF, band, load<i8>(table + <usize>(2 * select + at(TF, band))));
  }
}
