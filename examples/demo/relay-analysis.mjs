// What can a relay learn? The datagrams that it recorded are put to the test, by the same code twice:
// with every key that can be formed from what relay and signalling saw, and, as control, with the key
// of the call. Then all its bytes are searched for pieces of the voice.
import { parseDataFrame } from 'sottovoce/relay';

/** @typedef {import('sottovoce/crypto').CryptoCore} CryptoCore */
/** @typedef {{ x: 0 | 8, data: Uint8Array }} SealedPacket x names the sender: 0 caller, 8 callee */
/** @typedef {(packet: SealedPacket) => Uint8Array | null} Opener gives the body, borrowed */

/** Most attempts to open a packet with a guessed key; longer calls are sampled evenly. */
const MAX_ATTEMPTS = 40_000;
const CALLER_SUFFIX = 1;

/**
 * The sealed packets in what the relay recorded; hellos to the relay are left out.
 * @param {readonly Uint8Array[]} datagrams
 * @returns {SealedPacket[]}
 */
export function sealedPackets(datagrams) {
  const packets = [];
  for (const datagram of datagrams) {
    const frame = parseDataFrame(datagram);
    if (!frame) continue;
    packets.push({
      x: /** @type {0 | 8} */ (frame.from === CALLER_SUFFIX ? 0 : 8),
      data: frame.payload,
    });
  }
  return packets;
}

/**
 * Tries to open packets.
 * @param {Opener} open
 * @param {readonly SealedPacket[]} packets
 * @param {(body: Uint8Array, packet: SealedPacket) => void} [onOpened] gets each body, borrowed
 * @returns {number} how many open
 */
export function openAll(open, packets, onOpened) {
  let opened = 0;
  for (const packet of packets) {
    const body = open(packet);
    if (!body) continue;
    opened++;
    onOpened?.(body, packet);
  }
  return opened;
}

/**
 * Keys that somebody can form who saw everything but has no secret: each public value as it is and
 * hashed, and what two of them give together.
 * @param {CryptoCore} crypto
 * @param {{ prime: Uint8Array, values: Record<string, Uint8Array> }} seen values by name, 1 to 256 bytes
 * @returns {{ name: string, key: Uint8Array }[]} keys of 256 bytes
 */
export function guessKeys(crypto, { prime, values }) {
  /** @type {{ name: string, key: Uint8Array }[]} */
  const guesses = [
    { name: 'zeros', key: new Uint8Array(256) },
    { name: 'ones', key: new Uint8Array(256).fill(255) },
  ];
  const expand = (/** @type {Uint8Array} */ seed) => {
    const key = new Uint8Array(256);
    for (let i = 0; i < 8; i++) {
      key.set(crypto.sha256(Uint8Array.of(...seed, i)), 32 * i);
    }
    return key;
  };
  const p = toBigInt(prime);
  const names = Object.keys(values);
  for (const name of names) {
    const value = /** @type {Uint8Array} */ (values[name]);
    guesses.push({ name, key: padded(value) });
    guesses.push({ name: `expanded SHA-256 of ${name}`, key: expand(value) });
    if (value.length === 256) continue;
    const first = new Uint8Array(256);
    first.set(value);
    guesses.push({ name: `${name}, then zeros`, key: first });
    guesses.push({ name: `${name} repeated`, key: repeated(value) });
  }
  const large = names.filter((name) => (values[name]?.length ?? 0) === 256);
  for (const [i, first] of large.entries()) {
    for (const second of large.slice(i + 1)) {
      const a = /** @type {Uint8Array} */ (values[first]);
      const b = /** @type {Uint8Array} */ (values[second]);
      const [x, y] = [toBigInt(a), toBigInt(b)];
      guesses.push(
        { name: `${first} * ${second}`, key: toBytes((x * y) % p) },
        { name: `${first} + ${second}`, key: toBytes((x + y) % p) },
        { name: `${first} xor ${second}`, key: a.map((byte, at) => byte ^ (b[at] ?? 0)) },
        { name: `${first} ^ ${second}`, key: crypto.modExp(a, b, prime).slice() },
        { name: `${second} ^ ${first}`, key: crypto.modExp(b, a, prime).slice() },
        { name: `expanded SHA-256 of ${first} || ${second}`, key: expand(joined(a, b)) },
        { name: `expanded SHA-256 of ${second} || ${first}`, key: expand(joined(b, a)) },
      );
    }
  }
  return guesses;
}

/**
 * Tries guessed keys on recorded packets.
 * @param {CryptoCore} crypto
 * @param {readonly { key: Uint8Array }[]} guesses
 * @param {readonly SealedPacket[]} packets
 * @returns {{ opened: number, attempts: number }} how many packets opened with any of the keys
 */
export function tryGuesses(crypto, guesses, packets) {
  const stride = Math.max(1, Math.ceil((guesses.length * packets.length) / MAX_ATTEMPTS));
  const sample = packets.filter((_, index) => index % stride === 0);
  /** @type {Set<SealedPacket>} */
  const opened = new Set();
  const longest = packets.reduce((length, { data }) => Math.max(length, data.length), 64);
  const buffer = crypto.createPacketBuffer(longest);
  for (const guess of guesses) {
    const key = crypto.createSharedKey(guess.key);
    const open = (/** @type {SealedPacket} */ { x, data }) => buffer.openCall(key, x, data);
    openAll(open, sample, (_, packet) => opened.add(packet));
    key.close();
  }
  buffer.close();
  return { opened: opened.size, attempts: guesses.length * sample.length };
}

/**
 * Entropy of the byte values in bits per byte; 8 is what random bytes have.
 * @param {readonly Uint8Array[]} chunks
 * @returns {number}
 */
export function entropy(chunks) {
  const counts = new Float64Array(256);
  let total = 0;
  for (const chunk of chunks) {
    for (const byte of chunk) counts[byte] = (counts[byte] ?? 0) + 1;
    total += chunk.length;
  }
  let bits = 0;
  for (const count of counts) {
    if (count > 0) bits -= (count / total) * Math.log2(count / total);
  }
  return bits;
}

/** Bytes of a piece of an Opus packet or of PCM that must not be found. */
export const OPUS_RUN = 8;
export const PCM_RUN = 16;

/** Finds out whether runs of 8 bytes and more occur anywhere in recorded datagrams. */
export class Haystack {
  #bytes;
  #starts;
  #filter = new Uint8Array(1 << 21);
  /** @type {Map<number, number[]>} positions by hash of the 8 bytes that begin there */
  #positions = new Map();

  /** @param {readonly Uint8Array[]} datagrams */
  constructor(datagrams) {
    const total = datagrams.reduce((sum, datagram) => sum + datagram.length, 0);
    this.#bytes = new Uint8Array(total);
    this.#starts = new Uint8Array(total + 1); // 1 where a datagram begins: runs do not cross it
    let at = 0;
    for (const datagram of datagrams) {
      this.#bytes.set(datagram, at);
      this.#starts[at] = 1;
      for (let i = 0; i + 8 <= datagram.length; i++) {
        const hash = hash8(datagram, i);
        this.#filter[hash >>> 11] = 1;
        const list = this.#positions.get(hash);
        if (list) list.push(at + i);
        else this.#positions.set(hash, [at + i]);
      }
      at += datagram.length;
    }
    this.#starts[total] = 1;
  }

  /**
   * Whether `length` bytes of `needle` from `at` on occur. At least 8.
   * @param {Uint8Array} needle @param {number} at @param {number} length
   * @returns {boolean}
   */
  has(needle, at, length) {
    const hash = hash8(needle, at);
    if (!this.#filter[hash >>> 11]) return false;
    return (this.#positions.get(hash) ?? []).some((position) => {
      for (let i = 0; i < length; i++) {
        if (i > 0 && this.#starts[position + i]) return false;
        if (this.#bytes[position + i] !== needle[at + i]) return false;
      }
      return true;
    });
  }
}

/**
 * How many pieces of sent Opus packets are in the datagrams. A run of one and the same byte is no piece
 * of a packet: the frames of the relay have such runs of their own.
 * @param {Haystack} haystack
 * @param {readonly Uint8Array[]} packets
 * @returns {number}
 */
export function countOpusRuns(haystack, packets) {
  let found = 0;
  for (const packet of packets) {
    for (let at = 0; at + OPUS_RUN <= packet.length; at++) {
      if (isFlat(packet, at, OPUS_RUN)) continue;
      if (haystack.has(packet, at, OPUS_RUN)) found++;
    }
  }
  return found;
}

/**
 * How many pieces of non-silent PCM are in the datagrams, as 16-bit little-endian and as the floats
 * that the codec is given.
 * @param {Haystack} haystack
 * @param {Float32Array} pcm
 * @returns {number}
 */
export function countPcmRuns(haystack, pcm) {
  const words = new Uint8Array(pcm.length * 2);
  const view = new DataView(words.buffer);
  for (let i = 0; i < pcm.length; i++) {
    const value = Math.round((pcm[i] ?? 0) * 32768);
    view.setInt16(2 * i, Math.max(-32768, Math.min(32767, value)), true);
  }
  const floats = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
  let found = 0;
  for (const [bytes, step] of /** @type {const} */ ([
    [words, 2],
    [floats, 4],
  ])) {
    for (let at = 0; at + PCM_RUN <= bytes.length; at += step) {
      if (isFlat(bytes, at, PCM_RUN, step)) continue; // silence, or a constant
      // Words of -1, 0 and 1 are silence too: a padded ping whose random proof ends in 1 looks like one.
      if (step === 2 && isSilent(pcm, at / step, PCM_RUN / step)) continue;
      if (haystack.has(bytes, at, PCM_RUN)) found++;
    }
  }
  return found;
}

/**
 * Whether a run repeats one unit all along.
 * @param {Uint8Array} bytes @param {number} at @param {number} length @param {number} [unit]
 * @returns {boolean}
 */
function isFlat(bytes, at, length, unit = 1) {
  for (let i = at + unit; i < at + length; i++) {
    if (bytes[i] !== bytes[i - unit]) return false;
  }
  return true;
}

/**
 * Whether no sample is more than one 16-bit step from zero.
 * @param {Float32Array} pcm @param {number} at @param {number} count
 * @returns {boolean}
 */
function isSilent(pcm, at, count) {
  return pcm.subarray(at, at + count).every((value) => Math.abs(value) < 1.5 / 32768);
}

/** FNV-1a over 8 bytes. @param {Uint8Array} bytes @param {number} at @returns {number} 32 bits */
function hash8(bytes, at) {
  let hash = 0x811c9dc5;
  for (let i = at; i < at + 8; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash >>> 0;
}

/** @param {Uint8Array} bytes @returns {bigint} big-endian */
function toBigInt(bytes) {
  let text = '0x0';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return BigInt(text);
}

/** @param {bigint} value @returns {Uint8Array} 256 bytes, big-endian */
function toBytes(value) {
  const text = value.toString(16).padStart(512, '0');
  return Uint8Array.from({ length: 256 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

/** @param {Uint8Array} bytes @returns {Uint8Array} 256 bytes, zeros to the left */
function padded(bytes) {
  const result = new Uint8Array(256);
  result.set(bytes.subarray(0, 256), 256 - Math.min(256, bytes.length));
  return result;
}

/** @param {Uint8Array} bytes @returns {Uint8Array} 256 bytes */
function repeated(bytes) {
  return Uint8Array.from({ length: 256 }, (_, i) => bytes[i % bytes.length] ?? 0);
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {Uint8Array} */
function joined(a, b) {
  return Uint8Array.of(...a, ...b);
}
