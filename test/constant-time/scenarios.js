// What must not show its secrets, as calls into the exports of a module that holds our crypto. Sizes
// and addresses are public and equal in all runs; keys, exponents and data are secret.

import { DH_PRIME } from 'sottovoce/crypto';

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
  ...[16, 24].map((size) =>
    scenario(`AES-${8 * size} key schedule`, 4096, (e, at) =>
      e.aesKeyExpand(at + SCHEDULE, at + KEY, size),
    ),
  ),
  scenario(
    'AES-IGE, two streams',
    8192,
    (e, at) => {
      const more = at + 4096;
      const streams = [at + SCHEDULE, at + IV, at + DATA, at + DATA];
      streams.push(more, at + 512, at + 544, at + 544);
      e.aesIgeEncryptPair(...streams, 208);
      e.aesIgeDecryptPair(...streams, 208);
    },
    (e, at) => {
      e.aesKeyExpand(at + SCHEDULE, at + KEY, 32);
      e.aesKeyExpand(at + 4096, at + 480, 32);
    },
  ),
  scenario(
    'AES-CBC',
    4096,
    (e, at) => {
      e.aesCbcEncrypt(at + SCHEDULE, at + IV, at + DATA, at + DATA, 208);
      e.aesCbcDecrypt(at + SCHEDULE, at + IV, at + DATA + 208, at + DATA + 208, 208);
    },
    (e, at) => e.aesKeyExpand(at + SCHEDULE, at + KEY, 32),
  ),
  scenario('AES-CTR', 4096, (e, at) => {
    e.aesKeyExpand(at + SCHEDULE, at + KEY, 32);
    e.aesCtrInit(at + CTR, at + SCHEDULE, at + IV);
    for (const length of [5, 16, 100, 33]) e.aesCtrProcess(at + CTR, at + DATA, at + DATA, length);
  }),
  scenario('AES-CTR, bitsliced', 4096, (e, at) => {
    e.aesKeyExpand(at + SCHEDULE, at + KEY, 32);
    e.aesCtrInit(at + CTR, at + SCHEDULE, at + IV);
    for (const length of [3, 300, 411]) e.aesCtrProcess(at + CTR, at + DATA, at + DATA, length);
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

/** Keys and data of one length are secret; so is the password. */
const macs = [
  ...[
    ['HMAC-SHA1', SHA1],
    ['HMAC-SHA256', SHA256],
    ['HMAC-SHA512', SHA512],
  ].map(([name, kind]) =>
    scenario(/** @type {string} */ (name), 4096, (e, at) => {
      e.hmacInit(at + SCHEDULE, kind, at, 40);
      e.hashUpdate(at + SCHEDULE, at + 64, 200);
      e.hmacFinal(at + SCHEDULE, at + CTR);
    }),
  ),
  scenario('PBKDF2-HMAC-SHA512', 4096, (e, at) => {
    e.hmacInit(at + SCHEDULE, SHA512, at, 32);
    e.pbkdf2Block(at + SCHEDULE, at + 64, 40, 3, 1, at + CTR);
  }),
  scenario('SHA-256 in one piece', 4096, (e, at) => {
    for (const length of [0, 52, 64, 200]) e.sha256Once(at + CTR, at, length);
  }),
  scenario('SHA-256, four messages', 4096, (e, at) => {
    const places = [at, at + 200, at + 400, at + 600];
    e.sha256x4Start();
    e.sha256x4Update(...places, 128);
    e.sha256x4Final(at + CTR, ...places.map((place) => place + 128), 60, 188);
  }),
];

/** Numbers of 256 bytes at 0 and 256, the public modulus at 1024. */
const arithmetic = [
  scenario(
    'modular multiplication and subtraction',
    4096,
    (e, at) => {
      e.modMultiply(at + CTR, at, at + 256, at + 1024);
      e.modSubtract(at + CTR, at, at + 256, at + 1024);
    },
    (e, at) => bytesAt(e, at + 1024, 256).set(DH_PRIME),
  ),
  scenario('multiplication and addition of SRP', 4096, (e, at) =>
    e.bigMultiplyAdd(at + CTR, at, at + 256, at + 288),
  ),
];

/** Secrets of 1024 bytes: the 256-byte key at 0, msg_key or packet behind it. */
const packets = [
  scenario('KDF of messages', 4096, (e, at) => e.messageKdf(at, 8, at + 256, at + 512, at + 544)),
  scenario('KDF of calls', 4096, (e, at) => e.callKdf(at, 136, at + 256, at + 512, at + 544)),
  ...[5, 60, 177, 320].map((length) =>
    scenario(`seal of a call packet, ${length} bytes`, 4096, (e, at) =>
      e.callPacketSeal(at, 0, at + 320, length),
    ),
  ),
  scenario('KDF of MTProto 1.0', 4096, (e, at) =>
    e.messageKdfV1(at, 8, at + 256, at + 512, at + 544),
  ),
  scenario('seal of a message of MTProto 1.0', 4096, (e, at) =>
    e.messageV1Seal(at, 8, at + 320, 336, 325),
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

/** Opening a message of MTProto 1.0, whose length of data, and so of what is hashed, is secret as well. */
const legacy = opening('open of a message of MTProto 1.0', 'message', 304, (e, at) =>
  e.messageV1Open(at, 8, at + 320, 304, 28),
);
legacy.load = (exports, at, secret, index) => {
  const bytes = bytesAt(exports, at, secret.length);
  bytes.set(secret);
  const data = 304 - 32 - 4 * (index % 4);
  new DataView(exports.memory.buffer).setUint32(at + 320 + 28, data, true);
  exports.messageV1Seal(at, 8, at + 320, 304, 32 + data);
  if (index % 3 === 1) bytes[330] ^= 1;
  if (index % 3 === 2) bytes[320 + 300] ^= 128;
};

/** Two messages and two call packets in a batch, with two keys, some forged. */
const BATCH = 2048;
const batches = ['messages', 'callPackets'].flatMap((kind) =>
  ['Seal', 'Open'].map((way) => {
    const one = scenario(`batch: ${kind}${way}`, 4096, (e, at) =>
      e[`${kind}${way}`](at + BATCH, 3),
    );
    const load = one.load;
    one.load = (exports, at, secret, index) => {
      load?.(exports, at, secret, index);
      const view = new DataView(exports.memory.buffer);
      const jobs = [
        [at, 8, at + 320, 128],
        [at + 64, 0, at + 512, 160],
        [at + 32, 8, at + 720, 48],
      ];
      jobs
        .flatMap((job) => [...job, 0])
        .forEach((word, i) => {
          view.setUint32(at + BATCH + 4 * i, word, true);
        });
      if (way === 'Seal') return;
      exports[`${kind}Seal`](at + BATCH, 3);
      if (index % 2 === 1) bytesAt(exports, at, 1024)[[310, 520, 700][index % 3]] ^= 2;
    };
    return one;
  }),
);

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
export const quickScenarios = [
  ...ciphers,
  ...hashes,
  ...macs,
  ...arithmetic,
  ...packets,
  ...openings,
  legacy,
  ...batches,
  ...compares,
];

/** The official prime is public; base and exponent are secret (secrets of 512 bytes). @param {Uint8Array} prime */
export const exponentiation = (prime) =>
  scenario(
    'modular exponentiation',
    2048,
    (e, at) => e.modExp(at + 1024, at, at + 256, 256, at + 512),
    (e, at) => bytesAt(e, at + 512, 256).set(prime),
  );
