/** Corner of the high-pass of calls: below the pitch of the voice, higher only where low frequencies are noise. */
import { log2 } from "./celt/logarithm";
import { OpusEncoder, silkOf } from "./encoder-state";
import { VOICED } from "./silk/state";

/** log2 of 60 and of 100 Hz. */
// @ts-ignore: decorator
@inline export const LOWEST_CORNER: f32 = 5.90689;
// @ts-ignore: decorator
@inline const HIGHEST_CORNER: f32 = 6.64386;
/** A single frame moves the corner's aim by this many octaves at most. */
// @ts-ignore: decorator
@inline const LARGEST_STEP: f32 = 0.4;

/** Follows the voice of the packet that was just encoded by SILK; the next one is filtered by the result. */
export function followPitch(e: OpusEncoder): void {
  const silk = silkOf(e);
  if (silk.signalType == VOICED && silk.lag > 0) {
    let pitch = log2(<f32>(silk.kHz * 1000) / <f32>silk.lag);
    // Clean low frequencies are worth having, whatever the pitch.
    pitch -= silk.quality * silk.quality * (pitch - LOWEST_CORNER);
    let step = pitch - e.corner;
    // Down fast: a voice that is cut is worse than hum.
    if (step < 0) step *= 3;
    step = max(-LARGEST_STEP, min(LARGEST_STEP, step));
    e.corner = max(LOWEST_CORNER, min(HIGHEST_CORNER, e.corner + 0.1 * silk.activity * step));
  }
  e.slowCorner += 0.015 * (e.corner - e.slowCorner);
}
