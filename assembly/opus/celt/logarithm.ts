/** log2 of a positive number, within 1e-6: what an encoder measures need not have the same bits everywhere. */
export function log2(x: f32): f32 {
  const bits = reinterpret<u32>(x);
  let exponent = <i32>(bits >> 23) - 127;
  let m = reinterpret<f32>((bits & 0x7fffff) | 0x3f800000);
  if (m > 1.4142135) {
    m *= 0.5;
    exponent++;
  }
  const t = (m - 1) / (m + 1);
  const z = t * t;
  return <f32>exponent + 2.885390 * t * (1 + z * (0.33333333 + z * (0.2 + z * (0.14285714 + z * 0.11111111))));
}
