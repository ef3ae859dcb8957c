import { isOpusHead, parseOpusHead, writeOpusHead } from '../files/opus-header.ts';
import { Resampler } from '../files/resampler.ts';
import { OpusDecoder } from '../opus/decoder.ts';
import { OpusEncoder, type OpusEncoderOptions } from '../opus/encoder.ts';
import type { OpusEngine } from '../opus/engine.ts';
import { Framer } from '../opus/framer.ts';
import { sharedOpus } from '../opus/shared-core.ts';
import type { ChannelCount, FrameMs } from '../opus/settings.ts';

/** What is needed of mediabunny 1.x; its module, or an object of these names, so that bundlers can drop the rest. */
export type MediabunnyCoders = {
  registerEncoder(encoder: never): void;
  registerDecoder(decoder: never): void;
  readonly CustomAudioEncoder: abstract new () => object;
  readonly CustomAudioDecoder: abstract new () => object;
  readonly AudioSample: new (init: never) => object;
  readonly EncodedPacket: new (
    data: Uint8Array,
    type: 'key',
    timestamp: number,
    duration: number,
  ) => object;
};

/** `AudioEncoderConfig` of WebCodecs with its Opus part. */
type EncoderConfig = {
  readonly numberOfChannels: number;
  readonly sampleRate: number;
  readonly bitrate?: number;
  readonly bitrateMode?: 'constant' | 'variable';
  readonly opus?: {
    /** Microseconds. */
    readonly frameDuration?: number;
    readonly application?: 'voip' | 'audio' | 'lowdelay';
    readonly signal?: 'auto' | 'voice' | 'music';
    readonly complexity?: number;
    readonly packetlossperc?: number;
    readonly useinbandfec?: boolean;
    readonly usedtx?: boolean;
  };
};

type DecoderConfig = {
  readonly numberOfChannels: number;
  /** The identification header, where the container has one. */
  readonly description?: unknown;
};

type Sample = {
  readonly numberOfFrames: number;
  readonly numberOfChannels: number;
  readonly timestamp: number;
  copyTo(destination: Float32Array, options: { planeIndex: 0; format: 'f32' }): void;
};

type Packet = {
  readonly data: Uint8Array;
  readonly timestamp: number;
  readonly duration: number;
};

const RATE = 48_000;
const mono = (channels: number): channels is ChannelCount => channels === 1 || channels === 2;

/**
 * Makes this codec the Opus encoder and decoder of mediabunny, where WebCodecs has none (Node, older
 * browsers) and where it has. Mono and stereo; rates other than 48 kHz are resampled. Call it once.
 * @param mediabunny its module: the one that your program uses
 * @param options `engine`: what encodes and decodes. Default: as for `OpusEncoder`
 * @throws {TypeError} for something that is not that module
 * @example
 * import * as mediabunny from 'mediabunny';
 * import { registerOpus } from 'sottovoce/adapters/mediabunny';
 * registerOpus(mediabunny);
 */
export function registerOpus(
  mediabunny: MediabunnyCoders,
  { engine }: { readonly engine?: OpusEngine } = {},
): void {
  const withEngine = engine ? { engine } : {};

  class SottovoceEncoder extends mediabunny.CustomAudioEncoder {
    declare readonly config: EncoderConfig;
    declare readonly onPacket: (packet: object, meta?: object) => void;
    #encoder: OpusEncoder | undefined;
    #framer: Framer | undefined;
    #resampler: Resampler | undefined;
    #start: number | undefined;
    /** At 48 kHz: what came in, and what went out. */
    #samples = 0;
    #encoded = 0;

    static supports(codec: string, config: EncoderConfig): boolean {
      const { numberOfChannels, sampleRate } = config;
      return codec === 'opus' && mono(numberOfChannels) && sampleRate >= 4000;
    }

    async init(): Promise<void> {
      const { numberOfChannels, sampleRate } = this.config;
      this.#encoder = await OpusEncoder.create({ ...settingsOf(this.config), ...withEngine });
      this.#framer = new Framer(this.#encoder.frameSamples * numberOfChannels);
      if (sampleRate !== RATE) {
        this.#resampler = new Resampler(sampleRate, RATE, numberOfChannels);
      }
    }

    encode(sample: Sample): void {
      this.#start ??= sample.timestamp;
      const pcm = new Float32Array(sample.numberOfFrames * sample.numberOfChannels);
      sample.copyTo(pcm, { planeIndex: 0, format: 'f32' });
      this.#push(this.#resampler ? this.#resampler.push(pcm) : pcm);
    }

    flush(): void {
      if (this.#resampler) this.#push(this.#resampler.flush());
      if (this.#samples === 0) return;
      // As much silence as brings the last sample out, then the end is trimmed.
      const end = this.#samples + this.#encoder!.lookahead;
      while (this.#encoded < end) this.#emit(this.#framer!.flush(), end);
      this.#samples = 0;
    }

    close(): void {
      this.#encoder?.close();
    }

    #push(pcm: Float32Array): void {
      this.#samples += pcm.length / this.#encoder!.channels;
      for (const frame of this.#framer!.push(pcm)) this.#emit(frame, Number.POSITIVE_INFINITY);
    }

    #emit(frame: Float32Array, end: number): void {
      const encoder = this.#encoder!;
      const { channels, frameSamples, lookahead } = encoder;
      const samples = Math.min(frameSamples, end - this.#encoded);
      const timestamp = this.#start! + this.#encoded / RATE;
      const packet = new mediabunny.EncodedPacket(
        encoder.encode(frame).slice(),
        'key',
        timestamp,
        samples / RATE,
      );
      const description = writeOpusHead({
        channels,
        preSkip: lookahead,
        inputSampleRate: this.config.sampleRate,
        gain: 0,
      });
      const format = { codec: 'opus', numberOfChannels: channels, sampleRate: RATE };
      const meta = { decoderConfig: { ...format, description } };
      this.onPacket(packet, this.#encoded === 0 ? meta : undefined);
      this.#encoded += frameSamples;
    }
  }

  class SottovoceDecoder extends mediabunny.CustomAudioDecoder {
    declare readonly config: DecoderConfig;
    declare readonly onSample: (sample: object) => void;
    #decoder: OpusDecoder | undefined;
    /** Samples still to be dropped at the start of the track; undefined before the first packet. */
    #skip: number | undefined;

    static supports(codec: string, config: DecoderConfig): boolean {
      return codec === 'opus' && mono(config.numberOfChannels);
    }

    async init(): Promise<void> {
      const channels = this.config.numberOfChannels as ChannelCount;
      this.#decoder = await OpusDecoder.create({ sampleRate: RATE, channels, ...withEngine });
    }

    decode(packet: Packet): void {
      const { channels } = this.#decoder!;
      const samples = sharedOpus().packetSamples(packet.data);
      const pcm = this.#decoder!.decode(packet.data);
      this.#skip ??= packet.timestamp < 0.5 / RATE ? preSkipOf(this.config) : 0;
      const first = Math.min(samples, this.#skip);
      this.#skip -= first;
      // A packet that is told to be shorter than it is, is trimmed at its end.
      const told = packet.duration > 0 ? Math.round(packet.duration * RATE) : samples;
      const last = Math.min(samples, first + told);
      if (last === first) return;
      const init = {
        data: pcm.slice(first * channels, last * channels),
        format: 'f32',
        numberOfChannels: channels,
        sampleRate: RATE,
        timestamp: Math.max(0, packet.timestamp),
      };
      this.onSample(new mediabunny.AudioSample(init as never));
    }

    flush(): void {}

    close(): void {
      this.#decoder?.close();
    }
  }

  mediabunny.registerEncoder(SottovoceEncoder as never);
  mediabunny.registerDecoder(SottovoceDecoder as never);
}

/** The pre-skip of the identification header; 0 without one. */
function preSkipOf({ description }: DecoderConfig): number {
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : description instanceof ArrayBuffer
      ? new Uint8Array(description)
      : new Uint8Array();
  return isOpusHead(bytes) ? parseOpusHead(bytes).preSkip : 0;
}

/** The settings that a WebCodecs configuration means. */
function settingsOf({
  numberOfChannels,
  bitrate,
  bitrateMode,
  opus = {},
}: EncoderConfig): OpusEncoderOptions {
  const { frameDuration, application, signal, complexity, packetlossperc } = opus;
  return {
    sampleRate: RATE,
    channels: numberOfChannels as ChannelCount,
    application: application === 'lowdelay' ? 'low-delay' : (application ?? 'audio'),
    rateControl: bitrateMode === 'constant' ? 'cbr' : 'vbr',
    ...(bitrate !== undefined && { bitrate: Math.max(6000, Math.min(510_000, bitrate)) }),
    ...(frameDuration !== undefined && { frameMs: (frameDuration / 1000) as FrameMs }),
    ...(signal !== undefined && { signal }),
    ...(complexity !== undefined && { complexity }),
    ...(packetlossperc !== undefined && { expectedLossPercent: packetlossperc }),
    ...(opus.useinbandfec !== undefined && { fec: opus.useinbandfec }),
    ...(opus.usedtx !== undefined && { dtx: opus.usedtx }),
  };
}
