// Decisions about secrets without a branch or a select: a mask is 0 or all ones, and and/or/xor with
// it do the rest. The engine may turn `select` into a branch, so `? :`, `&&` and comparisons that
// feed control flow are not used on secrets anywhere in this package.

/** All ones when `value` is zero, else 0. */
// @ts-ignore: decorator
@inline
export function zeroMask(value: u32): u32 {
  return ~(<u32>(<i32>(value | (0 - value)) >> 31));
}

/** All ones when a < b as unsigned numbers, else 0. */
// @ts-ignore: decorator
@inline
export function lessMask(a: u32, b: u32): u32 {
  return <u32>((<i64>a - <i64>b) >> 63);
}

/** The OR of the differences of two areas of `length` bytes: zero when they are equal. */
export function difference(a: usize, b: usize, length: usize): u32 {
  let bits: u32 = 0;
  for (let i: usize = 0; i < length; i++) {
    bits |= <u32>load<u8>(a + i) ^ <u32>load<u8>(b + i);
  }
  return bits;
}

/** As `difference` of 16 bytes. */
// @ts-ignore: decorator
@inline
export function difference16(a: usize, b: usize): u32 {
  const bits = v128.xor(v128.load(a), v128.load(b));
  const both = <u64>i64x2.extract_lane(bits, 0) | <u64>i64x2.extract_lane(bits, 1);
  return <u32>(both | (both >> 32));
}

/** 1 when two areas of `length` bytes are equal, else 0. */
export function bytesEqual(a: usize, b: usize, length: usize): i32 {
  return <i32>(zeroMask(difference(a, b, length)) & 1);
}

/** ANDs `length` bytes with a mask of 0 or all ones: wipes them or leaves them, on one path. */
export function maskBytes(address: usize, length: usize, mask: u32): void {
  const wide = i32x4.splat(mask);
  const whole = length & ~15;
  let i: usize = 0;
  for (; i < whole; i += 16) {
    v128.store(address + i, v128.and(v128.load(address + i), wide));
  }
  for (; i < length; i++) {
    store<u8>(address + i, load<u8>(address + i) & <u8>mask);
  }
}
