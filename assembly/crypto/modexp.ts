// base^exponent mod m for numbers of 2048 bits, constant time in base and exponent: fixed windows of
// five bits over all bytes of the exponent, and a table whose 32 entries are all read every time. How
// many bytes the exponent has, is public.

import { wipe } from "../core/bytes";
import { MODULUS, SQUARE, modulusSet, modulusWipe, montgomeryLeave } from "./modulus";
import {
  NUMBER_BYTES, fromBytes, montgomeryMultiply, montgomerySquare,
} from "./montgomery";

// @ts-ignore: decorator
@inline
const WINDOW = 5;
// @ts-ignore: decorator
@inline
const ENTRIES: usize = 32;

/** Entry n holds base^n in Montgomery form: 76 limbs at a stride of 80. */
const TABLE: usize = memory.data(10240, 16);
/** Each with 16 zero bytes before limb 0. */
const RESULT: usize = memory.data(336, 16) + 16;
const FACTOR: usize = memory.data(336, 16) + 16;

function copyNumber(target: usize, source: usize): void {
  for (let i: usize = 0; i < 320; i += 16) v128.store(target + i, v128.load(source + i));
}

/** FACTOR = entry `index` of the table. */
function selectEntry(index: u32): void {
  const wanted = i32x4.splat(<i32>index);
  for (let i: usize = 0; i < 320; i += 64) {
    let a = i32x4.splat(0), b = a, c = a, d = a;
    let at = TABLE + i;
    for (let n = 0; n < <i32>ENTRIES; n++) {
      const mask = i32x4.eq(i32x4.splat(n), wanted);
      a = v128.or(a, v128.and(mask, v128.load(at)));
      b = v128.or(b, v128.and(mask, v128.load(at, 16)));
      c = v128.or(c, v128.and(mask, v128.load(at, 32)));
      d = v128.or(d, v128.and(mask, v128.load(at, 48)));
      at += 320;
    }
    v128.store(FACTOR + i, a);
    v128.store(FACTOR + i, b, 16);
    v128.store(FACTOR + i, c, 32);
    v128.store(FACTOR + i, d, 48);
  }
}

/** Five bits of the exponent from bit `position` up; positions are public. */
function windowAt(exponent: usize, bytes: i32, position: i32): u32 {
  const byte = position >> 3;
  const last = exponent + <usize>(bytes - 1 - byte);
  let pair: u32 = load<u8>(last);
  if (byte < bytes - 1) pair |= <u32>load<u8>(last - 1) << 8;
  return (pair >> <u32>(position & 7)) & 31;
}

/**
 * Base, modulus and result are 256 bytes, the exponent as many as are said, at least one; all big-endian. The
 * modulus is odd. The target may be any of the inputs. Returns 0.
 */
export function modExp(target: usize, base: usize, exponent: usize, bytes: i32, modulus: usize): i32 {
  const n0 = modulusSet(modulus);
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
  let position = ((bytes << 3) - 1) / WINDOW * WINDOW;
  selectEntry(windowAt(exponent, bytes, position));
  copyNumber(RESULT, FACTOR);
  while (position > 0) {
    position -= WINDOW;
    for (let i = 0; i < WINDOW; i++) montgomerySquare(RESULT, RESULT, MODULUS, n0);
    selectEntry(windowAt(exponent, bytes, position));
    montgomeryMultiply(RESULT, RESULT, FACTOR, MODULUS, n0);
  }
  montgomeryLeave(target, RESULT, n0);
  wipe(TABLE, 10240);
  wipe(RESULT - 16, NUMBER_BYTES);
  wipe(FACTOR - 16, NUMBER_BYTES);
  modulusWipe();
  return 0;
}
