// Single blocks (FIPS 197 5.1, 5.3), also for the modes where a call for each block does not matter.

import { decryptBlock, encryptBlock, lastKey } from "./aes-rounds";

/** Encrypts 16 bytes; in place when both addresses are equal. */
export function aesBlockEncrypt(schedule: usize, target: usize, source: usize): void {
  v128.store(target, encryptBlock(schedule, lastKey(schedule), v128.load(source)));
}

/** Decrypts 16 bytes; in place when both addresses are equal. */
export function aesBlockDecrypt(schedule: usize, target: usize, source: usize): void {
  v128.store(target, decryptBlock(schedule, lastKey(schedule), v128.load(source)));
}
