export { OpusDecoder, type OpusDecoderOptions } from './decoder.ts';
export { OpusEncoder, type OpusEncoderOptions } from './encoder.ts';
export type { EngineDecoder, EngineEncoder, OpusEngine } from './engine.ts';
export { OpusError, type OpusErrorCode } from './errors.ts';
export { OpusMultistreamDecoder, type MultistreamOptions } from './multistream-decoder.ts';
export {
  type MultistreamEncoderOptions,
  type MultistreamSettings,
  OpusMultistreamEncoder,
} from './multistream-encoder.ts';
export type { MultistreamLayout } from './multistream-layout.ts';
export { ownEngine } from './own-engine.ts';
export { createOpus, type OpusCore, type OpusMode, type PacketInfo } from './packet.ts';
export { MAX_PACKET_BYTES, type FramingOptions } from './packet-bytes.ts';
export type { Pcm } from './pcm.ts';
export type { Repacketizer, WriteOptions } from './repacketizer.ts';
export type {
  Application,
  Bandwidth,
  ChannelCount,
  DecoderFormat,
  DecoderSettings,
  EncoderFormat,
  EncoderSettings,
  FrameMs,
  RateControl,
  SampleRate,
} from './settings.ts';
