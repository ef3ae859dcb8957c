// Key derivation of MTProto 2.0, for messages and for calls:
//   a = SHA256(msg_key || key[x .. x+36])      b = SHA256(key[40+x .. 76+x] || msg_key)
//   aes_key = a[0..8] || b[8..24] || a[24..32]
//   message iv = b[0..8] || a[8..24] || b[24..32]      call iv = b[0..4] || a[8..16] || b[24..28]

import { copy16, copy32, storeBigU64, wipeSmall } from "../core/bytes";
import { sha256Compress, sha256Start, sha256Write } from "./sha256";

/** Both inputs have 52 bytes, so each is one block that is padded here: 0x80, zeros, length in bits. */
const BLOCK: usize = memory.data(64, 16);
const STATE: usize = memory.data(32, 16);
const A: usize = memory.data(32, 16);
const B: usize = memory.data(32, 16);

function hashBlock(target: usize): void {
  store<u32>(BLOCK, 0x80, 52);
  storeBigU64(BLOCK + 56, 52 * 8);
  sha256Start(STATE);
  sha256Compress(STATE, BLOCK, 64);
  sha256Write(target, STATE);
}

function derive(key: usize, x: usize, msgKey: usize, aesKey: usize): void {
  copy16(BLOCK, msgKey);
  copy32(BLOCK + 16, key + x);
  store<u32>(BLOCK, load<u32>(key + x + 32), 48);
  hashBlock(A);
  copy32(BLOCK, key + 40 + x);
  store<u32>(BLOCK, load<u32>(key + 72 + x), 32);
  copy16(BLOCK + 36, msgKey);
  hashBlock(B);
  store<u64>(aesKey, load<u64>(A));
  copy16(aesKey + 8, B + 8);
  store<u64>(aesKey, load<u64>(A, 24), 24);
}

function wipeScratch(): void {
  wipeSmall(BLOCK, 64);
  wipeSmall(STATE, 32);
  wipeSmall(A, 32);
  wipeSmall(B, 32);
}

/** AES key (32 bytes) and IGE iv (32 bytes) of a message. */
export function messageKdf(
  key: usize, x: usize, msgKey: usize, aesKey: usize, aesIv: usize,
): void {
  derive(key, x, msgKey, aesKey);
  store<u64>(aesIv, load<u64>(B));
  copy16(aesIv + 8, A + 8);
  store<u64>(aesIv, load<u64>(B, 24), 24);
  wipeScratch();
}

/** AES key (32 bytes) and CTR iv (16 bytes) of a call packet. */
export function callKdf(key: usize, x: usize, msgKey: usize, aesKey: usize, aesIv: usize): void {
  derive(key, x, msgKey, aesKey);
  store<u32>(aesIv, load<u32>(B));
  store<u64>(aesIv, load<u64>(A, 8), 4);
  store<u32>(aesIv, load<u32>(B, 24), 12);
  wipeScratch();
}
