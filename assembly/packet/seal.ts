// Sealing in place: msg_key, key derivation and encryption in one call. The msg_key ends up in the
// 16 bytes before the body, so that msg_key || ciphertext is one run of bytes.

import { wipeSmall } from "../core/bytes";
import { ctrOnce } from "../crypto/ctr";
import { aesIgeEncrypt } from "../crypto/ige";
import { callKdf } from "../crypto/kdf";
import { AES_IV, AES_KEY, SCHEDULE, SET, messageStartSeal, setWipe } from "./cipher-set";
import { msgKeyCompute } from "./msg-key";

/** Seals a call packet (AES-CTR, any length). Returns the length of msg_key || ciphertext from body - 16. */
export function callPacketSeal(key: usize, x: usize, body: usize, length: usize): i32 {
  const msgKey = body - 16;
  msgKeyCompute(key, x, body, length, msgKey);
  callKdf(key, x, msgKey, SET + AES_KEY, SET + AES_IV);
  ctrOnce(SET + AES_KEY, SET + AES_IV, body, length);
  wipeSmall(SET, SCHEDULE); // no schedule was made here
  return <i32>length + 16;
}

/**
 * Seals a message (AES-IGE, a multiple of 16 bytes, padding included). Returns the length of
 * msg_key || ciphertext from body - 16; the four bytes at the start of the headroom are the
 * quick-ack token, little-endian, without its top bit.
 */
export function messageSeal(key: usize, x: usize, body: usize, length: usize): i32 {
  messageStartSeal(SET, key, x, body, length);
  aesIgeEncrypt(SET + SCHEDULE, SET + AES_IV, body, body, length);
  setWipe(SET);
  return <i32>length + 16;
}
