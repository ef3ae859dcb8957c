/** ln 2 ^ n / n!, for 2^x on [-1/2, 1/2]. */
// @ts-ignore: decorator
@inline const C1: f64 = 0.6931471805599453;
// @ts-ignore: decorator
@inline const C2: f64 = 0.2402265069591007;
// @ts-ignore: decorator
@inline const C3: f64 = 0.05550410866482158;
// @ts-ignore: decorator
@inline const C4: f64 = 0.009618129107628477;
// @ts-ignore: decorator
@inline const C5: f64 = 0.0013333558146428443;
// @ts-ignore: decorator
@inline const C6: f64 = 0.0001540353039338161;
// @ts-ignore: decorator
@inline const C7: f64 = 0.000015252733804059841;

/**
 * 2^x, rounded to f32 from a polynomial in f64: the same bits in every runtime, to within half an ulp and 1e-9. `x`
 * is limited to +-120.
 */
export function exp2(x: f32): f32 {
  const limited = max<f64>(-100, min<f64>(100, x));
  const whole = nearest<f64>(limited);
  const f = limited - whole;
  const mantissa = 1 + f * (C1 + f * (C2 + f * (C3 + f * (C4 + f * (C5 + f * (C6 + f * C7))))));
  return <f32>(mantissa * reinterpret<f64>((<i64>whole + 1023) << 52));
}

/** 1 / (1 + e^-x). */
export function sigmoid(x: f32): f32 {
  return 1 / (1 + exp2(-1.4426950409 * x));
}
