// The other libraries behind one interface: for each operation, a function from inputs to a function
// that does it once, so that what a user sets up once is not timed. The result is bytes.
import * as as256 from '@chainsafe/as-sha256';
import aesModule from '@cryptography/aes';
import * as mtcute from '@mtcute/wasm';
import { ctr } from '@noble/ciphers/aes.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createSHA1, createSHA256 } from 'hash-wasm';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { IGE } = aesModule;
const file = mtcute.SIMD_AVAILABLE ? 'mtcute-simd.wasm' : 'mtcute.wasm';
mtcute.initSync(readFileSync(fileURLToPath(import.meta.resolve(`@mtcute/wasm/${file}`))));
const hashWasm = { sha256: await createSHA256(), sha1: await createSHA1() };

const bytesOf = (words) => {
  const out = new Uint8Array(words.length * 4);
  const view = new DataView(out.buffer);
  for (let i = 0; i < words.length; i++) view.setUint32(4 * i, words[i]);
  return out;
};

export const contestants = {
  '@mtcute/wasm': {
    igeEncrypt:
      ({ key, iv, data }) =>
      () =>
        mtcute.ige256Encrypt(data, key, iv),
    igeDecrypt:
      ({ key, iv, data }) =>
      () =>
        mtcute.ige256Decrypt(data, key, iv),
    ctr:
      ({ key, iv, data }) =>
      () => {
        const context = mtcute.createCtr256(key, iv.subarray(0, 16));
        const result = mtcute.ctr256(context, data);
        mtcute.freeCtr256(context);
        return result;
      },
    sha256:
      ({ data }) =>
      () =>
        mtcute.sha256(data),
    sha1:
      ({ data }) =>
      () =>
        mtcute.sha1(data),
  },
  '@cryptography/aes': {
    igeEncrypt:
      ({ key, iv, data }) =>
      () =>
        bytesOf(new IGE(key, iv).encrypt(data)),
    igeDecrypt:
      ({ key, iv, data }) =>
      () =>
        bytesOf(new IGE(key, iv).decrypt(data)),
  },
  '@noble': {
    ctr:
      ({ key, iv, data }) =>
      () =>
        ctr(key, iv.subarray(0, 16)).encrypt(data),
    sha256:
      ({ data }) =>
      () =>
        sha256(data),
    sha1:
      ({ data }) =>
      () =>
        sha1(data),
  },
  'hash-wasm': {
    sha256:
      ({ data }) =>
      () =>
        hashWasm.sha256.init().update(data).digest('binary'),
    sha1:
      ({ data }) =>
      () =>
        hashWasm.sha1.init().update(data).digest('binary'),
  },
  '@chainsafe/as-sha256': {
    sha256:
      ({ data }) =>
      () =>
        as256.digest(data),
  },
};
