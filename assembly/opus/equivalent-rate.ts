/** What a rate is worth under the conditions at hand. */
import { RATE_CONSTANT } from "./celt/encoder";
import { EncoderSettings } from "./encoder-settings";
import { MODE_CELT } from "./toc";

/**
 * The rate at which 20 ms frames of variable rate at full complexity, without loss, would sound the same. `mode` is -1 while it
 * is open. `samples`: of a frame at 48 kHz.
 */
export function equivalentRate(s: EncoderSettings, bitrate: i32, channels: i32, samples: i32, mode: i32): i32 {
  let rate = bitrate;
  if (samples < 960) rate -= (40 * channels + 20) * (48000 / samples - 50);
  if (s.control == RATE_CONSTANT) rate -= rate / 12;
  rate = (rate * (90 + s.complexity)) / 100;
  const loss = s.expectedLossPercent;
  if (mode == MODE_CELT) {
    if (s.complexity < 5) rate = (rate * 9) / 10;
  } else if (mode < 0) {
    rate -= (rate * loss) / (12 * loss + 20);
  } else {
    if (s.complexity < 2) rate = (rate * 4) / 5;
    rate -= (rate * loss) / (6 * loss + 10);
  }
  return rate;
}
