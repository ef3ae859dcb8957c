import type { VoiceCodec, VoiceEncoder, VoiceEncoderOptions } from '../call/voice-types.ts';

/** Options of a codec model. */
export type CodecModelOptions = {
  /** Bit/s while the call sets none. Default 24000. */
  readonly bitrate?: number;
  /** Packets hold redundancy for the one before when FEC is asked for and the rate is at least this. Default 16000. */
  readonly fecFrom?: number;
  /** Whether the nth frame, counted from 0, is silence: with DTX its packet has one byte. */
  silent?(frame: number): boolean;
};

/** A codec model, and what became of the frames. */
export type CodecModel = VoiceCodec & {
  /** Number of the frame that a packet was made of, -1 for none. */
  frameOf(packet: Uint8Array): number;
};

/** Marks packets of the model: none of them is a packet of Opus. */
const MAGIC = 0x5a;
const HEADER_BYTES = 7;
const TICKS_PER_MS = 48;
const SILENT_PACKET = 0x53;

/**
 * A codec that codes nothing: packets have the size that the settings ask for and carry the number of
 * their frame. It makes emulated calls cheap. Decoded PCM is silence whose first sample is the number
 * of the frame divided by 2^30, exact in f32.
 * @returns a codec for `CallOptions.codec`
 * @example
 * const call = await Call.outgoing({ signalling, endpoints, connect, codec: codecModel() });
 */
export function codecModel(options: CodecModelOptions = {}): CodecModel {
  const { bitrate = 24_000, fecFrom = 16_000 } = options;
  const numberOf = (packet: Uint8Array): number =>
    packet.length >= HEADER_BYTES && packet[0] === MAGIC
      ? (packet[3]! | (packet[4]! << 8) | (packet[5]! << 16) | (packet[6]! << 24)) >>> 0
      : -1;
  return {
    createEncoder: ({ sampleRate, channels }, initial) =>
      new ModelEncoder((sampleRate * channels) / 1000, { ...options, bitrate, fecFrom }, initial),
    createDecoder: ({ sampleRate, channels }) => {
      const pcm = new Float32Array(((120 * sampleRate) / 1000) * channels);
      const give = (samples: number, number: number): Float32Array => {
        pcm[0] = number / 2 ** 30;
        return pcm.subarray(0, samples * channels);
      };
      return {
        decode: (packet) => give((packet[1]! * sampleRate) / 1000, numberOf(packet)),
        conceal: (samples) => give(samples, 0),
        decodeFec: (next, samples) => give(samples, Math.max(0, numberOf(next) - 1)),
        close() {},
      };
    },
    packetDuration: (packet) => {
      if (packet.length === 1 && packet[0] === SILENT_PACKET) return 20 * TICKS_PER_MS;
      return numberOf(packet) < 0 ? 0 : packet[1]! * TICKS_PER_MS;
    },
    hasFec: (packet) => packet[2] === 1,
    frameOf: numberOf,
  };
}

type Model = CodecModelOptions & { readonly bitrate: number; readonly fecFrom: number };

class ModelEncoder implements VoiceEncoder {
  readonly #silence: Uint8Array = Uint8Array.of(SILENT_PACKET);
  /** Samples of a millisecond, all channels counted. */
  readonly #perMs: number;
  readonly #model: Model;
  #bitrate: number;
  #fec: boolean;
  #dtx: boolean;
  #frame = 0;
  #packet: Uint8Array = new Uint8Array(0);

  constructor(perMs: number, model: Model, initial: VoiceEncoderOptions) {
    this.#perMs = perMs;
    this.#model = model;
    this.#bitrate = typeof initial.bitrate === 'number' ? initial.bitrate : model.bitrate;
    this.#fec = (initial.fec ?? false) && (initial.expectedLossPercent ?? 0) > 0;
    this.#dtx = initial.dtx ?? false;
  }

  configure(changes: Partial<VoiceEncoderOptions>): void {
    if (typeof changes.bitrate === 'number') this.#bitrate = changes.bitrate;
    if (changes.fec !== undefined) this.#fec = changes.fec;
    if (changes.dtx !== undefined) this.#dtx = changes.dtx;
  }

  encode(pcm: Float32Array | Int16Array): Uint8Array {
    const ms = Math.round(pcm.length / this.#perMs);
    const number = this.#frame++;
    if (this.#dtx && this.#model.silent?.(number)) return this.#silence;
    const length = Math.max(HEADER_BYTES, Math.round((this.#bitrate * ms) / 8000));
    if (this.#packet.length !== length) this.#packet = new Uint8Array(length);
    const packet = this.#packet;
    packet[0] = MAGIC;
    packet[1] = ms;
    packet[2] = this.#fec && this.#bitrate >= this.#model.fecFrom ? 1 : 0;
    packet[3] = number;
    packet[4] = number >>> 8;
    packet[5] = number >>> 16;
    packet[6] = number >>> 24;
    return packet;
  }

  close(): void {}
}
