/** Standard base64 (RFC 4648, section 4), for the texts in which modules are shipped. */

/** Grows the memory so that `length` bytes and a vector fit behind the static data; returns where they go. */
export function base64Reserve(length: i32): usize {
  const pages = <i32>((__heap_base + <usize>length + 16 + 0xffff) >> 16) - memory.size();
  if (pages > 0) memory.grow(pages);
  return __heap_base;
}

/** Takes `offset` from the characters from `first` on. */
// @ts-ignore: decorator
@inline function rebase(value: v128, c: v128, first: i32, offset: i32): v128 {
  const shifted = i8x16.sub(c, i8x16.splat(<i8>offset));
  return v128.bitselect(shifted, value, i8x16.ge_u(c, i8x16.splat(<i8>first)));
}

/** The six bits of each of sixteen characters. */
// @ts-ignore: decorator
@inline function values(c: v128): v128 {
  let value = v128.bitselect(i8x16.splat(62), i8x16.splat(63), i8x16.eq(c, i8x16.splat(0x2b))); // + and /
  value = rebase(value, c, 0x30, -4); // 0..9
  value = rebase(value, c, 0x41, 0x41); // A..Z
  return rebase(value, c, 0x61, 0x47); // a..z
}

/** Decodes `length` characters (a multiple of 4, padding counted) at `text` in place, sixteen to twelve bytes. */
export function base64Decode(text: usize, length: i32): void {
  const six = i32x4.splat(63);
  const order = i8x16(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
  let to = text;
  for (const end = text + <usize>length; text < end; text += 16, to += 12) {
    const v = values(v128.load(text));
    const high = v128.or(i32x4.shl(v128.and(v, six), 18), i32x4.shl(v128.and(i32x4.shr_u(v, 8), six), 12));
    const low = v128.or(i32x4.shl(v128.and(i32x4.shr_u(v, 16), six), 6), i32x4.shr_u(v, 24));
    v128.store(to, v128.swizzle(v128.or(high, low), order));
  }
}
