// SHA-512 (FIPS 180-4 6.4). The sixteen words of the schedule stay in locals. State: eight 64-bit words.

const K: usize = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
], 16);

/** The initial state. */
export function sha512Start(state: usize): void {
  store<u64>(state, 0x6a09e667f3bcc908, 0);
  store<u64>(state, 0xbb67ae8584caa73b, 8);
  store<u64>(state, 0x3c6ef372fe94f82b, 16);
  store<u64>(state, 0xa54ff53a5f1d36f1, 24);
  store<u64>(state, 0x510e527fade682d1, 32);
  store<u64>(state, 0x9b05688c2b3e6c1f, 40);
  store<u64>(state, 0x1f83d9abfb41bd6b, 48);
  store<u64>(state, 0x5be0cd19137e2179, 56);
}

/** Writes the 64 bytes of the digest. */
export function sha512Write(target: usize, state: usize): void {
  for (let i: usize = 0; i < 64; i += 8) store<u64>(target + i, bswap<u64>(load<u64>(state + i)));
}

// @ts-ignore: decorator
@inline
function choose(e: u64, f: u64, g: u64): u64 {
  return g ^ (e & (f ^ g));
}
// @ts-ignore: decorator
@inline
function sum1(e: u64): u64 {
  return rotr<u64>(e, 14) ^ rotr<u64>(e, 18) ^ rotr<u64>(e, 41);
}
// @ts-ignore: decorator
@inline
function sum0(a: u64): u64 {
  return rotr<u64>(a, 28) ^ rotr<u64>(a, 34) ^ rotr<u64>(a, 39);
}
/** What makes word t + 16 of word t, from words t + 1, t + 9 and t + 14. */
// @ts-ignore: decorator
@inline
function next(w1: u64, w9: u64, w14: u64): u64 {
  return (rotr<u64>(w1, 1) ^ rotr<u64>(w1, 8) ^ (w1 >> 7)) + w9 +
    (rotr<u64>(w14, 19) ^ rotr<u64>(w14, 61) ^ (w14 >> 6));
}
// @ts-ignore: decorator
@inline
function word(source: usize, offset: usize): u64 {
  return bswap<u64>(load<u64>(source + offset));
}

/** Takes `length` bytes, a multiple of 128, into the state. */
export function sha512Compress(state: usize, source: usize, length: usize): void {
  let s0 = load<u64>(state, 0), s1 = load<u64>(state, 8), s2 = load<u64>(state, 16), s3 = load<u64>(state, 24);
  let s4 = load<u64>(state, 32), s5 = load<u64>(state, 40), s6 = load<u64>(state, 48), s7 = load<u64>(state, 56);
  for (const end = source + length; source < end; source += 128) {
    let a = s0, b = s1, c = s2, d = s3, e = s4, f = s5, g = s6, h = s7;
    let w0 = word(source, 0), w1 = word(source, 8), w2 = word(source, 16), w3 = word(source, 24);
    let w4 = word(source, 32), w5 = word(source, 40), w6 = word(source, 48), w7 = word(source, 56);
    let w8 = word(source, 64), w9 = word(source, 72), w10 = word(source, 80), w11 = word(source, 88);
    let w12 = word(source, 96), w13 = word(source, 104), w14 = word(source, 112), w15 = word(source, 120);
    // As in SHA-256: late inputs are added late, and b ^ c is the a ^ b of the round before.
    let v: u64, x: u64, y = b ^ c;
    let k: usize = K;
    while (true) {
      h += w0 + load<u64>(k, 0); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
      x = a ^ b; h += sum0(a) + (b ^ (x & y));
      g += w1 + load<u64>(k, 8); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
      y = h ^ a; g += sum0(h) + (a ^ (y & x));
      f += w2 + load<u64>(k, 16); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
      x = g ^ h; f += sum0(g) + (h ^ (x & y));
      e += w3 + load<u64>(k, 24); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
      y = f ^ g; e += sum0(f) + (g ^ (y & x));
      d += w4 + load<u64>(k, 32); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
      x = e ^ f; d += sum0(e) + (f ^ (x & y));
      c += w5 + load<u64>(k, 40); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
      y = d ^ e; c += sum0(d) + (e ^ (y & x));
      b += w6 + load<u64>(k, 48); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
      x = c ^ d; b += sum0(c) + (d ^ (x & y));
      a += w7 + load<u64>(k, 56); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
      y = b ^ c; a += sum0(b) + (c ^ (y & x));
      h += w8 + load<u64>(k, 64); d += h; v = choose(e, f, g) + sum1(e); d += v; h += v;
      x = a ^ b; h += sum0(a) + (b ^ (x & y));
      g += w9 + load<u64>(k, 72); c += g; v = choose(d, e, f) + sum1(d); c += v; g += v;
      y = h ^ a; g += sum0(h) + (a ^ (y & x));
      f += w10 + load<u64>(k, 80); b += f; v = choose(c, d, e) + sum1(c); b += v; f += v;
      x = g ^ h; f += sum0(g) + (h ^ (x & y));
      e += w11 + load<u64>(k, 88); a += e; v = choose(b, c, d) + sum1(b); a += v; e += v;
      y = f ^ g; e += sum0(f) + (g ^ (y & x));
      d += w12 + load<u64>(k, 96); h += d; v = choose(a, b, c) + sum1(a); h += v; d += v;
      x = e ^ f; d += sum0(e) + (f ^ (x & y));
      c += w13 + load<u64>(k, 104); g += c; v = choose(h, a, b) + sum1(h); g += v; c += v;
      y = d ^ e; c += sum0(d) + (e ^ (y & x));
      b += w14 + load<u64>(k, 112); f += b; v = choose(g, h, a) + sum1(g); f += v; b += v;
      x = c ^ d; b += sum0(c) + (d ^ (x & y));
      a += w15 + load<u64>(k, 120); e += a; v = choose(f, g, h) + sum1(f); e += v; a += v;
      y = b ^ c; a += sum0(b) + (c ^ (y & x));
      k += 128;
      if (k == K + 640) break;
      w0 += next(w1, w9, w14);
      w1 += next(w2, w10, w15);
      w2 += next(w3, w11, w0);
      w3 += next(w4, w12, w1);
      w4 += next(w5, w13, w2);
      w5 += next(w6, w14, w3);
      w6 += next(w7, w15, w4);
      w7 += next(w8, w0, w5);
      w8 += next(w9, w1, w6);
      w9 += next(w10, w2, w7);
      w10 += next(w11, w3, w8);
      w11 += next(w12, w4, w9);
      w12 += next(w13, w5, w10);
      w13 += next(w14, w6, w11);
      w14 += next(w15, w7, w12);
      w15 += next(w0, w8, w13);
    }
    s0 += a; s1 += b; s2 += c; s3 += d; s4 += e; s5 += f; s6 += g; s7 += h;
  }
  store<u64>(state, s0, 0); store<u64>(state, s1, 8); store<u64>(state, s2, 16); store<u64>(state, s3, 24);
  store<u64>(state, s4, 32); store<u64>(state, s5, 40); store<u64>(state, s6, 48); store<u64>(state, s7, 56);
}
