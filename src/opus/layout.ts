// Offsets in structs of assembly/opus, which holds the same figures (packet-info.ts,
// repacketizer.ts), and its result codes (errors.ts).

/** Fields of the packet description, as indices of 32-bit words. */
export const INFO = {
  frameCount: 0,
  frameSamples: 1,
  dataOffset: 2,
  dataLength: 3,
  padding: 4,
  length: 5,
  toc: 6,
  mode: 7,
  bandwidth: 8,
  channels: 9,
  fec: 10,
} as const;

/** Byte offset of the table of u16 frame sizes. */
export const INFO_SIZES = 44;
export const INFO_SIZE = 140;
export const REPACKETIZER_SIZE = 61448;

/** Record of a multistream decoder: four words, 256 bytes of mapping, 255 addresses of decoders. */
export const MULTISTREAM_MAPPING = 16;
export const MULTISTREAM_DECODERS = 272;
export const MULTISTREAM_SIZE = 1296;

/** Settings of an encoder, as indices of 32-bit words at `opusEncoderSettings` (encoder-settings.ts). */
export const SETTING = {
  bitrate: 0,
  rateControl: 1,
  complexity: 2,
  bandwidth: 3,
  maxBandwidth: 4,
  signal: 5,
  fec: 6,
  expectedLossPercent: 7,
  dtx: 8,
  forceChannels: 9,
  lsbDepth: 10,
  predictionDisabled: 11,
  phaseInversionDisabled: 12,
  forceMode: 13,
} as const;
export const SETTING_COUNT = 14;

/** Names of the bandwidths, by the number that assembly/opus has for each (toc.ts). */
export const BANDWIDTHS = [
  'narrowband',
  'mediumband',
  'wideband',
  'superwideband',
  'fullband',
] as const;

export const BUFFER_TOO_SMALL = -2;
export const BAD_PACKET = -4;
