// The message key of MTProto 2.0: SHA256(key[88+x .. 120+x] || plaintext)[8..24]. It authenticates the
// plaintext and keys its encryption. The 32 bytes before a body (headroom) take the part of the key,
// so that one pass hashes both where they are.

import { copy16, copy32, wipeSmall } from "../core/bytes";
import { sha256Once } from "../crypto/sha256";

/** Free bytes that every body must have before it. */
// @ts-ignore: decorator
@inline
export const HEADROOM: usize = 32;

const DIGEST: usize = memory.data(32, 16);

/**
 * Writes the 16-byte msg_key of a body to `msgKey`, and zeros to the headroom.
 * Returns the first four bytes of the digest (little-endian), which a quick ack repeats.
 */
export function msgKeyCompute(key: usize, x: usize, body: usize, length: usize, msgKey: usize): u32 {
  copy32(body - HEADROOM, key + 88 + x);
  sha256Once(DIGEST, body - HEADROOM, length + HEADROOM);
  wipeSmall(body - HEADROOM, HEADROOM);
  const token = load<u32>(DIGEST);
  copy16(msgKey, DIGEST + 8);
  wipeSmall(DIGEST, 32);
  return token;
}
