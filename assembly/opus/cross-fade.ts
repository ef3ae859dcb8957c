/** Joins two decodes of the same 2.5 ms with the power-complementary window of CELT (RFC 6716, section 4.5.1.4). */
import { WINDOW_SQUARED } from "./celt/transform-tables";

/** 2.5 ms at 48 kHz. */
// @ts-ignore: decorator
@inline export const FADE_SAMPLES: i32 = 120;

/**
 * Goes from the signal at `old` to the one at `young` over 2.5 ms; the result goes to `out`, which may be either. All are
 * f32, interleaved, `channels` channels, of a rate `decimation` times below 48 kHz.
 */
export function crossFade(old: usize, young: usize, out: usize, channels: i32, decimation: i32): void {
  for (let i = 0; i < FADE_SAMPLES; i += decimation) {
    const weight = load<f32>(WINDOW_SQUARED + (<usize>i << 2));
    for (let c = 0; c < channels; c++, old += 4, young += 4, out += 4) {
      store<f32>(out, weight * load<f32>(young) + (1 - weight) * load<f32>(old));
    }
  }
}
