import type { Instance } from '../core/load.ts';
import type { Block, MemoryExports } from '../core/memory.ts';

/** The exports of `wasm/opus-decoder.wasm` that this module calls. @internal */
export type DecoderExports = MemoryExports & {
  opusPacketSamples(packet: number, length: number): number;
  opusDecoderSize(): number;
  opusDecoderInit(decoder: number, sampleRate: number, channels: number): number;
  opusDecoderReset(decoder: number): void;
  opusDecoderConfigure(decoder: number, gainQ8: number, keepPhase: number): void;
  opusDecoderFinalRange(decoder: number): number;
  opusDecoderConcealed(decoder: number): number;
  opusDecoderDecode(
    decoder: number,
    packet: number,
    length: number,
    out: number,
    capacity: number,
    int16: number,
  ): number;
  opusDecoderConceal(decoder: number, samples: number, out: number, int16: number): number;
  opusDecoderDecodeFec(
    decoder: number,
    packet: number,
    length: number,
    samples: number,
    out: number,
    int16: number,
  ): number;
  opusMultistreamDecode(
    multistream: number,
    packet: number,
    length: number,
    out: number,
    capacity: number,
  ): number;
  opusMultistreamConceal(multistream: number, samples: number, out: number): number;
};

/** The exports of the encoder, which `wasm/opus-decoder.wasm` lacks. @internal */
export type EncoderExports = MemoryExports & {
  opusEncoderSize(): number;
  opusEncoderInit(
    encoder: number,
    sampleRate: number,
    channels: number,
    application: number,
  ): number;
  /** Address of the settings (layout.ts). */
  opusEncoderSettings(encoder: number): number;
  opusEncoderReset(encoder: number): void;
  opusEncoderLookahead(encoder: number): number;
  opusEncoderFinalRange(encoder: number): number;
  opusEncoderInDtx(encoder: number): number;
  opusEncoderEncode(
    encoder: number,
    pcm: number,
    samples: number,
    int16: number,
    out: number,
    limit: number,
  ): number;
};

/** The exports of `wasm/opus.wasm` that this module calls. @internal */
export type OpusExports = DecoderExports &
  EncoderExports & {
    opusPacketParse(packet: number, length: number, selfDelimited: number, info: number): number;
    opusPacketPad(
      packet: number,
      length: number,
      capacity: number,
      wanted: number,
      info: number,
    ): number;
    opusRepacketizerAppend(
      state: number,
      packet: number,
      length: number,
      selfDelimited: number,
    ): number;
    opusRepacketizerClear(state: number): void;
    opusRepacketizerWrite(
      state: number,
      begin: number,
      end: number,
      target: number,
      capacity: number,
      selfDelimited: number,
      length: number,
    ): number;
  };

/**
 * A WebAssembly instance with a decoder, and most often an encoder, and the block in which packets are
 * handed to the decoder. @internal
 */
export type DecoderCore = {
  readonly instance: Instance<DecoderExports & Partial<EncoderExports>>;
  readonly packet: Block;
};
