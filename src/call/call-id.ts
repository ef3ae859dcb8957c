import type { CryptoCore, SharedKey } from '../crypto/index.ts';

/**
 * The last 16 bytes of SHA-256 of the call's key: what old peers put in front of direct packets.
 * Owned.
 * @internal
 */
export function callId(crypto: CryptoCore, key: SharedKey): Uint8Array {
  const hash = crypto.createHash('sha256');
  const digest = hash.updateKey(key).digest(new Uint8Array(32));
  hash.close();
  return digest.slice(16);
}
