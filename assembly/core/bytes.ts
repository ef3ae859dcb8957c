// Byte order, moves and wiping. Lengths and addresses are public, contents may be secret.

/** Big-endian 64-bit word. */
// @ts-ignore: decorator
@inline
export function storeBigU64(address: usize, value: u64): void {
  store<u64>(address, bswap<u64>(value));
}

/** Sets `length` bytes to zero. */
// @ts-ignore: decorator
@inline
export function wipe(address: usize, length: usize): void {
  memory.fill(address, 0, length);
}

/** Sets a multiple of 16 bytes to zero. memory.fill is a call out of the module and costs more for a few of them. */
export function wipeSmall(address: usize, length: usize): void {
  const zero = i32x4.splat(0);
  for (let i: usize = 0; i < length; i += 16) v128.store(address + i, zero);
}

/** Copies 16 bytes. memory.copy costs more than the move itself for fixed small sizes. */
// @ts-ignore: decorator
@inline
export function copy16(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
}

/** Copies 32 bytes; the areas do not overlap. */
// @ts-ignore: decorator
@inline
export function copy32(target: usize, source: usize): void {
  v128.store(target, v128.load(source));
  v128.store(target, v128.load(source, 16), 16);
}

/** Writes `length` bytes in opposite order; the areas do not overlap. */
export function reverse(target: usize, source: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) {
    store<u8>(target + i, load<u8>(source + length - 1 - i));
  }
}
