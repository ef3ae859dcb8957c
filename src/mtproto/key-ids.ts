import { checkBytes, checkInteger, checkLength } from '../core/checks.ts';
import type { CryptoCore } from '../crypto/crypto-core.ts';
import type { SharedKey } from '../crypto/shared-key.ts';
import { checkCore, checkKey } from './checks.ts';
import { badArgument, badLength } from './errors.ts';

/**
 * The proof that both sides of the authorization hold the same key: the last 16 bytes of SHA-1 of
 * new_nonce, a number and auth_key_aux_hash. *Owned*.
 *
 * @param newNonce 32 bytes
 * @param number 1 for dh_gen_ok, 2 for dh_gen_retry, 3 for dh_gen_fail
 * @throws {MtprotoError} `bad-argument`, `bad-length`
 * @example
 * const expected = newNonceHash(crypto, authKey, newNonce, 1);
 * if (!crypto.equal(expected, received.newNonceHash1)) throw new Error('refused');
 */
export function newNonceHash(
  crypto: CryptoCore,
  authKey: SharedKey,
  newNonce: Uint8Array,
  number: 1 | 2 | 3,
): Uint8Array {
  checkCore(crypto);
  checkKey('authKey', authKey);
  checkBytes('newNonce', newNonce, badArgument);
  checkLength('newNonce', newNonce, 32, badLength);
  checkInteger('number', number, 1, 3, badArgument);
  const proof = new Uint8Array(41);
  proof.set(newNonce);
  proof[32] = number;
  proof.set(authKey.auxHash, 33);
  const result = crypto.sha1(proof).slice(4, 20);
  proof.fill(0);
  return result;
}

/**
 * The 36 bytes that clients of secret chats draw as a picture for the two users to compare: the first
 * 16 of SHA-1 and the first 20 of SHA-256 of the key. *Owned*.
 * @throws {MtprotoError} `bad-argument`; {CryptoError} `released`
 * @example
 * const picture = keyVisualization(crypto, chatKey);
 */
export function keyVisualization(crypto: CryptoCore, key: SharedKey): Uint8Array {
  checkCore(crypto);
  checkKey('key', key);
  const result = new Uint8Array(36);
  const sha1 = crypto.createHash('sha1');
  result.set(sha1.updateKey(key).digest().subarray(0, 16));
  sha1.close();
  const sha256 = crypto.createHash('sha256');
  result.set(sha256.updateKey(key).digest().subarray(0, 20), 16);
  sha256.close();
  return result;
}
