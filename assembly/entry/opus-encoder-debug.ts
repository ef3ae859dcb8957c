export { allocate } from "../core/memory";
export * from "./opus-decoder";
export {
  opusEncoderEncode, opusEncoderFinalRange, opusEncoderInDtx, opusEncoderInit, opusEncoderLookahead, opusEncoderReset,
  opusEncoderSettings, opusEncoderSize,
} from "../opus/encoder";
