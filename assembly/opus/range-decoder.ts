/**
 * The range decoder of Opus (RFC 6716, section 4.1), the one reader of every SILK and CELT frame.
 *
 * The state lives at a pointer; `RANGE_DECODER_SIZE` bytes are enough. Range-coded bytes are taken from the front of
 * the frame, raw bits from its end. A read past either end yields zero bits (section 4.1.2.1), so any payload decodes
 * to something and nothing outside `buffer .. buffer + storage` is ever read.
 *
 * `value` is the difference between the top of the range and the coded number, minus one; `range` stays above 2^23
 * between calls.
 */
@unmanaged
export class RangeDecoder {
  /** First byte of the frame. */
  buffer: usize;
  /** Bytes of the frame. May be lowered (never below zero) to cut redundancy off before raw bits are read. */
  storage: u32;
  /** Next byte for the range coder, from the front. */
  offset: u32;
  /** Bytes given to raw bits so far, from the back. */
  endOffset: u32;
  /** Raw bits already fetched, least significant first. */
  endWindow: u32;
  /** Valid bits in `endWindow`. */
  endBits: i32;
  /** Whole bits consumed or buffered: 33 after the first normalisation. */
  totalBits: i32;
  range: u32;
  value: u32;
  /** The byte read last: its lowest bit belongs to the next symbol. */
  remainder: u32;
  /** 1 once `decodeUint` met a value outside its range: the frame is damaged. Decoding goes on all the same. */
  error: i32;
}

/** Bytes of a range decoder's state. */
export const RANGE_DECODER_SIZE: usize = (offsetof<RangeDecoder>() + 15) & ~15;

/** Ranges are kept above this (2^23). */
// @ts-ignore: decorator
@inline const MIN_RANGE: u32 = 1 << 23;

/** Width of the raw bit window. */
// @ts-ignore: decorator
@inline const WINDOW_BITS: i32 = 32;

/** Bits needed to write `x`: 0 for 0, 32 for values from 2^31. */
// @ts-ignore: decorator
@inline export function ilog(x: u32): i32 {
  return 32 - <i32>clz<u32>(x);
}

// @ts-ignore: decorator
@inline function readByte(dec: RangeDecoder): u32 {
  const offset = dec.offset;
  if (offset >= dec.storage) return 0;
  dec.offset = offset + 1;
  return load<u8>(dec.buffer + offset);
}

/** Renormalisation (section 4.1.2.1): afterwards `range` is above 2^23 again. */
// @ts-ignore: decorator
@inline function normalise(dec: RangeDecoder, range: u32, value: u32): void {
  while (range <= MIN_RANGE) {
    range <<= 8;
    dec.totalBits += 8;
    const byte = readByte(dec);
    const symbol = ((dec.remainder << 8) | byte) >> 1;
    dec.remainder = byte;
    value = ((value << 8) + (255 & ~symbol)) & 0x7fffffff;
  }
  dec.range = range;
  dec.value = value;
}

/** Starts on a frame of `length` bytes at `buffer` (section 4.1.1). The bytes are read in place. */
export function rangeDecoderInit(dec: RangeDecoder, buffer: usize, length: u32): void {
  dec.buffer = buffer;
  dec.storage = length;
  dec.offset = 0;
  dec.endOffset = 0;
  dec.endWindow = 0;
  dec.endBits = 0;
  dec.totalBits = 9;
  dec.error = 0;
  const first = readByte(dec);
  dec.remainder = first;
  normalise(dec, 128, 127 - (first >> 1));
}

/**
 * First half of a symbol with total frequency `total` (1..65535): the frequency the coded number falls on
 * (section 4.1.2). Finish with `decodeUpdate`.
 */
// @ts-ignore: decorator
@inline export function decodeFrequency(dec: RangeDecoder, total: u32): u32 {
  const scaled = dec.value / (dec.range / total) + 1;
  return total - min(scaled, total);
}

/** `decodeFrequency` with a total of 2^bits, without the inner division (section 4.1.3.1). */
// @ts-ignore: decorator
@inline export function decodeFrequencyPow2(dec: RangeDecoder, bits: u32): u32 {
  const total: u32 = 1 << bits;
  const scaled = dec.value / (dec.range >> bits) + 1;
  return total - min(scaled, total);
}

/** Second half: the symbol occupies [low, high) of `total` (section 4.1.2). */
export function decodeUpdate(dec: RangeDecoder, low: u32, high: u32, total: u32): void {
  const scale = dec.range / total;
  const above = scale * (total - high);
  normalise(dec, low > 0 ? scale * (high - low) : dec.range - above, dec.value - above);
}

/** One bit that is 1 with probability 2^-logp (section 4.1.3.2). */
export function decodeBit(dec: RangeDecoder, logp: u32): i32 {
  const range = dec.range;
  const value = dec.value;
  const one = range >> logp;
  if (value < one) {
    normalise(dec, one, value);
    return 1;
  }
  normalise(dec, range - one, value - one);
  return 0;
}

/**
 * One symbol by an inverse cumulative table of bytes at `icdf`, ending in 0, with total 2^bits (section 4.1.3.3).
 * The final 0 stops the search whatever the payload holds.
 */
export function decodeIcdf(dec: RangeDecoder, icdf: usize, bits: u32): i32 {
  const value = dec.value;
  const scale = dec.range >> bits;
  let upper = dec.range;
  let lower = scale * load<u8>(icdf);
  let at = icdf;
  while (value < lower) {
    upper = lower;
    lower = scale * load<u8>(++at);
  }
  normalise(dec, upper - lower, value - lower);
  return <i32>(at - icdf);
}

/** One of two symbols by the first entry of an inverse cumulative table {`first`, 0} with total 256. */
// @ts-ignore: decorator
@inline export function decodeBinary(dec: RangeDecoder, first: u32): i32 {
  const range = dec.range;
  const value = dec.value;
  const one = (range >> 8) * first;
  if (value < one) {
    normalise(dec, one, value);
    return 1;
  }
  normalise(dec, range - one, value - one);
  return 0;
}

/** `count` raw bits (0..25) from the end of the frame (section 4.1.4). */
export function decodeRawBits(dec: RangeDecoder, count: i32): u32 {
  let window = dec.endWindow;
  let available = dec.endBits;
  if (available < count) {
    do {
      let byte: u32 = 0;
      if (dec.endOffset < dec.storage) {
        dec.endOffset += 1;
        byte = load<u8>(dec.buffer + dec.storage - dec.endOffset);
      }
      window |= byte << available;
      available += 8;
    } while (available <= WINDOW_BITS - 8);
  }
  dec.endWindow = window >> count;
  dec.endBits = available - count;
  dec.totalBits += count;
  return window & ((1 << count) - 1);
}

/**
 * One of `total` (2..2^32-1) equally likely values: the top eight bits range coded, the rest raw (section 4.1.5).
 * A damaged frame can name a value out of range: then the error flag is set and the last value is given.
 */
export function decodeUint(dec: RangeDecoder, total: u32): u32 {
  const last = total - 1;
  const bits = ilog(last);
  if (bits <= 8) {
    const value = decodeFrequency(dec, total);
    decodeUpdate(dec, value, value + 1, total);
    return value;
  }
  const rawBits = bits - 8;
  const topTotal = (last >> rawBits) + 1;
  const top = decodeFrequency(dec, topTotal);
  decodeUpdate(dec, top, top + 1, topTotal);
  const value = (top << rawBits) | decodeRawBits(dec, rawBits);
  if (value <= last) return value;
  dec.error = 1;
  return last;
}

/** Whole bits used so far, rounded up (section 4.1.6.1): 1 on a fresh decoder. */
// @ts-ignore: decorator
@inline export function tell(dec: RangeDecoder): i32 {
  return dec.totalBits - ilog(dec.range);
}

/** Thresholds at which eighths of a bit are reached, Q15 mantissas above 2^15 (section 4.1.6.2, solved for r). */
const TELL_CORRECTION = memory.data<u32>([35733, 38967, 42495, 46340, 50535, 55109, 60097, 65535], 16);

/** Eighths of a bit used so far, rounded up (section 4.1.6.2). */
export function tellFrac(dec: RangeDecoder): i32 {
  const log = ilog(dec.range);
  const mantissa = dec.range >> (log - 16);
  let eighths = (mantissa >> 12) - 8;
  eighths += u32(mantissa > load<u32>(TELL_CORRECTION + (<usize>eighths << 2)));
  return (dec.totalBits << 3) - ((log << 3) + <i32>eighths);
}

/** The register that conformance files carry: the range after the last symbol. */
// @ts-ignore: decorator
@inline export function finalRange(dec: RangeDecoder): u32 {
  return dec.range;
}
