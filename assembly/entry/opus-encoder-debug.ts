/** Not shipped: the encoder beside the decoder, and what the decoder saw of redundancy, for tests and development. */
export { allocate } from "../core/memory";
export { redundantBytes, redundantFirst } from "../opus/redundancy";
export * from "./opus-decoder";
export {
  opusEncoderEncode, opusEncoderFinalRange, opusEncoderInDtx, opusEncoderInit, opusEncoderLookahead, opusEncoderReset,
  opusEncoderSettings, opusEncoderSize,
} from "../opus/encoder";
