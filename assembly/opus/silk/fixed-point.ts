/**
 * The integer arithmetic that SILK is specified in. Everything is two's complement; sums wrap, right shifts
 * floor. The approximations below are those of the reference decoder, which all decoders follow to the bit.
 */

/** floor(a * b / 2^16), kept to 32 bits: a product with a factor in Q16, or with 16 bits on the way to a coarser Q. */
// @ts-ignore: decorator
@inline export function mulQ16(a: i32, b: i32): i32 {
  return <i32>((<i64>a * <i64>b) >> 16);
}

/** floor(a * b / 2^32). */
// @ts-ignore: decorator
@inline export function mulHigh(a: i32, b: i32): i32 {
  return <i32>((<i64>a * <i64>b) >> 32);
}

/** `a / 2^n` rounded half up, n > 0; computed so that no sum overflows. */
// @ts-ignore: decorator
@inline export function roundShift(a: i32, n: i32): i32 {
  return n == 1 ? (a >> 1) + (a & 1) : ((a >> (n - 1)) + 1) >> 1;
}

/** The same in 64 bits, n > 0. */
// @ts-ignore: decorator
@inline export function roundShift64(a: i64, n: i64): i64 {
  return ((a >> (n - 1)) + 1) >> 1;
}

// @ts-ignore: decorator
@inline export function saturate16(a: i32): i32 {
  return min(max(a, -32768), 32767);
}

// @ts-ignore: decorator
@inline export function clamp(a: i32, low: i32, high: i32): i32 {
  return min(max(a, low), high);
}

/** Sum that stops at the ends of 32 bits. */
// @ts-ignore: decorator
@inline export function addSaturated(a: i32, b: i32): i32 {
  const sum = <i64>a + <i64>b;
  return <i32>min<i64>(max<i64>(sum, i32.MIN_VALUE), i32.MAX_VALUE);
}

/** Difference that stops at the ends of 32 bits. */
// @ts-ignore: decorator
@inline export function subtractSaturated(a: i32, b: i32): i32 {
  const difference = <i64>a - <i64>b;
  return <i32>min<i64>(max<i64>(difference, i32.MIN_VALUE), i32.MAX_VALUE);
}

/** `a * 2^n` after clamping `a` to what survives the shift. */
// @ts-ignore: decorator
@inline export function shiftSaturated(a: i32, n: i32): i32 {
  return clamp(a, i32.MIN_VALUE >> n, i32.MAX_VALUE >> n) << n;
}

/** The pseudorandom generator of SILK (RFC 6716, section 4.2.7.8.6). */
// @ts-ignore: decorator
@inline export function nextSeed(seed: i32): i32 {
  return seed * 196314165 + 907633515;
}

/** About 2^(x / 128), x in Q7 (RFC 6716, section 4.2.7.4). */
export function exp2Q7(x: i32): i32 {
  if (x < 0) return 0;
  if (x >= 3967) return i32.MAX_VALUE;
  const power = 1 << (x >> 7);
  const fraction = x & 127;
  const mantissa = fraction + mulQ16(fraction * (128 - fraction), -174);
  return x < 2048 ? power + ((power * mantissa) >> 7) : power + (power >> 7) * mantissa;
}

/** About the square root of `x`; 0 for anything below 1. */
export function squareRoot(x: i32): i32 {
  if (x <= 0) return 0;
  const zeros = clz(x);
  const fraction = rotr(x, 24 - zeros) & 127;
  const root = ((zeros & 1) != 0 ? 32768 : 46214) >> (zeros >> 1);
  return root + mulQ16(root, 213 * fraction);
}

/** About 2^q / b for b != 0: a 16-bit division refined by one step. */
export function inverse(b: i32, q: i32): i32 {
  const headroom = clz(abs(b)) - 1;
  const normal = b << headroom;
  const rough = ((1 << 29) - 1) / (normal >> 16);
  const error = ((1 << 29) - mulQ16(normal, rough)) << 3;
  const result = (rough << 16) + mulQ16(error, rough);
  const shift = 61 - headroom - q;
  if (shift <= 0) return shiftSaturated(result, -shift);
  return shift < 32 ? result >> shift : 0;
}

/** About a * 2^q / b for b != 0. */
export function divide(a: i32, b: i32, q: i32): i32 {
  const headroomA = clz(abs(a)) - 1;
  const headroomB = clz(abs(b)) - 1;
  const numerator = a << headroomA;
  const denominator = b << headroomB;
  const rough = ((1 << 29) - 1) / (denominator >> 16);
  let result = mulQ16(numerator, rough);
  const rest = numerator - (mulHigh(denominator, result) << 3);
  result += mulQ16(rest, rough);
  const shift = 29 + headroomA - headroomB - q;
  if (shift < 0) return shiftSaturated(result, -shift);
  return shift < 32 ? result >> shift : 0;
}
