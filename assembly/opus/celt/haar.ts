import { HADAMARD_ORDER } from "../tables/celt-pulses";

// @ts-ignore: decorator
@inline const SQRT_HALF: f32 = 0.70710678;

/** 960 f32. */
const REORDERED = memory.data(3840, 16);

/**
 * One level of the Haar transform (RFC 6716, section 4.3.4.5): `size` elements at `x` in `stride` interleaved
 * vectors, each pair of neighbours becomes sum and difference. It is its own inverse.
 */
export function haar(x: usize, size: i32, stride: i32): void {
  const pairs = size >> 1;
  const step = <usize>stride << 2;
  for (let i = 0; i < stride; i++) {
    let address = x + (<usize>i << 2);
    for (let pair = 0; pair < pairs; pair++) {
      const a = SQRT_HALF * load<f32>(address);
      const b = SQRT_HALF * load<f32>(address + step);
      store<f32>(address, a + b);
      store<f32>(address + step, a - b);
      address += 2 * step;
    }
  }
}

/** Where block `i` of `blocks` goes: sequency order after a long block was split, else as it is. */
// @ts-ignore: decorator
@inline function slot(i: i32, blocks: i32, sequency: bool): i32 {
  return sequency ? load<u8>(HADAMARD_ORDER + <usize>(blocks - 2 + i)) : i;
}

/** Interleaved coefficients of `blocks` blocks of `size` become blocks one after the other. */
export function separateBlocks(x: usize, size: i32, blocks: i32, sequency: bool): void {
  const step = <usize>blocks << 2;
  for (let i = 0; i < blocks; i++) {
    let to = REORDERED + (<usize>(slot(i, blocks, sequency) * size) << 2);
    let from = x + (<usize>i << 2);
    for (let j = 0; j < size; j++) {
      store<f32>(to, load<f32>(from));
      to += 4;
      from += step;
    }
  }
  memory.copy(x, REORDERED, <usize>(size * blocks) << 2);
}

/** The inverse of `separateBlocks`. */
export function interleaveBlocks(x: usize, size: i32, blocks: i32, sequency: bool): void {
  const step = <usize>blocks << 2;
  for (let i = 0; i < blocks; i++) {
    let from = x + (<usize>(slot(i, blocks, sequency) * size) << 2);
    let to = REORDERED + (<usize>i << 2);
    for (let j = 0; j < size; j++) {
      store<f32>(to, load<f32>(from));
      from += 4;
      to += step;
    }
  }
  memory.copy(x, REORDERED, <usize>(size * blocks) << 2);
}
