// Sections about primitives beside AES-256-IGE and CTR.
import { bytes, concat, integer, list, same } from './compare.js';

const section = (check) => ({ cases: (group) => list(group?.cases, 'cases'), check });

/** @typedef {() => import('sottovoce/crypto').CryptoCore} Crypto */

/** @param {Crypto} crypto */
export const aesCbc = (crypto) =>
  section(({ key, iv, pt, ct }) => {
    const [secret, start] = [bytes(key, 'key'), bytes(iv, 'iv')];
    same('ct', crypto().aesCbcEncrypt(secret, start, bytes(pt, 'pt')), ct);
    same('pt', crypto().aesCbcDecrypt(secret, start, bytes(ct, 'ct')), pt);
    const stream = crypto().createAesCbc(secret, start);
    const plain = bytes(pt);
    const parts = [plain.slice(0, 16), plain.slice(16)].map((part) => stream.encrypt(part).slice());
    stream.close();
    same('ct in pieces', concat(...parts), ct);
  });

/** @param {Crypto} crypto */
export const aes128Ige = (crypto) =>
  section(({ key, iv, pt, ct }) => {
    const schedule = crypto().createAesKey(bytes(key, 'key'));
    same('ct', crypto().aesIgeEncrypt(schedule, bytes(iv, 'iv'), bytes(pt, 'pt')), ct);
    same('pt', crypto().aesIgeDecrypt(schedule, bytes(iv), bytes(ct, 'ct')), pt);
    schedule.close();
  });

/** @param {Crypto} crypto */
export const hmac = (crypto) =>
  section(({ key, msg, hmacSha256, hmacSha512 }) => {
    const [secret, message] = [bytes(key, 'key'), bytes(msg, 'msg')];
    same('hmacSha256', crypto().hmacSha256(secret, message), hmacSha256);
    same('hmacSha512', crypto().hmacSha512(secret, message), hmacSha512);
    const expected = { sha256: hmacSha256, sha512: hmacSha512 };
    for (const algorithm of /** @type {const} */ (['sha256', 'sha512'])) {
      const stream = crypto().createHmac(algorithm, secret);
      const half = message.length >> 1;
      stream.update(message.subarray(0, half)).update(message.subarray(half));
      same(`${algorithm} in pieces`, stream.digest(), expected[algorithm]);
      stream.close();
    }
  });

/** @param {Crypto} crypto */
export const pbkdf2 = (crypto) =>
  section(({ password, salt, iterations, dkLen, dk }) => {
    const derived = crypto().pbkdf2(
      'sha512',
      bytes(password, 'password'),
      bytes(salt, 'salt'),
      integer(iterations, 'iterations'),
      integer(dkLen, 'dkLen'),
    );
    same('dk', derived, dk);
  });

/** @param {Crypto} crypto */
export const crc32 = (crypto) =>
  section(({ msg, crc32: expected }) => {
    const message = bytes(msg, 'msg');
    const text = (value) => value.toString(16).padStart(8, '0');
    same('crc32', text(crypto().crc32(message)), expected);
    const half = message.length >> 1;
    const first = crypto().crc32(message.subarray(0, half));
    same('crc32 in pieces', text(crypto().crc32(message.subarray(half), first)), expected);
  });
