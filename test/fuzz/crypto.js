// Our primitives beside OpenSSL (node:crypto) and the baseline in plain TypeScript. A session draws inputs from
// its seed and compares some hundred results; every operation that one session holds counts as one case.
import { createCipheriv, createHash, createHmac, hkdfSync, pbkdf2Sync } from 'node:crypto';
import { createCrypto, DH_PRIME } from 'sottovoce/crypto';
import { baseline } from '../../bench/baseline/load.js';
import { prng } from '../support/prng.js';

const HASHES = /** @type {const} */ (['sha1', 'sha256', 'sha512']);

class Mismatch extends Error {
  name = 'Mismatch';
}

const hex = (/** @type {Uint8Array} */ bytes) => Buffer.from(bytes).toString('hex');
const toBigInt = (/** @type {Uint8Array} */ bytes) => BigInt(`0x0${hex(bytes)}`);

/** IGE by CBC of OpenSSL: with q[i] = p[i] ^ p[i-2], c[i] = CBC(q)[i] ^ p[i-1]. */
function igeByCbc(key, iv, data) {
  const before = Buffer.concat([iv.subarray(16), data]);
  const q = data.slice();
  for (let i = 16; i < q.length; i++) q[i] ^= before[i - 16];
  const cipher = createCipheriv('aes-256-cbc', key, iv.subarray(0, 16)).setAutoPadding(false);
  const out = cipher.update(q);
  for (let i = 0; i < out.length; i++) out[i] ^= before[i];
  return out;
}

const cipherOf = (mode, key, iv, data) =>
  createCipheriv(`aes-${8 * key.length}-${mode}`, key, iv)
    .setAutoPadding(false)
    .update(data);

export function open() {
  const crypto = createCrypto();
  const packet = crypto.createPacketBuffer(8192);
  const batch = crypto.createPacketBatch(4, 1024);
  /** @type {Map<string, number>} */
  const counts = new Map();

  const check = (name, ours, theirs) => {
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (ours === null || theirs === null ? ours !== theirs : Buffer.compare(ours, theirs) !== 0) {
      const [a, b] = [ours, theirs].map((one) => (one === null ? 'null' : hex(one).slice(0, 80)));
      throw new Mismatch(`${name}: ${a} is not ${b}`);
    }
  };

  /** A length, mostly short, sometimes long. */
  const length = (random) => (random.int(40) === 0 ? random.int(3000) : random.int(200));
  const blocks = (random) => 16 * (random.int(40) === 0 ? random.int(100) : random.int(14));
  /** Any view: aligned or not, for inputs as users have them. */
  const bytes = (random, n) => {
    const offset = random.int(4);
    return random.bytes(n + offset).subarray(offset);
  };

  function ciphers(random) {
    const key = bytes(random, 32);
    const iv = bytes(random, 32);
    const iv16 = iv.subarray(0, 16);
    if (random.int(4) === 0) iv16.fill(255, 16 - random.int(17));
    const data = bytes(random, blocks(random));
    const dst = random.int(2) ? new Uint8Array(data.length) : undefined;
    const sealed = igeByCbc(key, iv, data);
    check('ige-encrypt', crypto.aesIgeEncrypt(key, iv, data, dst), sealed);
    check('ige-decrypt', crypto.aesIgeDecrypt(key, iv, sealed, dst), data);
    const any = bytes(random, length(random));
    check('ctr', crypto.aesCtr(key, iv16, any), cipherOf('ctr', key, iv16, any));
    const chained = cipherOf('cbc', key, iv16, data);
    check('cbc-encrypt', crypto.aesCbcEncrypt(key, iv16, data), chained);
    check('cbc-decrypt', crypto.aesCbcDecrypt(key, iv16, chained), data);
    const block = bytes(random, 16);
    const one = cipherOf('ecb', key, null, block);
    check('block-encrypt', crypto.aesEncryptBlock(key, block), one);
    check('block-decrypt', crypto.aesDecryptBlock(key, one), block);
    return { key, iv, data, sealed };
  }

  /** Keys of 16 and 24 bytes, through handles; streams in pieces. */
  function handles(random) {
    const short = bytes(random, random.int(2) ? 16 : 24);
    const iv = bytes(random, 16);
    const data = bytes(random, blocks(random));
    const handle = crypto.createAesKey(short);
    check('aes-128-192', crypto.aesCtr(handle, iv, data), cipherOf('ctr', short, iv, data));
    const chained = cipherOf('cbc', short, iv, data);
    check('aes-128-192', crypto.aesCbcEncrypt(handle, iv, data), chained);
    check('aes-128-192', crypto.aesCbcDecrypt(handle, iv, chained), data);
    handle.close();
    const key = bytes(random, 32);
    const stream = crypto.createAesCtr(key, iv);
    const theirs = createCipheriv('aes-256-ctr', key, iv);
    for (let i = 0; i < 4; i++) {
      const piece = bytes(random, length(random));
      check('ctr-stream', stream.process(piece), theirs.update(piece));
    }
    stream.close();
  }

  function pairs(random, a, b) {
    const [one, two] = crypto.aesIgeEncryptPair(a, b);
    check('ige-encrypt-x2', one, a.sealed);
    check('ige-encrypt-x2', two, b.sealed);
    const [three, four] = crypto.aesIgeDecryptPair(
      { ...a, data: a.sealed },
      { ...b, data: b.sealed, ...(random.int(2) && { dst: new Uint8Array(b.data.length) }) },
    );
    check('ige-decrypt-x2', three, a.data);
    check('ige-decrypt-x2', four, b.data);
  }

  function hashes(random) {
    const data = bytes(random, length(random));
    for (const name of HASHES) {
      check(name, crypto[name](data), createHash(name).update(data).digest());
    }
    const key = bytes(random, random.int(150));
    check(
      'hmac-sha256',
      crypto.hmacSha256(key, data),
      createHmac('sha256', key).update(data).digest(),
    );
    check(
      'hmac-sha512',
      crypto.hmacSha512(key, data),
      createHmac('sha512', key).update(data).digest(),
    );
    const size = length(random);
    const four = /** @type {[any, any, any, any]} */ ([0, 1, 2, 3].map(() => bytes(random, size)));
    const digests = crypto.sha256x4(four).slice();
    four.forEach((message, i) => {
      check(
        'sha256-x4',
        digests.subarray(32 * i, 32 * i + 32),
        createHash('sha256').update(message).digest(),
      );
    });
    const name = HASHES[random.int(3)];
    const hash = crypto.createHash(name);
    const theirs = createHash(name);
    for (let i = random.int(4); i >= 0; i--) {
      const piece = bytes(random, length(random));
      hash.update(piece);
      theirs.update(piece);
    }
    check('hash-stream', hash.digest(), theirs.digest());
    hash.close();
  }

  function derivations(random) {
    const name = HASHES[random.int(3)];
    const [key, salt, info] = [
      bytes(random, random.int(140)),
      bytes(random, random.int(80)),
      bytes(random, random.int(50)),
    ];
    const size = 1 + random.int(150);
    check(
      'hkdf',
      crypto.hkdf(name, key, salt, info, size),
      new Uint8Array(hkdfSync(name, key, salt, info, size)),
    );
    const rounds = 1 + random.int(4);
    check(
      'pbkdf2',
      crypto.pbkdf2(name, key, salt, rounds, size),
      pbkdf2Sync(key, salt, rounds, size, name),
    );
  }

  /** The baseline, against which only we are compared here, is compared with OpenSSL by the test suite. */
  function packets(random) {
    const keyBytes = bytes(random, 256);
    const key = crypto.createSharedKey(keyBytes);
    const x = [0, 8, 128, 136][random.int(4)];
    const body = bytes(random, 5 + length(random));
    packet.body.set(body);
    const sealed = baseline.sealCall(keyBytes, x, body);
    check('seal-call', packet.sealCall(key, x, body.length), sealed);
    check('open-call', packet.openCall(key, x, sealed), body);
    const forged = sealed.slice();
    forged[random.int(forged.length)] ^= 1 << random.int(8);
    check('open-call-forged', packet.openCall(key, x, forged), null);
    const x2 = x & 8;
    const message = bytes(random, 16 + blocks(random));
    packet.body.set(message);
    const sealedMessage = baseline.sealMessage(keyBytes, x2, message);
    check('seal-message', packet.sealMessage(key, x2, message.length), sealedMessage);
    check('open-message', packet.openMessage(key, x2, sealedMessage), message);
    const forgedMessage = sealedMessage.slice();
    forgedMessage[random.int(forgedMessage.length)] ^= 1 << random.int(8);
    check('open-message-forged', packet.openMessage(key, x2, forgedMessage), null);
    if (message.length > 1024 || body.length > 1024) return key.close();
    batch.load(0, key, x2, sealedMessage);
    batch.load(1, key, x2, forgedMessage);
    batch.load(3, key, x2, sealedMessage);
    batch.openMessages();
    check('batch-open', batch.opened(0), message);
    check('batch-open', batch.opened(1), null);
    check('batch-open', batch.opened(3), message);
    batch.body(2).set(body);
    batch.add(2, key, x, body.length);
    batch.sealCalls();
    check('batch-seal', batch.packet(2), sealed);
    key.close();
  }

  function numbers(random) {
    const [a, b] = [bytes(random, 1 + random.int(256)), bytes(random, 1 + random.int(256))];
    // Short moduli take longest: their R^2 is found by doubling.
    const size = random.int(16) === 0 ? 1 + random.int(256) : 256;
    const modulus = random.int(2) ? DH_PRIME : bytes(random, size);
    if (modulus !== DH_PRIME) modulus[modulus.length - 1] |= 1;
    const m = toBigInt(modulus);
    const of = (value) => Buffer.from(value.toString(16).padStart(512, '0'), 'hex');
    check('mod-multiply', crypto.modMultiply(a, b, modulus), of((toBigInt(a) * toBigInt(b)) % m));
    const difference = (toBigInt(a) - toBigInt(b)) % m;
    check(
      'mod-subtract',
      crypto.modSubtract(a, b, modulus),
      of(difference < 0n ? difference + m : difference),
    );
  }

  function powers(random) {
    const base = bytes(random, 1 + random.int(256));
    const exponent = bytes(random, 1 + random.int(3));
    const expected = baseline.modExp(base, exponent, DH_PRIME);
    check('mod-exp-public', crypto.modExpPublic(base, exponent, DH_PRIME), expected);
    if (random.int(8) > 0) return;
    const secret = random.bytes(256);
    check(
      'mod-exp',
      crypto.modExp(base, secret, DH_PRIME),
      baseline.modExp(base, secret, DH_PRIME),
    );
  }

  return {
    /** @param {number} seed */
    session(seed) {
      const random = prng(seed);
      let before = ciphers(random);
      for (let i = 0; i < 16; i++) {
        const next = ciphers(random);
        pairs(random, before, next);
        before = next;
        hashes(random);
        if (i % 2 === 0) handles(random);
        derivations(random);
        packets(random);
        numbers(random);
      }
      powers(random);
    },
    summary: () => {
      const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
      const list = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
      return `${total} cases, none different but those named above: ${list}`;
    },
  };
}
