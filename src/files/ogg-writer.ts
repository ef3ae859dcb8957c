import { sharedOpus } from '../opus/shared-core.ts';
import { loadMediabunny, type Output, type Packet, type PacketSource } from './mediabunny.ts';
import { writeOpusHead } from './opus-header.ts';

/** What an Ogg Opus file says about itself. */
export type OggOptions = {
  /** 1 or 2. Default 1. */
  readonly channels?: 1 | 2;
  /** Rate of what was encoded in Hz, for information only. Default 48000. */
  readonly inputSampleRate?: number;
  /** Gain that players apply, in dB, -128 to 127.99. Default 0. */
  readonly gain?: number;
  /** Comments: names (TITLE, ARTIST, ...) and values. Default ENCODER alone, which is always added. */
  readonly tags?: Readonly<Record<string, string>>;
};

/**
 * Longest page in seconds. RFC 7845 section 8 asks for one second at most; less than 255 packets of
 * 2.5 ms keeps clear of a fault of mediabunny 1.61, which tells a page that is filled to its last
 * segment the granule position of the packet before.
 */
const PAGE_SECONDS = { usual: 1, short: 0.4 };

/** Pages of Ogg Opus (RFC 7845) out of packets. @internal */
export class OggWriter {
  readonly #output: Output;
  readonly #source: PacketSource;
  readonly #makePacket: (data: Uint8Array, timestamp: number, duration: number) => Packet;
  readonly #head: Uint8Array;
  readonly #channels: number;
  #pages: Uint8Array[];
  #samples = 0;

  static async create(
    options: Required<OggOptions>,
    preSkip: number,
    frameMs: number,
  ): Promise<OggWriter> {
    const bunny = await loadMediabunny();
    const pages: Uint8Array[] = [];
    const format = new bunny.OggOutputFormat({
      maximumPageDuration: frameMs < 10 ? PAGE_SECONDS.short : PAGE_SECONDS.usual,
      onPage: (data) => pages.push(data.slice()),
    });
    const output = new bunny.Output({ format, target: new bunny.NullTarget() });
    const source = new bunny.EncodedAudioPacketSource('opus');
    output.addAudioTrack(source);
    output.setMetadataTags({ raw: { ...options.tags } });
    await output.start();
    const { channels, inputSampleRate, gain } = options;
    const head = writeOpusHead({ channels, preSkip, inputSampleRate, gain });
    const makePacket = (data: Uint8Array, timestamp: number, duration: number): Packet =>
      new bunny.EncodedPacket(data, 'key', timestamp, duration);
    return new OggWriter(output, source, makePacket, head, channels, pages);
  }

  private constructor(
    output: Output,
    source: PacketSource,
    makePacket: (data: Uint8Array, timestamp: number, duration: number) => Packet,
    head: Uint8Array,
    channels: number,
    pages: Uint8Array[],
  ) {
    this.#output = output;
    this.#source = source;
    this.#makePacket = makePacket;
    this.#head = head;
    this.#channels = channels;
    this.#pages = pages;
  }

  /**
   * Adds a packet.
   * @param packet owned: it is kept until its page is full
   * @param end samples at 48 kHz, pre-skip included, at which the stream ends: inside the last packet
   */
  async add(packet: Uint8Array, end: number = Number.POSITIVE_INFINITY): Promise<void> {
    const duration = Math.min(sharedOpus().packetSamples(packet), end - this.#samples);
    const timed = this.#makePacket(packet, this.#samples / 48_000, duration / 48_000);
    const decoderConfig = {
      codec: 'opus' as const,
      numberOfChannels: this.#channels,
      sampleRate: 48_000,
      description: this.#head,
    };
    await this.#source.add(timed, this.#samples === 0 ? { decoderConfig } : undefined);
    this.#samples += duration;
  }

  /** The pages that are complete, owned. */
  take(): Uint8Array[] {
    return this.#pages.splice(0);
  }

  /** Completes the last page. */
  async finish(): Promise<void> {
    await this.#output.finalize();
  }
}
