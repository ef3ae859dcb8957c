import { RangeDecoder, ilog } from "./range-decoder";

/**
 * The range encoder of Opus (RFC 6716, section 5.1), the one writer of every SILK and CELT frame.
 *
 * The state lives at a pointer; `RANGE_ENCODER_SIZE` bytes are enough. Range-coded bytes grow from the front of the
 * buffer, raw bits from its end. Nothing outside `buffer .. buffer + storage` is written: what does not fit sets
 * `error` and is dropped, so the caller may check once at the end.
 *
 * The fields that say how much was used lie where a `RangeDecoder` has them: `tell` and `tellFrac` serve both, and
 * give at every symbol what the decoder will see there.
 */
@unmanaged
export class RangeEncoder {
  /** First byte of the frame. */
  buffer: usize;
  /** Bytes of the frame. */
  storage: u32;
  /** Bytes written at the front. */
  offset: u32;
  /** Bytes written at the end. */
  endOffset: u32;
  /** Raw bits not written yet, least significant first. */
  endWindow: u32;
  /** Bits in `endWindow`. */
  endBits: i32;
  /** Whole bits produced or buffered, as the decoder counts them: 33 at the start. */
  totalBits: i32;
  range: u32;
  /** Low end of the range, 31 bits, a carry above them. */
  low: u32;
  /** Byte that a carry may still reach, -1 before the first. */
  pending: i32;
  /** 1 once something did not fit. */
  error: i32;
  /** Bytes of 255 after `pending`: a carry runs through them. */
  full: u32;
}

/** Bytes of a range encoder's state. */
export const RANGE_ENCODER_SIZE: usize = (offsetof<RangeEncoder>() + 15) & ~15;

// @ts-ignore: decorator
@inline const MIN_RANGE: u32 = 1 << 23;
// @ts-ignore: decorator
@inline const LOW_MASK: u32 = 0x7fffffff;
/** Raw bits gathered before they are written. */
// @ts-ignore: decorator
@inline const WINDOW_BITS: i32 = 32;

/** The encoder as `tell`, `tellFrac` and `finalRange` take it. */
// @ts-ignore: decorator
@inline export function asDecoder(enc: RangeEncoder): RangeDecoder {
  return changetype<RangeDecoder>(enc);
}

/** Starts a frame of at most `length` bytes at `buffer`. */
export function rangeEncoderInit(enc: RangeEncoder, buffer: usize, length: u32): void {
  enc.buffer = buffer;
  enc.storage = length;
  enc.offset = 0;
  enc.endOffset = 0;
  enc.endWindow = 0;
  enc.endBits = 0;
  enc.totalBits = 33;
  enc.range = 0x80000000;
  enc.low = 0;
  enc.pending = -1;
  enc.full = 0;
  enc.error = 0;
}

function writeByte(enc: RangeEncoder, byte: u32): void {
  if (enc.offset + enc.endOffset >= enc.storage) {
    enc.error = 1;
    return;
  }
  store<u8>(enc.buffer + enc.offset, byte);
  enc.offset += 1;
}

function writeEndByte(enc: RangeEncoder, byte: u32): void {
  if (enc.offset + enc.endOffset >= enc.storage) {
    enc.error = 1;
    return;
  }
  enc.endOffset += 1;
  store<u8>(enc.buffer + enc.storage - enc.endOffset, byte);
}

/** Takes the top of `low`, eight bits and a carry (section 5.1.2): bytes of 255 wait until a carry is out of reach. */
function shiftOut(enc: RangeEncoder, symbol: u32): void {
  if (symbol == 255) {
    enc.full += 1;
    return;
  }
  const carry = symbol >> 8;
  if (enc.pending >= 0) writeByte(enc, <u32>enc.pending + carry);
  for (; enc.full > 0; enc.full -= 1) writeByte(enc, (255 + carry) & 255);
  enc.pending = symbol & 255;
}

// @ts-ignore: decorator
@inline function normalise(enc: RangeEncoder, range: u32, low: u32): void {
  while (range <= MIN_RANGE) {
    shiftOut(enc, low >> 23);
    low = (low << 8) & LOW_MASK;
    range <<= 8;
    enc.totalBits += 8;
  }
  enc.range = range;
  enc.low = low;
}

/** A symbol that occupies [low, high) of `total` (section 5.1.1). */
export function encode(enc: RangeEncoder, low: u32, high: u32, total: u32): void {
  const range = enc.range;
  const scale = range / total;
  const above = scale * (total - low);
  if (low > 0) normalise(enc, scale * (high - low), enc.low + (range - above));
  else normalise(enc, range - scale * (total - high), enc.low);
}

/** `encode` with a total of 2^bits. */
export function encodePow2(enc: RangeEncoder, low: u32, high: u32, bits: u32): void {
  const range = enc.range;
  const scale = range >> bits;
  const total: u32 = 1 << bits;
  if (low > 0) normalise(enc, scale * (high - low), enc.low + (range - scale * (total - low)));
  else normalise(enc, range - scale * (total - high), enc.low);
}

/** One bit that is 1 with probability 2^-logp. */
export function encodeBit(enc: RangeEncoder, bit: i32, logp: u32): void {
  const one = enc.range >> logp;
  const zero = enc.range - one;
  if (bit) normalise(enc, one, enc.low + zero);
  else normalise(enc, zero, enc.low);
}

/** Symbol `symbol` of an inverse cumulative table of bytes, total 2^bits. */
export function encodeIcdf(enc: RangeEncoder, symbol: i32, icdf: usize, bits: u32): void {
  const scale = enc.range >> bits;
  const entry = icdf + <usize>symbol;
  const lower = scale * load<u8>(entry);
  if (symbol > 0) {
    const upper = scale * load<u8>(entry - 1);
    normalise(enc, upper - lower, enc.low + (enc.range - upper));
  } else {
    normalise(enc, enc.range - lower, enc.low);
  }
}

/** One of two symbols by the first entry of an inverse cumulative table {`first`, 0} with total 256. */
export function encodeBinary(enc: RangeEncoder, bit: i32, first: u32): void {
  const one = (enc.range >> 8) * first;
  const zero = enc.range - one;
  if (bit) normalise(enc, one, enc.low + zero);
  else normalise(enc, zero, enc.low);
}

/** `count` raw bits (0..25) of `value` at the end of the frame (section 5.1.3). */
export function encodeRawBits(enc: RangeEncoder, value: u32, count: i32): void {
  let window = enc.endWindow;
  let used = enc.endBits;
  if (used + count > WINDOW_BITS) {
    do {
      writeEndByte(enc, window & 255);
      window >>= 8;
      used -= 8;
    } while (used >= 8);
  }
  enc.endWindow = window | (value << used);
  enc.endBits = used + count;
  enc.totalBits += count;
}

/** `value` of `total` (2..2^32-1) equally likely ones (section 5.1.4). */
export function encodeUint(enc: RangeEncoder, value: u32, total: u32): void {
  const last = total - 1;
  const bits = ilog(last);
  if (bits <= 8) {
    encode(enc, value, value + 1, total);
    return;
  }
  const rawBits = bits - 8;
  const top = value >> rawBits;
  encode(enc, top, top + 1, (last >> rawBits) + 1);
  encodeRawBits(enc, value & ((1 << rawBits) - 1), rawBits);
}

/**
 * Replaces the first `count` (1..8) bits of the frame, which must have been coded with probabilities that are powers of two
 * and whose value is known only later (SILK's flags). The bits are known to be zero now.
 */
export function patchFirstBits(enc: RangeEncoder, value: u32, count: i32): void {
  const shift = 8 - count;
  const mask: u32 = ((1 << count) - 1) << shift;
  const bits = value << shift;
  if (enc.offset > 0) {
    store<u8>(enc.buffer, (load<u8>(enc.buffer) & ~mask) | bits);
  } else if (enc.pending >= 0) {
    enc.pending = (enc.pending & ~mask) | bits;
  } else if (enc.range <= <u32>0x80000000 >> count) {
    enc.low = (enc.low & ~(mask << 23)) | (bits << 23);
  } else {
    enc.error = 1;
  }
}

/** Makes the frame `length` bytes long, not shorter than what is used: raw bits move to the new end. */
export function rangeEncoderShrink(enc: RangeEncoder, length: u32): void {
  const from = enc.buffer + enc.storage - enc.endOffset;
  const to = enc.buffer + length - enc.endOffset;
  memory.copy(to, from, enc.endOffset);
  enc.storage = length;
}

/**
 * Ends the frame (section 5.1.5): the number in the final range with the most trailing zeros, then the raw bits; what
 * lies between is zero. `range` stays what it was: the final range.
 */
export function rangeEncoderDone(enc: RangeEncoder): void {
  let left: i32 = 32 - ilog(enc.range);
  let mask = LOW_MASK >> left;
  let end = (enc.low + mask) & ~mask;
  if ((end | mask) >= enc.low + enc.range) {
    left++;
    mask >>= 1;
    end = (enc.low + mask) & ~mask;
  }
  for (; left > 0; left -= 8) {
    shiftOut(enc, end >> 23);
    end = (end << 8) & LOW_MASK;
  }
  if (enc.pending >= 0 || enc.full > 0) shiftOut(enc, 0);

  let window = enc.endWindow;
  let used = enc.endBits;
  for (; used >= 8; used -= 8) {
    writeEndByte(enc, window & 255);
    window >>= 8;
  }
  if (enc.error) return;
  const free = enc.storage - enc.offset - enc.endOffset;
  memory.fill(enc.buffer + enc.offset, 0, free);
  if (used > 0) {
    // The last raw bits share a byte with the range coder when nothing is free; bits of the latter come first.
    const spare = -left;
    if (enc.endOffset >= enc.storage) {
      enc.error = 1;
      return;
    }
    if (free == 0 && spare < used) {
      window &= (1 << spare) - 1;
      enc.error = 1;
    }
    const address = enc.buffer + enc.storage - enc.endOffset - 1;
    store<u8>(address, load<u8>(address) | window);
  }
}

/** Bytes that `rangeEncoderDone` would need now. */
// @ts-ignore: decorator
@inline export function bytesUsed(enc: RangeEncoder): i32 {
  return (enc.totalBits - ilog(enc.range) + 7) >> 3;
}
