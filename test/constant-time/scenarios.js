// What must not show its secrets, as calls into the exports of a module that holds our crypto. Sizes
// and addresses are public and equal in all runs; keys, exponents and data are secret.

/** @typedef {import('./trace.js').Exports} Exports */
/** @typedef {import('./trace.js').Scenario} Scenario */

const SHA1 = 0;
const SHA256 = 1;
const SHA512 = 2;

/** @param {Exports} exports */
const bytesAt = (exports, address, length) =>
  new Uint8Array(exports.memory.buffer, address, length);

/**
 * A scenario whose secret is laid into memory as it is.
 * @param {string} name
 * @param {number} room bytes of memory that it works in, the secret at their start
 * @param {(exports: Exports, at: number) => void} run
 * @param {(exports: Exports, at: number) => void} [before] not observed
 * @returns {Scenario}
 */
function scenario(name, room, run, before) {
  return {
    name,
    prepare: (exports) => exports.allocate(room),
    load: (exports, at, secret) => {
      bytesAt(exports, at, secret.length).set(secret);
      before?.(exports, at);
    },
    run,
  };
}

const KEY = 0;
const IV = 32;
const DATA = 64;
const SCHEDULE = 2048;
const CTR = 3072;

/** Secrets of 1024 bytes: key at 0, iv at 32, data from 64 on. */
const ciphers = [
  scenario('AES key schedule', 4096, (e, at) => e.aesKeyExpand(at + SCHEDULE, at + KEY, 32)),
  scenario(
    'AES block',
    4096,
    (e, at) => {
      e.aesBlockEncrypt(at + SCHEDULE, at + DATA, at + DATA);
      e.aesBlockDecrypt(at + SCHEDULE, at + DATA + 16, at + DATA + 16);
    },
    (e, at) => e.aesKeyExpand(at + SCHEDULE, at + KEY, 32),
  ),
  scenario(
    'AES-IGE',
    4096,
    (e, at) => {
      e.aesIgeEncrypt(at + SCHEDULE, at + IV, at + DATA, at + DATA, 208);
      e.aesIgeDecrypt(at + SCHEDULE, at + IV, at + DATA + 208, at + DATA + 208, 208);
    },
    (e, at) => e.aesKeyExpand(at + SCHEDULE, at + KEY, 32),
  ),
  scenario('AES-CTR', 4096, (e, at) => {
    e.aesKeyExpand(at + SCHEDULE, at + KEY, 32);
    e.aesCtrInit(at + CTR, at + SCHEDULE, at + IV);
    for (const length of [5, 16, 100, 33]) e.aesCtrProcess(at + CTR, at + DATA, at + DATA, length);
  }),
];

const hashes = [
  ['SHA-1', SHA1],
  ['SHA-256', SHA256],
  ['SHA-512', SHA512],
].map(([name, kind]) =>
  scenario(/** @type {string} */ (name), 4096, (e, at) => {
    e.hashInit(at + SCHEDULE, kind);
    for (const length of [3, 61, 64, 200]) e.hashUpdate(at + SCHEDULE, at, length);
    e.hashFinal(at + SCHEDULE, at + CTR);
  }),
);

/** Secrets of 1024 bytes: the 256-byte key at 0, msg_key or packet behind it. */
const packets = [
  scenario('KDF of messages', 4096, (e, at) => e.messageKdf(at, 8, at + 256, at + 512, at + 544)),
  scenario('KDF of calls', 4096, (e, at) => e.callKdf(at, 136, at + 256, at + 512, at + 544)),
  ...[5, 60, 177, 320].map((length) =>
    scenario(`seal of a call packet, ${length} bytes`, 4096, (e, at) =>
      e.callPacketSeal(at, 0, at + 320, length),
    ),
  ),
  scenario('seal of a message', 4096, (e, at) => e.messageSeal(at, 8, at + 320, 336)),
];

/**
 * Opening, over good and forged packets: every fourth packet is good, the others have one bit changed
 * in msg_key, ciphertext or key. All must leave one trace.
 * @param {string} name
 * @param {'callPacket' | 'message'} kind
 * @param {number} length
 * @param {(exports: Exports, at: number) => void} run
 * @returns {Scenario}
 */
function opening(name, kind, length, run) {
  return {
    name,
    prepare: (exports) => exports.allocate(4096),
    load: (exports, at, secret, index) => {
      const bytes = bytesAt(exports, at, secret.length);
      bytes.set(secret);
      // A cloud message that passes its checks: data length, session id, parity of msg_id
      new DataView(exports.memory.buffer).setUint32(at + 320 + 28, 256, true);
      bytes.copyWithin(1000, 320 + 8, 320 + 16);
      bytes[320 + 16] |= 1;
      exports[`${kind}Seal`](at, 8, at + 320, length);
      const damage = [null, 320 - 16, 320 + length - 1, 100][index % 4];
      if (damage !== null && damage !== undefined) bytes[damage] ^= 4;
    },
    run,
  };
}

const openings = [
  ...[5, 60, 177, 320].map((length) =>
    opening(`open of a call packet, ${length} bytes`, 'callPacket', length, (e, at) =>
      e.callPacketOpen(at, 8, at + 320, length),
    ),
  ),
  opening('open of a message', 'message', 304, (e, at) => e.messageOpen(at, 8, at + 320, 304)),
  opening('open of a cloud message', 'message', 304, (e, at) =>
    e.cloudMessageOpen(at, 8, at + 320, 304, at + 1000, 1),
  ),
];

const compares = [
  scenario('compare, half of them equal', 4096, (e, at) => e.bytesEqual(at, at + 512, 200)),
];
/** @type {Scenario} */
const compareEqual = compares[0];
const loadSecret = compareEqual.load;
compareEqual.load = (exports, at, secret, index) => {
  loadSecret?.(exports, at, secret, index);
  bytesAt(exports, at, 1024).copyWithin(512, 0, 200);
  if (index % 2 === 1) bytesAt(exports, at, 1024)[512 + (index % 200)] ^= 1;
};

/** Everything that is quick; secrets of 1024 bytes. */
export const quickScenarios = [...ciphers, ...hashes, ...packets, ...openings, ...compares];

/** The official prime is public; base and exponent are secret (secrets of 512 bytes). @param {Uint8Array} prime */
export const exponentiation = (prime) =>
  scenario(
    'modular exponentiation',
    2048,
    (e, at) => e.modExp(at + 1024, at, at + 256, 256, at + 512),
    (e, at) => bytesAt(e, at + 512, 256).set(prime),
  );
