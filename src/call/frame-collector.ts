import { RTP_CLOCK_RATE, TICKS_PER_MS } from './rtp.ts';
import type { VoiceEncoder, VoiceFormat } from './voice-types.ts';

/** Durations of packets in ms that may be asked for; an encoder takes no others. */
const DURATIONS = [2.5, 5, 10, 20, 40, 60, 80, 100, 120] as const;
const FULL_SCALE = 32_768;

/** Puts frames of PCM together to those of a packet, whose duration may change from packet to packet. */
export class FrameCollector {
  readonly #frame: number;
  readonly #samples: number;
  /** Frames in a packet: now, and from the next one on. */
  #count = 1;
  #next = 1;
  #filled = 0;
  #pcm: Float32Array = new Float32Array(0);

  /** `frame`: ticks of the RTP clock in one frame of PCM. */
  constructor({ sampleRate, channels }: VoiceFormat, frame: number) {
    this.#frame = frame;
    this.#samples = (frame * sampleRate * channels) / RTP_CLOCK_RATE;
  }

  /** Frames in a packet. */
  get frames(): number {
    return this.#count;
  }

  /** Ticks in a packet, from the next one on. */
  get packet(): number {
    return this.#next * this.#frame;
  }

  /** The longest duration up to `ticks` that is one for packets and a whole number of frames. */
  set packet(ticks: number) {
    let count = 1;
    for (const ms of DURATIONS) {
      const frames = (ms * TICKS_PER_MS) / this.#frame;
      if (ms * TICKS_PER_MS <= ticks && Number.isInteger(frames)) count = Math.max(count, frames);
    }
    this.#next = count;
  }

  /**
   * Takes a frame.
   * @returns what makes a packet, or null until there is enough; borrowed, valid until the next call
   */
  add(pcm: Float32Array | Int16Array, encoder: VoiceEncoder): Float32Array | Int16Array | null {
    if (this.#filled === 0 && this.#count !== this.#next) {
      this.#count = this.#next;
      const frameMs = (this.#count * this.#frame) / TICKS_PER_MS;
      encoder.configure?.({ frameMs: frameMs as (typeof DURATIONS)[number] });
    }
    if (this.#count === 1 || pcm.length !== this.#samples) {
      this.#filled = 0; // a frame of a wrong length is for the encoder to refuse
      return pcm;
    }
    if (this.#pcm.length < this.#count * this.#samples) {
      this.#pcm = new Float32Array(this.#count * this.#samples);
    }
    const at = this.#filled * this.#samples;
    if (pcm instanceof Float32Array) this.#pcm.set(pcm, at);
    else for (let i = 0; i < pcm.length; i++) this.#pcm[at + i] = pcm[i]! / FULL_SCALE;
    this.#filled++;
    if (this.#filled < this.#count) return null;
    this.#filled = 0;
    return this.#pcm.subarray(0, this.#count * this.#samples);
  }

  /** Wipes what is kept. */
  clear(): void {
    this.#pcm.fill(0);
    this.#filled = 0;
  }
}
