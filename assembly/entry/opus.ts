export * from "./opus-decoder";
export { opusPacketPad } from "../opus/padding";
export {
  opusRepacketizerAppend,
  opusRepacketizerClear,
  opusRepacketizerWrite,
} from "../opus/repacketizer";
export {
  opusEncoderEncode, opusEncoderFinalRange, opusEncoderInDtx, opusEncoderInit, opusEncoderLookahead, opusEncoderReset,
  opusEncoderSettings, opusEncoderSize,
} from "../opus/encoder";
