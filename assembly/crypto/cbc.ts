// Cipher block chaining over AES (NIST SP 800-38A 6.2), for stored keys and Telegram Passport. No padding.

import { aesBlockDecrypt, aesBlockEncrypt } from "./aes";
import { AES_ENCRYPT_BYTES, decryptLast, decryptRound, decryptStart, lastKey } from "./aes-rounds";

/** Encrypts `length` bytes (a multiple of 16), in place or not. The 16-byte iv becomes the last ciphertext block. */
export function aesCbcEncrypt(
  schedule: usize, iv: usize, target: usize, source: usize, length: usize,
): void {
  let chain = v128.load(iv);
  for (let i: usize = 0; i < length; i += 16) {
    v128.store(target + i, v128.xor(v128.load(source + i), chain));
    aesBlockEncrypt(schedule, target + i, target + i);
    chain = v128.load(target + i);
  }
  v128.store(iv, chain);
}

/** Decrypts `length` bytes (a multiple of 16), in place or not; two blocks hide each other's latency. */
export function aesCbcDecrypt(
  schedule: usize, iv: usize, target: usize, source: usize, length: usize,
): void {
  const first = schedule + AES_ENCRYPT_BYTES;
  const end = lastKey(schedule) + AES_ENCRYPT_BYTES;
  let chain = v128.load(iv);
  let i: usize = 0;
  for (; i + 16 < length; i += 32) {
    const a = v128.load(source + i);
    const b = v128.load(source + i, 16);
    const start = v128.load(first);
    let x = decryptStart(a, start);
    let y = decryptStart(b, start);
    for (let key = first + 16; key < end; key += 16) {
      const round = v128.load(key);
      x = decryptRound(x, round);
      y = decryptRound(y, round);
    }
    const finish = v128.load(end);
    v128.store(target + i, v128.xor(decryptLast(x, finish), chain));
    v128.store(target + i, v128.xor(decryptLast(y, finish), a), 16);
    chain = b;
  }
  if (i < length) {
    const block = v128.load(source + i);
    aesBlockDecrypt(schedule, target + i, source + i);
    v128.store(target + i, v128.xor(v128.load(target + i), chain));
    chain = block;
  }
  v128.store(iv, chain);
}
