// Infinite garble extension over AES, as MTProto uses it:
//   C[i] = E(P[i] ^ C[i-1]) ^ P[i-1],  C[-1] = iv[0..16],  P[-1] = iv[16..32]

import { decryptBlock, encryptBlock, lastKey } from "./aes-rounds";

/** Encrypts `length` bytes (a multiple of 16), in place or not. The 32-byte iv becomes the chaining value. */
export function aesIgeEncrypt(
  schedule: usize, iv: usize, target: usize, source: usize, length: usize,
): void {
  const last = lastKey(schedule);
  let cipher = v128.load(iv);
  let plain = v128.load(iv, 16);
  for (let i: usize = 0; i < length; i += 16) {
    const block = v128.load(source + i);
    cipher = v128.xor(encryptBlock(schedule, last, v128.xor(block, cipher)), plain);
    v128.store(target + i, cipher);
    plain = block;
  }
  v128.store(iv, cipher);
  v128.store(iv, plain, 16);
}

/** Decrypts `length` bytes (a multiple of 16), in place or not. The 32-byte iv becomes the chaining value. */
export function aesIgeDecrypt(
  schedule: usize, iv: usize, target: usize, source: usize, length: usize,
): void {
  const last = lastKey(schedule);
  let cipher = v128.load(iv);
  let plain = v128.load(iv, 16);
  for (let i: usize = 0; i < length; i += 16) {
    const block = v128.load(source + i);
    plain = v128.xor(decryptBlock(schedule, last, v128.xor(block, plain)), cipher);
    v128.store(target + i, plain);
    cipher = block;
  }
  v128.store(iv, cipher);
  v128.store(iv, plain, 16);
}
