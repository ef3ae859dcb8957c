import type { EngineEncoder } from './engine.ts';
import type { Repacketizer } from './repacketizer.ts';
import type { EncoderFormat, EncoderSettings, FrameMs } from './settings.ts';
import { sharedOpus } from './shared-core.ts';

/** libopus-wasm takes frames up to 60 ms; longer packets are made of these. */
const PARTS: Readonly<Partial<Record<FrameMs, FrameMs>>> = { 80: 40, 100: 20, 120: 60 };

/** Bytes by which one part may be longer in the joint packet than alone, see `partLimit`. */
const PART_OVERHEAD = 2;

/** Makes packets of 80, 100 and 120 ms of several shorter ones of another encoder. */
export class MergingEncoder implements EngineEncoder {
  readonly #inner: EngineEncoder;
  readonly #format: EncoderFormat;
  #settings: Readonly<EncoderSettings>;
  #repacketizer: Repacketizer | undefined;

  constructor(inner: EngineEncoder, format: EncoderFormat, settings: Readonly<EncoderSettings>) {
    this.#inner = inner;
    this.#format = format;
    this.#settings = settings;
    this.configure(settings, { frameMs: settings.frameMs });
  }

  get lookahead(): number {
    return this.#inner.lookahead;
  }

  get finalRange(): number {
    return this.#inner.finalRange;
  }

  get inDtx(): boolean {
    return this.#inner.inDtx;
  }

  configure(settings: Readonly<EncoderSettings>, changes: Partial<EncoderSettings>): void {
    const frameMs = PARTS[settings.frameMs];
    if (frameMs !== undefined) this.#repacketizer ??= sharedOpus().createRepacketizer();
    this.#inner.configure({ ...settings, frameMs: frameMs ?? settings.frameMs }, changes);
    this.#settings = settings;
  }

  encode(pcm: Float32Array | Int16Array, limit: number): Uint8Array {
    const partMs = PARTS[this.#settings.frameMs];
    if (partMs === undefined) return this.#inner.encode(pcm, limit);
    const { sampleRate, channels } = this.#format;
    const length = (sampleRate * channels * partMs) / 1000;
    const repacketizer = this.#repacketizer!;
    try {
      if (!this.#merge(pcm, length, limit) && this.#restart()) this.#merge(pcm, length, limit);
    } finally {
      const { bandwidth, forceChannels, signal } = this.#settings;
      this.#configureInner({ bandwidth, forceChannels, signal });
    }
    const { rateControl, bitrate, frameMs } = this.#settings;
    const packet = repacketizer.write();
    if (rateControl !== 'cbr' || typeof bitrate !== 'number') return packet;
    const wanted = Math.min(limit, Math.round((bitrate * frameMs) / 8000));
    return packet.length < wanted ? repacketizer.write({ length: wanted }) : packet;
  }

  reset(): void {
    this.#inner.reset();
  }

  close(): void {
    this.#inner.close();
    this.#repacketizer?.close();
  }

  /**
   * Encodes the parts into the repacketizer. A part that does not go with the first is left out: its
   * frames are empty, and a decoder conceals them.
   * @returns whether all went together
   */
  #merge(pcm: Float32Array | Int16Array, length: number, limit: number): boolean {
    const repacketizer = this.#repacketizer!;
    repacketizer.clear();
    const parts = pcm.length / length;
    const partLimit = Math.floor((limit - 2) / parts) - PART_OVERHEAD;
    let empty = new Uint8Array();
    let whole = true;
    for (let i = 0; i < parts; i++) {
      const packet = this.#inner.encode(pcm.subarray(i * length, (i + 1) * length), partLimit);
      if (i === 0) {
        this.#hold(packet);
        const frames = repacketizer.append(packet);
        empty = Uint8Array.of(packet[0]! | 3, frames); // code 3, RFC 6716 section 3.2.5
        continue;
      }
      try {
        repacketizer.append(packet);
      } catch {
        repacketizer.append(empty);
        whole = false;
      }
    }
    return whole;
  }

  /**
   * The encoder changed its mode within a packet, which only one mode fits. A new one settles on a mode
   * at the first part and is held to it for the others. False where there is no new one yet.
   */
  #restart(): boolean {
    try {
      this.#inner.reset();
      return true;
    } catch {
      return false;
    }
  }

  /**
   * Holds the encoder to the mode of this packet: the signal hint shifts the decision between SILK and
   * CELT as far as it goes. SILK changes bandwidth by itself and is not held to one.
   */
  #hold(packet: Uint8Array): void {
    const { mode, bandwidth, channels } = sharedOpus().inspectPacket(packet);
    this.#configureInner({
      signal: mode === 'celt' ? 'music' : 'voice',
      forceChannels: channels,
      ...(mode === 'silk' ? {} : { bandwidth }),
    });
  }

  #configureInner(changes: Partial<EncoderSettings>): void {
    const frameMs = PARTS[this.#settings.frameMs] ?? this.#settings.frameMs;
    this.#inner.configure({ ...this.#settings, frameMs, ...changes }, changes);
  }
}
