export { allocate } from "../core/memory";
export * from "./opus-decoder";
export {
  opusEncoderConfigure, opusEncoderEncode, opusEncoderFinalRange, opusEncoderInit, opusEncoderReset, opusEncoderSize,
} from "../opus/encoder";
