// The same operations as the WebAssembly core, in plain TypeScript without any attempt at constant time:
// what it is measured against, and the oracle of its differential tests. Keys are 32 bytes, shared keys 256.

export { sha1, sha256, sha512 } from './hashes.ts';
export { aesCbcDecrypt, aesCbcEncrypt, aesCtr, aesIgeDecrypt, aesIgeEncrypt } from './modes.ts';
export { modExp } from './numbers.ts';
export { callKdf, messageKdf, openCall, openMessage, sealCall, sealMessage } from './packets.ts';
