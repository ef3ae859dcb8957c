import type { Instance } from '../core/load.ts';
import type { Block, MemoryExports } from '../core/memory.ts';
import type { EngineEncoder } from './engine.ts';
import { OpusError } from './errors.ts';
import type { EncoderExports } from './exports.ts';
import { BANDWIDTHS, SETTING, SETTING_COUNT } from './layout.ts';
import type { EncoderFormat, EncoderSettings } from './settings.ts';

/** Longest frame, and the largest limit of a packet (settings.ts). */
const PCM_MS = 120;
const PACKET_BYTES = 6 * 1275;

const APPLICATIONS = ['voip', 'audio', 'low-delay'] as const;
const RATE_CONTROLS = ['cbr', 'vbr', 'constrained-vbr'] as const;
const SIGNALS = ['auto', 'voice', 'music'] as const;
const AUTO_RATE = 0;
const MAX_RATE = -1;

/** How each setting that the module reads is written as an integer. */
const WORDS: {
  readonly [K in Exclude<keyof EncoderSettings, 'frameMs' | 'maxPacketBytes'>]: (
    value: EncoderSettings[K],
  ) => number;
} = {
  bitrate: (value) => (value === 'auto' ? AUTO_RATE : value === 'max' ? MAX_RATE : value),
  rateControl: (value) => RATE_CONTROLS.indexOf(value),
  complexity: (value) => value,
  bandwidth: (value) => (value === 'auto' ? -1 : BANDWIDTHS.indexOf(value)),
  maxBandwidth: (value) => BANDWIDTHS.indexOf(value),
  signal: (value) => SIGNALS.indexOf(value),
  fec: Number,
  expectedLossPercent: (value) => value,
  dtx: Number,
  forceChannels: (value) => (value === 'auto' ? 0 : value),
  lsbDepth: (value) => value,
  predictionDisabled: Number,
  phaseInversionDisabled: Number,
};

/** Whether a module has an encoder: `opus-decoder.wasm` has none. @internal */
export function hasEncoder(
  instance: Instance<MemoryExports>,
): instance is Instance<EncoderExports> {
  return 'opusEncoderInit' in instance.exports;
}

/**
 * An encoder in WebAssembly memory: one block of state, one of PCM, one of the packet, reserved when it
 * is made; encoding allocates nothing. @internal
 */
export class OwnEncoder implements EngineEncoder {
  readonly #exports: EncoderExports;
  readonly #settingsOffset: number;
  readonly #channels: number;
  readonly #state: Block;
  readonly #pcm: Block;
  readonly #packet: Block;
  #floats: Float32Array<ArrayBuffer> | undefined;
  #ints: Int16Array<ArrayBuffer> | undefined;

  constructor(
    instance: Instance<EncoderExports>,
    { sampleRate, channels, application }: EncoderFormat,
    settings: Readonly<EncoderSettings>,
  ) {
    const { exports, memory } = instance;
    this.#exports = exports;
    this.#channels = channels;
    this.#state = memory.allocate(exports.opusEncoderSize());
    this.#pcm = memory.allocate(((sampleRate * PCM_MS) / 1000) * channels * 4);
    this.#packet = memory.allocate(PACKET_BYTES);
    const state = this.#state.address;
    exports.opusEncoderInit(state, sampleRate, channels, APPLICATIONS.indexOf(application));
    this.#settingsOffset = exports.opusEncoderSettings(state) - state;
    this.configure(settings, settings);
  }

  /** Where the state lies. */
  get address(): number {
    return this.#state.address;
  }

  /** Where the input lies. */
  get pcmAddress(): number {
    return this.#pcm.address;
  }

  /** Room for input: 120 ms as f32. A pinned view. */
  get floats(): Float32Array<ArrayBuffer> {
    // A view that growth of the memory detached has length 0.
    if (this.#floats === undefined || this.#floats.length === 0) {
      const { bytes } = this.#pcm;
      this.#floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    }
    return this.#floats;
  }

  /** The same room as s16. */
  get ints(): Int16Array<ArrayBuffer> {
    if (this.#ints === undefined || this.#ints.length === 0) {
      const { bytes } = this.#pcm;
      this.#ints = new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
    }
    return this.#ints;
  }

  get lookahead(): number {
    return this.#exports.opusEncoderLookahead(this.#state.address);
  }

  get finalRange(): number {
    return this.#exports.opusEncoderFinalRange(this.#state.address) >>> 0;
  }

  get inDtx(): boolean {
    return this.#exports.opusEncoderInDtx(this.#state.address) !== 0;
  }

  /** Holds the encoder to a mode wherever the frame has it: 0 automatic, 1 SILK, 2 hybrid, 3 CELT. For tests. */
  set forcedMode(mode: number) {
    this.#words()[SETTING.forceMode] = mode;
  }

  configure(_settings: Readonly<EncoderSettings>, changes: Partial<EncoderSettings>): void {
    const words = this.#words();
    for (const [name, toWord] of Object.entries(WORDS)) {
      const value = changes[name as keyof typeof WORDS];
      if (value !== undefined) {
        words[SETTING[name as keyof typeof WORDS]] = (toWord as (value: unknown) => number)(value);
      }
    }
  }

  encode(pcm: Float32Array | Int16Array, limit: number): Uint8Array {
    const int16 = pcm instanceof Int16Array;
    if (int16) this.ints.set(pcm);
    else this.floats.set(pcm);
    const samples = pcm.length / this.#channels;
    const length = this.encodeTo(this.#packet.address, samples, int16, limit);
    return this.#packet.bytes.subarray(0, length);
  }

  /** Encodes what lies at `pcmAddress`, `samples` per channel, to an address; gives the length. */
  encodeTo(address: number, samples: number, int16: boolean, limit: number): number {
    const length = this.#exports.opusEncoderEncode(
      this.#state.address,
      this.#pcm.address,
      samples,
      int16 ? 1 : 0,
      address,
      limit,
    );
    // Everything was checked before.
    if (length <= 0) throw new OpusError('internal', `the encoder returned ${length}`);
    return length;
  }

  reset(): void {
    this.#exports.opusEncoderReset(this.#state.address);
  }

  close(): void {
    this.#state.release();
    this.#pcm.release();
    this.#packet.release();
  }

  #words(): Int32Array {
    const { bytes } = this.#state;
    return new Int32Array(bytes.buffer, bytes.byteOffset + this.#settingsOffset, SETTING_COUNT);
  }
}
