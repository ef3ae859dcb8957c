import { checkBytes, checkInteger, describe } from '../core/checks.ts';
import type { EngineDecoder, OpusEngine } from './engine.ts';
import { badArgument, OpusError } from './errors.ts';
import { ownEngine } from './own-engine.ts';
import { badPacket } from './packet-bytes.ts';
import {
  type ChannelCount,
  type DecoderFormat,
  type DecoderSettings,
  decoderChanges,
  decoderOptions,
  type SampleRate,
} from './settings.ts';
import { sharedOpus } from './shared-core.ts';

/** Options of `OpusDecoder.create`; all have defaults. */
export type OpusDecoderOptions = Partial<DecoderFormat> &
  Partial<DecoderSettings> & {
    /** What decodes. Default: our own decoder; `libopusEngine()` of `sottovoce/opus/libopus` is another. */
    readonly engine?: OpusEngine;
  };

/**
 * Decodes Opus packets (RFC 6716) to PCM: interleaved, f32 with full scale at ±1, or s16. f32 output is
 * not clipped. f32 and s16 methods may be mixed.
 *
 * Every packet is checked before the engine sees it: bytes that are no packet throw
 * `OpusError('bad-packet')` and change nothing.
 * @example
 * import { OpusDecoder } from 'sottovoce/opus';
 * const decoder = await OpusDecoder.create({ sampleRate: 48000, channels: 1 });
 * const pcm = packet ? decoder.decode(packet) : decoder.conceal(960);
 * decoder.close();
 */
export class OpusDecoder {
  /** Rate of the PCM in Hz. */
  readonly sampleRate: SampleRate;
  /** Channels of the PCM. */
  readonly channels: ChannelCount;
  readonly #engine: EngineDecoder;
  #settings: Readonly<DecoderSettings>;
  #lastPacketSamples = 0;
  #closed = false;

  /**
   * Makes a decoder.
   * @throws {OpusError} `bad-argument`
   */
  static async create(options: OpusDecoderOptions = {}): Promise<OpusDecoder> {
    const { sampleRate, channels, ...settings } = decoderOptions(options);
    const format: DecoderFormat = { sampleRate, channels };
    const engine = options.engine ?? ownEngine();
    return new OpusDecoder(format, settings, await engine.createDecoder(format, settings));
  }

  private constructor(format: DecoderFormat, settings: DecoderSettings, engine: EngineDecoder) {
    this.sampleRate = format.sampleRate;
    this.channels = format.channels;
    this.#settings = settings;
    this.#engine = engine;
  }

  /**
   * Decodes a packet.
   * @param dst room for the PCM; without it the result is borrowed
   * @returns interleaved f32, one packet long: borrowed, valid until the next call on this decoder; with
   *   `dst` the filled part of it
   * @throws {OpusError} `bad-packet`, `buffer-too-small` for `dst`, `bad-argument`, `released`; the state
   *   is unchanged then
   */
  decode(packet: Uint8Array, dst?: Float32Array): Float32Array {
    const samples = this.#samplesOf(packet);
    this.#checkRoom(dst, samples, Float32Array);
    const pcm = this.#engine.decode(packet, samples, false);
    this.#lastPacketSamples = samples;
    return this.#deliver(pcm, samples, dst);
  }

  /** As `decode`, in s16: soft-clipped, rounded to nearest and saturated. */
  decodeInt16(packet: Uint8Array, dst?: Int16Array): Int16Array {
    const samples = this.#samplesOf(packet);
    this.#checkRoom(dst, samples, Int16Array);
    const pcm = this.#engine.decodeInt16(packet, samples, false);
    this.#lastPacketSamples = samples;
    return this.#deliver(pcm, samples, dst);
  }

  /**
   * Makes up for a packet that did not come, from what was decoded before.
   * @param samples per channel at `sampleRate`: a multiple of 2.5 ms, up to 120 ms
   * @param dst room for the PCM; without it the result is borrowed
   * @returns interleaved f32, as from `decode`
   * @throws {OpusError} `frame-size`, `buffer-too-small`, `bad-argument`, `released`
   */
  conceal(samples: number, dst?: Float32Array): Float32Array {
    this.#checkSamples(samples);
    this.#checkRoom(dst, samples, Float32Array);
    return this.#deliver(this.#engine.decode(null, samples, false), samples, dst);
  }

  /** As `conceal`, in s16. */
  concealInt16(samples: number, dst?: Int16Array): Int16Array {
    this.#checkSamples(samples);
    this.#checkRoom(dst, samples, Int16Array);
    return this.#deliver(this.#engine.decodeInt16(null, samples, false), samples, dst);
  }

  /**
   * Makes up for a lost packet with the redundancy in the packet that follows it
   * (`inspectPacket(next).fec` tells whether there is any; without it this is concealment). Decode
   * `next` itself afterwards.
   * @param next the packet after the lost one
   * @param samples duration of the lost packet, per channel at `sampleRate`: a multiple of 2.5 ms
   * @param dst room for the PCM; without it the result is borrowed
   * @returns interleaved f32, as from `decode`
   * @throws {OpusError} `bad-packet`, `frame-size`, `buffer-too-small`, `bad-argument`, `released`
   * @example
   * if (lost) play(decoder.decodeFec(packet, 960));
   * play(decoder.decode(packet));
   */
  decodeFec(next: Uint8Array, samples: number, dst?: Float32Array): Float32Array {
    this.#samplesOf(next);
    this.#checkSamples(samples);
    this.#checkRoom(dst, samples, Float32Array);
    return this.#deliver(this.#engine.decode(next, samples, true), samples, dst);
  }

  /** As `decodeFec`, in s16. */
  decodeFecInt16(next: Uint8Array, samples: number, dst?: Int16Array): Int16Array {
    this.#samplesOf(next);
    this.#checkSamples(samples);
    this.#checkRoom(dst, samples, Int16Array);
    return this.#deliver(this.#engine.decodeInt16(next, samples, true), samples, dst);
  }

  /** Samples per channel of the last packet that was decoded, 0 before the first. */
  get lastPacketSamples(): number {
    return this.#lastPacketSamples;
  }

  /**
   * State of the range coder after the last packet (RFC 6716 section 6.1), 32 bits unsigned. Equal to the
   * encoder's if everything was decoded right.
   * @throws {OpusError} `not-supported` on libopus, which does not show it; `released`
   */
  get finalRange(): number {
    this.#live();
    return this.#engine.finalRange;
  }

  /** Gain applied to the output in dB, -128 to 127.99. */
  get gain(): number {
    return this.#settings.gain;
  }

  set gain(gain: number) {
    this.configure({ gain });
  }

  /** Whether intensity stereo is decoded without phase inversion. */
  get phaseInversionDisabled(): boolean {
    return this.#settings.phaseInversionDisabled;
  }

  set phaseInversionDisabled(phaseInversionDisabled: boolean) {
    this.configure({ phaseInversionDisabled });
  }

  /**
   * Changes several settings at once, or none of them if one is wrong.
   * @throws {OpusError} `bad-argument`, `released`
   */
  configure(changes: Partial<DecoderSettings>): void {
    this.#live();
    const checked = decoderChanges(changes);
    const settings = { ...this.#settings, ...checked };
    this.#engine.configure(settings, checked);
    this.#settings = settings;
  }

  /**
   * Forgets the signal, as after creation; settings are kept.
   * @throws {OpusError} `released`; `not-supported` on libopus when called again in the same turn of the
   *   event loop, because it makes a new state only asynchronously
   */
  reset(): void {
    this.#live();
    this.#engine.reset();
    this.#lastPacketSamples = 0;
  }

  /** Releases the engine's memory. Idempotent; every other method then throws `released`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#engine.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #live(): void {
    if (this.#closed) throw new OpusError('released', 'the decoder was closed');
  }

  /** Duration of a packet at this decoder's rate; throws for what is none. */
  #samplesOf(packet: Uint8Array): number {
    this.#live();
    checkBytes('packet', packet, badArgument);
    const samples = this.#engine.packetSamples?.(packet) ?? sharedOpus().packetSamples(packet);
    if (samples < 0) throw badPacket();
    return (samples * this.sampleRate) / 48_000;
  }

  #checkSamples(samples: number): void {
    this.#live();
    const step = this.sampleRate / 400; // 2.5 ms
    checkInteger('samples', samples, 0, Number.MAX_SAFE_INTEGER, badArgument);
    if (samples === 0 || samples > 48 * step || samples % step !== 0) {
      throw new OpusError(
        'frame-size',
        `"samples" expected a multiple of ${step} up to ${48 * step}, got ${samples}`,
      );
    }
  }

  #checkRoom(dst: unknown, samples: number, type: typeof Float32Array | typeof Int16Array): void {
    if (dst === undefined) return;
    if (!(dst instanceof type)) {
      throw badArgument(`"dst" expected ${type.name}, got ${describe(dst)}`);
    }
    const needed = samples * this.channels;
    if (dst.length < needed) {
      throw new OpusError(
        'buffer-too-small',
        `"dst" expected at least ${needed} samples, got ${dst.length}`,
      );
    }
  }

  #deliver<T extends Float32Array | Int16Array>(pcm: T, samples: number, dst: T | undefined): T {
    if (pcm.length !== samples * this.channels) {
      throw new OpusError('internal', `the engine decoded ${pcm.length} samples`);
    }
    if (dst === undefined) return pcm;
    dst.set(pcm);
    return dst.subarray(0, pcm.length) as T;
  }
}
