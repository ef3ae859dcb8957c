// AES (FIPS 197) by vector permutes: constant time, no memory address depends on key or data.
// The state is kept in the tower-field basis of aes-tables.ts between the rounds; ShiftRows and the
// column rotations of MixColumns are constant byte permutations.

import {
  AINV, D11_T, D11_U, D13_T, D13_U, D14_T, D14_U, D9_T, D9_U, D_INPUT_HIGH, D_INPUT_LOW, D_LAST_T,
  D_LAST_U, INPUT_HIGH, INPUT_LOW, INV, S1_T, S1_U, S2_T, S2_U, S_LAST_T, S_LAST_U, TABLES,
} from "./aes-tables";

// A schedule: encryption keys 0..14 (fewer for short keys), the distance from the first to the last of
// them, and from 256 on the decryption keys in the order of their use.

/** Bytes of a schedule that can only encrypt: all that CTR needs. */
// @ts-ignore: decorator
@inline
export const AES_ENCRYPT_BYTES: usize = 256;

/** Bytes of a whole schedule. */
// @ts-ignore: decorator
@inline
export const AES_KEY_BYTES: usize = 496;

/** Where the distance is: 160, 192 or 224. */
// @ts-ignore: decorator
@inline
export const SPAN: usize = 240;

/** Address of the last encryption key. How long a key is, is public. */
// @ts-ignore: decorator
@inline
export function lastKey(schedule: usize): usize {
  return schedule + load<u32>(schedule, SPAN);
}

// Byte r + 4c of the state is row r, column c. SHIFT_k moves bytes as ShiftRows does and then
// rotates every column by k rows; UNSHIFT_k the same with the inverse of ShiftRows.

// @ts-ignore: decorator
@inline
export function shift0(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11));
}
// @ts-ignore: decorator
@inline
export function shift1(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12));
}
// @ts-ignore: decorator
@inline
function shift23(x: v128): v128 {
  return v128.xor(
    i8x16.swizzle(x, i8x16(10, 15, 0, 5, 14, 3, 4, 9, 2, 7, 8, 13, 6, 11, 12, 1)),
    i8x16.swizzle(x, i8x16(15, 0, 5, 10, 3, 4, 9, 14, 7, 8, 13, 2, 11, 12, 1, 6)),
  );
}
// @ts-ignore: decorator
@inline
function unshift0(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 13, 10, 7, 4, 1, 14, 11, 8, 5, 2, 15, 12, 9, 6, 3));
}
// @ts-ignore: decorator
@inline
function unshift1(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(13, 10, 7, 0, 1, 14, 11, 4, 5, 2, 15, 8, 9, 6, 3, 12));
}
// @ts-ignore: decorator
@inline
function unshift2(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(10, 7, 0, 13, 14, 11, 4, 1, 2, 15, 8, 5, 6, 3, 12, 9));
}
// @ts-ignore: decorator
@inline
function unshift3(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(7, 0, 13, 10, 11, 4, 1, 14, 15, 8, 5, 2, 3, 12, 9, 6));
}

// @ts-ignore: decorator
@inline
export function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(0x0f));
}
// @ts-ignore: decorator
@inline
export function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(0x0f));
}

/** A linear map given by its tables for low and high nibbles. */
// @ts-ignore: decorator
@inline
export function mapLinear(x: v128, low: usize, high: usize): v128 {
  return v128.xor(
    i8x16.swizzle(v128.load(TABLES + low), lowNibbles(x)),
    i8x16.swizzle(v128.load(TABLES + high), highNibbles(x)),
  );
}

/** One of the two indices that stand for the inverse: `io` from (i, j), `jo` from (j, i). */
// @ts-ignore: decorator
@inline
export function inverseIndex(inv: v128, ak: v128, x: v128, y: v128): v128 {
  return v128.xor(i8x16.swizzle(inv, v128.xor(i8x16.swizzle(inv, x), ak)), y);
}

/** A linear map of the inverse, by its tables for the two indices. */
// @ts-ignore: decorator
@inline
export function mapInverse(u: v128, t: v128, io: v128, jo: v128): v128 {
  return v128.xor(i8x16.swizzle(u, io), i8x16.swizzle(t, jo));
}

/** SubBytes, ShiftRows, MixColumns, AddRoundKey in the tower basis. */
// @ts-ignore: decorator
@inline
export function encryptRound(x: v128, key: v128): v128 {
  const inv = v128.load(TABLES + INV);
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  const twice = mapInverse(v128.load(TABLES + S2_U), v128.load(TABLES + S2_T), io, jo);
  const once = mapInverse(v128.load(TABLES + S1_U), v128.load(TABLES + S1_T), io, jo);
  const thrice = v128.xor(once, twice);
  return v128.xor(
    v128.xor(shift0(twice), shift1(thrice)),
    v128.xor(shift23(once), key),
  );
}

/** The round without MixColumns; leaves the tower basis. */
// @ts-ignore: decorator
@inline
export function encryptLast(x: v128, key: v128): v128 {
  const inv = v128.load(TABLES + INV);
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  const s = mapInverse(v128.load(TABLES + S_LAST_U), v128.load(TABLES + S_LAST_T), io, jo);
  return v128.xor(shift0(s), key);
}

/** What a block becomes before its first round. */
// @ts-ignore: decorator
@inline
export function encryptStart(block: v128, key: v128): v128 {
  return v128.xor(mapLinear(block, INPUT_LOW, INPUT_HIGH), key);
}

/** Encrypts one block; `last` is lastKey(schedule). */
// @ts-ignore: decorator
@inline
export function encryptBlock(schedule: usize, last: usize, block: v128): v128 {
  let x = encryptStart(block, v128.load(schedule));
  for (let key = schedule + 16; key < last; key += 16) x = encryptRound(x, v128.load(key));
  return encryptLast(x, v128.load(last));
}

/** XORs two blocks at `source` with the encryptions of `a` and `b`; two chains hide each other's latency. */
// @ts-ignore: decorator
@inline
export function encryptPairXor(
  schedule: usize, last: usize, a: v128, b: v128, target: usize, source: usize,
): void {
  const first = v128.load(schedule);
  let x = encryptStart(a, first);
  let y = encryptStart(b, first);
  for (let key = schedule + 16; key < last; key += 16) {
    const round = v128.load(key);
    x = encryptRound(x, round);
    y = encryptRound(y, round);
  }
  const end = v128.load(last);
  v128.store(target, v128.xor(encryptLast(x, end), v128.load(source)));
  v128.store(target, v128.xor(encryptLast(y, end), v128.load(source, 16)), 16);
}

/** The inverse of a round (FIPS 197 5.3.5) in the tower basis. */
// @ts-ignore: decorator
@inline
export function decryptRound(x: v128, key: v128): v128 {
  const inv = v128.load(TABLES + INV);
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  const e14 = mapInverse(v128.load(TABLES + D14_U), v128.load(TABLES + D14_T), io, jo);
  const e11 = mapInverse(v128.load(TABLES + D11_U), v128.load(TABLES + D11_T), io, jo);
  const e13 = mapInverse(v128.load(TABLES + D13_U), v128.load(TABLES + D13_T), io, jo);
  const e9 = mapInverse(v128.load(TABLES + D9_U), v128.load(TABLES + D9_T), io, jo);
  return v128.xor(
    v128.xor(v128.xor(unshift0(e14), unshift1(e11)), v128.xor(unshift2(e13), unshift3(e9))),
    key,
  );
}

/** The inverse of the first round; leaves the tower basis. */
// @ts-ignore: decorator
@inline
export function decryptLast(x: v128, key: v128): v128 {
  const inv = v128.load(TABLES + INV);
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  const s = mapInverse(v128.load(TABLES + D_LAST_U), v128.load(TABLES + D_LAST_T), io, jo);
  return v128.xor(unshift0(s), key);
}

/** What a block becomes before its first inverse round. */
// @ts-ignore: decorator
@inline
export function decryptStart(block: v128, key: v128): v128 {
  return mapLinear(v128.xor(block, key), D_INPUT_LOW, D_INPUT_HIGH);
}

/** Decrypts one block: the equivalent inverse cipher (FIPS 197 5.3.5) with keys of `expandDecryptKey`. */
// @ts-ignore: decorator
@inline
export function decryptBlock(schedule: usize, last: usize, block: v128): v128 {
  const end = last + AES_ENCRYPT_BYTES;
  let key = schedule + AES_ENCRYPT_BYTES;
  let x = decryptStart(block, v128.load(key));
  for (key += 16; key < end; key += 16) x = decryptRound(x, v128.load(key));
  return decryptLast(x, v128.load(end));
}
