// Counter mode over AES (NIST SP 800-38A 6.5). The 16-byte iv is one big-endian counter that
// wraps modulo 2^128. A state keeps the key stream that a call left over, so any split of the input
// gives the same output.

import { copy16, wipeSmall } from "../core/bytes";
import { aesBlockEncrypt } from "./aes";
import { ctrBitsliced } from "./bitslice";
import { expandEncryptKey } from "./aes-key";
import { AES_ENCRYPT_BYTES, encryptPairXor, lastKey } from "./aes-rounds";

/** State: encryption keys, counter as two native words (low, high), key stream block, bytes left of it. */
// @ts-ignore: decorator
@inline
export const AES_CTR_BYTES: usize = 304;
// @ts-ignore: decorator
@inline
const COUNTER: usize = AES_ENCRYPT_BYTES;
// @ts-ignore: decorator
@inline
const STREAM: usize = AES_ENCRYPT_BYTES + 16;
// @ts-ignore: decorator
@inline
const LEFT: usize = AES_ENCRYPT_BYTES + 32;

/** Starts a stream at `state` with the encryption keys of a schedule and a 16-byte iv. */
export function aesCtrInit(state: usize, schedule: usize, iv: usize): void {
  for (let i: usize = 0; i < AES_ENCRYPT_BYTES; i += 16) copy16(state + i, schedule + i);
  start(state, iv);
}

// @ts-ignore: decorator
@inline
function start(state: usize, iv: usize): void {
  v128.store(state + COUNTER, reverseBlock(v128.load(iv)));
  store<u32>(state + LEFT, 0);
}

// @ts-ignore: decorator
@inline
function reverseBlock(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}

// @ts-ignore: decorator
@inline
function counterBlock(low: u64, high: u64): v128 {
  return reverseBlock(i64x2.replace_lane(i64x2.splat(low), 1, high));
}

/** En- or decrypts the next `length` bytes of the stream, in place or not. */
export function aesCtrProcess(state: usize, target: usize, source: usize, length: usize): void {
  let left: usize = load<u32>(state + LEFT);
  const end = source + length;
  while (left > 0 && source < end) {
    store<u8>(target, load<u8>(source) ^ load<u8>(state + STREAM + 16 - left));
    left--;
    source++;
    target++;
  }
  // From here on the bit planes of the keys cost less than they save; a short rest is done below.
  const rest = end - source;
  if (rest >= 128) {
    const bulk = (rest & 127) > 48 ? rest : rest & ~127;
    left = ctrBitsliced(state, state + COUNTER, target, source, bulk, state + STREAM);
    source += bulk;
    target += bulk;
  }
  const last = lastKey(state);
  let low = load<u64>(state + COUNTER);
  let high = load<u64>(state + COUNTER + 8);
  // The counter may be secret (calls derive it): the carry is arithmetic, not a branch.
  while (end - source >= 32) {
    const first = counterBlock(low, high);
    low++;
    high += u64(low == 0);
    const second = counterBlock(low, high);
    low++;
    high += u64(low == 0);
    encryptPairXor(state, last, first, second, target, source);
    source += 32;
    target += 32;
  }
  while (source < end) {
    v128.store(state + STREAM, counterBlock(low, high));
    aesBlockEncrypt(state, state + STREAM, state + STREAM);
    low++;
    high += u64(low == 0);
    left = 16;
    while (left > 0 && source < end) {
      store<u8>(target, load<u8>(source) ^ load<u8>(state + STREAM + 16 - left));
      left--;
      source++;
      target++;
    }
  }
  store<u64>(state + COUNTER, low);
  store<u64>(state + COUNTER + 8, high);
  store<u32>(state + LEFT, <u32>left);
}

/** Scratch for one-shot use by the packet code. */
const ONE_SHOT: usize = memory.data(304, 16);

/** En- or decrypts `length` bytes in place from the start of a stream, and wipes the schedule. */
export function ctrOnce(key: usize, iv: usize, data: usize, length: usize): void {
  expandEncryptKey(ONE_SHOT, key);
  start(ONE_SHOT, iv);
  aesCtrProcess(ONE_SHOT, data, data, length);
  wipeSmall(ONE_SHOT, AES_CTR_BYTES);
}
