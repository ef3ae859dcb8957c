import { CallError } from './errors.ts';
import type { PacketConnection, VoiceFrame } from './packet-connection.ts';
import { FrameCollector } from './frame-collector.ts';
import {
  MAX_COPY_AGE,
  MAX_COPY_BYTES,
  RED_PAYLOAD_TYPE,
  redHeaderBytes,
  writeRedHeaders,
} from './red.ts';
import { RTP_PAYLOAD_TYPE, TICKS_PER_MS, writeRtpHeader } from './rtp.ts';
import { SealingEncoder } from './sealing-encoder.ts';
import type { VoiceEncoder, VoiceFormat } from './voice-types.ts';

/** What a sender needs. */
export type VoiceSenderOptions = {
  readonly encoder: VoiceEncoder;
  readonly connection: Pick<PacketConnection, 'sendAudio'> &
    Partial<Pick<PacketConnection, 'sendVoice'>>;
  readonly ssrc: number;
  readonly format: VoiceFormat;
  /** Ticks of the RTP clock that one `write` covers. */
  readonly frame: number;
  /** First sequence number, 16 bits, and first timestamp, 32 bits: drawn at random (RFC 3550, 5.1). */
  readonly sequence: number;
  readonly timestamp: number;
  /** Leave out packets of one or two bytes: with DTX they say that there is silence. */
  readonly dtx: boolean;
};

/** A packet that was sent, kept for those after it. */
type Sent = { bytes: Uint8Array; length: number; timestamp: number };

/** Longest packet that stands for silence (RFC 6716, 3.1: a header without frames, or empty ones). */
const SILENCE_BYTES = 2;
/** Copies of earlier packets that one packet carries at most. */
const MAX_REDUNDANCY = 2;

const emptySent = (): Sent => ({ bytes: new Uint8Array(MAX_COPY_BYTES), length: 0, timestamp: 0 });

/**
 * PCM to sealed packets. While no copies ride along and the encoder works in the memory of the packets,
 * encoding and sealing are one call; else: encode, write header and payload into the body, seal in place.
 */
export class VoiceSender {
  readonly #options: VoiceSenderOptions;
  readonly #collector: FrameCollector;
  readonly #fill: (target: Uint8Array) => number;
  readonly #voice: VoiceFrame | undefined;
  #int16 = false;
  #packet: Uint8Array = new Uint8Array(0);
  #sequence: number;
  /** Of the next packet, and of the last frame that was taken. */
  #timestamp: number;
  #lastSent = -1;
  #packetTimestamp = 0;
  #marker = true;
  #dtx: boolean;
  #redundancy = 0;
  /** The newest first; those without a length are none. */
  readonly #history: [Sent, Sent] = [emptySent(), emptySent()];
  readonly #copies: { age: number; length: number; bytes: Uint8Array }[] = [];
  #frames = 0;
  #packets = 0;
  #payloadBytes = 0;
  #copyBytes = 0;

  constructor(options: VoiceSenderOptions) {
    this.#options = options;
    this.#collector = new FrameCollector(options.format, options.frame);
    this.#sequence = options.sequence & 0xffff;
    this.#timestamp = options.timestamp >>> 0;
    this.#dtx = options.dtx;
    this.#fill = (target) => this.#write(target);
    const { encoder, connection } = options;
    if (encoder instanceof SealingEncoder && connection.sendVoice) {
      this.#voice = {
        writeHead: (target) => this.#writeHeader(target),
        encode: (target) => {
          const bytes = encoder.encodeInto(target, this.#int16);
          return bytes <= this.#silence ? 0 : bytes;
        },
        encodeAndSeal: (buffer, key, x, head) =>
          encoder.encodeAndSeal(buffer, key, x, head, {
            int16: this.#int16,
            silenceBytes: this.#silence,
          }),
      };
    }
  }

  /** RTP timestamp of the last frame that was taken, -1 before the first. */
  get lastSent(): number {
    return this.#lastSent;
  }

  /** RTP timestamp of the last packet that went out. */
  get lastPacket(): number {
    return this.#packetTimestamp;
  }

  /** Frames of PCM that went out. */
  get frames(): number {
    return this.#frames;
  }

  /** Packets that went out. */
  get packets(): number {
    return this.#packets;
  }

  /** Bytes of encoded voice that went out, without copies and any header. */
  get payloadBytes(): number {
    return this.#payloadBytes;
  }

  /** Passes over one frame: time goes on, and nothing leaves. */
  skip(): void {
    this.#collector.clear();
    this.#timestamp = (this.#timestamp + this.#options.frame) >>> 0;
    this.#marker = true; // the next one begins a talk spurt
  }

  /** Bytes of copies that went out with them. */
  get copyBytes(): number {
    return this.#copyBytes;
  }

  /** Copies of earlier packets in each packet, 0..2. */
  get redundancy(): number {
    return this.#redundancy;
  }

  set redundancy(copies: number) {
    this.#redundancy = Math.max(0, Math.min(MAX_REDUNDANCY, Math.trunc(copies)));
  }

  /** Duration of a packet in ms: as near to what was set as whole frames allow, from the next packet on. */
  get frameMs(): number {
    return this.#collector.packet / TICKS_PER_MS;
  }

  set frameMs(ms: number) {
    this.#collector.packet = ms * TICKS_PER_MS;
  }

  /** Whether packets that stand for silence are left out. */
  get dtx(): boolean {
    return this.#dtx;
  }

  set dtx(dtx: boolean) {
    this.#dtx = dtx;
  }

  /** Takes one frame of PCM; a packet goes out when enough is there. True when one did. */
  write(pcm: Float32Array | Int16Array): boolean {
    const { encoder, frame } = this.#options;
    const whole = this.#collector.add(pcm, encoder);
    const voice = this.#redundancy === 0 ? this.#voice : undefined;
    if (whole !== null) {
      // It may refuse the frame, and time stands still.
      if (voice) {
        (encoder as SealingEncoder).take(whole);
        this.#int16 = whole instanceof Int16Array;
      } else this.#packet = encoder.encode(whole);
    }
    this.#lastSent = this.#timestamp;
    this.#timestamp = (this.#timestamp + frame) >>> 0;
    if (whole === null) return false;
    const { frames } = this.#collector;
    this.#packetTimestamp = (this.#timestamp - frames * frame) >>> 0;
    const bytes = voice ? this.#sendSealed(voice) : this.#sendPacket();
    if (bytes === 0) {
      this.#marker = true; // the next one begins a talk spurt
      return false;
    }
    this.#frames += frames;
    this.#packets++;
    this.#payloadBytes += bytes;
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#marker = false;
    return true;
  }

  /** Wipes the voice that is kept. */
  close(): void {
    this.#collector.clear();
    for (const sent of this.#history) {
      sent.bytes.fill(0);
      sent.length = 0;
    }
  }

  /** Longest packet that is not sent, because it says that there is silence. */
  get #silence(): number {
    return this.#dtx ? SILENCE_BYTES : 0;
  }

  /** Encodes and seals the frame that the encoder holds; gives bytes of voice, 0 for silence. */
  #sendSealed(voice: VoiceFrame): number {
    for (const sent of this.#history) sent.length = 0; // what is not kept cannot ride along later
    return this.#options.connection.sendVoice!(voice);
  }

  /** Sends `packet` with its copies; gives bytes of voice, 0 for silence. */
  #sendPacket(): number {
    const { length } = this.#packet;
    if (length <= this.#silence) return 0;
    this.#choose();
    this.#options.connection.sendAudio(this.#fill);
    for (const copy of this.#copies) this.#copyBytes += copy.length;
    this.#keep();
    return length;
  }

  #writeHeader(target: Uint8Array): number {
    const { ssrc } = this.#options;
    return writeRtpHeader(target, this.#sequence, this.#packetTimestamp, ssrc, this.#marker);
  }

  /** Which of the packets before ride along: the nearest ones, oldest first. */
  #choose(): void {
    this.#copies.length = 0;
    for (let back = 0; back < this.#redundancy; back++) {
      const { bytes, length, timestamp } = this.#history[back]!;
      const age = (this.#packetTimestamp - timestamp) >>> 0;
      if (length === 0 || age > MAX_COPY_AGE) return;
      this.#copies.unshift({ age, length, bytes });
    }
  }

  #keep(): void {
    const { length } = this.#packet;
    this.#history.reverse();
    const newest = this.#history[0];
    newest.length = length <= MAX_COPY_BYTES ? length : 0;
    newest.timestamp = this.#packetTimestamp;
    if (newest.length > 0) newest.bytes.set(this.#packet);
  }

  #write(target: Uint8Array): number {
    const copies = this.#copies;
    const own = this.#packet;
    let at = this.#writeHeader(target);
    const room = target.length - at - own.length;
    if (room < 0) {
      const limit = `${target.length - at} bytes`;
      throw new CallError('too-long', `an Opus packet expected ${limit}, got ${own.length}`);
    }
    const needs = (): number =>
      redHeaderBytes(copies.length) + copies.reduce((sum, { length }) => sum + length, 0);
    while (copies.length > 0 && needs() > room) copies.shift();
    if (copies.length > 0) {
      target[1] = (target[1]! & 0x80) | RED_PAYLOAD_TYPE;
      at = writeRedHeaders(target, at, RTP_PAYLOAD_TYPE, copies);
      for (const { bytes, length } of copies) {
        target.set(bytes.subarray(0, length), at);
        at += length;
      }
    }
    target.set(own, at);
    return at + own.length;
  }
}
