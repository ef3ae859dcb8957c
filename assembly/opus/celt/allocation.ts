import { decodeBit, decodeUint, tellFrac } from "../range-decoder";
import { encodeBit, encodeUint } from "../range-encoder";
import { ALLOCATION, BANDS, INTENSITY_COST, LOG_WIDTH } from "../tables/celt-bands";
import { writes } from "./direction";
import { MAX_FINE_BITS } from "./fine-energy";
import { BOOST, CAP, FINE_BITS, FINE_PRIORITY, Frame, SHAPE_BITS, at, edge, put } from "./frame";

/*
 * Bit allocation (RFC 6716, section 4.3.3). Every encoder and decoder must come to the same numbers, so all of it is
 * integer arithmetic in eighth-bits; `>>` is a floor, `/` truncates.
 */

/** Rows of the static table; row 11 stands for the caps. */
// @ts-ignore: decorator
@inline const QUALITIES: i32 = 11;
/** Offset of the fine energy against the shape, in eighth-bits. */
// @ts-ignore: decorator
@inline const FINE_OFFSET: i32 = 21;

/** Least bits a band needs to get more than the floor. */
const THRESHOLD = memory.data(96, 16);
/** Tilt of each band by the trim. */
const TILT = memory.data(96, 16);
/** The two allocations that bracket the budget: the lower, and its distance to the upper. */
const LOWER = memory.data(96, 16);
const SPAN = memory.data(96, 16);

// @ts-ignore: decorator
@inline function intensityCost(bands: i32): i32 {
  return load<u8>(INTENSITY_COST + <usize>bands);
}

/** Bits of `band` at a quality, tilted, without its boost. */
// @ts-ignore: decorator
@inline function tableBits(frame: Frame, quality: i32, band: i32): i32 {
  const rate = <i32>load<u8>(ALLOCATION + <usize>(quality * BANDS + band));
  const bits = (((frame.channels * (edge(band + 1) - edge(band)) * rate) << frame.lm) >> 2);
  return bits > 0 ? max(0, bits + at(TILT, band)) : bits;
}

function setThresholds(frame: Frame): void {
  const lm = frame.lm;
  const channels = frame.channels;
  for (let band = frame.start; band < frame.end; band++) {
    const width = edge(band + 1) - edge(band);
    put(THRESHOLD, band, max(channels << 3, ((3 * width) << lm << 3) >> 4));
    let tilt = ((channels * width * (frame.trim - 5 - lm) * (frame.end - band - 1)) << (lm + 3)) >> 6;
    if (width << lm == 1) tilt -= channels << 3;
    put(TILT, band, tilt);
  }
}

/**
 * What a candidate costs, seen from the top band down: bands under their threshold count as the floor (or nothing)
 * until the first that reaches it; from there on all count, up to their cap. `mix` in 1/64 between the two brackets,
 * or -1 for row `quality` of the table.
 */
function candidateCost(frame: Frame, quality: i32, mix: i32): i32 {
  const floor = frame.channels << 3;
  let sum = 0;
  let reached = false;
  for (let band = frame.end - 1; band >= frame.start; band--) {
    const bits = mix < 0
      ? tableBits(frame, quality, band) + at(BOOST, band)
      : at(LOWER, band) + ((mix * at(SPAN, band)) >> 6);
    if (reached || bits >= at(THRESHOLD, band)) {
      reached = true;
      sum += min(bits, at(CAP, band));
    } else if (bits >= floor) {
      sum += floor;
    }
  }
  return sum;
}

/** Finds the two rows around the budget. Gives the last boosted band: bands up to it cannot be skipped. */
function bracket(frame: Frame, total: i32): i32 {
  let low = 1;
  let high = QUALITIES - 1;
  while (low <= high) {
    const mid = (low + high) >> 1;
    if (candidateCost(frame, mid, -1) > total) high = mid - 1;
    else low = mid + 1;
  }
  let skipStart = frame.start;
  for (let band = frame.start; band < frame.end; band++) {
    const boost = at(BOOST, band);
    let lower = tableBits(frame, low - 1, band);
    let upper: i32;
    if (low < QUALITIES) {
      upper = tableBits(frame, low, band);
    } else {
      upper = at(CAP, band);
      if (upper > 0) upper = max(0, upper + at(TILT, band));
    }
    if (low > 1) lower += boost;
    upper += boost;
    if (boost > 0) skipStart = band;
    put(LOWER, band, lower);
    put(SPAN, band, max(0, upper - lower));
  }
  return skipStart;
}

/** Sets the bits of every band at the best mix of the brackets and gives their sum. */
function interpolate(frame: Frame, total: i32): i32 {
  let low = 0;
  let high = 64;
  for (let round = 0; round < 6; round++) {
    const mid = (low + high) >> 1;
    if (candidateCost(frame, 0, mid) > total) high = mid;
    else low = mid;
  }
  const floor = frame.channels << 3;
  let sum = 0;
  let reached = false;
  for (let band = frame.end - 1; band >= frame.start; band--) {
    let bits = at(LOWER, band) + ((low * at(SPAN, band)) >> 6);
    if (!reached && bits < at(THRESHOLD, band)) bits = bits >= floor ? floor : 0;
    else reached = true;
    bits = min(bits, at(CAP, band));
    put(SHAPE_BITS, band, bits);
    sum += bits;
  }
  return sum;
}

/** Splits the bits of each coded band into shape and fine energy and hands excess upward. */
function splitFine(frame: Frame): void {
  const channels = frame.channels;
  const stereo = channels - 1;
  let balance = 0;
  let band = frame.start;
  for (; band < frame.codedBands; band++) {
    const bins = (edge(band + 1) - edge(band)) << frame.lm;
    const available = at(SHAPE_BITS, band) + balance;
    let excess: i32;
    let bits: i32;
    let fine = 0;
    let priority = 1;
    if (bins > 1) {
      excess = max(available - at(CAP, band), 0);
      bits = available - excess;
      const joint = i32(stereo && bins > 2 && !frame.dualStereo && band < frame.intensity);
      const freedom = channels * bins + joint;
      const weighted = freedom * (load<u8>(LOG_WIDTH + <usize>band) + (frame.lm << 3));
      let offset = (weighted >> 1) - freedom * FINE_OFFSET;
      if (bins == 2) offset += (freedom << 3) >> 2;
      // Bands with 2 and 3 bits of fine energy or less get a little more.
      if (bits + offset < (freedom * 2) << 3) offset += weighted >> 2;
      else if (bits + offset < (freedom * 3) << 3) offset += weighted >> 3;
      fine = (max(0, bits + offset + (freedom << 2)) / freedom) >> 3;
      if (channels * fine > bits >> 3) fine = (bits >> stereo) >> 3;
      fine = min(fine, MAX_FINE_BITS);
      priority = i32(fine * (freedom << 3) >= bits + offset);
      bits -= (channels * fine) << 3;
    } else {
      // One bin per channel has a sign and nothing else.
      excess = max(0, available - (channels << 3));
      bits = available - excess;
    }
    if (excess > 0) {
      const extra = min(excess >> (stereo + 3), MAX_FINE_BITS - fine);
      fine += extra;
      const used = (extra * channels) << 3;
      priority = i32(used >= excess - balance);
      excess -= used;
    }
    balance = excess;
    put(SHAPE_BITS, band, bits);
    put(FINE_BITS, band, fine);
    put(FINE_PRIORITY, band, priority);
  }
  frame.balance = balance;
  for (; band < frame.end; band++) {
    const fine = (at(SHAPE_BITS, band) >> stereo) >> 3;
    put(SHAPE_BITS, band, 0);
    put(FINE_BITS, band, fine);
    put(FINE_PRIORITY, band, i32(fine < 1));
  }
}

/**
 * Whether an encoder keeps the top band `band` with `bits`: deep enough to matter (bands that were coded before with
 * less, so that the choice does not flutter), and not above the signal.
 */
function keepsBand(frame: Frame, band: i32, bits: i32): bool {
  if (band <= frame.start + 1) return true;
  const depth = band < 17 ? 0 : band < frame.codedBefore ? 7 : 9;
  const width = edge(band + 1) - edge(band);
  return bits > ((depth * width) << frame.lm << 3) >> 4 && band <= frame.signalBand;
}

/**
 * Reads skip, intensity and dual stereo, or writes them (`intensity` and `dualStereo` are wishes then), and shares
 * the frame's bits among its bands.
 */
export function allocate<D>(frame: Frame): void {
  const reader = frame.reader;
  const start = frame.start;
  const end = frame.end;
  const floor = frame.channels << 3;
  let total = (frame.totalBits << 3) - tellFrac(reader) - 1;

  frame.antiCollapseReserve = frame.transient && frame.lm >= 2 && total >= (frame.lm + 2) << 3 ? 8 : 0;
  total = max(0, total - frame.antiCollapseReserve);
  const skipReserve = total >= 8 ? 8 : 0;
  total -= skipReserve;
  let intensityReserve = 0;
  let dualReserve = 0;
  if (frame.channels == 2) {
    intensityReserve = intensityCost(end - start);
    if (intensityReserve > total) {
      intensityReserve = 0;
    } else {
      total -= intensityReserve;
      dualReserve = total >= 8 ? 8 : 0;
      total -= dualReserve;
    }
  }

  setThresholds(frame);
  const skipStart = bracket(frame, total);
  let sum = interpolate(frame, total);

  // Bands are skipped from the top, until a flag says stop or a band may not be skipped.
  let coded = end;
  for (;;) {
    const band = coded - 1;
    if (band <= skipStart) {
      total += skipReserve;
      break;
    }
    const bins = edge(coded) - edge(start);
    const below = edge(band) - edge(start);
    const perBin = (total - sum) / bins;
    const rest = max(total - sum - perBin * bins - below, 0);
    let bits = at(SHAPE_BITS, band) + perBin * (bins - below) + rest;
    if (bits >= max(at(THRESHOLD, band), floor + 8)) {
      if (writes<D>()) {
        const keep = keepsBand(frame, band, bits);
        encodeBit(frame.writer, i32(keep), 1);
        if (keep) break;
      } else if (decodeBit(reader, 1)) {
        break;
      }
      sum += 8;
      bits -= 8;
    }
    sum -= at(SHAPE_BITS, band) + intensityReserve;
    if (intensityReserve > 0) intensityReserve = intensityCost(band - start);
    sum += intensityReserve;
    const kept = bits >= floor ? floor : 0;
    put(SHAPE_BITS, band, kept);
    sum += kept;
    coded--;
  }
  frame.codedBands = coded;

  if (writes<D>()) {
    frame.intensity = intensityReserve > 0 ? max(start, min(frame.intensity, coded)) : 0;
    if (intensityReserve > 0) encodeUint(frame.writer, frame.intensity - start, coded + 1 - start);
  } else {
    frame.intensity = intensityReserve > 0 ? start + <i32>decodeUint(reader, coded + 1 - start) : 0;
  }
  if (frame.intensity <= start) {
    total += dualReserve;
    dualReserve = 0;
  }
  if (writes<D>()) {
    if (dualReserve > 0) encodeBit(frame.writer, frame.dualStereo, 1);
    else frame.dualStereo = 0;
  } else {
    frame.dualStereo = dualReserve > 0 ? decodeBit(reader, 1) : 0;
  }

  const bins = edge(coded) - edge(start);
  const perBin = (total - sum) / bins;
  let rest = total - sum - perBin * bins;
  for (let band = start; band < coded; band++) {
    const width = edge(band + 1) - edge(band);
    const extra = min(rest, width);
    rest -= extra;
    put(SHAPE_BITS, band, at(SHAPE_BITS, band) + perBin * width + extra);
  }
  splitFine(frame);
}
