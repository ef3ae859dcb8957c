export { MtprotoError, type MtprotoErrorCode } from './errors.ts';
export { keyVisualization, newNonceHash } from './key-ids.ts';
export { MessageCipher, type MessageCipherOptions, type MessageFields } from './message-cipher.ts';
