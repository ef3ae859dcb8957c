/** Keeps the step from a made-up frame to a good one from being louder than it has to be. */
import { Channel, concealmentOf } from "./state";

function energyOf(samples: usize, length: i32): f64 {
  let energy: i64 = 0;
  for (let i = 0; i < length; i++) {
    const value: i32 = load<i16>(samples + (<usize>i << 1));
    energy += value * value;
  }
  return <f64>energy;
}

/**
 * Called with every frame put out: measures made-up ones; the first good one, when it is louder, rises from their level
 * within a sixteenth of the frame. Longer ramps cost more of the good signal than the step is worth.
 */
export function glue(channel: Channel, out: usize): void {
  const c = concealmentOf(channel);
  const length = channel.frameLength;
  if (channel.lossCount > 0) {
    c.energy = energyOf(out, length) / <f64>length;
    c.lost = 1;
    return;
  }
  if (c.lost == 0) return;
  c.lost = 0;
  const energy = energyOf(out, length) / <f64>length;
  if (energy <= c.energy) return;
  let gain = <i32>(65536 * sqrt<f64>(c.energy / energy));
  const slope = ((65536 - gain) << 4) / length;
  for (let i = 0; i < length && gain < 65536; i++) {
    const at = out + (<usize>i << 1);
    store<i16>(at, (gain * <i32>load<i16>(at)) >> 16);
    gain += slope;
  }
}
