/** Reserves `size` zeroed bytes, 16-byte aligned. The memory may grow, which detaches every JS view. */
export function allocate(size: usize): usize {
  const address = heap.alloc(size);
  memory.fill(address, 0, size);
  return address;
}

/** Wipes a block of `allocate` and gives it back. */
export function release(address: usize, size: usize): void {
  memory.fill(address, 0, size);
  heap.free(address);
}
