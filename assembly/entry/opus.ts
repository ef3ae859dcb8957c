export * from "./opus-decoder";
export { opusPacketPad } from "../opus/padding";
export {
  opusRepacketizerAppend,
  opusRepacketizerClear,
  opusRepacketizerWrite,
} from "../opus/repacketizer";
