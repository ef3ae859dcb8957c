// SHA-1 (FIPS 180-4 6.1): MTProto needs it for key identifiers. State: five 32-bit words.

import { wipe } from "../core/bytes";

/** Message schedule: 80 words. */
const W: usize = memory.data(320, 16);

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
function step(a: u32, f: u32, e: u32, k: u32, w: usize): u32 {
  return rotl<u32>(a, 5) + f + e + k + load<u32>(w);
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

/** Takes `length` bytes, a multiple of 64, into the state. */
export function sha1Compress(state: usize, source: usize, length: usize): void {
  let s0 = load<u32>(state, 0), s1 = load<u32>(state, 4), s2 = load<u32>(state, 8);
  let s3 = load<u32>(state, 12), s4 = load<u32>(state, 16);
  for (const end = source + length; source < end; source += 64) {
    for (let i: usize = 0; i < 64; i += 4) store<u32>(W + i, bswap<u32>(load<u32>(source + i)));
    for (let w: usize = W + 64; w < W + 320; w += 4) {
      const x = load<u32>(w - 12) ^ load<u32>(w - 32) ^ load<u32>(w - 56) ^ load<u32>(w - 64);
      store<u32>(w, rotl<u32>(x, 1));
    }
    let a = s0, b = s1, c = s2, d = s3, e = s4;
    let w: usize = W;
    for (; w < W + 80; w += 20) {
      e = step(a, choose(b, c, d), e, 0x5a827999, w); b = rotl<u32>(b, 30);
      d = step(e, choose(a, b, c), d, 0x5a827999, w + 4); a = rotl<u32>(a, 30);
      c = step(d, choose(e, a, b), c, 0x5a827999, w + 8); e = rotl<u32>(e, 30);
      b = step(c, choose(d, e, a), b, 0x5a827999, w + 12); d = rotl<u32>(d, 30);
      a = step(b, choose(c, d, e), a, 0x5a827999, w + 16); c = rotl<u32>(c, 30);
    }
    for (; w < W + 160; w += 20) {
      e = step(a, b ^ c ^ d, e, 0x6ed9eba1, w); b = rotl<u32>(b, 30);
      d = step(e, a ^ b ^ c, d, 0x6ed9eba1, w + 4); a = rotl<u32>(a, 30);
      c = step(d, e ^ a ^ b, c, 0x6ed9eba1, w + 8); e = rotl<u32>(e, 30);
      b = step(c, d ^ e ^ a, b, 0x6ed9eba1, w + 12); d = rotl<u32>(d, 30);
      a = step(b, c ^ d ^ e, a, 0x6ed9eba1, w + 16); c = rotl<u32>(c, 30);
    }
    for (; w < W + 240; w += 20) {
      e = step(a, majority(b, c, d), e, 0x8f1bbcdc, w); b = rotl<u32>(b, 30);
      d = step(e, majority(a, b, c), d, 0x8f1bbcdc, w + 4); a = rotl<u32>(a, 30);
      c = step(d, majority(e, a, b), c, 0x8f1bbcdc, w + 8); e = rotl<u32>(e, 30);
      b = step(c, majority(d, e, a), b, 0x8f1bbcdc, w + 12); d = rotl<u32>(d, 30);
      a = step(b, majority(c, d, e), a, 0x8f1bbcdc, w + 16); c = rotl<u32>(c, 30);
    }
    for (; w < W + 320; w += 20) {
      e = step(a, b ^ c ^ d, e, 0xca62c1d6, w); b = rotl<u32>(b, 30);
      d = step(e, a ^ b ^ c, d, 0xca62c1d6, w + 4); a = rotl<u32>(a, 30);
      c = step(d, e ^ a ^ b, c, 0xca62c1d6, w + 8); e = rotl<u32>(e, 30);
      b = step(c, d ^ e ^ a, b, 0xca62c1d6, w + 12); d = rotl<u32>(d, 30);
      a = step(b, c ^ d ^ e, a, 0xca62c1d6, w + 16); c = rotl<u32>(c, 30);
    }
    s0 += a; s1 += b; s2 += c; s3 += d; s4 += e;
  }
  store<u32>(state, s0, 0); store<u32>(state, s1, 4); store<u32>(state, s2, 8);
  store<u32>(state, s3, 12); store<u32>(state, s4, 16);
  wipe(W, 320);
}
