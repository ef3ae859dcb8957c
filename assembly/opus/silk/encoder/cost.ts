/** Code lengths, and the logarithm that analysis needs, from basic operations alone. */

/** log2(x) in f32 for x > 0, to about 2e-7: an odd series around sqrt(1/2)..sqrt(2). */
export function log2(x: f32): f32 {
  if (!(x > 1.2e-38)) return -126;
  const bits = reinterpret<u32>(x);
  // The mantissa is taken to [0.707, 1.414) so that 1 lies in the middle.
  const shifted = bits - 0x3f3504f3;
  const exponent = <i32>shifted >> 23;
  const m = reinterpret<f32>((shifted & 0x7fffff) + 0x3f3504f3);
  const t = (m - 1) / (m + 1);
  const z = t * t;
  return <f32>exponent + t * (2.8853900818 + z * (0.9617966939 + z * (0.5770780164 + z * (0.4121985831 + z * 0.3205988980))));
}

/** Bits that `symbol` costs in an inverse cumulative table with total 256. */
// @ts-ignore: decorator
@inline export function symbolBits(icdf: usize, symbol: i32): f32 {
  const lower: i32 = load<u8>(icdf + symbol);
  const upper: i32 = symbol > 0 ? <i32>load<u8>(icdf + symbol - 1) : 256;
  return frequencyBits(upper - lower);
}

/** Bits of a symbol of `frequency` in 256; a symbol that never occurs costs 16. */
// @ts-ignore: decorator
@inline export function frequencyBits(frequency: i32): f32 {
  return load<f32>(BITS + (<usize>frequency << 2));
}

/** f32 x 257: -log2(frequency / 256); filled by `costInit`. */
const BITS = memory.data(4 * 260, 16);

/** Fills the table once for all encoders. */
export function costInit(): void {
  if (load<f32>(BITS) > 0) return;
  for (let i = 1; i <= 256; i++) store<f32>(BITS + (i << 2), 8 - log2(<f32>i));
  store<f32>(BITS, 16);
}
