import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkInteger, checkLength, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import { checkCore, checkKey, checkRandom } from './checks.ts';
import { badArgument, badLength } from './errors.ts';
import { checkMsgId } from './msg-id.ts';
import { TlReader, TlWriter } from './tl.ts';

/** Constructor of auth.bindTempAuthKey. */
const BIND_TEMP_AUTH_KEY = 0xcdd42a05;
/** Constructor of bind_auth_key_inner, and its length. */
const BIND_AUTH_KEY_INNER = 0x75a3f765;
const INNER = 40;
/** Random bytes, msg_id, seq_no, length, inner; and the same with padding. */
const DATA = 72;
const PADDED = 80;
/** perm_auth_key_id, msg_key, ciphertext. */
const MESSAGE = 104;
/** Where the length field lies in the data. */
const LENGTH_OFFSET = 28;

/** What binds a temporary key to a permanent one. */
export type KeyBinding = {
  /** 8 random bytes. */
  readonly nonce: Uint8Array;
  /** session_id, 8 bytes, in which the binding is sent under the temporary key. */
  readonly tempSessionId: Uint8Array;
  /** Seconds since 1970 at which the temporary key ends. */
  readonly expiresAt: number;
  /** msg_id of the message that carries the binding: the same as inside. */
  readonly msgId: bigint;
};

/**
 * Binds a temporary key to the permanent key of a client, for perfect forward secrecy (mtproto.md 8).
 * Send `query` under the temporary key, in the session `tempSessionId`, with exactly `msgId`.
 *
 * @returns `encryptedMessage`, 104 bytes under the permanent key with MTProto 1.0; `query`, the body of
 *   auth.bindTempAuthKey that carries it. *Owned*.
 * @throws {MtprotoError} `bad-argument`, `bad-length`
 * @example
 * const { query } = bindTempAuthKey(crypto, permanent, temporary, {
 *   nonce, tempSessionId, expiresAt, msgId,
 * });
 * socket.send(cipher.seal({ salt, sessionId: tempSessionId, msgId, seqNo: 1, body: query }));
 */
export function bindTempAuthKey(
  crypto: CryptoCore,
  permAuthKey: SharedKey,
  tempAuthKey: SharedKey,
  binding: KeyBinding & { readonly random?: RandomSource },
): { encryptedMessage: Uint8Array; query: Uint8Array } {
  checkCore(crypto);
  checkKey('permAuthKey', permAuthKey);
  checkKey('tempAuthKey', tempAuthKey);
  checkBinding(binding);
  const { random = systemRandom } = binding;
  checkRandom(random);
  const inner = encodeBindInner(permAuthKey, tempAuthKey, binding);
  const data = new Uint8Array(PADDED);
  random(data.subarray(0, 16));
  const view = new DataView(data.buffer);
  view.setBigUint64(16, binding.msgId, true); // seq_no, 4 bytes behind it, is 0
  view.setUint32(LENGTH_OFFSET, INNER, true);
  data.set(inner, 32);
  random(data.subarray(DATA));
  const buffer = crypto.createPacketBuffer(PADDED);
  buffer.body.set(data);
  const encryptedMessage = new Uint8Array(MESSAGE);
  encryptedMessage.set(permAuthKey.fingerprint);
  encryptedMessage.set(buffer.sealMessageV1(permAuthKey, 0, PADDED, DATA), 8);
  buffer.close();
  const query = new TlWriter()
    .uint32(BIND_TEMP_AUTH_KEY)
    .raw(permAuthKey.fingerprint)
    .raw(binding.nonce)
    .int32(binding.expiresAt)
    .bytes(encryptedMessage)
    .take();
  return { encryptedMessage, query };
}

/** @internal bind_auth_key_inner, 40 bytes. */
export function encodeBindInner(
  permAuthKey: SharedKey,
  tempAuthKey: SharedKey,
  { nonce, tempSessionId, expiresAt }: KeyBinding,
): Uint8Array {
  return new TlWriter()
    .uint32(BIND_AUTH_KEY_INNER)
    .raw(nonce)
    .raw(tempAuthKey.fingerprint)
    .raw(permAuthKey.fingerprint)
    .raw(tempSessionId)
    .int32(expiresAt)
    .take();
}

/**
 * The server's side: opens what {@link bindTempAuthKey} made, and checks that it names both keys.
 * @param encryptedMessage the field of auth.bindTempAuthKey
 * @returns the binding, whose nonce, msg_id and session_id must equal those of the message that carried
 *   it; *owned*. `null`, whatever was wrong
 * @throws {MtprotoError} `bad-argument`
 * @example
 * const binding = openBindTempAuthKey(crypto, permanent, temporary, query.encryptedMessage);
 * if (binding === null || binding.msgId !== message.msgId) refuse('ENCRYPTED_MESSAGE_INVALID');
 */
export function openBindTempAuthKey(
  crypto: CryptoCore,
  permAuthKey: SharedKey,
  tempAuthKey: SharedKey,
  encryptedMessage: Uint8Array,
): KeyBinding | null {
  checkCore(crypto);
  checkKey('permAuthKey', permAuthKey);
  checkKey('tempAuthKey', tempAuthKey);
  checkBytes('encryptedMessage', encryptedMessage, badArgument);
  if (encryptedMessage.length !== MESSAGE) return null;
  const message = copyBytes(encryptedMessage);
  const buffer = crypto.createPacketBuffer(PADDED);
  const opened = buffer.openMessageV1(permAuthKey, 0, message.subarray(8), LENGTH_OFFSET);
  const data = opened?.slice();
  buffer.close();
  const named = crypto.equal(message.subarray(0, 8), permAuthKey.fingerprint);
  if (data === undefined || data.length !== DATA || !named) return null;
  const head = new DataView(data.buffer);
  const reader = new TlReader(data.subarray(32));
  const kind = reader.uint32();
  const nonce = reader.raw(8).slice();
  const temporary = crypto.equal(reader.raw(8), tempAuthKey.fingerprint);
  const permanent = crypto.equal(reader.raw(8), permAuthKey.fingerprint);
  const tempSessionId = reader.raw(8).slice();
  const expiresAt = reader.int32();
  if (kind !== BIND_AUTH_KEY_INNER || !temporary || !permanent) return null;
  return { nonce, tempSessionId, expiresAt, msgId: head.getBigUint64(16, true) };
}

function checkBinding(binding: KeyBinding): void {
  checkOptions(binding, ['nonce', 'tempSessionId', 'expiresAt', 'msgId', 'random'], badArgument);
  const { nonce, tempSessionId, expiresAt, msgId } = binding;
  checkBytes('nonce', nonce, badArgument);
  checkLength('nonce', nonce, 8, badLength);
  checkBytes('tempSessionId', tempSessionId, badArgument);
  checkLength('tempSessionId', tempSessionId, 8, badLength);
  checkInteger('expiresAt', expiresAt, 0, 2 ** 31 - 1, badArgument);
  checkMsgId(msgId);
}
