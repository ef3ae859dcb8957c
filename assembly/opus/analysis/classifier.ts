/* Speech or music: a small network over what texture.ts measures. */
import { sigmoid } from "../celt/exponential";
import { SPEECH_MUSIC } from "../tables/speech-music";
import { TEXTURE, TEXTURE_SIZE } from "./texture";

// @ts-ignore: decorator
@inline const HIDDEN: i32 = 6;

/** Probability that the last second was music, 0..1. */
export function musicProbability(): f32 {
  let weights = SPEECH_MUSIC;
  const last = SPEECH_MUSIC + <usize>(HIDDEN * (TEXTURE_SIZE + 1)) * 4;
  let out = load<f32>(last + 4 * <usize>HIDDEN);
  for (let unit = 0; unit < HIDDEN; unit++) {
    let sum: f32 = 0;
    for (let i = 0; i < TEXTURE_SIZE; i++, weights += 4) {
      sum += load<f32>(weights) * load<f32>(TEXTURE + (<usize>i << 2));
    }
    sum += load<f32>(weights);
    weights += 4;
    out += load<f32>(last + (<usize>unit << 2)) * (2 * sigmoid(2 * sum) - 1);
  }
  return sigmoid(out);
}
