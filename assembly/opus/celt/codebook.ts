import { RangeDecoder, decodeUint } from "../range-decoder";
import { RangeEncoder, encodeUint } from "../range-encoder";
import { clear } from "./shape";

/*
 * Pulse vectors (RFC 6716, section 4.3.4.2): all integer vectors of N elements with K pulses, signs counted, in a
 * fixed order. Their number is V(n, k) = U(n, k) + U(n, k + 1), where
 *   U(n, k) = U(n - 1, k) + U(n, k - 1) + U(n - 1, k - 1), U(0, 0) = 1, U(n, 0) = U(0, k) = 0;
 * V is split so by the sign of the first element: U(n, k + 1) vectors have it at zero or above, U(n, k) below.
 *
 * Only numbers below 2^32 occur, so n and k are never both above 14: a wide table of rows n = 0..14 and a tall one
 * with columns k = 0..15 hold everything. Both are filled once; larger numbers saturate.
 */

/** Columns of the wide table: k up to 128 pulses, and one more. */
// @ts-ignore: decorator
@inline const WIDE_COLUMNS: i32 = 130;
// @ts-ignore: decorator
@inline const WIDE_ROWS: i32 = 15;
// @ts-ignore: decorator
@inline const TALL_COLUMNS: i32 = 16;
/** Rows of the tall table: no band is wider than 176 bins. */
// @ts-ignore: decorator
@inline const TALL_ROWS: i32 = 177;

/** 15 * 130 u32. */
const WIDE = memory.data(7808, 16);
/** 177 * 16 u32. */
const TALL = memory.data(11328, 16);

function fill(table: usize, rows: i32, columns: i32): void {
  store<u32>(table, 1);
  for (let n = 1; n < rows; n++) {
    const row = table + (<usize>(n * columns) << 2);
    const above = row - (<usize>columns << 2);
    for (let k = 1; k < columns; k++) {
      const cell = <usize>k << 2;
      const sum = <u64>load<u32>(above + cell) + load<u32>(row + cell - 4) + load<u32>(above + cell - 4);
      store<u32>(row + cell, <u32>min<u64>(sum, 0xffffffff));
    }
  }
}

/** Fills the tables. Once per instance. */
export function codebookInit(): void {
  fill(WIDE, WIDE_ROWS, WIDE_COLUMNS);
  fill(TALL, TALL_ROWS, TALL_COLUMNS);
}

/** How many vectors of `size` (2..176) elements with `pulses` (1..128) there are, where that is below 2^32. */
export function codebookSize(size: i32, pulses: i32): u32 {
  const cell = cellOf(size, pulses);
  return load<u32>(cell) + load<u32>(cell, 4);
}

/** Address of U(n, k); U(n, k + 1) follows. */
// @ts-ignore: decorator
@inline function cellOf(n: i32, k: i32): usize {
  return k < TALL_COLUMNS - 1
    ? TALL + (<usize>(n * TALL_COLUMNS + k) << 2)
    : WIDE + (<usize>(n * WIDE_COLUMNS + k) << 2);
}

/** Reads a vector into f32 at `out` and gives its energy, the sum of squares. */
export function readPulseVector(reader: RangeDecoder, out: usize, size: i32, pulses: i32): i32 {
  return writePulseVector(out, size, pulses, decodeUint(reader, codebookSize(size, pulses)));
}

/** Writes vector number `index` as f32 to `out` and gives its energy. */
export function writePulseVector(out: usize, size: i32, pulses: i32, index: u32): i32 {
  clear(out, size);
  let n = size;
  let k = pulses;
  let energy = 0;
  let cell = cellOf(n, k);
  let wide = k >= TALL_COLUMNS - 1;
  let rowBytes: usize = (wide ? WIDE_COLUMNS : TALL_COLUMNS) << 2;

  // One element a round, `cell` at U(n, k). U(n, k) <= index < U(n, k + 1) says that it is zero.
  while (n > 2 && k > 1) {
    const zero = load<u32>(cell);
    const top = load<u32>(cell, 4);
    if (index - zero >= top - zero) {
      // The sign is a coin toss: no branch on it.
      const negative = -i32(index >= top);
      index -= top & negative;
      const before = k;
      let left = zero;
      while (left > index) {
        cell -= 4;
        k--;
        left = load<u32>(cell);
      }
      index -= left;
      const value = before - k;
      energy += value * value;
      store<f32>(out, <f32>((value ^ negative) - negative));
      if (wide && k < TALL_COLUMNS - 1) {
        wide = false;
        rowBytes = TALL_COLUMNS << 2;
        cell = cellOf(n, k);
      }
    } else {
      index -= zero;
    }
    out += 4;
    n--;
    cell -= rowBytes;
  }

  if (k == 1) {
    // One pulse: index counts the positions for +, then backwards those for -.
    const negative = index >= <u32>n;
    const position = negative ? 2 * n - 1 - <i32>index : <i32>index;
    store<f32>(out + (<usize>position << 2), negative ? -1 : 1);
    return energy + 1;
  }
  if (k == 0) return energy;

  // Two elements: U(2, k) = 2k - 1.
  const top = 2 * k + 1;
  const negative = <i32>index >= top;
  if (negative) index -= top;
  const left = <i32>(index + 1) >> 1;
  if (left > 0) index -= 2 * left - 1;
  const value = k - left;
  store<f32>(out, <f32>(negative ? -value : value));
  store<f32>(out, <f32>(index ? -left : left), 4);
  return energy + value * value + left * left;
}

/** Number of the vector of `size` f32 at `x` that holds `pulses` pulses. The inverse of `writePulseVector`. */
export function pulseVectorIndex(x: usize, size: i32, pulses: i32): u32 {
  let index: u32 = 0;
  let k = pulses;
  for (let n = size; n > 0 && k > 0; n--, x += 4) {
    const value = <i32>load<f32>(x);
    if (value < 0) index += load<u32>(cellOf(n, k), 4);
    k -= abs(value);
    if (k > 0) index += load<u32>(cellOf(n, k));
  }
  return index;
}

/** Writes the vector at `x`. */
export function encodePulseVector(writer: RangeEncoder, x: usize, size: i32, pulses: i32): void {
  encodeUint(writer, pulseVectorIndex(x, size, pulses), codebookSize(size, pulses));
}
