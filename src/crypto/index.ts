export type { WasmSource } from '../core/load.ts';
export type { WasmMemory } from '../core/memory.ts';
export {
  type RandomErrorCode,
  type RandomSource,
  RandomError,
  systemRandom,
} from '../core/random.ts';
export type { AesKey } from './aes-key.ts';
export type { AesCbc, AesCtr, AesIge } from './aes.ts';
export { createCrypto, type CryptoCore } from './crypto-core.ts';
export { checkDhConfig, checkPublicValue, DH_GENERATOR, DH_PRIME } from './dh.ts';
export { CryptoError, type CryptoErrorCode } from './errors.ts';
export type { Hash, HashAlgorithm } from './hash.ts';
export type { Hmac } from './hmac.ts';
export type { IgeJob } from './ige-pair.ts';
export type { PacketBatch } from './packet-batch.ts';
export type { PacketBuffer } from './packet-buffer.ts';
export { randomBelow } from './random-below.ts';
export type { SharedKey } from './shared-key.ts';
