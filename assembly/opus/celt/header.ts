import { decodeBit, decodeIcdf, decodeRawBits, decodeUint, tell } from "../range-decoder";
import { SPREAD_ICDF } from "../tables/celt-bands";
import { TAPSET_ICDF } from "../tables/celt-post-filter";
import { Frame } from "./frame";

/** The flags in front of the energies: silence, post-filter, transient (RFC 6716, table 56). */
export function readHeader(frame: Frame): void {
  const reader = frame.reader;
  const total = frame.totalBits;
  frame.filterGain = 0;
  frame.filterPeriod = 0;
  frame.filterTapset = 0;
  frame.transient = 0;

  let used = tell(reader);
  frame.silence = used >= total ? 1 : used == 1 ? decodeBit(reader, 15) : 0;
  if (frame.silence) {
    // All bits count as used, so that no later symbol fits.
    reader.totalBits += total - tell(reader);
    return;
  }

  if (frame.start == 0 && tell(reader) + 16 <= total && decodeBit(reader, 1)) {
    const octave = <i32>decodeUint(reader, 6);
    frame.filterPeriod = (16 << octave) + <i32>decodeRawBits(reader, 4 + octave) - 1;
    frame.filterGain = 0.09375 * <f32>(decodeRawBits(reader, 3) + 1);
    if (tell(reader) + 2 <= total) frame.filterTapset = decodeIcdf(reader, TAPSET_ICDF, 2);
  }
  if (frame.lm > 0 && tell(reader) + 3 <= total) frame.transient = decodeBit(reader, 3);
}

/** How much shapes are spread by rotation (section 4.3.4.3); normal when the symbol does not fit. */
export function readSpread(frame: Frame): void {
  frame.spread = tell(frame.reader) + 4 <= frame.totalBits ? decodeIcdf(frame.reader, SPREAD_ICDF, 5) : 2;
}
