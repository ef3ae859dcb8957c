import { type NodeBuffer, PeerCodec } from './peer-codec.ts';

export type { NodeBuffer } from './peer-codec.ts';

/** Purposes of an encoder, as `OpusScript.Application`. */
export type OpusScriptApplication = 2048 | 2049 | 2051;

/**
 * The interface of `opusscript` 0.1, for Node, Deno and Bun.
 *
 * Other than there: PCM that is not exactly one frame throws (there whatever lies in memory is encoded),
 * a packet that is none throws an `OpusError`, an `Int16Array` of samples is taken for what it is, and an
 * empty packet conceals as much as the packet before lasted. The process's handlers for uncaught
 * exceptions are left alone. The option `wasm` is taken and has no effect.
 * @example
 * import OpusScript from 'sottovoce/adapters/opusscript';
 * const codec = new OpusScript(48_000, 2, OpusScript.Application.AUDIO);
 * const packet = codec.encode(pcm, 960);
 */
export class OpusScript {
  static readonly Application: {
    readonly VOIP: 2048;
    readonly AUDIO: 2049;
    readonly RESTRICTED_LOWDELAY: 2051;
  } = { VOIP: 2048, AUDIO: 2049, RESTRICTED_LOWDELAY: 2051 };
  static readonly VALID_SAMPLING_RATES: readonly number[] = [8000, 12_000, 16_000, 24_000, 48_000];
  /** Longest frame of the peer in samples; here frames may last 120 ms. */
  static readonly MAX_FRAME_SIZE: number = 2880;
  static readonly MAX_PACKET_SIZE: number = 3828;

  readonly #codec: PeerCodec;

  /**
   * @param samplingRate Hz: one of `VALID_SAMPLING_RATES`
   * @param channels 1 (default) or 2
   * @param application default AUDIO
   * @throws {OpusError} `bad-argument`
   */
  constructor(
    samplingRate: number,
    channels: number = 1,
    application: OpusScriptApplication = 2049,
    _options?: { readonly wasm?: boolean | undefined },
  ) {
    this.#codec = new PeerCodec(samplingRate, channels, application);
  }

  /**
   * Encodes one frame.
   * @param buffer s16, interleaved
   * @param frameSize samples per channel; has to agree with the buffer
   * @returns the packet, owned
   * @throws {OpusError} `frame-size`, `bad-argument`, `released`
   */
  encode(buffer: Uint8Array | Int16Array, frameSize?: number): NodeBuffer {
    return this.#codec.encode(buffer, frameSize);
  }

  /**
   * Decodes one packet.
   * @param buffer the packet; `null` or empty conceals a lost one
   * @returns s16, interleaved, as bytes, owned
   * @throws {OpusError} `bad-packet`, `bad-argument`, `released`
   */
  decode(buffer: Uint8Array | null): NodeBuffer {
    return this.#codec.decode(buffer);
  }

  /** Sets by the number of libopus. @throws {OpusError} `bad-argument`, `not-supported` */
  encoderCTL(ctl: number, arg: number): void {
    this.#codec.encoderControl(ctl, arg);
  }

  /** The gain (4034) and phase inversion (4046) of the decoder. @throws {OpusError} `bad-argument` */
  decoderCTL(ctl: number, arg: number): void {
    this.#codec.decoderControl(ctl, arg);
  }

  /** @param bitrate bits per second, brought into 6000 to 510,000 */
  setBitrate(bitrate: number): void {
    this.#codec.setBitrate(bitrate);
  }

  /** Frees the memory. Idempotent. */
  delete(): void {
    this.#codec.close();
  }
}

export { OpusScript as default };
