export { allocate, release } from "../core/memory";
export { RANGE_DECODER_SIZE, finalRange, rangeDecoderInit } from "../opus/range-decoder";
export {
  CELT_DECODER_SIZE,
  celtConceal,
  celtDecode,
  celtDecoderInit,
  celtDecoderReset,
  celtFadeOut,
} from "../opus/celt/decoder";
