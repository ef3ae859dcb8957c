import { RTP_CLOCK_RATE } from './rtp.ts';
import type { Block, MemoryExports, WasmMemory } from '../core/memory.ts';
import type { VoiceFormat } from './voice-types.ts';

/** What of the call module is used here. @internal */
export type VoiceExports = MemoryExports & {
  voiceTimeScale(
    pcm: number,
    samples: number,
    channels: number,
    wanted: number,
    window: number,
    force: number,
    mono: number,
  ): number;
};

/** Longest packet of Opus, and the most that one step may grow, in ticks. */
const MAX_TICKS = 5760;
const MAX_GROWTH = 960;
/** The seam between two pieces, and the least change, in ms. */
const SEAM_MS = 4;

/** Makes decoded frames longer or shorter without a change of pitch. */
export class TimeScaler {
  /** Samples per channel of the least change. */
  readonly least: number;
  readonly #exports: VoiceExports;
  readonly #channels: number;
  readonly #pcm: Block;
  readonly #mono: Block;
  #view: Float32Array = new Float32Array(0);

  /** Takes room for 120 ms in the memory of the call module. */
  constructor(exports: VoiceExports, memory: WasmMemory, { sampleRate, channels }: VoiceFormat) {
    const room = ((MAX_TICKS + MAX_GROWTH) * sampleRate) / RTP_CLOCK_RATE;
    this.least = (SEAM_MS * sampleRate) / 1000;
    this.#exports = exports;
    this.#channels = channels;
    this.#pcm = memory.allocate(4 * room * channels);
    this.#mono = memory.allocate(4 * room);
  }

  /**
   * Changes the first `samples` per channel of `pcm` in place; there has to be room for what is added.
   * @param wanted samples per channel, negative to shorten; the change is never larger
   * @param force also where the seam can be heard
   * @returns samples per channel by which it is longer
   */
  scale(pcm: Float32Array, samples: number, wanted: number, force: boolean): number {
    if (Math.abs(wanted) < this.least) return 0;
    const channels = this.#channels;
    if (this.#view.length === 0) {
      const { buffer, byteOffset, length } = this.#pcm.bytes;
      this.#view = new Float32Array(buffer, byteOffset, length / 4);
    }
    this.#view.set(pcm.subarray(0, samples * channels));
    const change = this.#exports.voiceTimeScale(
      this.#pcm.address,
      samples,
      channels,
      wanted,
      this.least,
      force ? 1 : 0,
      this.#mono.address,
    );
    if (change !== 0) pcm.set(this.#view.subarray(0, (samples + change) * channels));
    return change;
  }

  /** Wipes what it holds. Idempotent. */
  close(): void {
    this.#pcm.release();
    this.#mono.release();
  }
}
