// One streaming shell around the three hash functions (FIPS 180-4 5.1 and 6). Which function it is,
// is public, so the shell may branch on it.

import { storeBigU64, wipe } from "../core/bytes";
import { sha1Compress, sha1Start, sha1Write } from "./sha1";
import { sha256Compress, sha256Start, sha256Write } from "./sha256";
import { sha512Compress, sha512Start, sha512Write } from "./sha512";

/** Names the hash functions, also for the TypeScript side. */
export const enum HashKind { SHA1 = 0, SHA256 = 1, SHA512 = 2 }

/** State: chaining value (64 bytes), partial block (128), length so far (8), fill of the block (4), kind (4). */
// @ts-ignore: decorator
@inline
export const HASH_BYTES: usize = 208;
// @ts-ignore: decorator
@inline
const BLOCK: usize = 64;
// @ts-ignore: decorator
@inline
const LENGTH: usize = 192;
// @ts-ignore: decorator
@inline
const FILL: usize = 200;
// @ts-ignore: decorator
@inline
const KIND: usize = 204;

/** Starts, or starts again, a hash of a HashKind. */
export function hashInit(state: usize, kind: i32): void {
  wipe(state, HASH_BYTES);
  store<i32>(state + KIND, kind);
  if (kind == HashKind.SHA1) sha1Start(state);
  else if (kind == HashKind.SHA256) sha256Start(state);
  else sha512Start(state);
}

// @ts-ignore: decorator
@inline
export function blockBytes(kind: i32): usize {
  return kind == HashKind.SHA512 ? 128 : 64;
}

export function compress(state: usize, kind: i32, source: usize, length: usize): void {
  if (kind == HashKind.SHA1) sha1Compress(state, source, length);
  else if (kind == HashKind.SHA256) sha256Compress(state, source, length);
  else sha512Compress(state, source, length);
}

/** Takes in `length` bytes more. Whole blocks are read where they are. */
export function hashUpdate(state: usize, source: usize, length: usize): void {
  const kind = load<i32>(state + KIND);
  const size = blockBytes(kind);
  let fill: usize = load<u32>(state + FILL);
  store<u64>(state + LENGTH, load<u64>(state + LENGTH) + <u64>length);
  if (fill > 0) {
    const room = size - fill;
    const part = length < room ? length : room;
    memory.copy(state + BLOCK + fill, source, part);
    source += part;
    length -= part;
    fill += part;
    if (fill == size) {
      compress(state, kind, state + BLOCK, size);
      fill = 0;
    }
  }
  if (length > 0) { // then the partial block is empty
    const whole = length & ~(size - 1);
    compress(state, kind, source, whole);
    fill = length - whole;
    memory.copy(state + BLOCK, source + whole, fill);
  }
  store<u32>(state + FILL, <u32>fill);
}

/** Writes the digest (20, 32 or 64 bytes), wipes the state, and returns the digest's length. */
export function hashFinal(state: usize, target: usize): i32 {
  const kind = load<i32>(state + KIND);
  const size = blockBytes(kind);
  let fill: usize = load<u32>(state + FILL);
  store<u8>(state + BLOCK + fill, 0x80);
  fill++;
  // 8 bytes of length, 16 for SHA-512
  if (fill > size - (size >> 3)) {
    memory.fill(state + BLOCK + fill, 0, size - fill);
    compress(state, kind, state + BLOCK, size);
    fill = 0;
  }
  memory.fill(state + BLOCK + fill, 0, size - fill);
  storeBigU64(state + BLOCK + size - 8, load<u64>(state + LENGTH) << 3);
  compress(state, kind, state + BLOCK, size);
  let digest = 64;
  if (kind == HashKind.SHA1) {
    sha1Write(target, state);
    digest = 20;
  } else if (kind == HashKind.SHA256) {
    sha256Write(target, state);
    digest = 32;
  } else sha512Write(target, state);
  wipe(state, HASH_BYTES);
  return digest;
}
