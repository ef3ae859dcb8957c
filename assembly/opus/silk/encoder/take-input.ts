/** Input of a packet, brought to the internal rate. */
import { decimate } from "./decimate";
import { PAST, SilkControls, SilkEncoder } from "./packet-state";

/** f32: past input, then the frame at the input rate. */
const INPUT = memory.data(4 * (80 + 2880), 16);
/** f32: the frame at the internal rate. */
export const NARROW = memory.data(4 * 960, 16);
export const NARROW_SIDE = memory.data(4 * 960, 16);

/** The input at the internal rate: mono or mid into `NARROW`, side into `NARROW_SIDE`. */
export function takeInput(e: SilkEncoder, input: usize, controls: SilkControls): void {
  const count = controls.ms * controls.inKHz;
  const stereo = controls.inChannels == 2;
  if (!stereo && controls.channels == 2) memory.fill(NARROW_SIDE, 0, <usize>(controls.ms * controls.kHz) << 2);
  for (let n = 0; n < controls.inChannels; n++) {
    const past = changetype<usize>(e) + PAST + <usize>n * 320;
    const to = INPUT + 320;
    memory.copy(INPUT, past, 320);
    if (!stereo) {
      memory.copy(to, input, <usize>count << 2);
    } else {
      // Mid, then side.
      for (let i = 0; i < count; i++) {
        const at = input + (<usize>i << 3);
        const right = load<f32>(at, 4);
        store<f32>(to + (<usize>i << 2), 0.5 * (load<f32>(at) + (n == 0 ? right : -right)));
      }
    }
    const out = n == 0 ? NARROW : NARROW_SIDE;
    decimate(out, to, count, controls.inKHz, controls.kHz);
    memory.copy(past, INPUT + (<usize>count << 2), 320);
  }
}
