// The other libraries, each as the operations that it has: functions of (key, iv, data) or (data) through the
// public interface of the package. What a user would set up once (instances, hash objects) is set up here.
import * as as256 from '@chainsafe/as-sha256';
import aesModule from '@cryptography/aes';
import * as mtcute from '@mtcute/wasm';
import { cbc, ctr } from '@noble/ciphers/aes.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import aesJs from 'aes-js';
import { createSHA1, createSHA256, createSHA512 } from 'hash-wasm';
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { baseline } from '../baseline/load.js';

const { IGE, CTR } = aesModule;
const file = mtcute.SIMD_AVAILABLE ? 'mtcute-simd.wasm' : 'mtcute.wasm';
mtcute.initSync(readFileSync(fileURLToPath(import.meta.resolve(`@mtcute/wasm/${file}`))));
const hashes = {
  sha1: await createSHA1(),
  sha256: await createSHA256(),
  sha512: await createSHA512(),
};
const hashWasm = (name) => (data) => hashes[name].init().update(data).digest('binary');
const nodeHash = (name) => (data) => createHash(name).update(data).digest();
const nodeCipher = (make, mode) => (key, iv, data) =>
  make(`aes-256-${mode}`, key, iv).setAutoPadding(false).update(data);

/** Bytes of the big-endian words that @cryptography/aes gives. */
export function bytesOf(words) {
  const out = new Uint8Array(words.length * 4);
  const view = new DataView(out.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]);
  return out;
}

/** IGE by CBC of OpenSSL: with q[i] = p[i] ^ p[i-2], c[i] = CBC(q)[i] ^ p[i-1]. */
function igeByCbc(key, iv, data) {
  const before = new Uint8Array(data.length + 16);
  before.set(iv.subarray(16));
  before.set(data, 16);
  const q = data.slice();
  for (let i = 16; i < q.length; i++) q[i] ^= before[i - 16];
  const out = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16))
    .setAutoPadding(false)
    .update(q);
  for (let i = 0; i < out.length; i++) out[i] ^= before[i];
  return out;
}

export const peers = {
  '@mtcute/wasm': {
    igeEncrypt: (key, iv, data) => mtcute.ige256Encrypt(data, key, iv),
    igeDecrypt: (key, iv, data) => mtcute.ige256Decrypt(data, key, iv),
    ctr: (key, iv, data) => {
      const context = mtcute.createCtr256(key, iv);
      const result = mtcute.ctr256(context, data);
      mtcute.freeCtr256(context);
      return result;
    },
    sha256: mtcute.sha256,
    sha1: mtcute.sha1,
  },
  '@cryptography/aes': {
    igeEncrypt: (key, iv, data) => new IGE(key, iv).encrypt(data), // words
    igeDecrypt: (key, iv, data) => new IGE(key, iv).decrypt(data),
    ctr: (key, iv, data) => new CTR(key, iv).encrypt(data),
  },
  '@noble/ciphers': {
    ctr: (key, iv, data) => ctr(key, iv).encrypt(data),
    cbcEncrypt: (key, iv, data) => cbc(key, iv, { disablePadding: true }).encrypt(data),
    cbcDecrypt: (key, iv, data) => cbc(key, iv, { disablePadding: true }).decrypt(data),
  },
  '@noble/hashes': { sha1, sha256, sha512 },
  'hash-wasm': { sha1: hashWasm('sha1'), sha256: hashWasm('sha256'), sha512: hashWasm('sha512') },
  '@chainsafe/as-sha256': { sha256: as256.digest },
  'aes-js': {
    ctr: (key, iv, data) => new aesJs.ModeOfOperation.ctr(key, new aesJs.Counter(iv)).encrypt(data),
    cbcEncrypt: (key, iv, data) => new aesJs.ModeOfOperation.cbc(key, iv).encrypt(data),
    cbcDecrypt: (key, iv, data) => new aesJs.ModeOfOperation.cbc(key, iv).decrypt(data),
  },
  'pure-js': {
    igeEncrypt: baseline.aesIgeEncrypt,
    igeDecrypt: baseline.aesIgeDecrypt,
    ctr: baseline.aesCtr,
    cbcEncrypt: baseline.aesCbcEncrypt,
    cbcDecrypt: baseline.aesCbcDecrypt,
    sha1: baseline.sha1,
    sha256: baseline.sha256,
    sha512: baseline.sha512,
  },
  'node:crypto': {
    igeEncrypt: igeByCbc,
    ctr: nodeCipher(createCipheriv, 'ctr'),
    cbcEncrypt: nodeCipher(createCipheriv, 'cbc'),
    cbcDecrypt: nodeCipher(createDecipheriv, 'cbc'),
    sha1: nodeHash('sha1'),
    sha256: nodeHash('sha256'),
    sha512: nodeHash('sha512'),
  },
};
