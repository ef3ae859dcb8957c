export { allocate, release } from "../core/memory";
export { opusPacketParse } from "../opus/packet";
export {
  opusDecoderConceal,
  opusDecoderConcealed,
  opusDecoderConfigure,
  opusDecoderDecode,
  opusDecoderDecodeFec,
  opusDecoderFinalRange,
  opusDecoderInit,
  opusDecoderReset,
  opusDecoderSize,
  opusPacketSamples,
} from "../opus/decoder";
export { opusMultistreamConceal, opusMultistreamDecode } from "../opus/multistream";
