// SHA-256 of four messages of one length at a time: lane n of every vector belongs to message n.

import { copy16, storeBigU64, wipe } from "../core/bytes";
import { SHA256_K, sha256Start, swapWords } from "./sha256";

/** The 64 words of the schedule, the states, the padded ends of the messages: in one piece, to be wiped at once. */
const SCRATCH: usize = memory.data(1664, 16);
// @ts-ignore: decorator
@inline
const W: usize = SCRATCH;
// @ts-ignore: decorator
@inline
const STATE: usize = SCRATCH + 1024;
/** At a stride of 128; zeros between two calls. */
// @ts-ignore: decorator
@inline
const TAILS: usize = SCRATCH + 1152;
const START: usize = memory.data(32, 16);

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}
// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}
// @ts-ignore: decorator
@inline
function rotate(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}
// @ts-ignore: decorator
@inline
function sum1(e: v128): v128 {
  return xor(xor(rotate(e, 6), rotate(e, 11)), rotate(e, 25));
}
// @ts-ignore: decorator
@inline
function sum0(a: v128): v128 {
  return xor(xor(rotate(a, 2), rotate(a, 13)), rotate(a, 22));
}
// @ts-ignore: decorator
@inline
function choose(e: v128, f: v128, g: v128): v128 {
  return xor(g, v128.and(e, xor(f, g)));
}
/** Four words of each message, from where they lie to lanes. */
// @ts-ignore: decorator
@inline
function gather(target: usize, p0: usize, p1: usize, p2: usize, p3: usize): void {
  const a = swapWords(v128.load(p0)), b = swapWords(v128.load(p1));
  const c = swapWords(v128.load(p2)), d = swapWords(v128.load(p3));
  transpose(target, a, b, c, d);
}

/** Rows to columns. */
// @ts-ignore: decorator
@inline
function transpose(target: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5), ab2 = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
  const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5), cd2 = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
  v128.store(target, v128.shuffle<i64>(ab, cd, 0, 2));
  v128.store(target, v128.shuffle<i64>(ab, cd, 1, 3), 16);
  v128.store(target, v128.shuffle<i64>(ab2, cd2, 0, 2), 32);
  v128.store(target, v128.shuffle<i64>(ab2, cd2, 1, 3), 48);
}

/** Starts four messages of one length. One set of four can be in work at a time. */
export function sha256x4Start(): void {
  sha256Start(START);
  for (let i: usize = 0; i < 8; i++) {
    v128.store(STATE + (i << 4), v128.load32_splat(START + (i << 2)));
  }
}

/** Takes `length` bytes, a multiple of 64, of each message. */
export function sha256x4Update(p0: usize, p1: usize, p2: usize, p3: usize, length: usize): void {
  for (let at: usize = 0; at < length; at += 64) {
    for (let i: usize = 0; i < 64; i += 16) {
      gather(W + (i << 2), p0 + at + i, p1 + at + i, p2 + at + i, p3 + at + i);
    }
    for (let w = W; w < W + 768; w += 16) {
      const w1 = v128.load(w, 16);
      const w14 = v128.load(w, 224);
      const s0 = xor(xor(rotate(w1, 7), rotate(w1, 18)), i32x4.shr_u(w1, 3));
      const s1 = xor(xor(rotate(w14, 17), rotate(w14, 19)), i32x4.shr_u(w14, 10));
      v128.store(w, add(add(add(v128.load(w), v128.load(w, 144)), s0), s1), 256);
    }
    let a = v128.load(STATE, 0);
    let b = v128.load(STATE, 16);
    let c = v128.load(STATE, 32);
    let d = v128.load(STATE, 48);
    let e = v128.load(STATE, 64);
    let f = v128.load(STATE, 80);
    let g = v128.load(STATE, 96);
    let h = v128.load(STATE, 112);
    let v: v128, x: v128, y = xor(b, c);
    let w = W;
    for (let k = SHA256_K; k < SHA256_K + 256; k += 32) {
      h = add(h, add(v128.load(w, 0), v128.load32_splat(k, 0))); d = add(d, h);
      v = add(choose(e, f, g), sum1(e)); d = add(d, v); x = xor(a, b);
      h = add(add(h, v), add(sum0(a), xor(b, v128.and(x, y))));
      g = add(g, add(v128.load(w, 16), v128.load32_splat(k, 4))); c = add(c, g);
      v = add(choose(d, e, f), sum1(d)); c = add(c, v); y = xor(h, a);
      g = add(add(g, v), add(sum0(h), xor(a, v128.and(y, x))));
      f = add(f, add(v128.load(w, 32), v128.load32_splat(k, 8))); b = add(b, f);
      v = add(choose(c, d, e), sum1(c)); b = add(b, v); x = xor(g, h);
      f = add(add(f, v), add(sum0(g), xor(h, v128.and(x, y))));
      e = add(e, add(v128.load(w, 48), v128.load32_splat(k, 12))); a = add(a, e);
      v = add(choose(b, c, d), sum1(b)); a = add(a, v); y = xor(f, g);
      e = add(add(e, v), add(sum0(f), xor(g, v128.and(y, x))));
      d = add(d, add(v128.load(w, 64), v128.load32_splat(k, 16))); h = add(h, d);
      v = add(choose(a, b, c), sum1(a)); h = add(h, v); x = xor(e, f);
      d = add(add(d, v), add(sum0(e), xor(f, v128.and(x, y))));
      c = add(c, add(v128.load(w, 80), v128.load32_splat(k, 20))); g = add(g, c);
      v = add(choose(h, a, b), sum1(h)); g = add(g, v); y = xor(d, e);
      c = add(add(c, v), add(sum0(d), xor(e, v128.and(y, x))));
      b = add(b, add(v128.load(w, 96), v128.load32_splat(k, 24))); f = add(f, b);
      v = add(choose(g, h, a), sum1(g)); f = add(f, v); x = xor(c, d);
      b = add(add(b, v), add(sum0(c), xor(d, v128.and(x, y))));
      a = add(a, add(v128.load(w, 112), v128.load32_splat(k, 28))); e = add(e, a);
      v = add(choose(f, g, h), sum1(f)); e = add(e, v); y = xor(b, c);
      a = add(add(a, v), add(sum0(b), xor(c, v128.and(y, x))));
      w += 128;
    }
    v128.store(STATE, add(a, v128.load(STATE, 0)), 0);
    v128.store(STATE, add(b, v128.load(STATE, 16)), 16);
    v128.store(STATE, add(c, v128.load(STATE, 32)), 32);
    v128.store(STATE, add(d, v128.load(STATE, 48)), 48);
    v128.store(STATE, add(e, v128.load(STATE, 64)), 64);
    v128.store(STATE, add(f, v128.load(STATE, 80)), 80);
    v128.store(STATE, add(g, v128.load(STATE, 96)), 96);
    v128.store(STATE, add(h, v128.load(STATE, 112)), 112);
  }
}

/** The end of message `n` with its padding. memory.copy costs more than so few bytes. */
function takeTail(n: usize, source: usize, rest: usize, end: usize, total: u32): void {
  const tail = TAILS + (n << 7);
  let at: usize = 0;
  for (; at + 16 <= rest; at += 16) copy16(tail + at, source + at);
  for (; at < rest; at++) store<u8>(tail + at, load<u8>(source + at));
  store<u8>(tail + rest, 0x80);
  storeBigU64(tail + end - 8, <u64>total << 3);
}

/**
 * Takes the last `rest` < 64 bytes of each message, which have `total` bytes each, and writes the digests to
 * `target`, 32 bytes after 32.
 */
export function sha256x4Final(
  target: usize, p0: usize, p1: usize, p2: usize, p3: usize, rest: usize, total: u32,
): void {
  const end: usize = rest < 56 ? 64 : 128;
  takeTail(0, p0, rest, end, total);
  takeTail(1, p1, rest, end, total);
  takeTail(2, p2, rest, end, total);
  takeTail(3, p3, rest, end, total);
  sha256x4Update(TAILS, TAILS + 128, TAILS + 256, TAILS + 384, end);
  for (let i: usize = 0; i < 128; i += 64) {
    const s = STATE + i;
    transpose(s, v128.load(s), v128.load(s, 16), v128.load(s, 32), v128.load(s, 48));
    for (let n: usize = 0; n < 4; n++) {
      v128.store(target + (n << 5) + (i >> 2), swapWords(v128.load(s + (n << 4))));
    }
  }
  wipe(SCRATCH, 1664);
}
