import { checkBytes, describe } from '../core/checks.ts';
import type { EngineEncoder, OpusEngine } from './engine.ts';
import { badArgument, OpusError } from './errors.ts';
import { ownEngine } from './own-engine.ts';
import { type Pcm, finitePcm } from './pcm.ts';
import {
  type Application,
  type ChannelCount,
  type EncoderFormat,
  type EncoderSettings,
  encoderChanges,
  encoderOptions,
  packetLimit,
  type SampleRate,
} from './settings.ts';

/** Options of `OpusEncoder.create`; all have defaults. */
export type OpusEncoderOptions = Partial<EncoderFormat> &
  Partial<EncoderSettings> & {
    /** What encodes. Default: our own encoder; `libopusEngine()` of `sottovoce/opus/libopus` is another. */
    readonly engine?: OpusEngine;
  };

/**
 * Encodes PCM to Opus packets (RFC 6716). PCM is interleaved, f32 with full scale at ±1 or s16.
 *
 * Every setting is a property that may be assigned between two frames; `configure` changes several at
 * once. A wrong value throws `OpusError('bad-argument')` and changes nothing.
 * @example
 * import { OpusEncoder } from 'sottovoce/opus';
 * const encoder = await OpusEncoder.create({ sampleRate: 48000, channels: 1, bitrate: 24_000 });
 * const packet = encoder.encode(new Float32Array(960)); // 20 ms
 * encoder.bitrate = 16_000;
 * encoder.close();
 */
export class OpusEncoder {
  /** Rate of the PCM in Hz. */
  readonly sampleRate: SampleRate;
  /** Channels of the PCM. */
  readonly channels: ChannelCount;
  /** What it is for. */
  readonly application: Application;
  readonly #engine: EngineEncoder;
  #settings: Readonly<EncoderSettings>;
  #closed = false;

  /**
   * Makes an encoder.
   * @throws {OpusError} `bad-argument`
   */
  static async create(options: OpusEncoderOptions = {}): Promise<OpusEncoder> {
    const { sampleRate, channels, application, ...settings } = encoderOptions(options);
    const format: EncoderFormat = { sampleRate, channels, application };
    const engine = options.engine ?? ownEngine();
    return new OpusEncoder(format, settings, await engine.createEncoder(format, settings));
  }

  private constructor(format: EncoderFormat, settings: EncoderSettings, engine: EngineEncoder) {
    this.sampleRate = format.sampleRate;
    this.channels = format.channels;
    this.application = format.application;
    this.#settings = settings;
    this.#engine = engine;
  }

  /**
   * Encodes one frame.
   * @param pcm exactly `frameSamples * channels` samples, interleaved; f32 beyond ±1 is allowed, NaN
   *   counts as silence
   * @param dst where the packet goes: at least `maxPacketBytes` long; without it the result is borrowed
   * @returns the packet: borrowed, valid until the next call on this encoder; with `dst` the filled part
   *   of it
   * @throws {OpusError} `frame-size` for PCM of another length, `buffer-too-small` for `dst`,
   *   `bad-argument`, `released`; the state is unchanged then
   * @example
   * socket.send(encoder.encode(pcm));
   */
  encode(pcm: Pcm, dst?: Uint8Array): Uint8Array {
    this.#live();
    if (!(pcm instanceof Float32Array || pcm instanceof Int16Array)) {
      throw badArgument(`"pcm" expected Float32Array or Int16Array, got ${describe(pcm)}`);
    }
    const samples = this.frameSamples * this.channels;
    if (pcm.length !== samples) {
      throw new OpusError('frame-size', `"pcm" expected ${samples} samples, got ${pcm.length}`);
    }
    const limit = packetLimit(this.#settings);
    if (dst !== undefined) {
      checkBytes('dst', dst, badArgument);
      if (dst.length < limit) {
        throw new OpusError(
          'buffer-too-small',
          `"dst" expected at least maxPacketBytes = ${limit} bytes, got ${dst.length}`,
        );
      }
    }
    const packet = this.#engine.encode(finitePcm(pcm), limit);
    if (dst === undefined) return packet;
    dst.set(packet);
    return dst.subarray(0, packet.length);
  }

  /** Length of a frame in samples per channel at `sampleRate`. */
  get frameSamples(): number {
    return (this.sampleRate * this.#settings.frameMs) / 1000;
  }

  /** Samples per channel at `sampleRate` by which the decoded signal lags the input. */
  get lookahead(): number {
    this.#live();
    return this.#engine.lookahead;
  }

  /**
   * State of the range coder after the last packet (RFC 6716 section 6.1), 32 bits unsigned. A right
   * decoder has the same.
   * @throws {OpusError} `not-supported` on libopus, which does not show it; `released`
   */
  get finalRange(): number {
    this.#live();
    return this.#engine.finalRange;
  }

  /** Whether the encoder is in discontinuous transmission: the last frame was silence. */
  get inDtx(): boolean {
    this.#live();
    return this.#engine.inDtx;
  }

  /** A copy of all settings, owned. */
  get settings(): EncoderSettings {
    return { ...this.#settings };
  }

  /**
   * Changes several settings at once, or none of them if one is wrong.
   * @throws {OpusError} `bad-argument`, `released`
   * @example
   * encoder.configure({ fec: true, expectedLossPercent: 10 });
   */
  configure(changes: Partial<EncoderSettings>): void {
    this.#live();
    const checked = encoderChanges(changes, this.channels);
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
    if (this.#closed) throw new OpusError('released', 'the encoder was closed');
  }

  /** Duration of a packet in ms: 2.5, 5, 10, 20, 40, 60, 80, 100 or 120. */
  get frameMs(): EncoderSettings['frameMs'] {
    return this.#settings.frameMs;
  }

  set frameMs(frameMs: EncoderSettings['frameMs']) {
    this.configure({ frameMs });
  }

  /** Bits per second, 6000 to 510,000, `auto`, or `max` to fill `maxPacketBytes`. */
  get bitrate(): EncoderSettings['bitrate'] {
    return this.#settings.bitrate;
  }

  set bitrate(bitrate: EncoderSettings['bitrate']) {
    this.configure({ bitrate });
  }

  /** `vbr`, `constrained-vbr` or `cbr`. */
  get rateControl(): EncoderSettings['rateControl'] {
    return this.#settings.rateControl;
  }

  set rateControl(rateControl: EncoderSettings['rateControl']) {
    this.configure({ rateControl });
  }

  /** 0 (fastest) to 10 (best). */
  get complexity(): EncoderSettings['complexity'] {
    return this.#settings.complexity;
  }

  set complexity(complexity: EncoderSettings['complexity']) {
    this.configure({ complexity });
  }

  /** Bandwidth to use, or `auto`. */
  get bandwidth(): EncoderSettings['bandwidth'] {
    return this.#settings.bandwidth;
  }

  set bandwidth(bandwidth: EncoderSettings['bandwidth']) {
    this.configure({ bandwidth });
  }

  /** Highest bandwidth that `auto` may choose. */
  get maxBandwidth(): EncoderSettings['maxBandwidth'] {
    return this.#settings.maxBandwidth;
  }

  set maxBandwidth(maxBandwidth: EncoderSettings['maxBandwidth']) {
    this.configure({ maxBandwidth });
  }

  /** `voice`, `music`, or `auto` to find out. */
  get signal(): EncoderSettings['signal'] {
    return this.#settings.signal;
  }

  set signal(signal: EncoderSettings['signal']) {
    this.configure({ signal });
  }

  /** In-band forward error correction; needs `expectedLossPercent` above 0. */
  get fec(): EncoderSettings['fec'] {
    return this.#settings.fec;
  }

  set fec(fec: EncoderSettings['fec']) {
    this.configure({ fec });
  }

  /** Expected packet loss, 0 to 100. */
  get expectedLossPercent(): EncoderSettings['expectedLossPercent'] {
    return this.#settings.expectedLossPercent;
  }

  set expectedLossPercent(expectedLossPercent: EncoderSettings['expectedLossPercent']) {
    this.configure({ expectedLossPercent });
  }

  /** Discontinuous transmission. */
  get dtx(): EncoderSettings['dtx'] {
    return this.#settings.dtx;
  }

  set dtx(dtx: EncoderSettings['dtx']) {
    this.configure({ dtx });
  }

  /** Channels to code whatever the input has, or `auto`. */
  get forceChannels(): EncoderSettings['forceChannels'] {
    return this.#settings.forceChannels;
  }

  set forceChannels(forceChannels: EncoderSettings['forceChannels']) {
    this.configure({ forceChannels });
  }

  /** Bits of precision of the input, 8 to 24. */
  get lsbDepth(): EncoderSettings['lsbDepth'] {
    return this.#settings.lsbDepth;
  }

  set lsbDepth(lsbDepth: EncoderSettings['lsbDepth']) {
    this.configure({ lsbDepth });
  }

  /** Whether packets are independent of one another. */
  get predictionDisabled(): EncoderSettings['predictionDisabled'] {
    return this.#settings.predictionDisabled;
  }

  set predictionDisabled(predictionDisabled: EncoderSettings['predictionDisabled']) {
    this.configure({ predictionDisabled });
  }

  /** Whether intensity stereo does without phase inversion. */
  get phaseInversionDisabled(): EncoderSettings['phaseInversionDisabled'] {
    return this.#settings.phaseInversionDisabled;
  }

  set phaseInversionDisabled(phaseInversionDisabled: EncoderSettings['phaseInversionDisabled']) {
    this.configure({ phaseInversionDisabled });
  }

  /** Longest packet in bytes, the effective figure. Assign 32 to 7650, or `auto`. */
  get maxPacketBytes(): number {
    return packetLimit(this.#settings);
  }

  set maxPacketBytes(maxPacketBytes: EncoderSettings['maxPacketBytes']) {
    this.configure({ maxPacketBytes });
  }
}
