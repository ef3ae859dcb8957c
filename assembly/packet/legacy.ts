// Messages of MTProto 1.0 (mtproto.md 3): msg_key is SHA1(data without padding)[4..20], so the length of
// the data must be found before it can be checked. It stays secret among the sixteen lengths that one
// ciphertext may hold: both numbers of hash blocks that are possible are computed.

import { copy16, storeBigU64, wipe } from "../core/bytes";
import { difference16, lessMask, maskBytes, zeroMask } from "../core/constant-time";
import { expandDecryptKey, expandEncryptKey } from "../crypto/aes-key";
import { HashKind, hashFinal, hashInit, hashUpdate } from "../crypto/hash";
import { aesIgeDecrypt, aesIgeEncrypt } from "../crypto/ige";
import { messageKdfV1 } from "../crypto/kdf-v1";
import { sha1Compress, sha1Start, sha1Write } from "../crypto/sha1";
import { AES_IV, AES_KEY, RECEIVED, SCHEDULE, SET, setWipe } from "./cipher-set";

const STATE: usize = memory.data(208, 16);
const DIGEST: usize = memory.data(32, 16);
const OTHER: usize = memory.data(32, 16);
const TAIL: usize = memory.data(128, 16);

function wipeScratch(): void {
  setWipe(SET);
  wipe(STATE, 208);
  wipe(DIGEST, 32);
  wipe(OTHER, 32);
  wipe(TAIL, 128);
}

/**
 * Seals `length` bytes (a multiple of 16) of which the first `hashed` are no padding. Returns the length of
 * msg_key || ciphertext from body - 16; the four bytes at body - 32 are the quick-ack token, as in messageSeal.
 */
export function messageV1Seal(key: usize, x: usize, body: usize, length: usize, hashed: usize): i32 {
  hashInit(STATE, HashKind.SHA1);
  hashUpdate(STATE, body, hashed);
  hashFinal(STATE, DIGEST);
  copy16(body - 16, DIGEST + 4);
  store<u32>(body - 32, load<u32>(DIGEST));
  messageKdfV1(key, x, body - 16, SET + AES_KEY, SET + AES_IV);
  expandEncryptKey(SET + SCHEDULE, SET + AES_KEY);
  aesIgeEncrypt(SET + SCHEDULE, SET + AES_IV, body, body, length);
  wipeScratch();
  return <i32>length + 16;
}

/** SHA-1 of the first `hashed` bytes of `length`, length - 15 <= hashed <= length, into DIGEST; `hashed` is secret. */
function hashPrefix(body: usize, length: usize, hashed: u32): void {
  // Blocks that every possible length has whole; what follows, padding included, fits two.
  const whole: usize = length < 15 ? 0 : (length - 15) & ~63;
  const rest = length - whole; // at most 78
  const cut = hashed - <u32>whole;
  wipe(TAIL, 128);
  for (let i: usize = 0; i < rest; i++) {
    store<u8>(TAIL + i, load<u8>(body + whole + i) & <u8>lessMask(<u32>i, cut));
  }
  for (let i: usize = 0; i <= rest; i++) {
    store<u8>(TAIL + i, load<u8>(TAIL + i) | (0x80 & <u8>zeroMask(<u32>i ^ cut)));
  }
  sha1Start(STATE);
  sha1Compress(STATE, body, whole);
  // The length goes to the end of the first block that has room for it.
  const bits = <u64>hashed << 3;
  const first = lessMask(cut, 56);
  const second = ~first; // cut is at most 78
  storeBigU64(TAIL + 56, bswap<u64>(load<u64>(TAIL + 56)) | (bits & wide(first)));
  storeBigU64(TAIL + 120, bswap<u64>(load<u64>(TAIL + 120)) | (bits & wide(second)));
  sha1Compress(STATE, TAIL, 64);
  sha1Write(DIGEST, STATE);
  sha1Compress(STATE, TAIL + 64, 64);
  sha1Write(OTHER, STATE);
  for (let i: usize = 0; i < 20; i += 4) {
    store<u32>(DIGEST + i, (load<u32>(DIGEST + i) & first) | (load<u32>(OTHER + i) & ~first));
  }
}

// @ts-ignore: decorator
@inline
function wide(mask: u32): u64 {
  return <u64><i64><i32>mask;
}

/**
 * Opens msg_key || `length` bytes (a multiple of 16, at least 32) at body - 16. The length of the data is read from
 * the four bytes at `field` (28 in cloud messages, 0 in secret chats); the data follow it, then 0..15 bytes of
 * padding. Returns that length, or -1 and leaves zeros.
 */
export function messageV1Open(key: usize, x: usize, body: usize, length: usize, field: usize): i32 {
  copy16(SET + RECEIVED, body - 16);
  messageKdfV1(key, x, SET + RECEIVED, SET + AES_KEY, SET + AES_IV);
  expandEncryptKey(SET + SCHEDULE, SET + AES_KEY);
  expandDecryptKey(SET + SCHEDULE);
  aesIgeDecrypt(SET + SCHEDULE, SET + AES_IV, body, body, length);
  const data = load<u32>(body + field);
  const available = <u32>(length - field - 4);
  const padding = available - data;
  let mask = ~lessMask(available, data) & lessMask(padding, 16) & zeroMask(data & 3);
  hashPrefix(body, length, <u32>length - (padding & mask));
  mask &= zeroMask(difference16(SET + RECEIVED, DIGEST + 4));
  maskBytes(body, length, mask);
  wipeScratch();
  return <i32>((data & mask) | ~mask);
}
