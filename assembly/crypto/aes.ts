// AES-256 (FIPS 197) by vector permutes: constant time, no memory address depends on key or data.
// The state is kept in the tower-field basis of aes-tables.ts between the rounds; ShiftRows and the
// column rotations of MixColumns are constant byte permutations.

import {
  AINV, D11_T, D11_U, D13_T, D13_U, D14_T, D14_U, D9_T, D9_U, D_INPUT_HIGH, D_INPUT_LOW, D_LAST_T,
  D_LAST_U, INPUT_HIGH, INPUT_LOW, INV, OUTPUT_HIGH, OUTPUT_LOW, S1_T, S1_U, S2_T, S2_U, S_LAST_T,
  S_LAST_U, TABLES,
} from "./aes-tables";

/** Round keys 0..14 for encryption: all that CTR needs. */
// @ts-ignore: decorator
@inline
export const AES_ENCRYPT_BYTES: usize = 240;

/** Encryption keys, then decryption keys 0..14. */
// @ts-ignore: decorator
@inline
export const AES_KEY_BYTES: usize = 480;

// Byte r + 4c of the state is row r, column c. SHIFT_k moves bytes as ShiftRows does and then
// rotates every column by k rows; UNSHIFT_k the same with the inverse of ShiftRows.

// @ts-ignore: decorator
@inline
function shift0(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11));
}
// @ts-ignore: decorator
@inline
function shift1(x: v128): v128 {
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
function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(0x0f));
}
// @ts-ignore: decorator
@inline
function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(0x0f));
}

/** A linear map given by its tables for low and high nibbles. */
// @ts-ignore: decorator
@inline
function mapLinear(x: v128, low: usize, high: usize): v128 {
  return v128.xor(
    i8x16.swizzle(v128.load(TABLES + low), lowNibbles(x)),
    i8x16.swizzle(v128.load(TABLES + high), highNibbles(x)),
  );
}

/** One of the two indices that stand for the inverse: `io` from (i, j), `jo` from (j, i). */
// @ts-ignore: decorator
@inline
function inverseIndex(inv: v128, ak: v128, x: v128, y: v128): v128 {
  return v128.xor(i8x16.swizzle(inv, v128.xor(i8x16.swizzle(inv, x), ak)), y);
}

/** A linear map of the inverse, by its tables for the two indices. */
// @ts-ignore: decorator
@inline
function mapInverse(u: v128, t: v128, io: v128, jo: v128): v128 {
  return v128.xor(i8x16.swizzle(u, io), i8x16.swizzle(t, jo));
}

/** SubBytes, ShiftRows, MixColumns, AddRoundKey in the tower basis. */
// @ts-ignore: decorator
@inline
function encryptRound(x: v128, key: v128): v128 {
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
function encryptLast(x: v128, key: v128): v128 {
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

/** Encrypts one block. */
// @ts-ignore: decorator
@inline
export function encryptBlock(schedule: usize, block: v128): v128 {
  let x = v128.xor(mapLinear(block, INPUT_LOW, INPUT_HIGH), v128.load(schedule));
  for (let key = schedule + 16, end = schedule + 224; key < end; key += 16) {
    x = encryptRound(x, v128.load(key));
  }
  return encryptLast(x, v128.load(schedule, 224));
}

/** XORs two blocks at `source` with the encryptions of `a` and `b`; two chains hide each other's latency. */
// @ts-ignore: decorator
@inline
export function encryptPairXor(schedule: usize, a: v128, b: v128, target: usize, source: usize): void {
  let key = schedule;
  let x = v128.xor(mapLinear(a, INPUT_LOW, INPUT_HIGH), v128.load(key));
  let y = v128.xor(mapLinear(b, INPUT_LOW, INPUT_HIGH), v128.load(key));
  const end = schedule + 224;
  for (key += 16; key < end; key += 16) {
    const round = v128.load(key);
    x = encryptRound(x, round);
    y = encryptRound(y, round);
  }
  const last = v128.load(key);
  v128.store(target, v128.xor(encryptLast(x, last), v128.load(source)));
  v128.store(target, v128.xor(encryptLast(y, last), v128.load(source, 16)), 16);
}

/** Decrypts one block: the equivalent inverse cipher (FIPS 197 5.3.5) with keys of `expandDecryptKey`. */
// @ts-ignore: decorator
@inline
export function decryptBlock(schedule: usize, block: v128): v128 {
  let key = schedule + AES_ENCRYPT_BYTES;
  const end = key + 224;
  const inv = v128.load(TABLES + INV);
  let x = mapLinear(v128.xor(block, v128.load(key)), D_INPUT_LOW, D_INPUT_HIGH);
  for (key += 16; key < end; key += 16) {
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
    x = v128.xor(
      v128.xor(v128.xor(unshift0(e14), unshift1(e11)), v128.xor(unshift2(e13), unshift3(e9))),
      v128.load(key),
    );
  }
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  const s = mapInverse(v128.load(TABLES + D_LAST_U), v128.load(TABLES + D_LAST_T), io, jo);
  return v128.xor(unshift0(s), v128.load(key));
}

// Key expansion (FIPS 197 5.2) in the tower basis, where SubWord needs no change of basis.

/** phi(0x63): the constant of the S-box. */
const AFFINE_TOWER: i8 = 0x6e;
/** phi(x^n) for n = 0..6: the round constants, each in byte 0 of every word. */
const RCON_TOWER: usize = memory.data<u8>([0x01, 0x1c, 0x2d, 0x27, 0x86, 0xfd, 0x8e], 16);

/** S-box without its constant. */
// @ts-ignore: decorator
@inline
function substitute(x: v128): v128 {
  const inv = v128.load(TABLES + INV);
  const k = lowNibbles(x);
  const i = highNibbles(x);
  const j = v128.xor(i, k);
  const ak = i8x16.swizzle(v128.load(TABLES + AINV), k);
  const io = inverseIndex(inv, ak, i, j);
  const jo = inverseIndex(inv, ak, j, i);
  return mapInverse(v128.load(TABLES + S1_U), v128.load(TABLES + S1_T), io, jo);
}

/** Words w0, w0^w1, w0^w1^w2, w0^w1^w2^w3. Indices of 0x80 and above read zero. */
// @ts-ignore: decorator
@inline
function prefixXor(x: v128): v128 {
  const y = v128.xor(x, i8x16.swizzle(x, i8x16(-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)));
  return v128.xor(y, i8x16.swizzle(y, i8x16(-1, -1, -1, -1, -1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7)));
}

/** Encryption keys of a 32-byte key. */
export function expandEncryptKey(schedule: usize, key: usize): void {
  const affine = i8x16.splat(AFFINE_TOWER);
  let even = mapLinear(v128.load(key), INPUT_LOW, INPUT_HIGH);
  let odd = mapLinear(v128.load(key, 16), INPUT_LOW, INPUT_HIGH);
  v128.store(schedule, even);
  v128.store(schedule, v128.xor(odd, affine), 16);
  let out = schedule + 32;
  for (let n: usize = 0; n < 6; n++) {
    const rotated = i8x16.swizzle(
      substitute(odd),
      i8x16(13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12),
    );
    const constant = v128.xor(affine, i32x4.splat(<i32>load<u8>(RCON_TOWER + n)));
    even = v128.xor(prefixXor(even), v128.xor(rotated, constant));
    v128.store(out, v128.xor(even, affine));
    const word = i8x16.swizzle(
      substitute(even),
      i8x16(12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15),
    );
    odd = v128.xor(prefixXor(odd), v128.xor(word, affine));
    v128.store(out, v128.xor(odd, affine), 16);
    out += 32;
  }
  const rotated = i8x16.swizzle(
    substitute(odd),
    i8x16(13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12, 13, 14, 15, 12),
  );
  const constant = v128.xor(affine, i32x4.splat(<i32>load<u8>(RCON_TOWER + 6)));
  even = v128.xor(prefixXor(even), v128.xor(rotated, constant));
  // The last key is added outside the tower basis.
  v128.store(out, v128.xor(mapLinear(even, OUTPUT_LOW, OUTPUT_HIGH), i8x16.splat(0x63)));
}

/** Product with x in the AES field, in every byte. */
// @ts-ignore: decorator
@inline
function timesX(x: v128): v128 {
  return v128.xor(
    i8x16.add(x, x),
    v128.and(i8x16.shr_s(x, 7), i8x16.splat(0x1b)),
  );
}

/** InvMixColumns (FIPS 197 5.3.3), in the AES basis. */
// @ts-ignore: decorator
@inline
function unmixColumns(x: v128): v128 {
  const x2 = timesX(x);
  const x4 = timesX(x2);
  const x8 = timesX(x4);
  const x9 = v128.xor(x8, x);
  const x11 = v128.xor(x9, x2);
  const x13 = v128.xor(x9, x4);
  const x14 = v128.xor(v128.xor(x8, x4), x2);
  const first = v128.xor(
    x14,
    i8x16.swizzle(x11, i8x16(1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)),
  );
  const second = v128.xor(
    i8x16.swizzle(x13, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)),
    i8x16.swizzle(x9, i8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14)),
  );
  return v128.xor(first, second);
}

/** Decryption keys from the encryption keys before them: order reversed, InvMixColumns applied. */
export function expandDecryptKey(schedule: usize): void {
  const affine = i8x16.splat(0x63);
  const tower = i8x16.splat(AFFINE_TOWER);
  let out = schedule + AES_ENCRYPT_BYTES;
  v128.store(out, v128.load(schedule, 224));
  for (let key = schedule + 208; key > schedule; key -= 16) {
    out += 16;
    const plain = mapLinear(v128.xor(v128.load(key), tower), OUTPUT_LOW, OUTPUT_HIGH);
    const mixed = v128.xor(unmixColumns(plain), affine);
    v128.store(out, mapLinear(mixed, D_INPUT_LOW, D_INPUT_HIGH));
  }
  v128.store(out, mapLinear(v128.load(schedule), OUTPUT_LOW, OUTPUT_HIGH), 16);
}

/** Both halves of an AES_KEY_BYTES schedule from a 32-byte key. */
export function aesKeyExpand(schedule: usize, key: usize): void {
  expandEncryptKey(schedule, key);
  expandDecryptKey(schedule);
}

/** Encrypts 16 bytes; in place when both addresses are equal. */
export function aesBlockEncrypt(schedule: usize, target: usize, source: usize): void {
  v128.store(target, encryptBlock(schedule, v128.load(source)));
}

/** Decrypts 16 bytes; in place when both addresses are equal. */
export function aesBlockDecrypt(schedule: usize, target: usize, source: usize): void {
  v128.store(target, decryptBlock(schedule, v128.load(source)));
}
