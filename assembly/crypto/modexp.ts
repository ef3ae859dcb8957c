// base^exponent mod m for numbers of 2048 bits, constant time in base and exponent: fixed windows of
// five bits over all 2048 bits of the exponent, and a table whose 32 entries are all read every time.

import { wipe } from "../core/bytes";
import {
  LIMBS, NUMBER_BYTES, double, fromBytes, montgomeryMultiply, montgomerySquare, negativeInverse, reduceOnce,
  toBytes, wipeMontgomery,
} from "./montgomery";

// @ts-ignore: decorator
@inline
const WINDOW = 5;
// @ts-ignore: decorator
@inline
const ENTRIES: usize = 32;
// @ts-ignore: decorator
@inline
const WINDOWS: i32 = 410; // 2050 bits

/** Entry n holds base^n in Montgomery form: 76 limbs at a stride of 80. */
const TABLE: usize = memory.data(10240, 16);
/** Each with 16 zero bytes before limb 0. */
const MODULUS: usize = memory.data(336, 16) + 16;
const SQUARE: usize = memory.data(336, 16) + 16;
const RESULT: usize = memory.data(336, 16) + 16;
const FACTOR: usize = memory.data(336, 16) + 16;

/** Bits of the modulus, which is public. */
function bitLength(number: usize): i32 {
  for (let i = <i32>LIMBS - 1; i >= 0; i--) {
    const limb = load<u32>(number + (<usize>i << 2));
    if (limb != 0) return i * 28 + 32 - clz<u32>(limb);
  }
  return 0;
}

/** R^2 mod m into SQUARE: R mod m by doubling, then 2^2072 * R by squaring and doubling. */
function computeSquare(n0: u64): void {
  const bits = bitLength(MODULUS);
  wipe(SQUARE - 16, NUMBER_BYTES);
  const top = bits - 1;
  store<u32>(SQUARE + (<usize>(top / 28) << 2), 1 << <u32>(top % 28));
  // m = 1 is the only modulus that 2^(bits - 1) is not below
  reduceOnce(SQUARE, MODULUS);
  for (let i = top; i < 2072; i++) double(SQUARE, MODULUS);
  // SQUARE = R = Montgomery form of 2^0; the exponent grows to 2072 bit by bit
  for (let bit = 11; bit >= 0; bit--) {
    montgomerySquare(SQUARE, SQUARE, MODULUS, n0);
    reduceOnce(SQUARE, MODULUS);
    if ((2072 >> bit) & 1) double(SQUARE, MODULUS);
  }
}

function copyNumber(target: usize, source: usize): void {
  for (let i: usize = 0; i < 320; i += 16) v128.store(target + i, v128.load(source + i));
}

/** FACTOR = entry `index` of the table. */
function selectEntry(index: u32): void {
  const wanted = i32x4.splat(<i32>index);
  for (let i: usize = 0; i < 304; i += 16) {
    let value = i32x4.splat(0);
    for (let n: usize = 0; n < ENTRIES; n++) {
      const mask = i32x4.eq(i32x4.splat(<i32>n), wanted);
      value = v128.or(value, v128.and(mask, v128.load(TABLE + n * 320 + i)));
    }
    v128.store(FACTOR + i, value);
  }
}

/** Five bits of the exponent from bit `position` up; positions are public. */
function windowAt(exponent: usize, position: i32): u32 {
  const byte = position >> 3;
  let pair: u32 = load<u8>(exponent + 255 - <usize>byte);
  if (byte < 255) pair |= <u32>load<u8>(exponent + 254 - <usize>byte) << 8;
  return (pair >> <u32>(position & 7)) & 31;
}

/**
 * All numbers are 256 bytes, big-endian; the modulus is odd. The target may be any of the inputs.
 * Returns 0.
 */
export function modExp(target: usize, base: usize, exponent: usize, modulus: usize): i32 {
  fromBytes(MODULUS, modulus);
  const n0 = negativeInverse(MODULUS);
  computeSquare(n0);
  // entries 0 and 1: one and the base in Montgomery form
  wipe(FACTOR - 16, NUMBER_BYTES);
  store<u32>(FACTOR, 1);
  wipe(RESULT - 16, NUMBER_BYTES);
  montgomeryMultiply(RESULT, FACTOR, SQUARE, MODULUS, n0);
  copyNumber(TABLE, RESULT);
  fromBytes(RESULT, base);
  montgomeryMultiply(RESULT, RESULT, SQUARE, MODULUS, n0);
  copyNumber(FACTOR, RESULT);
  copyNumber(TABLE + 320, RESULT);
  for (let n: usize = 2; n < ENTRIES; n++) {
    montgomeryMultiply(RESULT, RESULT, FACTOR, MODULUS, n0);
    copyNumber(TABLE + n * 320, RESULT);
  }
  selectEntry(windowAt(exponent, (WINDOWS - 1) * WINDOW));
  copyNumber(RESULT, FACTOR);
  for (let w = WINDOWS - 2; w >= 0; w--) {
    for (let i = 0; i < WINDOW; i++) montgomerySquare(RESULT, RESULT, MODULUS, n0);
    selectEntry(windowAt(exponent, w * WINDOW));
    montgomeryMultiply(RESULT, RESULT, FACTOR, MODULUS, n0);
  }
  // out of Montgomery form: at most m, so one subtraction
  wipe(FACTOR - 16, NUMBER_BYTES);
  store<u32>(FACTOR, 1);
  montgomeryMultiply(RESULT, RESULT, FACTOR, MODULUS, n0);
  reduceOnce(RESULT, MODULUS);
  toBytes(target, RESULT);
  wipe(TABLE, 10240);
  wipe(RESULT - 16, NUMBER_BYTES);
  wipe(FACTOR - 16, NUMBER_BYTES);
  wipeMontgomery();
  return 0;
}
