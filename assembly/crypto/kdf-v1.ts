// Key derivation of MTProto 1.0, for old secret chats and the binding of temporary keys:
//   a = SHA1(msg_key || k[x .. x+32])                 b = SHA1(k[32+x .. 48+x] || msg_key || k[48+x .. 64+x])
//   c = SHA1(k[64+x .. 96+x] || msg_key)              d = SHA1(msg_key || k[96+x .. 128+x])
//   aes_key = a[0..8] || b[8..20] || c[4..16]         aes_iv = a[8..20] || b[0..8] || c[16..20] || d[0..8]

import { copy16, copy32, storeBigU64, wipeSmall } from "../core/bytes";
import { sha1Compress, sha1Start, sha1Write } from "./sha1";

/** All inputs have 48 bytes, so each is one block that is padded here. */
const BLOCK: usize = memory.data(64, 16);
const STATE: usize = memory.data(32, 16);
/** a, b, c, d at a stride of 32. */
const DIGESTS: usize = memory.data(128, 16);

function hashBlock(target: usize): void {
  sha1Start(STATE);
  sha1Compress(STATE, BLOCK, 64);
  sha1Write(target, STATE);
}

/** AES key (32 bytes) and IGE iv (32 bytes) of a message. */
export function messageKdfV1(
  key: usize, x: usize, msgKey: usize, aesKey: usize, aesIv: usize,
): void {
  const k = key + x;
  const a = DIGESTS;
  const b = DIGESTS + 32;
  const c = DIGESTS + 64;
  const d = DIGESTS + 96;
  store<u64>(BLOCK, 0x80, 48);
  storeBigU64(BLOCK + 56, 48 * 8);
  copy16(BLOCK, msgKey);
  copy32(BLOCK + 16, k);
  hashBlock(a);
  copy32(BLOCK + 16, k + 96);
  hashBlock(d);
  copy16(BLOCK, k + 32);
  copy16(BLOCK + 16, msgKey);
  copy16(BLOCK + 32, k + 48);
  hashBlock(b);
  copy32(BLOCK, k + 64);
  copy16(BLOCK + 32, msgKey);
  hashBlock(c);
  store<u64>(aesKey, load<u64>(a));
  store<u64>(aesKey, load<u64>(b, 8), 8);
  store<u32>(aesKey, load<u32>(b, 16), 16);
  store<u64>(aesKey, load<u64>(c, 4), 20);
  store<u32>(aesKey, load<u32>(c, 12), 28);
  store<u64>(aesIv, load<u64>(a, 8));
  store<u32>(aesIv, load<u32>(a, 16), 8);
  store<u64>(aesIv, load<u64>(b), 12);
  store<u32>(aesIv, load<u32>(c, 16), 20);
  store<u64>(aesIv, load<u64>(d), 24);
  wipeSmall(BLOCK, 64);
  wipeSmall(STATE, 32);
  wipeSmall(DIGESTS, 128);
}
