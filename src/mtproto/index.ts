export { MtprotoError, type MtprotoErrorCode } from './errors.ts';
export { MessageCipher, type MessageCipherOptions, type MessageFields } from './message-cipher.ts';
