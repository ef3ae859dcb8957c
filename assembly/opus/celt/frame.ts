import { BAND_EDGES } from "../tables/celt-bands";
import { RangeDecoder } from "../range-decoder";
import { RangeEncoder } from "../range-encoder";

/**
 * What one CELT frame says, stage by stage (RFC 6716, table 56). One frame is decoded at a time, so the record and
 * the vectors beside it are static: nothing of them outlives a call.
 */
@unmanaged
export class Frame {
  /** Reader of this frame; while one is written, the writer seen as one, for `tell` and `tellFrac`. */
  reader: RangeDecoder;
  /** Writer of this frame, when it is written. */
  writer: RangeEncoder;
  /** Bits of the frame without redundancy: what the budget of every optional symbol is measured against. */
  totalBits: i32;
  /** Channels in the stream, 1 or 2. */
  channels: i32;
  /** log2 of the frame size in units of 120 samples: 0 to 3. */
  lm: i32;
  /** First coded band (17 in hybrid frames) and the end of the coded bands. */
  start: i32;
  end: i32;
  silence: i32;
  /** Post-filter of this frame: gain 0 when off (section 4.3.7.1). */
  filterPeriod: i32;
  filterTapset: i32;
  filterGain: f32;
  /** 1: 2^lm short blocks in place of one long block. */
  transient: i32;
  /** 0 none, 1 light, 2 normal, 3 aggressive (table 59). */
  spread: i32;
  trim: i32;
  /** Eighth-bits held back for the anti-collapse flag: 0 or 8. */
  antiCollapseReserve: i32;
  antiCollapse: i32;
  /** Bands below this have shape bits. */
  codedBands: i32;
  /** First band coded in intensity stereo. */
  intensity: i32;
  dualStereo: i32;
  /** Eighth-bits that allocation could not place. */
  balance: i32;
  /** 1: the sign flip of intensity stereo is read but not done (RFC 8251, section 10). */
  keepPhase: i32;
  /** State of the noise generator. */
  seed: u32;
  /** Eighth-bits left for shapes, while bands are decoded. */
  remaining: i32;

  /** What only an encoder sets: whether the spectrum becomes what a decoder will hear. */
  resynthesise: i32;
  /** Rounding of stereo angles: -1 down, 0 nearest, 1 up. */
  angleRounding: i32;
  /** 1: an angle that leaves one half without bits goes to the end (first band of short blocks). */
  avoidSplitNoise: i32;
  /** 1: joint bands are tried with both roundings. */
  searchAngles: i32;
  /** Coded bands of the frame before, and the highest band that holds signal: what skipping goes by. */
  codedBefore: i32;
  signalBand: i32;
  /** RATE_* of rate.ts; eighth-bits that the rate gives this frame; bytes that its decisions go by. */
  control: i32;
  share: i32;
  bytes: i32;
  /** The rate in bit/s, and what it would be worth in frames of 20 ms: stereo and trim go by that. */
  rate: i32;
  equivalent: i32;
}

const FRAME = memory.data(192, 16);

// @ts-ignore: decorator
@inline export function currentFrame(): Frame {
  return changetype<Frame>(FRAME);
}

/** Resolution change of each band, i32. */
export const TF = memory.data(96, 16);
/** Allocation limit of each band in eighth-bits, i32. */
export const CAP = memory.data(96, 16);
/** Boost of each band in eighth-bits, i32. */
export const BOOST = memory.data(96, 16);
/** Eighth-bits for the shape of each band, i32. */
export const SHAPE_BITS = memory.data(96, 16);
/** Fine energy bits of each band and channel, i32. */
export const FINE_BITS = memory.data(96, 16);
/** Which bands get the last bits first: 0 before 1, i32. */
export const FINE_PRIORITY = memory.data(96, 16);
/** Collapse mask `[band][channel]`: bit b is set when short block b holds energy, u8. */
export const MASKS = memory.data(48, 16);
/** Spectra of both channels: unit-norm shapes, then amplitudes. 960 f32 a channel, f32. */
export const SPECTRUM = memory.data(7680, 16);
/** Bytes from one channel's spectrum to the next. */
// @ts-ignore: decorator
@inline export const SPECTRUM_STRIDE: usize = 3840;

/** First bin of a band in a 2.5 ms block. */
// @ts-ignore: decorator
@inline export function edge(band: i32): i32 {
  return load<u8>(BAND_EDGES + <usize>band);
}

/** Entry `i` of one of the vectors above. */
// @ts-ignore: decorator
@inline export function at(vector: usize, i: i32): i32 {
  return load<i32>(vector + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline export function put(vector: usize, i: i32, value: i32): void {
  store<i32>(vector + (<usize>i << 2), value);
}
