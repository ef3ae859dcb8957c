/**
 * MTProto 2.0: messages, the making of authorization keys as client and as server, the binding of
 * temporary keys, the two-factor check. No sockets; streams are in `sottovoce/mtproto/transport`.
 * @module
 */
export {
  AuthKeyClient,
  type AuthKeyClientOptions,
  type AuthKeyStep,
  type NewAuthKey,
} from './auth-key-client.ts';
export type { Verdict } from './auth-key-messages.ts';
export {
  type AcceptedAuthKey,
  type AuthKeyAnswer,
  AuthKeyServer,
  type AuthKeyServerOptions,
} from './auth-key-server.ts';
export { bindTempAuthKey, type KeyBinding, openBindTempAuthKey } from './bind-temp-auth-key.ts';
export { MtprotoError, type MtprotoErrorCode } from './errors.ts';
export { keyVisualization, newNonceHash } from './key-ids.ts';
export { MessageCipher } from './message-cipher.ts';
export { MessageCipherV1 } from './message-cipher-v1.ts';
export type { MessageCipherOptions, MessageFields } from './message-fields.ts';
export { MessageIds } from './message-ids.ts';
export { type MessageAge, MessageWindow, type MessageWindowOptions } from './message-window.ts';
export { factorizePq, type PqFactors } from './pq.ts';
export {
  type RsaPrivateKey,
  rsaPrivateKey,
  type RsaPublicKey,
  rsaPad,
  rsaPublicKey,
  rsaUnpad,
} from './rsa.ts';
export { type PasswordAlgorithm, srpCheck, srpVerifier } from './srp.ts';
export { SrpServer } from './srp-server.ts';
export { decodeUnencrypted, encodeUnencrypted } from './unencrypted.ts';
