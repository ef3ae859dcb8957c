// Sealing in place: msg_key, key derivation and encryption in one call. The msg_key ends up in the
// 16 bytes before the body, so that msg_key || ciphertext is one run of bytes.

import { wipe } from "../core/bytes";
import { expandEncryptKey } from "../crypto/aes-key";
import { AES_ENCRYPT_BYTES } from "../crypto/aes-rounds";
import { ctrOnce } from "../crypto/ctr";
import { aesIgeEncrypt } from "../crypto/ige";
import { callKdf, messageKdf } from "../crypto/kdf";
import { HEADROOM, msgKeyCompute } from "./msg-key";

const AES_KEY: usize = memory.data(32, 16);
const AES_IV: usize = memory.data(32, 16);
const SCHEDULE: usize = memory.data(256, 16);

function wipeScratch(): void {
  wipe(AES_KEY, 32);
  wipe(AES_IV, 32);
  wipe(SCHEDULE, AES_ENCRYPT_BYTES);
}

/** Seals a call packet (AES-CTR, any length). Returns the length of msg_key || ciphertext from body - 16. */
export function callPacketSeal(key: usize, x: usize, body: usize, length: usize): i32 {
  const msgKey = body - 16;
  msgKeyCompute(key, x, body, length, msgKey);
  callKdf(key, x, msgKey, AES_KEY, AES_IV);
  ctrOnce(AES_KEY, AES_IV, body, length);
  wipeScratch();
  return <i32>length + 16;
}

/**
 * Seals a message (AES-IGE, a multiple of 16 bytes, padding included). Returns the length of
 * msg_key || ciphertext from body - 16; the four bytes at the start of the headroom are the
 * quick-ack token, little-endian, without its top bit.
 */
export function messageSeal(key: usize, x: usize, body: usize, length: usize): i32 {
  const msgKey = body - 16;
  const token = msgKeyCompute(key, x, body, length, msgKey);
  store<u32>(body - HEADROOM, token);
  messageKdf(key, x, msgKey, AES_KEY, AES_IV);
  expandEncryptKey(SCHEDULE, AES_KEY);
  aesIgeEncrypt(SCHEDULE, AES_IV, body, body, length);
  wipeScratch();
  return <i32>length + 16;
}
