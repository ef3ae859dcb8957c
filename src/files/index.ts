export type { ByteSource } from './byte-reader.ts';
export { type DecodeOggOptions, decodeOgg, type OggAudio } from './decode.ts';
export { type EncodeOggOptions, encodeOgg } from './encode.ts';
export { FileError, type FileErrorCode } from './errors.ts';
export { type OggEvent, readOgg } from './ogg-reader.ts';
export type { OggOptions } from './ogg-writer.ts';
export type { OpusHead, OpusTags } from './opus-header.ts';
export type { PcmSource } from './pcm.ts';
export {
  encodeVoiceMessage,
  packWaveform,
  unpackWaveform,
  type VoiceMessage,
  type VoiceMessageOptions,
} from './voice-message.ts';
