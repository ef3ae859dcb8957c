import { checkInteger, describe } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { badArgument, OpusError } from './errors.ts';
import { layoutOf, type MultistreamLayout } from './multistream-layout.ts';
import { hasEncoder, OwnEncoder } from './own-encoder.ts';
import { OpusCore } from './packet.ts';
import { finitePcm, type Pcm } from './pcm.ts';
import type { Repacketizer } from './repacketizer.ts';
import {
  type Application,
  type EncoderSettings,
  encoderChanges,
  encoderOptions,
  type SampleRate,
} from './settings.ts';
import { sharedOpus } from './shared-core.ts';

/** Settings of a multistream encoder: those of an encoder that make sense for all streams at once. */
export type MultistreamSettings = Omit<EncoderSettings, 'forceChannels' | 'maxPacketBytes'>;

/** Options of `OpusMultistreamEncoder`. */
export type MultistreamEncoderOptions = MultistreamLayout &
  Partial<MultistreamSettings> & {
    /** Rate of the PCM in Hz. Default 48000. */
    readonly sampleRate?: SampleRate;
    /** Default `audio`. */
    readonly application?: Application;
    /** Where to encode. Default: an instance that is shared. */
    readonly core?: OpusCore;
  };

type Stream = {
  readonly encoder: OwnEncoder;
  /** Channels of the PCM that it takes, -1 for silence. */
  readonly sources: readonly number[];
  /** Its part of the bitrate. */
  readonly weight: number;
};

const OTHERS = ['forceChannels', 'maxPacketBytes', 'engine'];
/** A stereo stream gets so many times the bits of a mono one, a low-frequency effects channel this part. */
const COUPLED_WEIGHT = 1.75;
const LFE_WEIGHT = 0.25;
/** In the usual layouts of 6 to 8 channels the last stream carries low-frequency effects (RFC 7845, 5.1.1.2). */
const LFE_FROM = 6;
const MIN_RATE = 6000;
const MAX_RATE = 510_000;
/** Longest packet of one stream. */
const MAX_STREAM_BYTES = 1275;
/** What self-delimiting framing adds at most (RFC 6716, appendix B). */
const DELIMITER = 2;

function refuseOthers(settings: object): void {
  for (const name of OTHERS) {
    if (settings && name in settings) {
      throw badArgument(`"${name}" cannot be set for several streams`);
    }
  }
}

/** The rate of all streams together goes beyond what one may have. */
function checkRate(bitrate: unknown, streams: number): void {
  if (typeof bitrate === 'number') {
    checkInteger('bitrate', bitrate, MIN_RATE, MAX_RATE * streams, badArgument);
  }
}

function withoutRate<T extends { bitrate?: EncoderSettings['bitrate'] }>(settings: T): object {
  const { bitrate, ...rest } = settings;
  return typeof bitrate === 'number' ? rest : settings;
}

/**
 * Encodes several Opus streams into one packet: channel mapping families 0 and 1 of RFC 7845, and any
 * other whose mapping is given. It is the counterpart of `OpusMultistreamDecoder`. PCM is interleaved,
 * f32 or s16, in the order of the family (left, centre, right, ...).
 *
 * `bitrate` is that of all streams together, shared out by their channels; a stream gets 6000 bit/s at least, and the
 * lengths of all packets but the last (1 or 2 bytes each) come on top.
 * @example
 * import { OpusMultistreamEncoder } from 'sottovoce/opus';
 * const encoder = new OpusMultistreamEncoder({ channels: 6, bitrate: 256_000 }); // 5.1
 * const packet = encoder.encode(new Float32Array(960 * 6));
 * encoder.close();
 */
export class OpusMultistreamEncoder {
  /** Rate of the PCM in Hz. */
  readonly sampleRate: SampleRate;
  /** Channels of the PCM. */
  readonly channels: number;
  /** Streams in a packet. */
  readonly streamCount: number;
  /** The first so many streams are stereo. */
  readonly coupledCount: number;
  /** For each channel the number of a coded channel, 255 for none; owned. */
  readonly mapping: readonly number[];
  readonly #streams: Stream[] = [];
  readonly #framing: Repacketizer;
  readonly #packet: Block;
  #settings: Readonly<EncoderSettings>;
  #closed = false;

  /** @throws {OpusError} `bad-argument`, `not-supported` for a core without an encoder */
  constructor(options: MultistreamEncoderOptions) {
    if (typeof options !== 'object' || options === null) {
      throw badArgument(`"options" expected an object, got ${describe(options)}`);
    }
    const { channels, streamCount, coupledCount, mapping, core = sharedOpus(), ...own } = options;
    refuseOthers(own);
    const layout = layoutOf(options);
    const { bitrate } = own;
    checkRate(bitrate, layout.streamCount);
    const {
      sampleRate,
      channels: _,
      application,
      ...settings
    } = encoderOptions({ application: 'audio', ...withoutRate(own) });
    if (!(core instanceof OpusCore)) {
      throw badArgument(`"core" expected an OpusCore, got ${describe(core)}`);
    }
    const { instance } = core.decoderCore;
    if (!hasEncoder(instance)) throw new OpusError('not-supported', 'the module has no encoder');
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.streamCount = layout.streamCount;
    this.coupledCount = layout.coupledCount;
    this.mapping = Array.from(layout.mapping);
    this.#settings = typeof bitrate === 'number' ? { ...settings, bitrate } : settings;
    const effects = streamCount === undefined && channels >= LFE_FROM ? layout.streamCount - 1 : -1;
    for (let i = 0; i < layout.streamCount; i++) {
      const coupled = i < layout.coupledCount;
      const first = coupled ? 2 * i : i + layout.coupledCount;
      const coded = coupled ? [first, first + 1] : [first];
      this.#streams.push({
        encoder: new OwnEncoder(
          instance,
          { sampleRate, channels: coupled ? 2 : 1, application },
          settings,
        ),
        sources: coded.map((number) => this.mapping.indexOf(number)),
        weight: i === effects ? LFE_WEIGHT : coupled ? COUPLED_WEIGHT : 1,
      });
    }
    this.#framing = core.createRepacketizer();
    const most = 6 * MAX_STREAM_BYTES + DELIMITER;
    this.#packet = core.memory.allocate(most * layout.streamCount);
    this.#apply(this.#settings);
  }

  /** Length of a frame in samples per channel at `sampleRate`. */
  get frameSamples(): number {
    return (this.sampleRate * this.#settings.frameMs) / 1000;
  }

  /** Samples per channel at `sampleRate` by which the decoded signal lags the input. */
  get lookahead(): number {
    this.#live();
    return this.#streams[0]!.encoder.lookahead;
  }

  /** State of the range coder of each stream after the last packet (RFC 6716 section 6.1), owned. */
  get finalRanges(): number[] {
    this.#live();
    return this.#streams.map(({ encoder }) => encoder.finalRange);
  }

  /** A copy of all settings, owned. */
  get settings(): MultistreamSettings {
    const { forceChannels: _, maxPacketBytes: __, ...settings } = this.#settings;
    return settings;
  }

  /**
   * Changes settings between two frames, or none of them if one is wrong.
   * @throws {OpusError} `bad-argument`, `released`
   * @example
   * encoder.configure({ bitrate: 192_000, frameMs: 10 });
   */
  configure(changes: Partial<MultistreamSettings>): void {
    this.#live();
    if (typeof changes !== 'object' || changes === null) {
      throw badArgument(`"changes" expected an object, got ${describe(changes)}`);
    }
    refuseOthers(changes);
    checkRate(changes?.bitrate, this.streamCount);
    const { bitrate } = changes;
    const checked = encoderChanges(withoutRate(changes), 2);
    if (typeof bitrate === 'number') checked.bitrate = bitrate;
    this.#settings = { ...this.#settings, ...checked };
    this.#apply(checked);
  }

  /**
   * Encodes one frame.
   * @param pcm exactly `frameSamples * channels` samples, interleaved
   * @returns one packet of each stream, all but the last self-delimited: borrowed, valid until the next
   *   call on this encoder
   * @throws {OpusError} `frame-size`, `bad-argument`, `released`; the state is unchanged then
   * @example
   * const packet = encoder.encode(pcm);
   */
  encode(pcm: Pcm): Uint8Array {
    this.#live();
    if (!(pcm instanceof Float32Array || pcm instanceof Int16Array)) {
      throw badArgument(`"pcm" expected Float32Array or Int16Array, got ${describe(pcm)}`);
    }
    const { frameSamples, channels } = this;
    if (pcm.length !== frameSamples * channels) {
      const wanted = frameSamples * channels;
      throw new OpusError('frame-size', `"pcm" expected ${wanted} samples, got ${pcm.length}`);
    }
    const input = finitePcm(pcm);
    const { frameMs, rateControl } = this.#settings;
    const limit = MAX_STREAM_BYTES * Math.ceil(frameMs / 20);
    const output = this.#packet.bytes;
    let at = 0;
    for (const [i, { encoder, sources }] of this.#streams.entries()) {
      const target = input instanceof Int16Array ? encoder.ints : encoder.floats;
      for (const [c, source] of sources.entries()) {
        for (let n = 0; n < frameSamples; n++) {
          target[n * sources.length + c] = source < 0 ? 0 : input[n * channels + source]!;
        }
      }
      const int16 = input instanceof Int16Array;
      const address = output.byteOffset + at;
      const length = encoder.encodeTo(address, frameSamples, int16, limit);
      if (i === this.#streams.length - 1) return output.subarray(0, at + length);
      this.#framing.clear();
      this.#framing.append(output.subarray(at, at + length));
      const delimited = this.#framing.write({
        selfDelimited: true,
        length: rateControl === 'cbr' ? length + DELIMITER : 0,
      });
      output.set(delimited, at);
      at += delimited.length;
    }
    throw new OpusError('internal', 'no stream');
  }

  /** Forgets the signal, as after creation; settings are kept. @throws {OpusError} `released` */
  reset(): void {
    this.#live();
    for (const { encoder } of this.#streams) encoder.reset();
  }

  /** Wipes and releases its memory. Idempotent; every other method then throws `released`. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { encoder } of this.#streams) encoder.close();
    this.#framing.close();
    this.#packet.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Hands changes to the streams, each with its part of the bitrate. */
  #apply(changes: Partial<EncoderSettings>): void {
    const total = this.#streams.reduce((sum, { weight }) => sum + weight, 0);
    const { bitrate } = changes;
    for (const { encoder, weight } of this.#streams) {
      if (typeof bitrate !== 'number') {
        encoder.configure(this.#settings, changes);
        continue;
      }
      const part = Math.round((bitrate * weight) / total);
      const own = { ...changes, bitrate: Math.max(MIN_RATE, Math.min(MAX_RATE, part)) };
      encoder.configure({ ...this.#settings, ...own }, own);
    }
  }

  #live(): void {
    if (this.#closed) throw new OpusError('released', 'the encoder was closed');
  }
}
