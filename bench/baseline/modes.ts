// IGE (as MTProto has it), CBC and CTR (SP 800-38A) over aes.ts.

import { decryptBlock, decryptKeys, encryptBlock, encryptKeys, toBytes, toWords } from './aes.ts';

/** C[i] = E(P[i] ^ C[i-1]) ^ P[i-1]; the iv is C[-1] || P[-1]. */
export function aesIgeEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const keys = encryptKeys(key);
  const words = toWords(data);
  const [c0, c1, c2, c3, p0, p1, p2, p3] = toWords(iv) as unknown as number[];
  const block = Uint32Array.of(c0!, c1!, c2!, c3!);
  const plain = Uint32Array.of(p0!, p1!, p2!, p3!);
  for (let i = 0; i < words.length; i += 4) {
    for (let j = 0; j < 4; j++) block[j]! ^= words[i + j]!;
    encryptBlock(keys, block);
    for (let j = 0; j < 4; j++) {
      block[j]! ^= plain[j]!;
      plain[j] = words[i + j]!;
      words[i + j] = block[j]!;
    }
  }
  return toBytes(words);
}

/** P[i] = D(C[i] ^ P[i-1]) ^ C[i-1]. */
export function aesIgeDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const keys = decryptKeys(key);
  const words = toWords(data);
  const chain = toWords(iv);
  const cipher = chain.slice(0, 4);
  const block = chain.slice(4);
  for (let i = 0; i < words.length; i += 4) {
    for (let j = 0; j < 4; j++) block[j]! ^= words[i + j]!;
    decryptBlock(keys, block);
    for (let j = 0; j < 4; j++) {
      block[j]! ^= cipher[j]!;
      cipher[j] = words[i + j]!;
      words[i + j] = block[j]!;
    }
  }
  return toBytes(words);
}

export function aesCbcEncrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const keys = encryptKeys(key);
  const words = toWords(data);
  const block = toWords(iv);
  for (let i = 0; i < words.length; i += 4) {
    for (let j = 0; j < 4; j++) block[j]! ^= words[i + j]!;
    encryptBlock(keys, block);
    words.set(block, i);
  }
  return toBytes(words);
}

export function aesCbcDecrypt(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const keys = decryptKeys(key);
  const words = toWords(data);
  let before = toWords(iv);
  const block = new Uint32Array(4);
  for (let i = 0; i < words.length; i += 4) {
    const cipher = words.slice(i, i + 4);
    block.set(cipher);
    decryptBlock(keys, block);
    for (let j = 0; j < 4; j++) words[i + j] = block[j]! ^ before[j]!;
    before = cipher;
  }
  return toBytes(words);
}

/** The iv is one big-endian counter. */
export function aesCtr(key: Uint8Array, iv: Uint8Array, data: Uint8Array): Uint8Array {
  const keys = encryptKeys(key);
  const counter = toWords(iv);
  const block = new Uint32Array(4);
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 16) {
    block.set(counter);
    encryptBlock(keys, block);
    for (let j = 3; j >= 0; j--) {
      counter[j]!++;
      if (counter[j] !== 0) break; // no carry
    }
    const end = Math.min(16, data.length - i);
    for (let j = 0; j < end; j++)
      out[i + j] = data[i + j]! ^ (block[j >> 2]! >>> (24 - 8 * (j & 3)));
  }
  return out;
}
