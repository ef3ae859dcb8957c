// HMAC (RFC 2104) over the streaming hashes, and PBKDF2 (RFC 8018 5.2) over HMAC.

import { wipe } from "../core/bytes";
import { HASH_BYTES, HashKind, blockBytes, compress, hashFinal, hashInit, hashUpdate } from "./hash";

/** State: the inner hash, ready for data; the outer hash, ready for the inner digest. */
// @ts-ignore: decorator
@inline
export const HMAC_BYTES: usize = 416;

const PAD: usize = memory.data(128, 16);
const DIGEST: usize = memory.data(64, 16);

/** Starts a HashKind's HMAC with a key of at most one block (64 bytes, 128 for SHA-512); hash longer ones first. */
export function hmacInit(state: usize, kind: i32, key: usize, length: usize): void {
  const size = blockBytes(kind);
  wipe(PAD, 128);
  memory.copy(PAD, key, length);
  for (let i: usize = 0; i < size; i++) store<u8>(PAD + i, load<u8>(PAD + i) ^ 0x36);
  hashInit(state, kind);
  hashUpdate(state, PAD, size);
  for (let i: usize = 0; i < size; i++) store<u8>(PAD + i, load<u8>(PAD + i) ^ 0x6a); // 0x36 ^ 0x5c
  hashInit(state + HASH_BYTES, kind);
  hashUpdate(state + HASH_BYTES, PAD, size);
  wipe(PAD, 128);
}

/** Writes the code (20, 32 or 64 bytes), wipes the state, and returns the code's length. */
export function hmacFinal(state: usize, target: usize): i32 {
  const length = hashFinal(state, DIGEST);
  hashUpdate(state + HASH_BYTES, DIGEST, length);
  wipe(DIGEST, 64);
  return hashFinal(state + HASH_BYTES, target);
}

const RUN: usize = memory.data(416, 16);
/** One padded block: a digest, 0x80, zeros, the length in bits of a block and a digest. */
const BLOCK: usize = memory.data(128, 16);
const CHAIN: usize = memory.data(64, 16);
const SUM: usize = memory.data(64, 16);

// @ts-ignore: decorator
@inline
function storeWords(target: usize, chain: usize, kind: i32, bytes: usize): void {
  if (kind == HashKind.SHA512) {
    for (let i: usize = 0; i < bytes; i += 8) store<u64>(target + i, bswap<u64>(load<u64>(chain + i)));
  } else {
    for (let i: usize = 0; i < bytes; i += 4) store<u32>(target + i, bswap<u32>(load<u32>(chain + i)));
  }
}

/** One HMAC of the digest in BLOCK, by the midstates of `state`; the result replaces it. */
function hmacDigest(state: usize, kind: i32, size: usize, bytes: usize): void {
  memory.copy(CHAIN, state, 64);
  compress(CHAIN, kind, BLOCK, size);
  storeWords(BLOCK, CHAIN, kind, bytes);
  memory.copy(CHAIN, state + HASH_BYTES, 64);
  compress(CHAIN, kind, BLOCK, size);
  storeWords(BLOCK, CHAIN, kind, bytes);
}

/**
 * Writes block `index` (from 1) of PBKDF2: `state` is an HMAC started with the password, and stays as
 * it is. Returns the block's length (20, 32 or 64).
 */
export function pbkdf2Block(
  state: usize, salt: usize, length: usize, iterations: u32, index: u32, target: usize,
): i32 {
  const kind = load<i32>(state, HASH_BYTES - 4);
  const size = blockBytes(kind);
  memory.copy(RUN, state, HMAC_BYTES);
  hashUpdate(RUN, salt, length);
  store<u32>(BLOCK, bswap<u32>(index));
  hashUpdate(RUN, BLOCK, 4);
  const bytes: usize = hmacFinal(RUN, SUM);
  wipe(BLOCK, 128);
  memory.copy(BLOCK, SUM, bytes);
  store<u8>(BLOCK + bytes, 0x80);
  store<u64>(BLOCK + size - 8, bswap<u64>((size + bytes) << 3));
  for (let n: u32 = 1; n < iterations; n++) {
    hmacDigest(state, kind, size, bytes);
    for (let i: usize = 0; i < bytes; i += 4) {
      store<u32>(SUM + i, load<u32>(SUM + i) ^ load<u32>(BLOCK + i));
    }
  }
  memory.copy(target, SUM, bytes);
  wipe(BLOCK, 128);
  wipe(CHAIN, 64);
  wipe(SUM, 64);
  return <i32>bytes;
}
