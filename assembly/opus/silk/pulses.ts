/** The pulses of the excitation: counts, positions, low bits, signs (RFC 6716, sections 4.2.7.8.1 to .5). */
import { RangeDecoder, decodeBinary, decodeIcdf } from "../range-decoder";
import {
  LSB_FIRST,
  PULSE_COUNT_ICDF,
  RATE_LEVEL_ICDF,
  SIGN_FIRST,
  SPLIT16_ICDF,
  SPLIT2_ICDF,
  SPLIT4_ICDF,
  SPLIT8_ICDF,
  SPLIT_OFFSETS,
} from "../tables/silk-excitation";
import { PARAMETERS, PULSES } from "./parameters";

/** u8 x 20: pulses and low bits of each block of 16 samples. */
const COUNTS = memory.data(32, 16);
const LOW_BITS = memory.data(32, 16);

/** Symbol that announces one more low bit for every sample of the block. */
// @ts-ignore: decorator
@inline const ONE_MORE_BIT: i32 = 17;

/**
 * Reads the pulses of a frame of `length` samples into `PULSES`, signed. 10 ms at 12 kHz are 7.5 blocks: the eighth
 * is read whole, its second half is ignored.
 */
export function parsePulses(dec: RangeDecoder, length: i32): void {
  const blocks = (length + 15) >> 4;
  parseCounts(dec, blocks);
  memory.fill(PULSES, 0, <usize>blocks << 5);
  for (let i = 0; i < blocks; i++) {
    const count: i32 = load<u8>(COUNTS + i);
    if (count > 0) parsePositions(dec, PULSES + (<usize>i << 5), count);
  }
  for (let i = 0; i < blocks; i++) {
    const bits: i32 = load<u8>(LOW_BITS + i);
    if (bits > 0) parseLowBits(dec, PULSES + (<usize>i << 5), bits);
  }
  parseSigns(dec, blocks);
}

/** Rate level and pulse counts (sections 4.2.7.8.1 and .2). */
function parseCounts(dec: RangeDecoder, blocks: i32): void {
  const level = decodeIcdf(dec, RATE_LEVEL_ICDF + 9 * (<usize>PARAMETERS.signalType >> 1), 8);
  const icdf = PULSE_COUNT_ICDF + 18 * <usize>level;
  for (let i = 0; i < blocks; i++) {
    let bits = 0;
    let count = decodeIcdf(dec, icdf, 8);
    while (count == ONE_MORE_BIT) {
      bits++;
      count = decodeIcdf(dec, PULSE_COUNT_ICDF + 18 * 9 + usize(bits == 10), 8);
    }
    store<u8>(COUNTS + i, count);
    store<u8>(LOW_BITS + i, bits);
  }
}

/** How many of `count` pulses fall on the left half (section 4.2.7.8.3). */
// @ts-ignore: decorator
@inline function parseSplit(dec: RangeDecoder, icdf: usize, count: i32): i32 {
  return count == 0 ? 0 : decodeIcdf(dec, icdf + <usize>load<u8>(SPLIT_OFFSETS + count), 8);
}

/** Pulse positions in one block by halving: 16, 8, 4, 2 samples, left before right. */
function parsePositions(dec: RangeDecoder, block: usize, count: i32): void {
  const left = parseSplit(dec, SPLIT16_ICDF, count);
  if (left > 0) parseEight(dec, block, left);
  if (count > left) parseEight(dec, block + 16, count - left);
}

function parseEight(dec: RangeDecoder, at: usize, count: i32): void {
  const left = parseSplit(dec, SPLIT8_ICDF, count);
  if (left > 0) parseFour(dec, at, left);
  if (count > left) parseFour(dec, at + 8, count - left);
}

function parseFour(dec: RangeDecoder, at: usize, count: i32): void {
  const left = parseSplit(dec, SPLIT4_ICDF, count);
  if (left > 0) parsePair(dec, at, left);
  if (count > left) parsePair(dec, at + 4, count - left);
}

function parsePair(dec: RangeDecoder, at: usize, count: i32): void {
  const left = parseSplit(dec, SPLIT2_ICDF, count);
  store<i16>(at, left);
  store<i16>(at, count - left, 2);
}

/** `bits` more bits below every magnitude of a block (section 4.2.7.8.4). */
function parseLowBits(dec: RangeDecoder, block: usize, bits: i32): void {
  for (let at = block; at < block + 32; at += 2) {
    let magnitude: i32 = load<i16>(at);
    for (let k = 0; k < bits; k++) magnitude = (magnitude << 1) + decodeBinary(dec, LSB_FIRST);
    store<i16>(at, magnitude);
  }
}

/** Signs of all that is not zero (section 4.2.7.8.5): symbol 0 is negative. */
function parseSigns(dec: RangeDecoder, blocks: i32): void {
  const row = SIGN_FIRST + 7 * <usize>(2 * PARAMETERS.signalType + PARAMETERS.offsetType);
  const zero = i16x8.splat(0);
  for (let i = 0; i < blocks; i++) {
    const block = PULSES + (<usize>i << 5);
    const low = i16x8.ne(v128.load(block), zero);
    const high = i16x8.ne(v128.load(block, 16), zero);
    let left: u32 = i8x16.bitmask(i8x16.narrow_i16x8_s(low, high));
    if (left == 0) continue;
    const first: u32 = load<u8>(row + min<usize>(load<u8>(COUNTS + i), 6));
    do {
      if (decodeBinary(dec, first) == 0) {
        const at = block + (<usize>ctz(left) << 1);
        store<i16>(at, -load<i16>(at));
      }
      left &= left - 1;
    } while (left != 0);
  }
}
