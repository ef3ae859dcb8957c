// Infinite garble extension over AES, as MTProto uses it:
//   C[i] = E(P[i] ^ C[i-1]) ^ P[i-1],  C[-1] = iv[0..16],  P[-1] = iv[16..32]

import {
  AES_ENCRYPT_BYTES, decryptBlock, decryptLast, decryptRound, decryptStart, encryptBlock, encryptLast,
  encryptRound, encryptStart, lastKey,
} from "./aes-rounds";

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

// Blocks of one stream wait for each other; those of another stream fill the wait. Both keys must be of
// one size, and the streams of one length.

/** As aesIgeEncrypt, of two independent streams in one loop. */
export function aesIgeEncryptPair(
  schedule: usize, iv: usize, target: usize, source: usize,
  schedule2: usize, iv2: usize, target2: usize, source2: usize, length: usize,
): void {
  const last = lastKey(schedule);
  const apart = schedule2 - schedule;
  let cipher = v128.load(iv), plain = v128.load(iv, 16);
  let cipher2 = v128.load(iv2), plain2 = v128.load(iv2, 16);
  for (let i: usize = 0; i < length; i += 16) {
    const block = v128.load(source + i);
    const block2 = v128.load(source2 + i);
    let x = encryptStart(v128.xor(block, cipher), v128.load(schedule));
    let y = encryptStart(v128.xor(block2, cipher2), v128.load(schedule2));
    for (let key = schedule + 16; key < last; key += 16) {
      x = encryptRound(x, v128.load(key));
      y = encryptRound(y, v128.load(key + apart));
    }
    cipher = v128.xor(encryptLast(x, v128.load(last)), plain);
    cipher2 = v128.xor(encryptLast(y, v128.load(last + apart)), plain2);
    v128.store(target + i, cipher);
    v128.store(target2 + i, cipher2);
    plain = block;
    plain2 = block2;
  }
  v128.store(iv, cipher);
  v128.store(iv, plain, 16);
  v128.store(iv2, cipher2);
  v128.store(iv2, plain2, 16);
}

/** As aesIgeDecrypt, of two independent streams in one loop. */
export function aesIgeDecryptPair(
  schedule: usize, iv: usize, target: usize, source: usize,
  schedule2: usize, iv2: usize, target2: usize, source2: usize, length: usize,
): void {
  const first = schedule + AES_ENCRYPT_BYTES;
  const last = lastKey(schedule) + AES_ENCRYPT_BYTES;
  const apart = schedule2 - schedule;
  let cipher = v128.load(iv), plain = v128.load(iv, 16);
  let cipher2 = v128.load(iv2), plain2 = v128.load(iv2, 16);
  for (let i: usize = 0; i < length; i += 16) {
    const block = v128.load(source + i);
    const block2 = v128.load(source2 + i);
    let x = decryptStart(v128.xor(block, plain), v128.load(first));
    let y = decryptStart(v128.xor(block2, plain2), v128.load(first + apart));
    for (let key = first + 16; key < last; key += 16) {
      x = decryptRound(x, v128.load(key));
      y = decryptRound(y, v128.load(key + apart));
    }
    plain = v128.xor(decryptLast(x, v128.load(last)), cipher);
    plain2 = v128.xor(decryptLast(y, v128.load(last + apart)), cipher2);
    v128.store(target + i, plain);
    v128.store(target2 + i, plain2);
    cipher = block;
    cipher2 = block2;
  }
  v128.store(iv, cipher);
  v128.store(iv, plain, 16);
  v128.store(iv2, cipher2);
  v128.store(iv2, plain2, 16);
}
