// Sections of files that have `groups`: primitives, MTProto messages, key exchange of calls.
import { checkDhConfig, checkPublicValue, createCrypto } from 'sottovoce/crypto';
import { CalleeExchange, CallerExchange, emojiFingerprint } from 'sottovoce/call';
import { emojiHash, emojiIndices, insecureRandomForTests } from 'sottovoce/internal';
import { boolean, bytes, concat, hex, integer, list, same } from './compare.js';
import { countCases } from './count.js';
import * as keys from './keys.js';
import { keyIds, messageV2, openV2Reject } from './messages.js';
import * as primitives from './primitives.js';
import * as streams from './streams.js';

/** @param {any} file */
export const recognises = (file) =>
  typeof file === 'object' &&
  file !== null &&
  typeof file.groups === 'object' &&
  file.groups !== null;

/** Every group is a section. */
export const sectionsOf = (file) => Object.entries(file.groups);

/** Subjects that are not built yet. */
export const LATER = ['secret_chat_message', 'secret_chat_file'];

/** @param {any} group */
export function countGroupCases(group) {
  return Array.isArray(group?.cases) ? group.cases.length : countCases(group);
}

export { countGroupCases as countCases };

/** @type {import('sottovoce/crypto').CryptoCore | undefined} */
let core;
const crypto = () => (core ??= createCrypto());

/** Bases of the primality test; there is no secure generator in every runtime. */
const fixedBases = insecureRandomForTests((target) => {
  for (let i = 0; i < target.length; i++) target[i] = (i * 167 + 13) & 255;
});

/** A section whose cases are in `cases`, as all are here. */
const section = (check) => ({ cases: (group) => list(group?.cases, 'cases'), check });

const aesBlock = section(({ key, pt, ct }) => {
  const secret = bytes(key, 'key');
  same('ct', crypto().aesEncryptBlock(secret, bytes(pt, 'pt')), ct);
  same('pt', crypto().aesDecryptBlock(secret, bytes(ct, 'ct')), pt);
  const schedule = crypto().createAesKey(secret);
  same('ct with the schedule kept', crypto().aesEncryptBlock(schedule, bytes(pt)), ct);
  same('pt with the schedule kept', crypto().aesDecryptBlock(schedule, bytes(ct)), pt);
  schedule.close();
});

const aesCtr = section(({ key, iv, pt, ct, chunks }) => {
  const run = (text, lengths) => {
    const stream = crypto().createAesCtr(bytes(key, 'key'), bytes(iv, 'iv'));
    let start = 0;
    const parts = lengths.map((length) =>
      stream.process(text.slice(start, (start += length))).slice(),
    );
    stream.close();
    return concat(...parts);
  };
  const plaintext = bytes(pt, 'pt');
  const lengths = list(chunks, 'chunks').map((length) => integer(length, 'chunk'));
  same(
    'sum of chunks',
    lengths.reduce((sum, length) => sum + length, 0),
    plaintext.length,
  );
  same('ct in pieces', run(plaintext, lengths), ct);
  same('ct in one piece', run(plaintext, [plaintext.length]), ct);
  same('pt in pieces', run(bytes(ct, 'ct'), lengths), pt);
});

const aesIge = section(({ key, iv, pt, ct, ivOut, split }) => {
  const [secret, start] = [bytes(key, 'key'), bytes(iv, 'iv')];
  same('ct', crypto().aesIgeEncrypt(secret, start, bytes(pt, 'pt')), ct);
  same('pt', crypto().aesIgeDecrypt(secret, start, bytes(ct, 'ct')), pt);
  const cuts = split === undefined ? [] : [integer(split, 'split')];
  for (const direction of /** @type {const} */ (['encrypt', 'decrypt'])) {
    const [from, to] = direction === 'encrypt' ? [bytes(pt), ct] : [bytes(ct), pt];
    const stream = crypto().createAesIge(secret, start);
    const ends = [...cuts, from.length];
    const parts = ends.map((end, i) =>
      stream[direction](from.slice(ends[i - 1] ?? 0, end)).slice(),
    );
    same(`${direction} in pieces`, concat(...parts), to);
    same(`ivOut of ${direction}`, stream.iv, ivOut);
    stream.close();
  }
});

const hash = section(({ msg, repeat = 1, ...digests }) => {
  const message = bytes(msg, 'msg');
  const times = integer(repeat, 'repeat');
  const whole = concat(...Array.from({ length: times }, () => message));
  for (const algorithm of /** @type {const} */ (['sha1', 'sha256', 'sha512'])) {
    same(algorithm, crypto()[algorithm](whole), digests[algorithm]);
    const stream = crypto().createHash(algorithm);
    for (const size of [1, 63, 64, 127]) {
      // Pieces that lie across the blocks in different ways; the first one at least of each size.
      for (let at = 0; at < whole.length; at += size) {
        const length = at > 4096 ? whole.length - at : size;
        stream.update(whole.subarray(at, at + length));
        if (length !== size) break;
      }
      same(`${algorithm} in pieces of ${size}`, stream.digest(), digests[algorithm]);
      stream.reset();
    }
    stream.close();
  }
});

/** Key derivation, whose results are named alike in both kinds. */
const kdf = (method, keyField) =>
  section((entry) => {
    const { msgKey, x, aesKey, aesIv } = entry;
    const shared = crypto().createSharedKey(bytes(entry[keyField], keyField));
    const derived = crypto()[method](shared, bytes(msgKey, 'msgKey'), integer(x, 'x'));
    shared.close();
    same('aesKey', derived.aesKey, aesKey);
    same('aesIv', derived.aesIv, aesIv);
  });

const callPacket = section(({ key, x, plain, packet }) => {
  const body = bytes(plain, 'plain');
  const offset = integer(x, 'x');
  const shared = crypto().createSharedKey(bytes(key, 'key'));
  const buffer = crypto().createPacketBuffer(Math.max(5, body.length));
  buffer.body.set(body);
  same('packet', buffer.sealCall(shared, offset, body.length), packet);
  same('plain', buffer.openCall(shared, offset, bytes(packet, 'packet')), plain);
  buffer.close();
  shared.close();
});

/** Left-padded to 256 bytes. */
function padded(value) {
  const result = new Uint8Array(256);
  result.set(value, 256 - value.length);
  return result;
}

/** Without leading zeros. */
function minimal(value) {
  return value.subarray(value.findIndex((byte) => byte !== 0));
}

/** What the two sides would show for g_a in one encoding. */
function checkEncoding(name, shared, gA, expected) {
  same(`${name} gAHash`, crypto().sha256(gA), expected?.gAHash);
  const digest = emojiHash(crypto(), shared, gA);
  same(`${name} emojiHash`, digest, expected.emojiHash);
  same(`${name} emojiIndex`, emojiIndices(digest), expected.emojiIndex);
  same(`${name} emoji`, emojiFingerprint(digest), expected.emoji);
}

/**
 * The state machines refuse generators that are not safe, and send 256 bytes only: where g_a or g_b is
 * shorter they would draw again.
 */
function checkExchange(entry, prime) {
  const { a, b, g, gA, gB, gALength, gBLength, fingerprint } = entry;
  if (!checkDhConfig(crypto(), prime, g, fixedBases)) return;
  const options = (exponent) => ({
    prime,
    g,
    random: insecureRandomForTests((target) => target.set(bytes(exponent))),
  });
  if (gALength === 256) {
    const caller = new CallerExchange(crypto(), options(a));
    same('gAHash of the caller', caller.request().gAHash, entry.minimal.gAHash);
    const sent = caller.accept(bytes(gB));
    same('gA of the caller', sent.gA, gA);
    same('fingerprint of the caller', String(sent.keyFingerprint), fingerprint);
    same('emoji of the caller', caller.emojis(), entry.minimal.emoji);
    caller.close();
  }
  if (gBLength !== 256) return;
  for (const [encoding, received] of [
    ['minimal', minimal(bytes(gA))],
    ['padded256', padded(bytes(gA))],
  ]) {
    const callee = new CalleeExchange(crypto(), options(b));
    callee.requested(bytes(entry[encoding].gAHash));
    same('gB of the callee', callee.accept().gB, gB);
    callee.confirm(received, BigInt(fingerprint));
    same(`emoji of the callee, ${encoding}`, callee.emojis(), entry[encoding].emoji);
    callee.close();
  }
}

const dhCall = {
  cases: (group) => list(group?.cases, 'cases'),
  check(entry, group) {
    const prime = bytes(group.prime, 'prime');
    const [a, b] = [bytes(entry.a, 'a'), bytes(entry.b, 'b')];
    const generator = Uint8Array.of(integer(entry.g, 'g'));
    const [gA, gB] = [bytes(entry.gA, 'gA'), bytes(entry.gB, 'gB')];
    same('gALength', minimal(gA).length, entry.gALength);
    same('gBLength', minimal(gB).length, entry.gBLength);
    same('gA', crypto().modExp(generator, a, prime), hex(padded(gA)));
    same('gB', crypto().modExp(generator, b, prime), hex(padded(gB)));
    const key = crypto().modExp(gB, a, prime).slice();
    same('key', key, entry.key);
    same('key of the callee', crypto().modExp(gA, b, prime), entry.key);
    same('keyLeadingZeroBytes', 256 - minimal(key).length, entry.keyLeadingZeroBytes);
    for (const shared of [
      crypto().modExpShared(gB, a, prime),
      crypto().modExpShared(gA, b, prime),
      crypto().createSharedKey(minimal(key)),
    ]) {
      same('fingerprintBytes', shared.fingerprint, entry.fingerprintBytes);
      checkEncoding('minimal', shared, minimal(gA), entry.minimal);
      checkEncoding('padded256', shared, padded(gA), entry.padded256);
      shared.close();
    }
    checkExchange(entry, prime);
  },
};

const emoji = section(({ hash: digest, emojiIndex, emoji: expected }) => {
  const data = bytes(digest, 'hash');
  same('emojiIndex', emojiIndices(data), emojiIndex);
  same('emoji', emojiFingerprint(data), expected);
});

const dhConfig = section(({ prime, g, ok }) => {
  const accepted = checkDhConfig(crypto(), bytes(prime, 'prime'), integer(g, 'g'), fixedBases);
  same('ok', accepted, boolean(ok, 'ok'));
});

const dhPublic = {
  cases: (group) => list(group?.cases, 'cases'),
  check({ gx, ok }, group) {
    const verdict = checkPublicValue(bytes(group.prime, 'prime'), bytes(gx, 'gx'));
    same('ok', verdict.strict && verdict.recommended, boolean(ok, 'ok'));
  },
};

/** Everything that is checked, by name. */
export const SECTIONS = {
  aes256_block: aesBlock,
  aes256_cbc: primitives.aesCbc(crypto),
  aes256_ctr: aesCtr,
  aes128_ige_published: primitives.aes128Ige(crypto),
  aes256_ige: aesIge,
  hash,
  hmac: primitives.hmac(crypto),
  pbkdf2_sha512: primitives.pbkdf2(crypto),
  crc32: primitives.crc32(crypto),
  tl_bytes: keys.tlBytes(crypto),
  kdf_v1: kdf('messageKdfV1', 'authKey'),
  kdf_v2: kdf('messageKdf', 'authKey'),
  kdf_call: kdf('callKdf', 'key'),
  message_v1: keys.messageV1(crypto),
  message_v2: messageV2(crypto),
  open_v2_reject: openV2Reject(crypto),
  call_packet: callPacket,
  key_ids: keyIds(crypto),
  tmp_aes: keys.tmpAes(crypto),
  handshake: keys.handshake(crypto),
  handshake_sample: keys.handshakeSample(crypto),
  dh_call: dhCall,
  emoji,
  dh_config: dhConfig,
  dh_public: dhPublic,
  rsa_pad: keys.rsaPadSection(crypto),
  rsa_fingerprint: keys.rsaFingerprint(crypto),
  pq: keys.pqSection(crypto),
  obfuscated2: streams.obfuscated2(crypto),
  obfuscated2_forbidden: streams.obfuscated2Forbidden,
  fake_tls: streams.fakeTls(crypto),
  framing: streams.framing(crypto),
  bind_temp_auth_key: keys.bindSection(crypto),
  srp: keys.srp(crypto),
};
