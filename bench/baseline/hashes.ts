// SHA-1, SHA-256 and SHA-512 (FIPS 180-4), one-shot.

/** The first 64 bits of the fractional parts of a root of the first primes: the constants of SHA-2. */
function fractions(count: number, root: (x: bigint) => bigint): bigint[] {
  const out: bigint[] = [];
  for (let n = 2; out.length < count; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (prime) out.push(root(BigInt(n)) & 0xffffffffffffffffn);
  }
  return out;
}

/** Integer part of the k-th root of x, by bisection. */
function rootOf(x: bigint, k: bigint): bigint {
  let low = 0n;
  let high = 1n << 100n;
  while (low < high) {
    const middle = (low + high + 1n) >> 1n;
    if (middle ** k <= x) low = middle;
    else high = middle - 1n;
  }
  return low;
}

const cubes = fractions(80, (p) => rootOf(p << 192n, 3n));
const squares = fractions(8, (p) => rootOf(p << 128n, 2n));
// Signed words: unsigned ones above 2^31 would make the engine calculate with floating point numbers.
const K = Int32Array.from(cubes.slice(0, 64), (k) => Number(BigInt.asIntN(32, k >> 32n)));
const START = squares.map((k) => Number(BigInt.asIntN(32, k >> 32n)));

/** Message, 0x80, zeros and the length in bits, to a multiple of `size`. */
function pad(data: Uint8Array, size: number): DataView {
  const total = Math.ceil((data.length + 1 + size / 8) / size) * size;
  const padded = new Uint8Array(total);
  padded.set(data);
  padded[data.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(total - 8, BigInt(data.length) * 8n);
  return view;
}

export function sha256(data: Uint8Array): Uint8Array {
  const view = pad(data, 64);
  const w = new Int32Array(64);
  const state = Int32Array.from(START);
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 64; i++) {
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const t0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const t1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16]! + t0 + w[i - 7]! + t1) | 0;
    }
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    let e = state[4]!;
    let f = state[5]!;
    let g = state[6]!;
    let h = state[7]!;
    for (let i = 0; i < 64; i++) {
      const u1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t = (h + u1 + (g ^ (e & (f ^ g))) + K[i]! + w[i]!) | 0;
      const u0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const majority = (a & b) ^ (c & (a ^ b));
      h = g;
      g = f;
      f = e;
      e = (d + t) | 0;
      d = c;
      c = b;
      b = a;
      a = (t + u0 + majority) | 0;
    }
    state[0]! += a;
    state[1]! += b;
    state[2]! += c;
    state[3]! += d;
    state[4]! += e;
    state[5]! += f;
    state[6]! += g;
    state[7]! += h;
  }
  const out = new DataView(new ArrayBuffer(32));
  state.forEach((s, i) => {
    out.setInt32(4 * i, s);
  });
  return new Uint8Array(out.buffer);
}

export function sha1(data: Uint8Array): Uint8Array {
  const view = pad(data, 64);
  const w = new Int32Array(80);
  let [s0, s1, s2, s3, s4] = [0x67452301, -0x10325477, -0x67452302, 0x10325476, -0x3c2d1e10];
  for (let at = 0; at < view.byteLength; at += 64) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
    for (let i = 16; i < 80; i++) {
      const x = w[i - 3]! ^ w[i - 8]! ^ w[i - 14]! ^ w[i - 16]!;
      w[i] = (x << 1) | (x >>> 31);
    }
    let [a, b, c, d, e] = [s0, s1, s2, s3, s4] as [number, number, number, number, number];
    for (let i = 0; i < 80; i++) {
      let f: number;
      if (i < 20) f = ((d ^ (b & (c ^ d))) + 0x5a827999) | 0;
      else if (i < 40) f = ((b ^ c ^ d) + 0x6ed9eba1) | 0;
      else if (i < 60) f = (((b & c) | (d & (b | c))) - 0x70e44324) | 0;
      else f = ((b ^ c ^ d) - 0x359d3e2a) | 0;
      const t = (((a << 5) | (a >>> 27)) + f + e + w[i]!) | 0;
      e = d;
      d = c;
      c = (b << 30) | (b >>> 2);
      b = a;
      a = t;
    }
    s0 = (s0! + a) | 0;
    s1 = (s1! + b) | 0;
    s2 = (s2! + c) | 0;
    s3 = (s3! + d) | 0;
    s4 = (s4! + e) | 0;
  }
  const out = new DataView(new ArrayBuffer(20));
  [s0, s1, s2, s3, s4].forEach((s, i) => {
    out.setInt32(4 * i, s!);
  });
  return new Uint8Array(out.buffer);
}

const mask = (x: bigint): bigint => BigInt.asUintN(64, x);
const rotate = (x: bigint, n: bigint): bigint => mask((x >> n) | (x << (64n - n)));

/** In BigInt, plain and slow. */
export function sha512(data: Uint8Array): Uint8Array {
  const view = pad(data, 128);
  const state = [...squares];
  for (let at = 0; at < view.byteLength; at += 128) {
    const w: bigint[] = [];
    for (let i = 0; i < 80; i++) {
      if (i < 16) {
        w.push(view.getBigUint64(at + 8 * i));
        continue;
      }
      const x = w[i - 15]!;
      const y = w[i - 2]!;
      const t0 = rotate(x, 1n) ^ rotate(x, 8n) ^ (x >> 7n);
      const t1 = rotate(y, 19n) ^ rotate(y, 61n) ^ (y >> 6n);
      w.push(mask(w[i - 16]! + t0 + w[i - 7]! + t1));
    }
    let [a, b, c, d, e, f, g, h] = state as [
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
      bigint,
    ];
    for (let i = 0; i < 80; i++) {
      const u1 = rotate(e, 14n) ^ rotate(e, 18n) ^ rotate(e, 41n);
      const t = h + u1 + (g ^ (e & (f ^ g))) + cubes[i]! + w[i]!;
      const u0 = rotate(a, 28n) ^ rotate(a, 34n) ^ rotate(a, 39n);
      [h, g, f, e, d, c, b, a] = [
        g,
        f,
        e,
        mask(d + t),
        c,
        b,
        a,
        mask(t + u0 + ((a & b) ^ (c & (a ^ b)))),
      ];
    }
    [a, b, c, d, e, f, g, h].forEach((s, i) => {
      state[i] = mask(state[i]! + s);
    });
  }
  const out = new DataView(new ArrayBuffer(64));
  state.forEach((s, i) => {
    out.setBigUint64(8 * i, s);
  });
  return new Uint8Array(out.buffer);
}
