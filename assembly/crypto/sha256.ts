// SHA-256 (FIPS 180-4 6.2). Rounds are scalar; the message schedule runs four words at a time in a
// vector beside them. State: eight 32-bit words.

import { wipeSmall } from "../core/bytes";

export const SHA256_K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);


/** The initial state. */
export function sha256Start(state: usize): void {
  store<u32>(state, 0x6a09e667, 0);
  store<u32>(state, 0xbb67ae85, 4);
  store<u32>(state, 0x3c6ef372, 8);
  store<u32>(state, 0xa54ff53a, 12);
  store<u32>(state, 0x510e527f, 16);
  store<u32>(state, 0x9b05688c, 20);
  store<u32>(state, 0x1f83d9ab, 24);
  store<u32>(state, 0x5be0cd19, 28);
}

/** Writes the 32 bytes of the digest. */
export function sha256Write(target: usize, state: usize): void {
  v128.store(target, swapWords(v128.load(state)));
  v128.store(target, swapWords(v128.load(state, 16)), 16);
}

// @ts-ignore: decorator
@inline
export function swapWords(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

// @ts-ignore: decorator
@inline
function choose(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}
// @ts-ignore: decorator
@inline
function sum1(e: u32): u32 {
  return rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25);
}
// @ts-ignore: decorator
@inline
function sum0(a: u32): u32 {
  return rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22);
}
// @ts-ignore: decorator
@inline
function rotateLanes(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

/** Sixteen words further: words 0..3 of the window (m0..m3) become words 16..19. */
// @ts-ignore: decorator
@inline
function schedule(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  const zero = i32x4.splat(0);
  const w1 = v128.shuffle<i32>(m0, m1, 1, 2, 3, 4);
  const w9 = v128.shuffle<i32>(m2, m3, 1, 2, 3, 4);
  const sigma0 = v128.xor(v128.xor(rotateLanes(w1, 7), rotateLanes(w1, 18)), i32x4.shr_u(w1, 3));
  let next = i32x4.add(i32x4.add(m0, w9), sigma0);
  // sigma1 of words 14 and 15 completes words 16 and 17, and these complete 18 and 19.
  const s = v128.xor(v128.xor(rotateLanes(m3, 17), rotateLanes(m3, 19)), i32x4.shr_u(m3, 10));
  next = i32x4.add(next, v128.shuffle<i32>(s, zero, 2, 3, 4, 4));
  const t = v128.xor(v128.xor(rotateLanes(next, 17), rotateLanes(next, 19)), i32x4.shr_u(next, 10));
  return i32x4.add(next, v128.shuffle<i32>(t, zero, 4, 4, 0, 1));
}

/** Four words of the schedule with their constants, for each of four turns. */
const W: usize = memory.data(64, 16);

/** Takes `length` bytes, a multiple of 64, into the state. */
export function sha256Compress(state: usize, source: usize, length: usize): void {
  let s0 = load<u32>(state, 0), s1 = load<u32>(state, 4), s2 = load<u32>(state, 8);
  let s3 = load<u32>(state, 12), s4 = load<u32>(state, 16), s5 = load<u32>(state, 20);
  let s6 = load<u32>(state, 24), s7 = load<u32>(state, 28);
  for (const end = source + length; source < end; source += 64) {
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7;
    let m0 = swapWords(v128.load(source));
    let m1 = swapWords(v128.load(source, 16));
    let m2 = swapWords(v128.load(source, 32));
    let m3 = swapWords(v128.load(source, 48));
    // A round: what depends on the round before is added last. Maj(a, b, c) is b ^ ((a ^ b) & (b ^ c)),
    // and b ^ c is the a ^ b of the round before.
    let v: u32, x: u32, y = b ^ c;
    v128.store(W, i32x4.add(m0, v128.load(SHA256_K, 0)), 0);
    h += load<u32>(W, 0); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 4); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m0 = schedule(m0, m1, m2, m3);
    f += load<u32>(W, 8); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 12); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m1, v128.load(SHA256_K, 16)), 16);
    d += load<u32>(W, 16); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 20); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m1 = schedule(m1, m2, m3, m0);
    b += load<u32>(W, 24); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 28); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m2, v128.load(SHA256_K, 32)), 32);
    h += load<u32>(W, 32); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 36); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m2 = schedule(m2, m3, m0, m1);
    f += load<u32>(W, 40); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 44); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m3, v128.load(SHA256_K, 48)), 48);
    d += load<u32>(W, 48); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 52); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m3 = schedule(m3, m0, m1, m2);
    b += load<u32>(W, 56); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 60); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m0, v128.load(SHA256_K, 64)), 0);
    h += load<u32>(W, 0); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 4); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m0 = schedule(m0, m1, m2, m3);
    f += load<u32>(W, 8); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 12); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m1, v128.load(SHA256_K, 80)), 16);
    d += load<u32>(W, 16); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 20); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m1 = schedule(m1, m2, m3, m0);
    b += load<u32>(W, 24); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 28); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m2, v128.load(SHA256_K, 96)), 32);
    h += load<u32>(W, 32); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 36); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m2 = schedule(m2, m3, m0, m1);
    f += load<u32>(W, 40); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 44); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m3, v128.load(SHA256_K, 112)), 48);
    d += load<u32>(W, 48); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 52); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m3 = schedule(m3, m0, m1, m2);
    b += load<u32>(W, 56); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 60); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m0, v128.load(SHA256_K, 128)), 0);
    h += load<u32>(W, 0); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 4); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m0 = schedule(m0, m1, m2, m3);
    f += load<u32>(W, 8); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 12); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m1, v128.load(SHA256_K, 144)), 16);
    d += load<u32>(W, 16); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 20); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m1 = schedule(m1, m2, m3, m0);
    b += load<u32>(W, 24); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 28); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m2, v128.load(SHA256_K, 160)), 32);
    h += load<u32>(W, 32); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 36); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    m2 = schedule(m2, m3, m0, m1);
    f += load<u32>(W, 40); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 44); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m3, v128.load(SHA256_K, 176)), 48);
    d += load<u32>(W, 48); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 52); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    m3 = schedule(m3, m0, m1, m2);
    b += load<u32>(W, 56); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 60); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m0, v128.load(SHA256_K, 192)), 0);
    h += load<u32>(W, 0); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 4); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    f += load<u32>(W, 8); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 12); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m1, v128.load(SHA256_K, 208)), 16);
    d += load<u32>(W, 16); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 20); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    b += load<u32>(W, 24); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 28); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    v128.store(W, i32x4.add(m2, v128.load(SHA256_K, 224)), 32);
    h += load<u32>(W, 32); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
    x = a ^ b; h += sum0(a) + (b ^ (x & y));
    g += load<u32>(W, 36); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
    y = h ^ a; g += sum0(h) + (a ^ (y & x));
    f += load<u32>(W, 40); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
    x = g ^ h; f += sum0(g) + (h ^ (x & y));
    e += load<u32>(W, 44); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
    y = f ^ g; e += sum0(f) + (g ^ (y & x));
    v128.store(W, i32x4.add(m3, v128.load(SHA256_K, 240)), 48);
    d += load<u32>(W, 48); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
    x = e ^ f; d += sum0(e) + (f ^ (x & y));
    c += load<u32>(W, 52); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
    y = d ^ e; c += sum0(d) + (e ^ (y & x));
    b += load<u32>(W, 56); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
    x = c ^ d; b += sum0(c) + (d ^ (x & y));
    a += load<u32>(W, 60); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
    y = b ^ c; a += sum0(b) + (c ^ (y & x));
    s0 += a; s1 += b; s2 += c; s3 += d; s4 += e; s5 += f; s6 += g; s7 += h;
  }
  store<u32>(state, s0, 0); store<u32>(state, s1, 4); store<u32>(state, s2, 8);
  store<u32>(state, s3, 12); store<u32>(state, s4, 16); store<u32>(state, s5, 20);
  store<u32>(state, s6, 24); store<u32>(state, s7, 28);
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < 64; i += 16) v128.store(W + i, zero);
}

const STATE: usize = memory.data(32, 16);
const TAIL: usize = memory.data(128, 16);

/** The digest of `length` bytes that lie in one piece: less to do for short messages than the streaming shell. */
export function sha256Once(target: usize, source: usize, length: usize): void {
  const whole = length & ~63;
  const rest = length - whole;
  const end: usize = rest < 56 ? 64 : 128;
  wipeSmall(TAIL, 128);
  sha256Start(STATE);
  sha256Compress(STATE, source, whole);
  memory.copy(TAIL, source + whole, rest);
  store<u8>(TAIL + rest, 0x80);
  store<u64>(TAIL + end - 8, bswap<u64>(<u64>length << 3));
  sha256Compress(STATE, TAIL, end);
  sha256Write(target, STATE);
  wipeSmall(TAIL, 128);
  wipeSmall(STATE, 32);
}
