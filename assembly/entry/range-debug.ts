export { allocate } from "../core/memory";
export {
  RANGE_ENCODER_SIZE, encode, encodeBinary, encodeBit, encodeIcdf, encodePow2, encodeRawBits, encodeUint,
  patchFirstBits, rangeEncoderDone, rangeEncoderInit, rangeEncoderShrink,
} from "../opus/range-encoder";
export {
  RANGE_DECODER_SIZE, decodeBinary, decodeBit, decodeFrequency, decodeFrequencyPow2, decodeIcdf, decodeRawBits, decodeUint, decodeUpdate,
  finalRange, rangeDecoderInit, tell, tellFrac,
} from "../opus/range-decoder";
