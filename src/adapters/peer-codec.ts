/// <reference types="node" />
import { Buffer } from 'node:buffer';
import { checkBytes, checkInteger, describe } from '../core/checks.ts';
import { badArgument, OpusError } from '../opus/errors.ts';
import type { ChannelCount, EncoderFormat, SampleRate } from '../opus/settings.ts';
import { APPLICATIONS, decoderSettings, encoderSettings, SET_APPLICATION } from './ctl.ts';
import { SyncCodec } from './sync-codec.ts';

/** Node's `Buffer` where its types are known, otherwise what it extends. */
export type NodeBuffer = typeof globalThis extends { Buffer: { alloc(size: number): infer B } }
  ? B
  : Uint8Array;

const FRAME_MS: readonly number[] = [2.5, 5, 10, 20, 40, 60, 80, 100, 120];

/** What both peers do, with checks where they have none. @internal */
export class PeerCodec {
  readonly #codec: SyncCodec;
  readonly #channels: number;
  readonly #rate: number;
  #bitrate: number | undefined;
  #frameSamples: number;

  constructor(rate: number, channels: number, application: number) {
    if (![8000, 12_000, 16_000, 24_000, 48_000].includes(rate)) {
      throw badArgument(`"rate" expected 8000, 12000, 16000, 24000 or 48000, got ${String(rate)}`);
    }
    checkInteger('channels', channels, 1, 2, badArgument);
    this.#codec = new SyncCodec({
      sampleRate: rate as SampleRate,
      channels: channels as ChannelCount,
      application: applicationOf(application),
    });
    this.#rate = rate;
    this.#channels = channels;
    this.#frameSamples = rate / 400;
  }

  /** @param pcm s16 as bytes in the machine's order, or as samples: exactly one frame */
  encode(pcm: unknown, frameSamples?: number): NodeBuffer {
    const samples = samplesOf(pcm);
    const length = samples.length / this.#channels;
    if (frameSamples !== undefined && frameSamples !== length) {
      throw frameSize(
        `"frameSize" is ${frameSamples}, "buffer" holds ${length} samples per channel`,
      );
    }
    if (!FRAME_MS.includes((1000 * length) / this.#rate)) {
      const allowed = FRAME_MS.map((ms) => (ms * this.#rate * this.#channels * 2) / 1000);
      throw frameSize(`"buffer" expected ${allowed.join(', ')} bytes, got ${samples.byteLength}`);
    }
    this.#frameSamples = length;
    return asBuffer(this.#codec.encode(samples));
  }

  /** @param packet nothing, or nothing in it: conceals as much as the packet before lasted */
  decode(packet: unknown): NodeBuffer {
    if (packet === null || packet === undefined) return asBuffer(this.#codec.decode(null));
    checkBytes('buffer', packet, badArgument);
    if (packet.length === 0) return asBuffer(this.#codec.decode(null));
    if (String.fromCharCode(...packet.subarray(0, 4)) === 'OggS') {
      throw new OpusError(
        'bad-packet',
        'this is an Ogg page, not an Opus packet: see sottovoce/files for files',
      );
    }
    return asBuffer(this.#codec.decode(packet));
  }

  setBitrate(bitrate: number): void {
    checkInteger('bitrate', bitrate, -1000, Number.MAX_SAFE_INTEGER, badArgument);
    this.encoderControl(4002, bitrate);
  }

  /** Bits per second; what `auto` comes to, if none was set. */
  get bitrate(): number {
    const { channels, sampleRate } = this.#codec.format;
    return this.#bitrate ?? (60 * sampleRate) / this.#frameSamples + sampleRate * channels;
  }

  encoderControl(request: number, value: number): void {
    if (request === SET_APPLICATION) {
      this.#codec.application = applicationOf(value);
      return;
    }
    const settings = encoderSettings(request, value);
    this.#codec.configureEncoder(settings);
    if (settings.bitrate !== undefined) {
      this.#bitrate = typeof settings.bitrate === 'number' ? settings.bitrate : undefined;
    }
  }

  decoderControl(request: number, value: number): void {
    this.#codec.configureDecoder(decoderSettings(request, value));
  }

  close(): void {
    this.#codec.close();
  }
}

function applicationOf(number: number): EncoderFormat['application'] {
  const application = APPLICATIONS.get(number);
  if (!application) throw badArgument(`"application" expected 2048, 2049 or 2051, got ${number}`);
  return application;
}

const frameSize = (message: string): OpusError => new OpusError('frame-size', message);

function samplesOf(pcm: unknown): Int16Array {
  if (pcm instanceof Int16Array) return pcm;
  if (!(pcm instanceof Uint8Array)) {
    throw badArgument(`"buffer" expected Buffer or Int16Array, got ${describe(pcm)}`);
  }
  checkBytes('buffer', pcm, badArgument);
  if (pcm.length % 2 !== 0) throw frameSize(`"buffer" has an odd length, ${pcm.length} bytes`);
  // A Buffer may begin at an odd address.
  const bytes = pcm.byteOffset % 2 === 0 ? pcm : new Uint8Array(pcm);
  return new Int16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

function asBuffer(data: Uint8Array | Int16Array): NodeBuffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength) as unknown as NodeBuffer;
}
