/** Writes the pulses of the excitation: the mirror of pulses.ts (RFC 6716, section 4.2.7.8). */
import { RangeEncoder, encodeBinary, encodeIcdf } from "../../range-encoder";
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
} from "../../tables/silk-excitation";
import { PARAMETERS, PULSES } from "../parameters";
import { symbolBits } from "./cost";

/** Largest pulse count of a block, and the symbol that announces one more low bit. */
// @ts-ignore: decorator
@inline const MOST: i32 = 16;
// @ts-ignore: decorator
@inline const ONE_MORE_BIT: i32 = 17;

/** u8 x 20: pulses and low bits of each block of 16 samples. */
const COUNTS = memory.data(32, 16);
const LOW_BITS = memory.data(32, 16);
/** For each block a binary tree of sums, u8: 1 of sixteen samples, 2 of eight, 4 of four, 8 of two, 16 samples. */
const TREES = memory.data(32 * 20, 16);

/** Writes `length` signed pulses from `PULSES`; what lies behind them up to a whole block is cleared. */
export function writePulses(enc: RangeEncoder, length: i32): void {
  const blocks = (length + 15) >> 4;
  memory.fill(PULSES + (<usize>length << 1), 0, (<usize>blocks << 5) - (<usize>length << 1));
  for (let i = 0; i < blocks; i++) sumBlock(i);
  writeCounts(enc, blocks);
  for (let i = 0; i < blocks; i++) {
    if (load<u8>(COUNTS + i) > 0) writePositions(enc, TREES + (<usize>i << 5));
  }
  for (let i = 0; i < blocks; i++) {
    const bits: i32 = load<u8>(LOW_BITS + i);
    if (bits > 0) writeLowBits(enc, PULSES + (<usize>i << 5), bits);
  }
  writeSigns(enc, blocks);
}

/** Fills the tree of block `i`, halving magnitudes until each level stays within what its table can say. */
function sumBlock(i: i32): void {
  const block = PULSES + (<usize>i << 5);
  const tree = TREES + (<usize>i << 5);
  let bits = 0;
  for (; ; bits++) {
    for (let k = 0; k < 16; k++) store<u8>(tree + k, min(abs(<i32>load<i16>(block + (k << 1))) >> bits, 255), 16);
    let fits = true;
    for (let k = 15; k > 0; k--) {
      const sum = <i32>load<u8>(tree + (k << 1)) + <i32>load<u8>(tree + (k << 1), 1);
      fits = fits && sum <= MOST;
      store<u8>(tree + k, min(sum, 255));
    }
    if (fits) break;
  }
  store<u8>(COUNTS + i, load<u8>(tree, 1));
  store<u8>(LOW_BITS + i, bits);
}

/** The cheapest rate level, then the counts. */
function writeCounts(enc: RangeEncoder, blocks: i32): void {
  const levels = RATE_LEVEL_ICDF + 9 * (<usize>PARAMETERS.signalType >> 1);
  let best = 0;
  let least: f32 = Infinity;
  for (let level = 0; level < 9; level++) {
    const icdf = PULSE_COUNT_ICDF + 18 * <usize>level;
    let bits = symbolBits(levels, level);
    for (let i = 0; i < blocks; i++) {
      bits += symbolBits(icdf, load<u8>(LOW_BITS + i) > 0 ? ONE_MORE_BIT : <i32>load<u8>(COUNTS + i));
    }
    if (bits < least) {
      least = bits;
      best = level;
    }
  }
  encodeIcdf(enc, best, levels, 8);
  const icdf = PULSE_COUNT_ICDF + 18 * <usize>best;
  for (let i = 0; i < blocks; i++) {
    const bits: i32 = load<u8>(LOW_BITS + i);
    let table = icdf;
    for (let k = 1; k <= bits; k++) {
      encodeIcdf(enc, ONE_MORE_BIT, table, 8);
      table = PULSE_COUNT_ICDF + 18 * 9 + usize(k == 10);
    }
    encodeIcdf(enc, load<u8>(COUNTS + i), table, 8);
  }
}

/** Left halves all the way down, in the order in which parsing visits them. */
function writePositions(enc: RangeEncoder, tree: usize): void {
  writeSplit(enc, SPLIT16_ICDF, tree, 1);
  for (let a = 2; a < 4; a++) {
    writeSplit(enc, SPLIT8_ICDF, tree, a);
    for (let b = 2 * a; b < 2 * a + 2; b++) {
      writeSplit(enc, SPLIT4_ICDF, tree, b);
      writeSplit(enc, SPLIT2_ICDF, tree, 2 * b);
      writeSplit(enc, SPLIT2_ICDF, tree, 2 * b + 1);
    }
  }
}

// @ts-ignore: decorator
@inline function writeSplit(enc: RangeEncoder, icdf: usize, tree: usize, node: i32): void {
  const count: usize = load<u8>(tree + node);
  if (count > 0) encodeIcdf(enc, load<u8>(tree + (node << 1)), icdf + <usize>load<u8>(SPLIT_OFFSETS + count), 8);
}

function writeLowBits(enc: RangeEncoder, block: usize, bits: i32): void {
  for (let at = block; at < block + 32; at += 2) {
    const magnitude = abs(<i32>load<i16>(at));
    for (let k = bits - 1; k >= 0; k--) encodeBinary(enc, (magnitude >> k) & 1, LSB_FIRST);
  }
}

function writeSigns(enc: RangeEncoder, blocks: i32): void {
  const row = SIGN_FIRST + 7 * <usize>(2 * PARAMETERS.signalType + PARAMETERS.offsetType);
  for (let i = 0; i < blocks; i++) {
    const count: usize = load<u8>(COUNTS + i);
    if (count == 0 && load<u8>(LOW_BITS + i) == 0) continue;
    const first: u32 = load<u8>(row + min<usize>(count, 6));
    const block = PULSES + (<usize>i << 5);
    for (let k: usize = 0; k < 32; k += 2) {
      const pulse: i32 = load<i16>(block + k);
      if (pulse != 0) encodeBinary(enc, i32(pulse > 0), first);
    }
  }
}
