// SHA-1 (FIPS 180-4 6.1): MTProto needs it for key identifiers. State: five 32-bit words.

import { wipe } from "../core/bytes";

/** Four words of the schedule with their constant, for each of four turns. */
const W: usize = memory.data(64, 16);

/** The initial state. */
export function sha1Start(state: usize): void {
  store<u32>(state, 0x67452301, 0);
  store<u32>(state, 0xefcdab89, 4);
  store<u32>(state, 0x98badcfe, 8);
  store<u32>(state, 0x10325476, 12);
  store<u32>(state, 0xc3d2e1f0, 16);
}

/** Writes the 20 bytes of the digest. */
export function sha1Write(target: usize, state: usize): void {
  for (let i: usize = 0; i < 20; i += 4) store<u32>(target + i, bswap<u32>(load<u32>(state + i)));
}

// @ts-ignore: decorator
@inline
function choose(b: u32, c: u32, d: u32): u32 {
  return d ^ (b & (c ^ d));
}
// @ts-ignore: decorator
@inline
function majority(b: u32, c: u32, d: u32): u32 {
  return (b & c) ^ (d & (b ^ c));
}

// @ts-ignore: decorator
@inline
function swapWords(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}
// @ts-ignore: decorator
@inline
function rotateLanes(x: v128, n: i32): v128 {
  return v128.or(i32x4.shl(x, n), i32x4.shr_u(x, 32 - n));
}

/** Sixteen words further: words 0..3 of the window (m0..m3) become words 16..19. */
// @ts-ignore: decorator
@inline
function schedule(m0: v128, m1: v128, m2: v128, m3: v128): v128 {
  const zero = i32x4.splat(0);
  const w2 = v128.shuffle<i32>(m0, m1, 2, 3, 4, 5);
  const w13 = v128.shuffle<i32>(m3, zero, 1, 2, 3, 4);
  const next = rotateLanes(v128.xor(v128.xor(m0, w2), v128.xor(m2, w13)), 1);
  // Word 19 also takes word 16, which is only known now.
  return v128.xor(next, rotateLanes(v128.shuffle<i32>(zero, next, 0, 0, 0, 4), 1));
}

/** Takes `length` bytes, a multiple of 64, into the state. */
export function sha1Compress(state: usize, source: usize, length: usize): void {
  let s0 = load<u32>(state, 0), s1 = load<u32>(state, 4), s2 = load<u32>(state, 8);
  let s3 = load<u32>(state, 12), s4 = load<u32>(state, 16);
  for (const end = source + length; source < end; source += 64) {
    let a = s0, b = s1, c = s2, d = s3, e = s4;
    let m0 = swapWords(v128.load(source));
    let m1 = swapWords(v128.load(source, 16));
    let m2 = swapWords(v128.load(source, 32));
    let m3 = swapWords(v128.load(source, 48));
    let k = i32x4.splat(0x5a827999);
    v128.store(W, i32x4.add(m0, k), 0);
    e += load<u32>(W, 0) + choose(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 4) + choose(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    m0 = schedule(m0, m1, m2, m3);
    c += load<u32>(W, 8) + choose(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 12) + choose(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    v128.store(W, i32x4.add(m1, k), 16);
    a += load<u32>(W, 16) + choose(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 20) + choose(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    m1 = schedule(m1, m2, m3, m0);
    d += load<u32>(W, 24) + choose(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 28) + choose(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    v128.store(W, i32x4.add(m2, k), 32);
    b += load<u32>(W, 32) + choose(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 36) + choose(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    m2 = schedule(m2, m3, m0, m1);
    e += load<u32>(W, 40) + choose(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 44) + choose(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    v128.store(W, i32x4.add(m3, k), 48);
    c += load<u32>(W, 48) + choose(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 52) + choose(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    m3 = schedule(m3, m0, m1, m2);
    a += load<u32>(W, 56) + choose(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 60) + choose(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    v128.store(W, i32x4.add(m0, k), 0);
    d += load<u32>(W, 0) + choose(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 4) + choose(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    m0 = schedule(m0, m1, m2, m3);
    b += load<u32>(W, 8) + choose(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 12) + choose(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    k = i32x4.splat(0x6ed9eba1);
    v128.store(W, i32x4.add(m1, k), 16);
    e += load<u32>(W, 16) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 20) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    m1 = schedule(m1, m2, m3, m0);
    c += load<u32>(W, 24) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 28) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    v128.store(W, i32x4.add(m2, k), 32);
    a += load<u32>(W, 32) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 36) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    m2 = schedule(m2, m3, m0, m1);
    d += load<u32>(W, 40) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 44) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    v128.store(W, i32x4.add(m3, k), 48);
    b += load<u32>(W, 48) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 52) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    m3 = schedule(m3, m0, m1, m2);
    e += load<u32>(W, 56) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 60) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    v128.store(W, i32x4.add(m0, k), 0);
    c += load<u32>(W, 0) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 4) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    m0 = schedule(m0, m1, m2, m3);
    a += load<u32>(W, 8) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 12) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    v128.store(W, i32x4.add(m1, k), 16);
    d += load<u32>(W, 16) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 20) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    m1 = schedule(m1, m2, m3, m0);
    b += load<u32>(W, 24) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 28) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    k = i32x4.splat(0x8f1bbcdc);
    v128.store(W, i32x4.add(m2, k), 32);
    e += load<u32>(W, 32) + majority(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 36) + majority(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    m2 = schedule(m2, m3, m0, m1);
    c += load<u32>(W, 40) + majority(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 44) + majority(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    v128.store(W, i32x4.add(m3, k), 48);
    a += load<u32>(W, 48) + majority(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 52) + majority(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    m3 = schedule(m3, m0, m1, m2);
    d += load<u32>(W, 56) + majority(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 60) + majority(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    v128.store(W, i32x4.add(m0, k), 0);
    b += load<u32>(W, 0) + majority(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 4) + majority(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    m0 = schedule(m0, m1, m2, m3);
    e += load<u32>(W, 8) + majority(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 12) + majority(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    v128.store(W, i32x4.add(m1, k), 16);
    c += load<u32>(W, 16) + majority(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 20) + majority(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    m1 = schedule(m1, m2, m3, m0);
    a += load<u32>(W, 24) + majority(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 28) + majority(b, c, d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    v128.store(W, i32x4.add(m2, k), 32);
    d += load<u32>(W, 32) + majority(a, b, c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 36) + majority(e, a, b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    m2 = schedule(m2, m3, m0, m1);
    b += load<u32>(W, 40) + majority(d, e, a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 44) + majority(c, d, e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    k = i32x4.splat(0xca62c1d6);
    v128.store(W, i32x4.add(m3, k), 48);
    e += load<u32>(W, 48) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 52) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    m3 = schedule(m3, m0, m1, m2);
    c += load<u32>(W, 56) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 60) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    v128.store(W, i32x4.add(m0, k), 0);
    a += load<u32>(W, 0) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 4) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 8) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 12) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    v128.store(W, i32x4.add(m1, k), 16);
    b += load<u32>(W, 16) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 20) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 24) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    d += load<u32>(W, 28) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    v128.store(W, i32x4.add(m2, k), 32);
    c += load<u32>(W, 32) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 36) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 40) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    e += load<u32>(W, 44) + (b ^ c ^ d); e += rotl<u32>(a, 5); b = rotl<u32>(b, 30);
    v128.store(W, i32x4.add(m3, k), 48);
    d += load<u32>(W, 48) + (a ^ b ^ c); d += rotl<u32>(e, 5); a = rotl<u32>(a, 30);
    c += load<u32>(W, 52) + (e ^ a ^ b); c += rotl<u32>(d, 5); e = rotl<u32>(e, 30);
    b += load<u32>(W, 56) + (d ^ e ^ a); b += rotl<u32>(c, 5); d = rotl<u32>(d, 30);
    a += load<u32>(W, 60) + (c ^ d ^ e); a += rotl<u32>(b, 5); c = rotl<u32>(c, 30);
    s0 += a; s1 += b; s2 += c; s3 += d; s4 += e;
  }
  store<u32>(state, s0, 0); store<u32>(state, s1, 4); store<u32>(state, s2, 8);
  store<u32>(state, s3, 12); store<u32>(state, s4, 16);
  wipe(W, 64);
}
