/** Not shipped: the CELT decoder on its own, for the development checks. */
import { RANGE_DECODER_SIZE, RangeDecoder, rangeDecoderInit } from "../opus/range-decoder";
import { CELT_DECODER_SIZE, CeltDecoder, celtConceal, celtDecode, celtDecoderInit } from "../opus/celt/decoder";

export { allocate, release } from "../core/memory";

const READER = memory.data(64, 16);

export function celtCreate(channels: i32): usize {
  const state = heap.alloc(CELT_DECODER_SIZE);
  celtDecoderInit(changetype<CeltDecoder>(state), channels);
  return state;
}

export function celtFrame(
  state: usize, packet: usize, length: i32, channels: i32, start: i32, end: i32, samples: i32, decimation: i32,
  out: usize,
): i32 {
  const reader = changetype<RangeDecoder>(READER);
  rangeDecoderInit(reader, packet, length);
  return celtDecode(changetype<CeltDecoder>(state), reader, channels, start, end, samples, decimation, false, out);
}

export function celtLost(state: usize, start: i32, end: i32, samples: i32, decimation: i32, out: usize): i32 {
  return celtConceal(changetype<CeltDecoder>(state), start, end, samples, decimation, false, out);
}

export function celtRange(): u32 {
  return changetype<RangeDecoder>(READER).range;
}
