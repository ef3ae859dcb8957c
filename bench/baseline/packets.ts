// Key derivation, sealing and opening of MTProto 2.0 messages (AES-IGE) and of call packets (AES-CTR).

import { sha256 } from './hashes.ts';
import { aesCtr, aesIgeDecrypt, aesIgeEncrypt } from './modes.ts';

function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

type Derived = { aesKey: Uint8Array; aesIv: Uint8Array };

function hashes(key: Uint8Array, msgKey: Uint8Array, x: number): [Uint8Array, Uint8Array] {
  return [
    sha256(concat(msgKey, key.subarray(x, x + 36))),
    sha256(concat(key.subarray(40 + x, 76 + x), msgKey)),
  ];
}

const keyOf = (a: Uint8Array, b: Uint8Array): Uint8Array =>
  concat(a.subarray(0, 8), b.subarray(8, 24), a.subarray(24, 32));

export function messageKdf(key: Uint8Array, msgKey: Uint8Array, x: number): Derived {
  const [a, b] = hashes(key, msgKey, x);
  const aesIv = concat(b.subarray(0, 8), a.subarray(8, 24), b.subarray(24, 32));
  return { aesKey: keyOf(a, b), aesIv };
}

export function callKdf(key: Uint8Array, msgKey: Uint8Array, x: number): Derived {
  const [a, b] = hashes(key, msgKey, x);
  const aesIv = concat(b.subarray(0, 4), a.subarray(8, 16), b.subarray(24, 28));
  return { aesKey: keyOf(a, b), aesIv };
}

const msgKeyOf = (key: Uint8Array, x: number, plain: Uint8Array): Uint8Array =>
  sha256(concat(key.subarray(88 + x, 120 + x), plain)).subarray(8, 24);

function same(a: Uint8Array, b: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

export function sealCall(key: Uint8Array, x: number, plain: Uint8Array): Uint8Array {
  const msgKey = msgKeyOf(key, x, plain);
  const { aesKey, aesIv } = callKdf(key, msgKey, x);
  return concat(msgKey, aesCtr(aesKey, aesIv, plain));
}

export function openCall(key: Uint8Array, x: number, packet: Uint8Array): Uint8Array | null {
  const msgKey = packet.subarray(0, 16);
  const { aesKey, aesIv } = callKdf(key, msgKey, x);
  const plain = aesCtr(aesKey, aesIv, packet.subarray(16));
  return same(msgKeyOf(key, x, plain), msgKey) ? plain : null;
}

export function sealMessage(key: Uint8Array, x: number, plain: Uint8Array): Uint8Array {
  const msgKey = msgKeyOf(key, x, plain);
  const { aesKey, aesIv } = messageKdf(key, msgKey, x);
  return concat(msgKey, aesIgeEncrypt(aesKey, aesIv, plain));
}

export function openMessage(key: Uint8Array, x: number, packet: Uint8Array): Uint8Array | null {
  const msgKey = packet.subarray(0, 16);
  const { aesKey, aesIv } = messageKdf(key, msgKey, x);
  const plain = aesIgeDecrypt(aesKey, aesIv, packet.subarray(16));
  return same(msgKeyOf(key, x, plain), msgKey) ? plain : null;
}
