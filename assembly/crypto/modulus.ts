// What depends on a modulus only, and the way into and out of Montgomery form. The modulus is odd and
// public; the numbers are not.

import { wipe } from "../core/bytes";
import {
  LIMBS, NUMBER_BYTES, double, fromBytes, montgomeryMultiply, montgomerySquare, negativeInverse, reduceOnce,
  toBytes, wipeMontgomery,
} from "./montgomery";

/** Each with 16 zero bytes before limb 0. */
export const MODULUS: usize = memory.data(336, 16) + 16;
/** R^2 mod m: a product with it enters Montgomery form. */
export const SQUARE: usize = memory.data(336, 16) + 16;
const FIRST: usize = memory.data(336, 16) + 16;
const SECOND: usize = memory.data(336, 16) + 16;

/** Bits of the modulus, which is public. */
function bitLength(number: usize): i32 {
  for (let i = <i32>LIMBS - 1; i >= 0; i--) {
    const limb = load<u32>(number + (<usize>i << 2));
    if (limb != 0) return i * 28 + 32 - clz<u32>(limb);
  }
  return 0;
}

/** Fills MODULUS and SQUARE from 256 big-endian bytes; returns -1/m mod 2^28. */
export function modulusSet(bytes: usize): u64 {
  fromBytes(MODULUS, bytes);
  const n0 = negativeInverse(MODULUS);
  const top = bitLength(MODULUS) - 1;
  wipe(SQUARE - 16, NUMBER_BYTES);
  store<u32>(SQUARE + (<usize>(top / 28) << 2), 1 << <u32>(top % 28));
  // R mod m by doubling. m = 1 is the only modulus that 2^top is not below.
  reduceOnce(SQUARE, MODULUS);
  for (let i = top; i < 2072; i++) double(SQUARE, MODULUS);
  // SQUARE = R = Montgomery form of 2^0; the exponent grows to 2072 bit by bit
  for (let bit = 11; bit >= 0; bit--) {
    montgomerySquare(SQUARE, SQUARE, MODULUS, n0);
    reduceOnce(SQUARE, MODULUS);
    if ((2072 >> bit) & 1) double(SQUARE, MODULUS);
  }
  return n0;
}

/** target = number, as limbs, times 1: out of Montgomery form, below m, to 256 bytes. */
export function montgomeryLeave(target: usize, number: usize, n0: u64): void {
  wipe(SECOND - 16, NUMBER_BYTES);
  store<u32>(SECOND, 1);
  montgomeryMultiply(FIRST, number, SECOND, MODULUS, n0);
  reduceOnce(FIRST, MODULUS); // at most m, so one subtraction
  toBytes(target, FIRST);
}

/** Wipes all that the functions of this file left of secret numbers. */
export function modulusWipe(): void {
  wipe(FIRST - 16, NUMBER_BYTES);
  wipe(SECOND - 16, NUMBER_BYTES);
  wipeMontgomery();
}

/** target = a * b mod m. All numbers are 256 bytes, big-endian; the target may be any of the inputs. */
export function modMultiply(target: usize, a: usize, b: usize, modulus: usize): void {
  const n0 = modulusSet(modulus);
  fromBytes(FIRST, a);
  fromBytes(SECOND, b);
  montgomeryMultiply(FIRST, FIRST, SQUARE, MODULUS, n0);
  montgomeryMultiply(FIRST, FIRST, SECOND, MODULUS, n0);
  reduceOnce(FIRST, MODULUS);
  toBytes(target, FIRST);
  modulusWipe();
}

/** number = number mod m, for any number of 2048 bits. */
function reduce(number: usize, n0: u64): void {
  montgomeryMultiply(number, number, SQUARE, MODULUS, n0);
  const one = DIFFERENCE;
  wipe(one - 16, NUMBER_BYTES);
  store<u32>(one, 1);
  montgomeryMultiply(number, number, one, MODULUS, n0);
  reduceOnce(number, MODULUS);
}

const DIFFERENCE: usize = memory.data(336, 16) + 16;

/** target = a - b mod m; conventions as of modMultiply. */
export function modSubtract(target: usize, a: usize, b: usize, modulus: usize): void {
  const n0 = modulusSet(modulus);
  fromBytes(FIRST, a);
  fromBytes(SECOND, b);
  reduce(FIRST, n0);
  reduce(SECOND, n0);
  // a + (m - b) < 2m
  let rest: i32 = 0;
  for (let i: usize = 0; i < LIMBS << 2; i += 4) {
    rest += <i32>load<u32>(FIRST + i) + <i32>load<u32>(MODULUS + i) - <i32>load<u32>(SECOND + i);
    store<u32>(FIRST + i, <u32>rest & 0xfffffff);
    rest >>= 28;
  }
  reduceOnce(FIRST, MODULUS);
  toBytes(target, FIRST);
  modulusWipe();
}

const PRODUCT: usize = memory.data(272, 16);

/** target (264 bytes) = a (256 bytes) + b * c (32 bytes each), without a modulus; all big-endian. */
export function bigMultiplyAdd(target: usize, a: usize, b: usize, c: usize): void {
  wipe(PRODUCT, 272);
  for (let i: usize = 0; i < 256; i += 4) {
    store<u32>(PRODUCT + i, bswap<u32>(load<u32>(a + 252 - i)));
  }
  for (let i: usize = 0; i < 32; i += 4) {
    const factor: u64 = bswap<u32>(load<u32>(b + 28 - i));
    let carry: u64 = 0;
    for (let j: usize = 0; j < 32; j += 4) {
      const at = PRODUCT + i + j;
      carry += factor * <u64>bswap<u32>(load<u32>(c + 28 - j)) + <u64>load<u32>(at);
      store<u32>(at, <u32>carry);
      carry >>= 32;
    }
    for (let at = PRODUCT + i + 32; at < PRODUCT + 264; at += 4) {
      carry += load<u32>(at);
      store<u32>(at, <u32>carry);
      carry >>= 32;
    }
  }
  for (let i: usize = 0; i < 264; i += 4) {
    store<u32>(target + i, bswap<u32>(load<u32>(PRODUCT + 260 - i)));
  }
  wipe(PRODUCT, 272);
}
