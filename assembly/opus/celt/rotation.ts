import { SPREAD_FACTOR } from "../tables/celt-pulses";
import { cosineQuarter } from "./trigonometry";

/**
 * One N-dimensional rotation, forward and back over neighbours `stride` apart (RFC 6716, section 4.3.4.3):
 * (x1, x2) -> (c x1 - s x2, s x1 + c x2).
 */
function rotate(x: usize, size: i32, stride: i32, c: f32, s: f32): void {
  const step = <usize>stride << 2;
  let address = x;
  let end = x + (<usize>(size - stride) << 2);
  for (; address < end; address += 4) {
    const x1 = load<f32>(address);
    const x2 = load<f32>(address + step);
    store<f32>(address + step, c * x2 + s * x1);
    store<f32>(address, c * x1 - s * x2);
  }
  if (size < 2 * stride) return;
  address = x + (<usize>(size - 2 * stride) << 2);
  while (address > x) {
    address -= 4;
    const x1 = load<f32>(address);
    const x2 = load<f32>(address + step);
    store<f32>(address + step, c * x2 + s * x1);
    store<f32>(address, c * x1 - s * x2);
  }
}

/**
 * Undoes the encoder's spreading of a vector of `size` elements in `blocks` blocks with `pulses` pulses. Does nothing
 * for spread 0 and for dense vectors.
 */
export function spreadRotation(x: usize, size: i32, blocks: i32, pulses: i32, spread: i32): void {
  if (spread == 0 || 2 * pulses >= size) return;
  const factor = <i32>load<u8>(SPREAD_FACTOR + <usize>spread);
  const gain = <f64>size / <f64>(size + factor * pulses);
  const angle = gain * gain * 0.5;
  const c = <f32>cosineQuarter(angle);
  const s = <f32>cosineQuarter(1 - angle);

  // The stride is the rounded square root of the elements per block; only from 8 elements a block on.
  let stride = 0;
  if (size >= 8 * blocks) {
    stride = 1;
    while ((stride * stride + stride) * blocks + (blocks >> 2) < size) stride++;
  }
  const length = size / blocks;
  for (let block = 0; block < blocks; block++) {
    const start = x + (<usize>(block * length) << 2);
    if (stride) rotate(start, length, stride, s, c);
    rotate(start, length, 1, c, s);
  }
}
