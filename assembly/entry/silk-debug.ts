export { allocate, release } from "../core/memory";
export { RANGE_DECODER_SIZE, finalRange, rangeDecoderInit, tell } from "../opus/range-decoder";
export { SILK_DECODER_SIZE, silkDecode, silkDecoderInit } from "../opus/silk/decoder";
