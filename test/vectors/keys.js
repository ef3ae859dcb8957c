// Sections about authorization keys, their binding, messages of MTProto 1.0, and passwords.
import { checkDhConfig, checkPublicValue, DH_PRIME } from 'sottovoce/crypto';
import {
  AuthKeyClient,
  bindTempAuthKey,
  factorizePq,
  MessageCipherV1,
  newNonceHash,
  openBindTempAuthKey,
  rsaPad,
  rsaPrivateKey,
  rsaPublicKey,
  rsaUnpad,
  SrpServer,
  srpCheck,
} from 'sottovoce/mtproto';
import {
  authKeyMessages,
  encodeBindInner,
  encodeUtf8,
  ExchangeSecrets,
  insecureRandomForTests,
  passwordHash,
  rsaEnvelope,
  srpRun,
  TlReader,
  TlWriter,
} from 'sottovoce/internal';
import { bytes, concat, hex, integer, list, same } from './compare.js';

const section = (check) => ({ cases: (group) => list(group?.cases, 'cases'), check });

/** @typedef {() => import('sottovoce/crypto').CryptoCore} Crypto */

const digits = (value, name) => {
  if (typeof value !== 'string' || !/^-?\d+$/.test(value))
    throw new Error(`${name}: expected digits`);
  return BigInt(value);
};

const fill = (target) => {
  for (let i = 0; i < target.length; i++) target[i] = (i * 167 + 13) & 255;
};

/** Gives the next of these where one of its length is wanted, and a pattern elsewhere. */
function scripted(...values) {
  const left = [...values];
  return insecureRandomForTests((target) => {
    const index = left.findIndex(({ length }) => length === target.length);
    if (index < 0 || target.length === 0) return fill(target);
    target.set(left.splice(index, 1)[0]);
  });
}

const minimal = (value) => value.subarray(value.findIndex((byte) => byte !== 0));

/** @param {Crypto} crypto */
export const tlBytes = (crypto) =>
  section(({ len, sha256OfTl, bytes: text, bytesRepeat, bytesTail, tl }) => {
    const length = integer(len, 'len');
    const data =
      text === undefined
        ? concat(
            ...Array.from({ length: Math.floor(length / 64) }, () => bytes(bytesRepeat)),
            bytes(bytesTail, 'bytesTail'),
          )
        : bytes(text, 'bytes');
    same('len', data.length, len);
    const encoded = new TlWriter().bytes(data).take();
    same('sha256OfTl', crypto().sha256(encoded), sha256OfTl);
    if (text !== undefined) same('tl', encoded, tl);
    const reader = new TlReader(encoded);
    same('bytes', reader.bytes(), hex(data));
    same('remaining', reader.remaining, 0);
  });

/** @param {Crypto} crypto */
export const messageV1 = (crypto) =>
  section((entry) => {
    const roles = /** @type {const} */ (['client', 'server']);
    const [sender, receiver] = integer(entry.x, 'x') === 0 ? roles : [roles[1], roles[0]];
    same('x', sender === 'client' ? 0 : 8, entry.x);
    const key = crypto().createSharedKey(bytes(entry.authKey, 'authKey'));
    const fields = {
      salt: bytes(entry.salt, 'salt'),
      sessionId: bytes(entry.sessionId, 'sessionId'),
      msgId: digits(entry.msgId, 'msgId'),
      seqNo: integer(entry.seqNo, 'seqNo'),
      body: bytes(entry.body, 'body'),
    };
    const ours = new MessageCipherV1(crypto(), key, { role: sender });
    same('packet', ours.seal(fields, bytes(entry.padding, 'padding')), entry.packet);
    ours.close();
    const theirs = new MessageCipherV1(crypto(), key, { role: receiver });
    const { sessionId } = fields;
    same('opened', theirs.open(bytes(entry.packet, 'packet'), { sessionId }), fields);
    theirs.close();
    key.close();
  });

function secretsOf(crypto, entry) {
  const secrets = new ExchangeSecrets(crypto());
  secrets.newNonce.set(bytes(entry.newNonce, 'newNonce'));
  secrets.deriveTemporaryKey(bytes(entry.serverNonce, 'serverNonce'));
  return secrets;
}

/** @param {Crypto} crypto */
export const tmpAes = (crypto) =>
  section((entry) => {
    const secrets = secretsOf(crypto, entry);
    same('tmpAesKey', secrets.aesKey, entry.tmpAesKey);
    same('tmpAesIv', secrets.aesIv, entry.tmpAesIv);
    same('serverSalt', secrets.serverSalt(bytes(entry.serverNonce)), entry.serverSalt);
    secrets.close();
  });

/** The stages of the exchange, one by one. */
function checkStages(crypto, entry, expected) {
  const nonces = { nonce: bytes(entry.nonce, 'nonce'), serverNonce: bytes(entry.serverNonce) };
  const secrets = secretsOf(crypto, entry);
  const sealed = bytes(entry.encryptedAnswer, 'encryptedAnswer');
  const plain = crypto().aesIgeDecrypt(secrets.aesKey, secrets.aesIv, sealed).slice();
  const answer = bytes(entry.answer, 'answer');
  same('answer', plain.subarray(20, 20 + answer.length), entry.answer);
  const inner = secrets.open(sealed, authKeyMessages.decodeServerDhInner);
  if (inner === null) throw new Error('encryptedAnswer: does not open');
  same('nonces of the answer', [inner.nonce, inner.serverNonce], Object.values(nonces));
  if (expected.g !== undefined) same('g', inner.g, expected.g);
  if (expected.gA !== undefined) same('gA', inner.gA, expected.gA);
  const b = bytes(entry.b, 'b');
  const gB = crypto().modExp(Uint8Array.of(inner.g), b, inner.prime).slice();
  same('gB', minimal(gB), hex(minimal(bytes(entry.gB, 'gB'))));
  const retryId = bytes(expected.retryId, 'retryId');
  const clientInner = authKeyMessages.encodeClientDhInner({
    ...nonces,
    retryId,
    gB: bytes(entry.gB),
  });
  if (expected.clientInner !== undefined) same('clientInner', clientInner, expected.clientInner);
  const padding = scripted(bytes(entry.clientPadding, 'clientPadding'));
  same('encryptedData', secrets.seal(clientInner, padding), entry.encryptedData);
  const opened = secrets.open(bytes(entry.encryptedData), authKeyMessages.decodeClientDhInner);
  same('clientInner opened', opened?.gB, entry.gB);
  same('authKey', crypto().modExp(inner.gA, b, inner.prime), entry.authKey);
  const key = crypto().modExpShared(inner.gA, b, inner.prime);
  const nonceHash = newNonceHash(crypto(), key, bytes(entry.newNonce), 1);
  same('newNonceHash1', nonceHash, entry.newNonceHash1);
  if (expected.serverSalt !== undefined) {
    same('serverSalt', secrets.serverSalt(nonces.serverNonce), expected.serverSalt);
  }
  key.close();
  secrets.close();
  return inner;
}

/** The state machine itself, where its checks let the case through. */
function checkMachine(crypto, entry, inner) {
  const { nonce, serverNonce, newNonce, b, clientPadding } = entry;
  const random = scripted(...[nonce, newNonce, b, clientPadding].map((value) => bytes(value)));
  const key = rsaPublicKey(crypto(), DH_PRIME, Uint8Array.of(3));
  const client = new AuthKeyClient(crypto(), { keys: [key], dc: 2, random });
  const nonces = { nonce: bytes(nonce), serverNonce: bytes(serverNonce) };
  client.start();
  const pq = Uint8Array.of(0x0d, 0xdf);
  client.receive(authKeyMessages.encodeResPq(nonces, pq, [key.fingerprint]));
  const answer = authKeyMessages.encodeServerDhParams(nonces, bytes(entry.encryptedAnswer));
  const { send } = client.receive(answer);
  const sent = authKeyMessages.encodeSetClientDhParams(nonces, bytes(entry.encryptedData));
  same('set_client_DH_params of the client', send, hex(sent));
  const verdict = authKeyMessages.encodeDhGen(nonces, 'ok', bytes(entry.newNonceHash1));
  const { result } = client.receive(verdict);
  const expected = crypto().createSharedKey(bytes(entry.authKey));
  same('auth_key_id of the client', result?.authKey.fingerprint, hex(expected.fingerprint));
  same('serverTime of the client', result?.serverTime, inner.serverTime);
  result?.authKey.close();
  expected.close();
  client.close();
}

/** @param {Crypto} crypto */
export const handshake = (crypto) =>
  section((entry) => {
    for (const name of ['g', 'gA', 'clientInner', 'serverSalt']) {
      if (entry[name] === undefined) throw new Error(`${name}: the case has no such field`);
    }
    const inner = checkStages(crypto, entry, entry);
    const random = insecureRandomForTests(fill);
    const { strict, recommended } = checkPublicValue(inner.prime, inner.gA);
    const safe = checkDhConfig(crypto(), inner.prime, inner.g, random) && strict && recommended;
    if (safe && /^0*$/.test(entry.retryId)) checkMachine(crypto, entry, inner);
  });

/** @param {Crypto} crypto */
export const handshakeSample = (crypto) =>
  section((entry) => {
    const secrets = secretsOf(crypto, entry);
    same('tmpAesKey', secrets.aesKey, entry.tmpAesKey);
    same('tmpAesIv', secrets.aesIv, entry.tmpAesIv);
    secrets.close();
    // Its length field counts bytes that the publication leaves out.
    const payload = bytes(entry.resPqPayload, 'resPqPayload');
    same('auth_key_id of resPQ', payload.slice(0, 8), '0'.repeat(16));
    const resPq = authKeyMessages.decodeResPq(payload.slice(20));
    same('nonce of resPQ', resPq.nonce, entry.nonce);
    same('server_nonce of resPQ', resPq.serverNonce, entry.serverNonce);
    const data = bytes(entry.pqInnerData, 'pqInnerData');
    const inner = authKeyMessages.decodeInnerData(data);
    const { p, q } = factorizePq(crypto(), resPq.pq);
    same('p_q_inner_data', [inner.pq, inner.p, inner.q], [resPq.pq, p, q]);
    same('nonces of it', [inner.nonce, inner.serverNonce], [resPq.nonce, resPq.serverNonce]);
    same('new_nonce of it', inner.newNonce, entry.newNonce);
    const { dc } = inner;
    if (dc === null) throw new Error('pqInnerData: names no data centre');
    same('pqInnerData', authKeyMessages.encodeInnerData({ ...inner, dc }).written, hex(data));
    const answer = checkStages(crypto, entry, { retryId: '0'.repeat(16) });
    checkMachine(crypto, entry, answer);
  });

export const rsaPadSection = (/** @type {Crypto} */ crypto) => ({
  cases: (group) => list(group?.cases, 'cases'),
  check({ data, padding, tempKeys, usedTempKey, keyAesEncrypted, encrypted }, group) {
    const [n, e, d] = ['n', 'e', 'd'].map((name) => bytes(group[name], name));
    const key = rsaPrivateKey(crypto(), n, e, d);
    same('fingerprint', key.fingerprint, group.fingerprint);
    const [content, filler] = [bytes(data, 'data'), bytes(padding, 'padding')];
    const keys = list(tempKeys, 'tempKeys').map((tempKey) => bytes(tempKey, 'tempKey'));
    let drawn = 0;
    const random = insecureRandomForTests((target) => {
      if (drawn > keys.length) throw new Error('tempKeys: none of them fits');
      target.set(drawn === 0 ? filler : keys[drawn - 1]);
      drawn++;
    });
    const sent = rsaPad(crypto(), content, key, random);
    same('encrypted', sent, encrypted);
    same('usedTempKey', drawn - 2, usedTempKey);
    const padded = concat(content, filler);
    same('keyAesEncrypted', rsaEnvelope(crypto(), padded, keys[drawn - 2]), keyAesEncrypted);
    same('decrypted', rsaUnpad(crypto(), bytes(encrypted), key), hex(padded));
  },
});

/** @param {Crypto} crypto */
export const rsaFingerprint = (crypto) =>
  section(({ n, e, fingerprint, fingerprintSigned }) => {
    const key = rsaPublicKey(crypto(), bytes(n, 'n'), bytes(e, 'e'));
    same('fingerprint', key.fingerprint, fingerprint);
    const signed = new DataView(key.fingerprint.slice().buffer).getBigInt64(0, true);
    same('fingerprintSigned', String(signed), fingerprintSigned);
  });

/** @param {Crypto} crypto */
export const pqSection = (crypto) =>
  section(({ pq, p, q }) => {
    const factors = factorizePq(crypto(), bytes(pq, 'pq'));
    same('p', factors.p, p);
    same('q', factors.q, q);
  });

/** @param {Crypto} crypto */
export const bindSection = (crypto) =>
  section((entry) => {
    const permanent = crypto().createSharedKey(bytes(entry.permAuthKey, 'permAuthKey'));
    const temporary = crypto().createSharedKey(bytes(entry.tempAuthKey, 'tempAuthKey'));
    const binding = {
      nonce: bytes(entry.nonce, 'nonce'),
      tempSessionId: bytes(entry.tempSessionId, 'tempSessionId'),
      expiresAt: integer(entry.expiresAt, 'expiresAt'),
      msgId: digits(entry.msgId, 'msgId'),
    };
    same('inner', encodeBindInner(permanent, temporary, binding), entry.inner);
    const random = scripted(bytes(entry.random16, 'random16'), bytes(entry.padding, 'padding'));
    const sealed = bindTempAuthKey(crypto(), permanent, temporary, { ...binding, random });
    same('encryptedMessage', sealed.encryptedMessage, entry.encryptedMessage);
    const message = bytes(entry.encryptedMessage);
    same('opened', openBindTempAuthKey(crypto(), permanent, temporary, message), binding);
    permanent.close();
    temporary.close();
  });

export const srp = (/** @type {Crypto} */ crypto) => ({
  cases: (group) => list(group?.cases, 'cases'),
  check(entry, group) {
    const p = bytes(group.prime, 'prime');
    const salts = { salt1: bytes(entry.salt1, 'salt1'), salt2: bytes(entry.salt2, 'salt2') };
    const algorithm = { ...salts, g: integer(entry.g, 'g'), p };
    if (typeof entry.password !== 'string') throw new Error('password: expected a text');
    const [a, b] = [bytes(entry.a, 'a'), bytes(entry.bServer, 'bServer')];
    const srpB = bytes(entry.srpB, 'srpB');
    const { ph1, x } = passwordHash(crypto(), encodeUtf8(entry.password), algorithm);
    same('ph1', ph1, entry.ph1);
    same('x', x, entry.x);
    const v = crypto().modExp(Uint8Array.of(algorithm.g), x, p).slice();
    same('v', v, entry.v);
    const run = srpRun(crypto(), x, a, srpB, algorithm);
    same('A', run.A, entry.A);
    same('u', run.u, entry.u);
    same('sA', run.s, entry.sA);
    same('M1', run.M1, entry.M1);
    const server = new SrpServer(crypto(), v, algorithm, scripted(b));
    same('srpB of the server', server.srpB, entry.srpB);
    same('S of the server', server.shared(run.A), entry.sA);
    same('verified', server.verify(run.A, run.M1), true);
    const random = scripted(a);
    if (!checkDhConfig(crypto(), p, algorithm.g, random)) return;
    const { password } = entry;
    const check = srpCheck(crypto(), password, algorithm, { srpB, random });
    same('inputCheckPasswordSRP', check, { A: bytes(entry.A), M1: bytes(entry.M1) });
  },
});
