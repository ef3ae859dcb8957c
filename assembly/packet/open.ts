// Opening in place: decryption, msg_key and all further checks in one call that takes one path. All
// that was checked flows into one mask; it wipes the body or leaves it, and only then is looked at.

import { copy16, wipeSmall } from "../core/bytes";
import { difference, difference16, lessMask, maskBytes, zeroMask } from "../core/constant-time";
import { ctrOnce } from "../crypto/ctr";
import { aesIgeDecrypt } from "../crypto/ige";
import { callKdf } from "../crypto/kdf";
import {
  AES_IV, AES_KEY, EXPECTED, RECEIVED, SCHEDULE, SET, messageStartOpen, setWipe,
} from "./cipher-set";
import { msgKeyCompute } from "./msg-key";

/** All ones when the msg_key of the decrypted body is the one received. */
export function checkMsgKey(set: usize, key: usize, x: usize, body: usize, length: usize): u32 {
  msgKeyCompute(key, x, body, length, set + EXPECTED);
  return zeroMask(difference16(set + RECEIVED, set + EXPECTED));
}

/**
 * Opens a call packet that lies at body - 16 (msg_key || `length` bytes of ciphertext). Returns 1 and
 * leaves the plaintext at `body`, or returns 0 and leaves zeros. `x` is that of the sender.
 */
export function callPacketOpen(key: usize, x: usize, body: usize, length: usize): i32 {
  copy16(SET + RECEIVED, body - 16);
  callKdf(key, x, SET + RECEIVED, SET + AES_KEY, SET + AES_IV);
  ctrOnce(SET + AES_KEY, SET + AES_IV, body, length);
  const mask = checkMsgKey(SET, key, x, body, length);
  wipeSmall(SET, SCHEDULE); // no schedule was made here
  maskBytes(body, length, mask);
  return <i32>(mask & 1);
}

function decryptMessage(key: usize, x: usize, body: usize, length: usize): u32 {
  messageStartOpen(SET, key, x, body);
  aesIgeDecrypt(SET + SCHEDULE, SET + AES_IV, body, body, length);
  const mask = checkMsgKey(SET, key, x, body, length);
  setWipe(SET);
  return mask;
}

/** As callPacketOpen, for AES-IGE and a multiple of 16 bytes; checks nothing but the msg_key. */
export function messageOpen(key: usize, x: usize, body: usize, length: usize): i32 {
  const mask = decryptMessage(key, x, body, length);
  maskBytes(body, length, mask);
  return <i32>(mask & 1);
}

/**
 * Opens a cloud message (salt 8, session_id 8, msg_id 8, seq_no 4, length 4, data, padding) and
 * checks, after the msg_key: data length (multiple of 4, within the body, 12..1024 bytes of padding),
 * the 8-byte session_id at `session`, and that msg_id mod 2 is `parity`. Returns the length of the
 * data, or -1 and leaves zeros. `length` is a multiple of 16 and at least 48.
 */
export function cloudMessageOpen(
  key: usize, x: usize, body: usize, length: usize, session: usize, parity: u32,
): i32 {
  let mask = decryptMessage(key, x, body, length);
  const data = load<u32>(body, 28);
  const available = <u32>length - 32;
  mask &= zeroMask(data & 3);
  mask &= ~lessMask(available, data);
  const padding = available - data;
  mask &= ~lessMask(padding, 12) & ~lessMask(1024, padding);
  mask &= zeroMask(difference(body + 8, session, 8));
  mask &= zeroMask((load<u32>(body, 16) & 1) ^ parity);
  maskBytes(body, length, mask);
  return <i32>((data & mask) | ~mask);
}
