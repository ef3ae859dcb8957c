import type { DecoderFormat, DecoderSettings, EncoderFormat, EncoderSettings } from './settings.ts';

/**
 * What encodes and decodes. `OpusEncoder` and `OpusDecoder` check every argument and every packet, so an
 * engine only gets valid ones: settings in range, PCM of exactly one frame of finite samples, packets
 * that satisfy RFC 6716 section 3.4 (`packetSamples` alone gets any bytes).
 *
 * Results are borrowed: valid until the next call on the same object. An engine that computes in memory
 * of its own may return views of it. libopus-wasm returns copies.
 */
export type OpusEngine = {
  /** For messages. */
  readonly name: string;
  createEncoder(
    format: EncoderFormat,
    settings: Readonly<EncoderSettings>,
  ): EngineEncoder | Promise<EngineEncoder>;
  createDecoder(
    format: DecoderFormat,
    settings: Readonly<DecoderSettings>,
  ): EngineDecoder | Promise<EngineDecoder>;
};

/** An encoder of an engine. Methods throw `OpusError` only. */
export type EngineEncoder = {
  /** Samples per channel at the encoder's rate by which the decoded signal lags the input. */
  readonly lookahead: number;
  /** Range coder state after the last packet, unsigned; throws `not-supported` where it is hidden. */
  readonly finalRange: number;
  /** Whether the last frame was left out or reduced by DTX. */
  readonly inDtx: boolean;
  /** Takes over all settings: the new ones, and which of them changed. */
  configure(settings: Readonly<EncoderSettings>, changes: Partial<EncoderSettings>): void;
  /** Encodes one frame into at most `limit` bytes. The result is borrowed. */
  encode(pcm: Float32Array | Int16Array, limit: number): Uint8Array;
  /** Back to the state after creation, settings kept. */
  reset(): void;
  close(): void;
};

/** A decoder of an engine. Methods throw `OpusError` only. */
export type EngineDecoder = {
  /** As for the encoder. */
  readonly finalRange: number;
  /**
   * Duration of a packet in samples per channel at 48 kHz, below 0 for what violates RFC 6716 section
   * 3.4. An engine that has no parser leaves it out.
   */
  packetSamples?(packet: Uint8Array): number;
  configure(settings: Readonly<DecoderSettings>, changes: Partial<DecoderSettings>): void;
  /**
   * Decodes a packet that lasts `samples`; with `null` conceals as many; with `fec` decodes the
   * redundancy in `packet` for the `samples` before it.
   * @param samples per channel, at the decoder's rate
   * @returns interleaved, `samples * channels` long, borrowed
   */
  decode(packet: Uint8Array | null, samples: number, fec: boolean): Float32Array;
  /** The same in 16 bits: soft-clipped, rounded and saturated. */
  decodeInt16(packet: Uint8Array | null, samples: number, fec: boolean): Int16Array;
  reset(): void;
  close(): void;
};
