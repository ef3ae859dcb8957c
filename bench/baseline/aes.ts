// AES (FIPS 197) by tables of 32-bit words, the common way to write it in JavaScript. The tables are
// indexed by secrets: this leaks through the cache, and serves for comparison only.

/** Products and exponents in GF(2^8), from which all tables follow. */
function tables(): {
  encrypt: Uint32Array[];
  decrypt: Uint32Array[];
  sbox: Uint8Array;
  inverse: Uint8Array;
} {
  const log = new Uint8Array(256);
  const exp = new Uint8Array(510);
  for (let i = 0, x = 1; i < 255; i++) {
    exp[i] = exp[i + 255] = x;
    log[x] = i;
    x ^= (x << 1) ^ (x & 0x80 ? 0x11b : 0); // times 3
  }
  const multiply = (a: number, b: number): number => (a && b ? exp[log[a]! + log[b]!]! : 0);
  const sbox = new Uint8Array(256);
  const inverse = new Uint8Array(256);
  for (let x = 0; x < 256; x++) {
    const y = x ? exp[255 - log[x]!]! : 0;
    const s = y ^ (y << 1) ^ (y << 2) ^ (y << 3) ^ (y << 4); // rotations: what left above, comes in below
    sbox[x] = (s ^ (s >> 8) ^ 0x63) & 255;
    inverse[sbox[x]!] = x;
  }
  const encrypt = [0, 1, 2, 3].map(() => new Uint32Array(256));
  const decrypt = [0, 1, 2, 3].map(() => new Uint32Array(256));
  for (let x = 0; x < 256; x++) {
    const s = sbox[x]!;
    const i = inverse[x]!;
    let forward = (multiply(s, 2) << 24) | (s << 16) | (s << 8) | multiply(s, 3);
    let back =
      (multiply(i, 14) << 24) | (multiply(i, 9) << 16) | (multiply(i, 13) << 8) | multiply(i, 11);
    for (let n = 0; n < 4; n++) {
      encrypt[n]![x] = forward;
      decrypt[n]![x] = back;
      forward = (forward >>> 8) | (forward << 24);
      back = (back >>> 8) | (back << 24);
    }
  }
  return { encrypt, decrypt, sbox, inverse };
}

const { encrypt, decrypt, sbox, inverse } = tables();
const [E0, E1, E2, E3] = encrypt as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
const [D0, D1, D2, D3] = decrypt as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];

/** Big-endian words of bytes whose number is a multiple of 4. */
export function toWords(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(bytes.length / 4);
  for (let i = 0, j = 0; i < words.length; i++, j += 4) {
    words[i] = (bytes[j]! << 24) | (bytes[j + 1]! << 16) | (bytes[j + 2]! << 8) | bytes[j + 3]!;
  }
  return words;
}

/** The bytes of big-endian words. */
export function toBytes(words: Uint32Array): Uint8Array {
  const bytes = new Uint8Array(4 * words.length);
  for (let i = 0, j = 0; i < words.length; i++, j += 4) {
    const word = words[i]!;
    bytes[j] = word >>> 24;
    bytes[j + 1] = word >>> 16;
    bytes[j + 2] = word >>> 8;
    bytes[j + 3] = word;
  }
  return bytes;
}

const substitute = (word: number): number =>
  (sbox[word >>> 24]! << 24) |
  (sbox[(word >>> 16) & 255]! << 16) |
  (sbox[(word >>> 8) & 255]! << 8) |
  sbox[word & 255]!;

/** Round keys for encryption (FIPS 197 5.2). */
export function encryptKeys(key: Uint8Array): Uint32Array {
  const size = key.length / 4;
  const keys = new Uint32Array(4 * (size + 7));
  keys.set(toWords(key));
  for (let i = size, constant = 1; i < keys.length; i++) {
    let word = keys[i - 1]!;
    if (i % size === 0) {
      word = substitute((word << 8) | (word >>> 24)) ^ (constant << 24);
      constant = (constant << 1) ^ (constant & 0x80 ? 0x11b : 0);
    } else if (size > 6 && i % size === 4) word = substitute(word);
    keys[i] = keys[i - size]! ^ word;
  }
  return keys;
}

/** Round keys of the equivalent inverse cipher (FIPS 197 5.3.5). */
export function decryptKeys(key: Uint8Array): Uint32Array {
  const forward = encryptKeys(key);
  const keys = new Uint32Array(forward.length);
  const last = forward.length - 4;
  for (let i = 0; i <= last; i += 4) {
    for (let j = 0; j < 4; j++) {
      const word = forward[last - i + j]!;
      keys[i + j] =
        i === 0 || i === last
          ? word
          : D0[sbox[word >>> 24]!]! ^
            D1[sbox[(word >>> 16) & 255]!]! ^
            D2[sbox[(word >>> 8) & 255]!]! ^
            D3[sbox[word & 255]!]!;
    }
  }
  return keys;
}

/** Encrypts the four words of `block`. */
export function encryptBlock(keys: Uint32Array, block: Uint32Array): void {
  let a = block[0]! ^ keys[0]!;
  let b = block[1]! ^ keys[1]!;
  let c = block[2]! ^ keys[2]!;
  let d = block[3]! ^ keys[3]!;
  const last = keys.length - 4;
  for (let k = 4; k < last; k += 4) {
    const e =
      E0[a >>> 24]! ^ E1[(b >>> 16) & 255]! ^ E2[(c >>> 8) & 255]! ^ E3[d & 255]! ^ keys[k]!;
    const f =
      E0[b >>> 24]! ^ E1[(c >>> 16) & 255]! ^ E2[(d >>> 8) & 255]! ^ E3[a & 255]! ^ keys[k + 1]!;
    const g =
      E0[c >>> 24]! ^ E1[(d >>> 16) & 255]! ^ E2[(a >>> 8) & 255]! ^ E3[b & 255]! ^ keys[k + 2]!;
    d = E0[d >>> 24]! ^ E1[(a >>> 16) & 255]! ^ E2[(b >>> 8) & 255]! ^ E3[c & 255]! ^ keys[k + 3]!;
    a = e;
    b = f;
    c = g;
  }
  block[0] = last4(sbox, a, b, c, d) ^ keys[last]!;
  block[1] = last4(sbox, b, c, d, a) ^ keys[last + 1]!;
  block[2] = last4(sbox, c, d, a, b) ^ keys[last + 2]!;
  block[3] = last4(sbox, d, a, b, c) ^ keys[last + 3]!;
}

/** Decrypts the four words of `block`, with keys of `decryptKeys`. */
export function decryptBlock(keys: Uint32Array, block: Uint32Array): void {
  let a = block[0]! ^ keys[0]!;
  let b = block[1]! ^ keys[1]!;
  let c = block[2]! ^ keys[2]!;
  let d = block[3]! ^ keys[3]!;
  const last = keys.length - 4;
  for (let k = 4; k < last; k += 4) {
    const e =
      D0[a >>> 24]! ^ D1[(d >>> 16) & 255]! ^ D2[(c >>> 8) & 255]! ^ D3[b & 255]! ^ keys[k]!;
    const f =
      D0[b >>> 24]! ^ D1[(a >>> 16) & 255]! ^ D2[(d >>> 8) & 255]! ^ D3[c & 255]! ^ keys[k + 1]!;
    const g =
      D0[c >>> 24]! ^ D1[(b >>> 16) & 255]! ^ D2[(a >>> 8) & 255]! ^ D3[d & 255]! ^ keys[k + 2]!;
    d = D0[d >>> 24]! ^ D1[(c >>> 16) & 255]! ^ D2[(b >>> 8) & 255]! ^ D3[a & 255]! ^ keys[k + 3]!;
    a = e;
    b = f;
    c = g;
  }
  block[0] = last4(inverse, a, d, c, b) ^ keys[last]!;
  block[1] = last4(inverse, b, a, d, c) ^ keys[last + 1]!;
  block[2] = last4(inverse, c, b, a, d) ^ keys[last + 2]!;
  block[3] = last4(inverse, d, c, b, a) ^ keys[last + 3]!;
}

const last4 = (box: Uint8Array, a: number, b: number, c: number, d: number): number =>
  (box[a >>> 24]! << 24) |
  (box[(b >>> 16) & 255]! << 16) |
  (box[(c >>> 8) & 255]! << 8) |
  box[d & 255]!;
