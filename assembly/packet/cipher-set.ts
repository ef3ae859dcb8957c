// What sealing or opening one packet derives: key, iv, the two msg_keys, and the key schedule. There are
// two sets, so that two messages can be in work at a time.

import { copy16, wipeSmall } from "../core/bytes";
import { expandDecryptKey, expandEncryptKey } from "../crypto/aes-key";
import { messageKdf } from "../crypto/kdf";
import { HEADROOM, msgKeyCompute } from "./msg-key";

// @ts-ignore: decorator
@inline
export const AES_KEY: usize = 0;
// @ts-ignore: decorator
@inline
export const AES_IV: usize = 32;
// @ts-ignore: decorator
@inline
export const RECEIVED: usize = 64;
// @ts-ignore: decorator
@inline
export const EXPECTED: usize = 80;
// @ts-ignore: decorator
@inline
export const SCHEDULE: usize = 96;
// @ts-ignore: decorator
@inline
const SET_BYTES: usize = 592;

export const SET: usize = memory.data(592, 16);
export const SET2: usize = memory.data(592, 16);

/** Everything of a message before its encryption; the quick-ack token goes to the start of the headroom. */
export function messageStartSeal(set: usize, key: usize, x: usize, body: usize, length: usize): void {
  const msgKey = body - 16;
  store<u32>(body - HEADROOM, msgKeyCompute(key, x, body, length, msgKey));
  messageKdf(key, x, msgKey, set + AES_KEY, set + AES_IV);
  expandEncryptKey(set + SCHEDULE, set + AES_KEY);
}

/** Everything of a message before its decryption. */
export function messageStartOpen(set: usize, key: usize, x: usize, body: usize): void {
  copy16(set + RECEIVED, body - 16);
  messageKdf(key, x, set + RECEIVED, set + AES_KEY, set + AES_IV);
  expandEncryptKey(set + SCHEDULE, set + AES_KEY);
  expandDecryptKey(set + SCHEDULE);
}

export function setWipe(set: usize): void {
  wipeSmall(set, SET_BYTES);
}
