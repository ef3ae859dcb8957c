import { type NodeBuffer, PeerCodec } from './peer-codec.ts';

export type { NodeBuffer } from './peer-codec.ts';

/** OPUS_APPLICATION_AUDIO */
const AUDIO = 2049;

/**
 * The interface of `@discordjs/opus` 0.10, synchronous from the constructor on; for Node, Deno and Bun.
 *
 * Other than there: a buffer that is not exactly one frame throws (there the process aborts), a packet
 * that is none throws an `OpusError`, an `Int16Array` of samples is taken for what it is, and an empty
 * packet conceals as much as the packet before lasted.
 * @example
 * import { OpusEncoder } from 'sottovoce/adapters/discordjs-opus';
 * const encoder = new OpusEncoder(48_000, 2);
 * const packet = encoder.encode(pcm); // 20 ms: 3840 bytes of s16
 */
export class OpusEncoder {
  readonly #codec: PeerCodec;

  /**
   * @param rate Hz: 8000, 12000, 16000, 24000 or 48000
   * @param channels 1 or 2
   * @throws {OpusError} `bad-argument`
   */
  constructor(rate: number, channels: number) {
    this.#codec = new PeerCodec(rate, channels, AUDIO);
  }

  /**
   * Encodes one frame of 2.5 to 120 ms.
   * @param buf s16, interleaved
   * @returns the packet, owned
   * @throws {OpusError} `frame-size`, `bad-argument`
   */
  encode(buf: Uint8Array | Int16Array): NodeBuffer {
    return this.#codec.encode(buf);
  }

  /**
   * Decodes one packet.
   * @param buf the packet; `null` or empty conceals a lost one
   * @returns s16, interleaved, as bytes, owned
   * @throws {OpusError} `bad-packet`, `bad-argument`
   */
  decode(buf: Uint8Array | null): NodeBuffer {
    return this.#codec.decode(buf);
  }

  /**
   * Sets by the number of libopus (`OPUS_SET_..._REQUEST`); the application (4000) only before the first
   * frame.
   * @throws {OpusError} `bad-argument`, `not-supported`
   */
  applyEncoderCTL(ctl: number, value: number): void {
    this.#codec.encoderControl(ctl, value);
  }

  /** The gain (4034) and phase inversion (4046) of the decoder. @throws {OpusError} `bad-argument` */
  applyDecoderCTL(ctl: number, value: number): void {
    this.#codec.decoderControl(ctl, value);
  }

  /** @param bitrate bits per second, brought into 6000 to 510,000 */
  setBitrate(bitrate: number): void {
    this.#codec.setBitrate(bitrate);
  }

  /** Bits per second. */
  getBitrate(): number {
    return this.#codec.bitrate;
  }
}
