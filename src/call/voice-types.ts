import type {
  ChannelCount,
  EncoderSettings,
  OpusEncoderOptions,
  SampleRate,
} from '../opus/index.ts';

/** What a call needs of an encoder. `OpusEncoder` is one. */
export type VoiceEncoder = {
  /** One frame of interleaved PCM to one packet; the result may be borrowed. */
  encode(pcm: Float32Array | Int16Array): Uint8Array;
  /** Changes settings between two frames. An encoder without it keeps those that it has. */
  configure?(changes: Partial<EncoderSettings>): void;
  /** Releases what it holds. */
  close(): void;
};

/** What a call needs of a decoder; results may be borrowed. `OpusDecoder` is one. */
export type VoiceDecoder = {
  /** Interleaved PCM of the whole packet. */
  decode(packet: Uint8Array): Float32Array;
  /** Makes up for `samples` per channel that did not come. */
  conceal(samples: number): Float32Array;
  /** As `conceal`, with what the packet after them may hold of them. */
  decodeFec(next: Uint8Array, samples: number): Float32Array;
  /** Releases what it holds. */
  close(): void;
};

/** Options of the encoder, except those that the call itself sets. */
export type VoiceEncoderOptions = Omit<OpusEncoderOptions, 'sampleRate' | 'channels'>;

/** Rate and channels of the PCM that goes in and comes out. */
export type VoiceFormat = {
  /** In Hz. */
  readonly sampleRate: SampleRate;
  /** Interleaved. */
  readonly channels: ChannelCount;
};

/** Makes encoders and decoders. Replace it to bring your own engine, or a model of one in tests. */
export type VoiceCodec = {
  /** Makes the encoder of a call; once. */
  createEncoder(
    format: VoiceFormat,
    options: VoiceEncoderOptions,
  ): VoiceEncoder | Promise<VoiceEncoder>;
  /** Makes the decoder of a call; once. */
  createDecoder(format: VoiceFormat): VoiceDecoder | Promise<VoiceDecoder>;
  /**
   * Duration of a packet in ticks of the RTP clock (48 per ms), 120..5760. Throws, or returns 0, for
   * bytes that are no packet.
   */
  packetDuration(packet: Uint8Array): number;
  /** Whether a packet holds redundancy for the one before it. */
  hasFec(packet: Uint8Array): boolean;
};
