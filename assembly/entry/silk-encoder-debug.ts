/** Not shipped: the SILK encoder on its own beside the decoder, for tests and development. */
export { allocate, release } from "../core/memory";
export { RANGE_DECODER_SIZE, finalRange, rangeDecoderInit } from "../opus/range-decoder";
export {
  RANGE_ENCODER_SIZE,
  bytesUsed,
  rangeEncoderDone,
  rangeEncoderInit,
} from "../opus/range-encoder";
export { SILK_DECODER_SIZE, silkDecode, silkDecoderInit } from "../opus/silk/decoder";
export { SILK_ENCODER_SIZE, silkEncode, silkEncoderInit, silkPrefill } from "../opus/silk/encoder/encoder";
export { PARAMETERS } from "../opus/silk/parameters";
