// Key expansion (FIPS 197 5.2) in the tower basis, where SubWord needs no change of basis. The constant
// of the S-box is added to the keys, so that no round has to add it.

import {
  AINV, D_INPUT_HIGH, D_INPUT_LOW, INPUT_HIGH, INPUT_LOW, INV, OUTPUT_HIGH, OUTPUT_LOW, S1_T, S1_U, TABLES,
} from "./aes-tables";
import {
  AES_ENCRYPT_BYTES, SPAN, highNibbles, inverseIndex, lastKey, lowNibbles, mapInverse, mapLinear,
} from "./aes-rounds";

/** phi(0x63): the constant of the S-box. */
const AFFINE_TOWER: i8 = 0x6e;
/** phi(x^n) for n = 0..9: the round constants, each in byte 0 of every word. */
const RCON_TOWER: usize = memory.data<u8>(
  [0x01, 0x1c, 0x2d, 0x27, 0x86, 0xfd, 0x8e, 0x77, 0xbc, 0x4a], 16,
);

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

/** Encryption keys of a 32-byte key: two words of vectors in turn. */
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
  store<u32>(schedule, 224, SPAN);
}

/** SubWord of one word, without the constant. */
// @ts-ignore: decorator
@inline
function substituteWord(word: u32): u32 {
  return <u32>i32x4.extract_lane(substitute(i32x4.splat(<i32>word)), 0);
}

/** Encryption keys of a 16- or 24-byte key, word by word. */
function expandShortKey(schedule: usize, key: usize, bytes: usize): void {
  const affine: u32 = 0x6e6e6e6e;
  const last: usize = bytes == 16 ? 160 : 192;
  v128.store(schedule, mapLinear(v128.load(key), INPUT_LOW, INPUT_HIGH));
  if (bytes == 24) {
    const rest = mapLinear(i64x2.splat(load<i64>(key, 16)), INPUT_LOW, INPUT_HIGH);
    store<i64>(schedule, i64x2.extract_lane(rest, 0), 16);
  }
  let constant = RCON_TOWER;
  let phase: usize = 0; // position within a turn of as many words as the key has
  for (let out = schedule + bytes; out < schedule + last + 16; out += 4) {
    let word = load<u32>(out - 4);
    if (phase == 0) {
      word = substituteWord(rotr<u32>(word, 8)) ^ affine ^ <u32>load<u8>(constant);
      constant++;
    }
    store<u32>(out, load<u32>(out - bytes) ^ word);
    phase += 4;
    if (phase == bytes) phase = 0;
  }
  for (let out = schedule + 16; out < schedule + last; out += 16) {
    v128.store(out, v128.xor(v128.load(out), i8x16.splat(AFFINE_TOWER)));
  }
  const end = mapLinear(v128.load(schedule + last), OUTPUT_LOW, OUTPUT_HIGH);
  v128.store(schedule + last, v128.xor(end, i8x16.splat(0x63)));
  store<u32>(schedule, <u32>last, SPAN);
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
  const last = lastKey(schedule);
  let out = schedule + AES_ENCRYPT_BYTES;
  v128.store(out, v128.load(last));
  for (let key = last - 16; key > schedule; key -= 16) {
    out += 16;
    const plain = mapLinear(v128.xor(v128.load(key), tower), OUTPUT_LOW, OUTPUT_HIGH);
    const mixed = v128.xor(unmixColumns(plain), affine);
    v128.store(out, mapLinear(mixed, D_INPUT_LOW, D_INPUT_HIGH));
  }
  v128.store(out, mapLinear(v128.load(schedule), OUTPUT_LOW, OUTPUT_HIGH), 16);
}

/** An AES_KEY_BYTES schedule from a key of 16, 24 or 32 bytes. */
export function aesKeyExpand(schedule: usize, key: usize, bytes: usize): void {
  if (bytes == 32) expandEncryptKey(schedule, key);
  else expandShortKey(schedule, key, bytes);
  expandDecryptKey(schedule);
}
