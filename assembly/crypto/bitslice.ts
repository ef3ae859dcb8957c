// Counter mode of eight blocks at a time, bitsliced: plane b holds bit b of every byte, lane n of it the
// byte n of all blocks, bit q of the lane the block q. SubBytes is a network of gates, ShiftRows and the
// rotations of MixColumns are byte permutations. No table, no address, no branch that depends on data.

import { wipe } from "../core/bytes";
import { OUTPUT_HIGH, OUTPUT_LOW } from "./aes-tables";
import { lastKey, mapLinear, shift0, shift1 } from "./aes-rounds";

/** Fifteen keys of eight planes. */
const KEYS: usize = memory.data(1920, 16);
/** Eight blocks, or eight planes. */
const BLOCKS: usize = memory.data(128, 16);

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}
// @ts-ignore: decorator
@inline
function and(a: v128, b: v128): v128 {
  return v128.and(a, b);
}
/** Rotates every column by two rows. */
// @ts-ignore: decorator
@inline
function rotate2(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}

/** A round key in every bit of its planes. */
// @ts-ignore: decorator
@inline
function storePlanes(target: usize, key: v128): void {
  let bit: i8 = 1;
  for (let i: usize = 0; i < 128; i += 16) {
    const mask = i8x16.splat(bit);
    v128.store(target + i, i8x16.eq(v128.and(key, mask), mask));
    bit <<= 1;
  }
}

/** KEYS of a schedule, whose keys but the last are in the tower basis. Returns the address of the last. */
function expandPlanes(schedule: usize): usize {
  const last = lastKey(schedule);
  let target = KEYS;
  for (let key = schedule; key < last; key += 16) {
    storePlanes(target, mapLinear(v128.load(key), OUTPUT_LOW, OUTPUT_HIGH));
    target += 128;
  }
  storePlanes(target, v128.load(last));
  return target;
}

/** Exchanges bits between vectors `distance` bytes apart: bits that `mask` has, with those `shift` above. */
// @ts-ignore: decorator
@inline
function exchange(at: usize, distance: usize, shift: i32, mask: i8): void {
  const a = v128.load(at);
  const b = v128.load(at + distance);
  const t = and(xor(i64x2.shr_u(a, shift), b), i8x16.splat(mask));
  v128.store(at + distance, xor(b, t));
  v128.store(at, xor(a, i64x2.shl(t, shift)));
}

/** Blocks to planes, and planes to blocks: bit b of block q against bit q of plane b. */
function transpose(): void {
  for (let at = BLOCKS; at < BLOCKS + 128; at += 32) exchange(at, 16, 1, 0x55);
  for (let at = BLOCKS; at < BLOCKS + 128; at += 64) {
    exchange(at, 32, 2, 0x33);
    exchange(at + 16, 32, 2, 0x33);
  }
  for (let at = BLOCKS; at < BLOCKS + 64; at += 16) exchange(at, 64, 4, 0x0f);
}

/** Encrypts BLOCKS, planes in and out. The network is that of J. Boyar and R. Peralta, 115 gates. */
function encryptPlanes(last: usize): void {
  let p0 = xor(v128.load(BLOCKS, 0), v128.load(KEYS, 0));
  let p1 = xor(v128.load(BLOCKS, 16), v128.load(KEYS, 16));
  let p2 = xor(v128.load(BLOCKS, 32), v128.load(KEYS, 32));
  let p3 = xor(v128.load(BLOCKS, 48), v128.load(KEYS, 48));
  let p4 = xor(v128.load(BLOCKS, 64), v128.load(KEYS, 64));
  let p5 = xor(v128.load(BLOCKS, 80), v128.load(KEYS, 80));
  let p6 = xor(v128.load(BLOCKS, 96), v128.load(KEYS, 96));
  let p7 = xor(v128.load(BLOCKS, 112), v128.load(KEYS, 112));
  let key = KEYS + 128;
  while (true) {
    const y14 = xor(p4, p2), y13 = xor(p7, p1), y9 = xor(p7, p4), y8 = xor(p7, p2);
    const t0 = xor(p6, p5), y1 = xor(t0, p0), y4 = xor(y1, p4), y12 = xor(y13, y14);
    const y2 = xor(y1, p7), y5 = xor(y1, p1), y3 = xor(y5, y8), t1 = xor(p3, y12);
    const y15 = xor(t1, p2), y20 = xor(t1, p6), y6 = xor(y15, p0), y10 = xor(y15, t0);
    const y11 = xor(y20, y9), y7 = xor(p0, y11), y17 = xor(y10, y11), y19 = xor(y10, y8);
    const y16 = xor(t0, y11), y21 = xor(y13, y16), y18 = xor(p7, y16), t2 = and(y12, y15);
    const t3 = and(y3, y6), t4 = xor(t3, t2), t5 = and(y4, p0), t6 = xor(t5, t2);
    const t7 = and(y13, y16), t8 = and(y5, y1), t9 = xor(t8, t7), t10 = and(y2, y7);
    const t11 = xor(t10, t7), t12 = and(y9, y11), t13 = and(y14, y17), t14 = xor(t13, t12);
    const t15 = and(y8, y10), t16 = xor(t15, t12), t17 = xor(t4, t14), t18 = xor(t6, t16);
    const t19 = xor(t9, t14), t20 = xor(t11, t16), t21 = xor(t17, y20), t22 = xor(t18, y19);
    const t23 = xor(t19, y21), t24 = xor(t20, y18), t25 = xor(t21, t22), t26 = and(t21, t23);
    const t27 = xor(t24, t26), t28 = and(t25, t27), t29 = xor(t28, t22), t30 = xor(t23, t24);
    const t31 = xor(t22, t26), t32 = and(t31, t30), t33 = xor(t32, t24), t34 = xor(t23, t33);
    const t35 = xor(t27, t33), t36 = and(t24, t35), t37 = xor(t36, t34), t38 = xor(t27, t36);
    const t39 = and(t29, t38), t40 = xor(t25, t39), t41 = xor(t40, t37), t42 = xor(t29, t33);
    const t43 = xor(t29, t40), t44 = xor(t33, t37), t45 = xor(t42, t41), z0 = and(t44, y15);
    const z1 = and(t37, y6), z2 = and(t33, p0), z3 = and(t43, y16), z4 = and(t40, y1);
    const z5 = and(t29, y7), z6 = and(t42, y11), z7 = and(t45, y17), z8 = and(t41, y10);
    const z9 = and(t44, y12), z10 = and(t37, y3), z11 = and(t33, y4), z12 = and(t43, y13);
    const z13 = and(t40, y5), z14 = and(t29, y2), z15 = and(t42, y9), z16 = and(t45, y14);
    const z17 = and(t41, y8), t46 = xor(z15, z16), t47 = xor(z10, z11), t48 = xor(z5, z13);
    const t49 = xor(z9, z10), t50 = xor(z2, z12), t51 = xor(z2, z5), t52 = xor(z7, z8);
    const t53 = xor(z0, z3), t54 = xor(z6, z7), t55 = xor(z16, z17), t56 = xor(z12, t48);
    const t57 = xor(t50, t53), t58 = xor(z4, t46), t59 = xor(z3, t54), t60 = xor(t46, t57);
    const t61 = xor(z14, t57), t62 = xor(t52, t58), t63 = xor(t49, t58), t64 = xor(z4, t59);
    const t65 = xor(t61, t62), t66 = xor(z1, t63), s0 = xor(t59, t63), s6 = xor(t56, t62);
    const s7 = xor(t48, t60), t67 = xor(t64, t65), s3 = xor(t53, t66), s4 = xor(t51, t66);
    const s5 = xor(t47, t65), s1 = xor(t64, s3), s2 = xor(t55, t67);
    if (key == last) {
      v128.store(BLOCKS, xor(shift0(s7), v128.load(key, 0)), 0);
      v128.store(BLOCKS, xor(shift0(s6), v128.load(key, 16)), 16);
      v128.store(BLOCKS, xor(shift0(s5), v128.load(key, 32)), 32);
      v128.store(BLOCKS, xor(shift0(s4), v128.load(key, 48)), 48);
      v128.store(BLOCKS, xor(shift0(s3), v128.load(key, 64)), 64);
      v128.store(BLOCKS, xor(shift0(s2), v128.load(key, 80)), 80);
      v128.store(BLOCKS, xor(shift0(s1), v128.load(key, 96)), 96);
      v128.store(BLOCKS, xor(shift0(s0), v128.load(key, 112)), 112);
      break;
    }
    const r0 = shift1(s7), c0 = xor(shift0(s7), r0);
    const r1 = shift1(s6), c1 = xor(shift0(s6), r1);
    const r2 = shift1(s5), c2 = xor(shift0(s5), r2);
    const r3 = shift1(s4), c3 = xor(shift0(s4), r3);
    const r4 = shift1(s3), c4 = xor(shift0(s3), r4);
    const r5 = shift1(s2), c5 = xor(shift0(s2), r5);
    const r6 = shift1(s1), c6 = xor(shift0(s1), r6);
    const r7 = shift1(s0), c7 = xor(shift0(s0), r7);
    p0 = xor(xor(c7, r0), xor(rotate2(c0), v128.load(key, 0)));
    p1 = xor(xor(xor(c0, c7), r1), xor(rotate2(c1), v128.load(key, 16)));
    p2 = xor(xor(c1, r2), xor(rotate2(c2), v128.load(key, 32)));
    p3 = xor(xor(xor(c2, c7), r3), xor(rotate2(c3), v128.load(key, 48)));
    p4 = xor(xor(xor(c3, c7), r4), xor(rotate2(c4), v128.load(key, 64)));
    p5 = xor(xor(c4, r5), xor(rotate2(c5), v128.load(key, 80)));
    p6 = xor(xor(c5, r6), xor(rotate2(c6), v128.load(key, 96)));
    p7 = xor(xor(c6, r7), xor(rotate2(c7), v128.load(key, 112)));
    key += 128;
  }
}

// @ts-ignore: decorator
@inline
function reverseBlock(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
}

/**
 * XORs `length` bytes with the key stream from the counter at `counter` (two native words, low and high), which moves
 * on by every block begun. Returns how many bytes of the last block were not used: they stay at its end, in `stream`.
 */
export function ctrBitsliced(
  schedule: usize, counter: usize, target: usize, source: usize, length: usize, stream: usize,
): usize {
  const last = expandPlanes(schedule);
  let low = load<u64>(counter);
  let high = load<u64>(counter, 8);
  let left: usize = 0;
  for (const end = source + length; source < end; source += 128) {
    const startLow = low, startHigh = high;
    for (let at = BLOCKS; at < BLOCKS + 128; at += 16) {
      v128.store(at, reverseBlock(i64x2.replace_lane(i64x2.splat(low), 1, high)));
      low++;
      high += u64(low == 0);
    }
    transpose();
    encryptPlanes(last);
    transpose();
    const rest = end - source;
    if (rest < 128) {
      left = xorPart(target, source, rest, stream);
      const begun = <u64>((rest + 15) >> 4);
      low = startLow + begun;
      high = startHigh + u64(low < begun);
      break;
    }
    for (let i: usize = 0; i < 128; i += 16) {
      v128.store(target + i, xor(v128.load(BLOCKS + i), v128.load(source + i)));
    }
    target += 128;
  }
  store<u64>(counter, low);
  store<u64>(counter, high, 8);
  wipe(KEYS, 1920);
  wipe(BLOCKS, 128);
  return left;
}

/** XORs fewer than 128 bytes with BLOCKS; the block that is not used up goes to `stream`. */
function xorPart(target: usize, source: usize, length: usize, stream: usize): usize {
  const whole = length & ~15;
  for (let i: usize = 0; i < whole; i += 16) {
    v128.store(target + i, xor(v128.load(BLOCKS + i), v128.load(source + i)));
  }
  if (whole == length) return 0;
  v128.store(stream, v128.load(BLOCKS + whole));
  for (let i = whole; i < length; i++) {
    store<u8>(target + i, load<u8>(source + i) ^ load<u8>(BLOCKS + i));
  }
  return 16 + whole - length;
}
