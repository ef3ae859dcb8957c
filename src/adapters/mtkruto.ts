/**
 * The AES-256-IGE of MTKruto (https://mtkru.to) on this package: constant time, and two lines to swap.
 * The rest of its crypto is the runtime's WebCrypto and cannot be swapped.
 * @module
 */
import { checkBytes } from '../core/checks.ts';
import { badArgument } from '../crypto/errors.ts';
import type { CryptoCore } from '../crypto/index.ts';
import { sharedCrypto } from './shared-core.ts';

/** What `setIge256Encrypt` and `setIge256Decrypt` of MTKruto take. */
export type Ige256 = (data: Uint8Array, key: Uint8Array, iv: Uint8Array) => Uint8Array<ArrayBuffer>;

function hook(method: 'aesIgeEncrypt' | 'aesIgeDecrypt', core: () => CryptoCore): Ige256 {
  return (data, key, iv) => {
    checkBytes('data', data, badArgument);
    const result = new Uint8Array(data.length);
    core()[method](key, iv, data, result);
    return result;
  };
}

/**
 * Encrypts a multiple of 16 bytes: a new array on a plain buffer, *owned*. Key and iv have 32 bytes and
 * are not modified; every call starts from the iv.
 * @throws {CryptoError} `bad-argument`, `bad-length`
 * @example
 * import { setIge256Decrypt, setIge256Encrypt } from '@mtkruto/mtkruto';
 * import { ige256Decrypt, ige256Encrypt } from 'sottovoce/adapters/mtkruto';
 *
 * setIge256Encrypt(ige256Encrypt);
 * setIge256Decrypt(ige256Decrypt);
 */
export const ige256Encrypt: Ige256 = /* @__PURE__ */ hook('aesIgeEncrypt', sharedCrypto);

/** The inverse of {@link ige256Encrypt}. */
export const ige256Decrypt: Ige256 = /* @__PURE__ */ hook('aesIgeDecrypt', sharedCrypto);

/**
 * The same two on a core of your own.
 * @returns functions whose results are *owned*; they throw `released` once the core is closed
 * @example
 * const { ige256Encrypt, ige256Decrypt } = createIge256(createCrypto());
 */
export function createIge256(crypto: CryptoCore): {
  ige256Encrypt: Ige256;
  ige256Decrypt: Ige256;
} {
  return {
    ige256Encrypt: hook('aesIgeEncrypt', () => crypto),
    ige256Decrypt: hook('aesIgeDecrypt', () => crypto),
  };
}
