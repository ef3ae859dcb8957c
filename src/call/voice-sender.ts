import { CallError } from './errors.ts';
import type { PacketConnection } from './packet-connection.ts';
import { writeRtpHeader } from './rtp.ts';
import type { VoiceEncoder } from './voice-codec.ts';

/** What a sender needs. */
export type VoiceSenderOptions = {
  readonly encoder: VoiceEncoder;
  readonly connection: PacketConnection;
  readonly ssrc: number;
  /** Ticks of the RTP clock that one frame covers. */
  readonly frame: number;
  /** First sequence number, 16 bits, and first timestamp, 32 bits: drawn at random (RFC 3550, 5.1). */
  readonly sequence: number;
  readonly timestamp: number;
  /** Leave out packets of one or two bytes: with DTX they say that there is silence. */
  readonly dtx: boolean;
};

/** Longest packet that stands for silence (RFC 6716, 3.1: a header without frames, or empty ones). */
const SILENCE_BYTES = 2;

/** PCM to sealed packets: encode, write header and payload into the packet body, seal in place. */
export class VoiceSender {
  readonly #options: VoiceSenderOptions;
  readonly #fill: (target: Uint8Array) => number;
  #packet: Uint8Array = new Uint8Array(0);
  #sequence: number;
  #timestamp: number;
  #marker = true;
  #frames = 0;
  #payloadBytes = 0;
  #lastSent = -1;

  constructor(options: VoiceSenderOptions) {
    this.#options = options;
    this.#sequence = options.sequence & 0xffff;
    this.#timestamp = options.timestamp >>> 0;
    this.#fill = (target) => {
      const at = writeRtpHeader(
        target,
        this.#sequence,
        this.#lastSent,
        this.#options.ssrc,
        this.#marker,
      );
      if (at + this.#packet.length > target.length) {
        const limit = `${target.length - at} bytes`;
        throw new CallError(
          'too-long',
          `an Opus packet expected ${limit}, got ${this.#packet.length}`,
        );
      }
      target.set(this.#packet, at);
      return at + this.#packet.length;
    };
  }

  /** RTP timestamp of the last frame that was taken, -1 before the first. */
  get lastSent(): number {
    return this.#lastSent;
  }

  /** Frames that went out. */
  get frames(): number {
    return this.#frames;
  }

  /** Bytes of encoded voice that went out, without any header. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** Passes over one frame: time goes on, and nothing leaves. */
  skip(): void {
    this.#timestamp = (this.#timestamp + this.#options.frame) >>> 0;
    this.#marker = true; // the next one begins a talk spurt
  }

  /** Takes one frame of PCM. */
  write(pcm: Float32Array | Int16Array): void {
    const { encoder, connection, frame, dtx } = this.#options;
    this.#packet = encoder.encode(pcm);
    this.#lastSent = this.#timestamp;
    this.#timestamp = (this.#timestamp + frame) >>> 0;
    if (dtx && this.#packet.length <= SILENCE_BYTES) {
      this.#marker = true; // the next one begins a talk spurt
    } else {
      connection.sendAudio(this.#fill);
      this.#frames++;
      this.#payloadBytes += this.#packet.length;
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#marker = false;
    }
  }
}
