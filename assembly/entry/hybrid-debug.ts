/** Not shipped: SILK and CELT encoders in one frame, beside the decoder, for tests. */
export * from "./opus-decoder";
export { CELT_ENCODER_SIZE, celtEncode, celtEncoderInit } from "../opus/celt/encoder";
export { finalRange, tell } from "../opus/range-decoder";
export { RANGE_ENCODER_SIZE, encodeBit, rangeEncoderInit } from "../opus/range-encoder";
export { SILK_ENCODER_SIZE, silkEncode, silkEncoderInit } from "../opus/silk/encoder/encoder";
