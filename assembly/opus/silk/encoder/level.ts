/**
 * Keeps the level. A quantiser that weighs error against bits rounds towards zero more often than away from it, so what is
 * decoded is weaker than what went in, the more so the lower the rate. The shortfall is measured on decoded frames and
 * made good in the input of the quantiser.
 */
import { exp2 } from "../../celt/exponential";
import { signalOf } from "../state";
import { log2 } from "./cost";
import { EncoderChannel, inputOf, localDecoderOf } from "./encoder-state";

/** Share of the shortfall that is made good: errors add energy too. */
// @ts-ignore: decorator
@inline const SHARE: f32 = 0.8;
/** At most 1.4 dB, in octaves. */
// @ts-ignore: decorator
@inline const MOST: f32 = 0.24;

/** Factor for the input of the quantiser. */
export function inputGain(c: EncoderChannel): f32 {
  return exp2(c.shortfall);
}

/** Compares the frame just synthesised, still behind the history, with its input. */
export function followLevel(c: EncoderChannel): void {
  if (c.activity < 0.3) return;
  const channel = localDecoderOf(c);
  const sent = signalOf(channel) + (<usize>channel.historyLength << 1);
  const input = inputOf(c) + (<usize>channel.historyLength << 2);
  let own: f32 = 1;
  let decoded: f32 = 1;
  for (let n = 0; n < channel.frameLength; n++) {
    const x = load<f32>(input + (<usize>n << 2));
    const y: f32 = load<i16>(sent + (<usize>n << 1));
    own += x * x;
    decoded += y * y;
  }
  if (own < 1e6) return;
  // Without the gain that this frame was given.
  const missing: f32 = 0.5 * log2(own / decoded) + c.shortfall;
  c.shortfall += 0.04 * (SHARE * min(max<f32>(missing, -0.5), 0.5) - c.shortfall);
  c.shortfall = min(max<f32>(c.shortfall, 0), MOST);
}
