// Sections about MTProto 2.0 messages and the names of keys.
import { keyVisualization, MessageCipher, newNonceHash } from 'sottovoce/mtproto';
import { callId } from 'sottovoce/internal';
import { bytes, integer, list, oneOf, same } from './compare.js';

const digits = (value, name) => {
  if (typeof value !== 'string' || !/^-?\d+$/.test(value))
    throw new Error(`${name}: expected digits`);
  return BigInt(value);
};

const section = (check) => ({ cases: (group) => list(group?.cases, 'cases'), check });

/** @param {() => import('sottovoce/crypto').CryptoCore} crypto */
export const messageV2 = (crypto) =>
  section((entry) => {
    const direction = oneOf(entry.dir, 'dir', ['client-to-server', 'server-to-client']);
    const roles = /** @type {const} */ (['client', 'server']);
    const [sender, receiver] = direction === 'client-to-server' ? roles : [roles[1], roles[0]];
    same('x', sender === 'client' ? 0 : 8, entry.x);
    const key = crypto().createSharedKey(bytes(entry.authKey, 'authKey'));
    const fields = {
      salt: bytes(entry.salt, 'salt'),
      sessionId: bytes(entry.sessionId, 'sessionId'),
      msgId: digits(entry.msgId, 'msgId'),
      seqNo: integer(entry.seqNo, 'seqNo'),
      body: bytes(entry.body, 'body'),
    };
    const maxBodyBytes = fields.body.length;
    const ours = new MessageCipher(crypto(), key, { role: sender, maxBodyBytes });
    same('packet', ours.seal(fields, bytes(entry.padding, 'padding')), entry.packet);
    same('quickAckToken', ours.quickAckToken, entry.quickAckToken);
    ours.close();
    const theirs = new MessageCipher(crypto(), key, { role: receiver, maxBodyBytes });
    const opened = theirs.open(bytes(entry.packet), { sessionId: fields.sessionId });
    same('opened', opened, fields);
    theirs.close();
    key.close();
  });

/** @param {() => import('sottovoce/crypto').CryptoCore} crypto */
export const openV2Reject = (crypto) =>
  section(({ authKey, x, sessionId, packet, fails }) => {
    const key = crypto().createSharedKey(bytes(authKey, 'authKey'));
    const role = integer(x, 'x') === 8 ? 'client' : 'server';
    const cipher = new MessageCipher(crypto(), key, { role });
    const opened = cipher.open(bytes(packet, 'packet'), {
      sessionId: bytes(sessionId, 'sessionId'),
    });
    const accepted = opened !== null;
    const { dropped } = cipher;
    cipher.close();
    key.close();
    if (typeof fails !== 'string') throw new Error('fails: expected a text');
    same('accepted', accepted, fails === 'none');
    same('dropped', dropped, fails === 'none' ? 0 : 1);
  });

/** @param {() => import('sottovoce/crypto').CryptoCore} crypto */
export const keyIds = (crypto) =>
  section((entry) => {
    const key = crypto().createSharedKey(bytes(entry.authKey, 'authKey'));
    const { buffer, byteOffset } = key.fingerprint;
    const signed = new DataView(buffer, byteOffset, 8).getBigInt64(0, true);
    const nonce = bytes(entry.newNonce, 'newNonce');
    same('authKeyId', key.fingerprint, entry.authKeyId);
    same('authKeyIdSigned', String(signed), entry.authKeyIdSigned);
    same('authKeyAuxHash', key.auxHash, entry.authKeyAuxHash);
    same('newNonceHash1', newNonceHash(crypto(), key, nonce, 1), entry.newNonceHash1);
    same('newNonceHash2', newNonceHash(crypto(), key, nonce, 2), entry.newNonceHash2);
    same('newNonceHash3', newNonceHash(crypto(), key, nonce, 3), entry.newNonceHash3);
    same('callId', callId(crypto(), key), entry.callId);
    same('keyVisualization', keyVisualization(crypto(), key), entry.keyVisualization);
    key.close();
  });
