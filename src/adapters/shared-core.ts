import { type CryptoCore, createCrypto } from '../crypto/index.ts';

let shared: CryptoCore | undefined;

/** The core of adapters that are given none, made on first use. @internal */
export function sharedCrypto(): CryptoCore {
  shared ??= createCrypto();
  return shared;
}
