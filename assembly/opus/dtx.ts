/** Discontinuous transmission: while nobody speaks, a packet of one byte in place of frames, and now and then a real one. */
import { OpusEncoder, analysisOf, settingsOf, silkOf } from "./encoder-state";
import { Plan } from "./packet-plan";
import { MODE_CELT } from "./toc";

/** Half milliseconds of silence before packets are left out, and for which they are: then one is sent for the noise's sake. */
// @ts-ignore: decorator
@inline const PATIENCE: i32 = 2 * 200;
// @ts-ignore: decorator
@inline const PAUSE: i32 = 2 * 400;
/** Activity below which nobody speaks. */
// @ts-ignore: decorator
@inline const ACTIVE: f32 = 0.1;

/** Whether somebody spoke in the packet that was just encoded. */
function active(e: OpusEncoder, p: Plan): bool {
  const a = analysisOf(e);
  if (a.valid && a.level < -80) return false;
  if (p.mode == MODE_CELT) return !a.valid || a.activity > ACTIVE;
  return silkOf(e).active != 0;
}

/** Whether the packet of `samples` (at 48 kHz) that was just encoded need not be sent. */
export function silencePacket(e: OpusEncoder, p: Plan, samples: i32): bool {
  e.inDtx = 0;
  if (!settingsOf(e).dtx || active(e, p)) {
    e.quiet = 0;
    return false;
  }
  e.quiet += samples / 24;
  if (e.quiet <= PATIENCE) return false;
  if (e.quiet > PATIENCE + PAUSE || p.lastBytes > 0) {
    e.quiet = PATIENCE;
    return false;
  }
  e.inDtx = 1;
  return true;
}
