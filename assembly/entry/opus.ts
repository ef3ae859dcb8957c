export { allocate, release } from "../core/memory";
export { opusPacketParse } from "../opus/packet";
export { opusPacketPad } from "../opus/padding";
export {
  opusRepacketizerAppend,
  opusRepacketizerClear,
  opusRepacketizerWrite,
} from "../opus/repacketizer";
