import { checkOptions } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { badArgument, OpusError } from './errors.ts';
import type { DecoderCore, DecoderExports } from './exports.ts';
import {
  BAD_PACKET,
  MULTISTREAM_DECODERS,
  MULTISTREAM_MAPPING,
  MULTISTREAM_SIZE,
} from './layout.ts';
import { layoutOf, type MultistreamLayout } from './multistream-layout.ts';
import type { OpusCore } from './packet.ts';
import { badPacket, putPacket } from './packet-bytes.ts';
import type { SampleRate } from './settings.ts';
import { sharedOpus } from './shared-core.ts';

/** Options of `OpusMultistreamDecoder`. The names are those of the OpusHead header (RFC 7845 section 5.1). */
export type MultistreamOptions = MultistreamLayout & {
  /** Rate of the PCM in Hz. Default 48000. */
  readonly sampleRate?: SampleRate;
  /** Where to decode. Default: an instance that is shared. */
  readonly core?: OpusCore;
};

const RATES: readonly SampleRate[] = [8000, 12000, 16000, 24000, 48000];
const NAMES = ['sampleRate', 'channels', 'streamCount', 'coupledCount', 'mapping', 'core'];
/** 120 ms, the longest packet. */
const MAX_MS = 120;

/**
 * Decodes packets of several Opus streams: channel mapping families 0 and 1 of RFC 7845 (and any other
 * whose mapping is given). Output is f32, interleaved, not clipped.
 * @example
 * import { OpusMultistreamDecoder } from 'sottovoce/opus';
 * const decoder = new OpusMultistreamDecoder({ channels: 6 }); // 5.1
 * const pcm = decoder.decode(packet);
 * decoder.close();
 */
export class OpusMultistreamDecoder {
  /** Rate of the PCM in Hz. */
  readonly sampleRate: SampleRate;
  /** Channels of the PCM. */
  readonly channels: number;
  readonly #core: DecoderCore;
  readonly #exports: DecoderExports;
  readonly #capacity: number;
  readonly #record: Block;
  readonly #streams: Block[] = [];
  readonly #scratch: Block;
  readonly #pcm: Block;

  /** @throws {OpusError} `bad-argument` */
  constructor(options: MultistreamOptions) {
    checkOptions(options, NAMES, badArgument);
    const { sampleRate = 48000, channels, core = sharedOpus() } = options;
    if (!RATES.includes(sampleRate)) {
      throw badArgument(`"sampleRate" expected one of ${RATES.join(', ')}, got ${sampleRate}`);
    }
    const { streamCount, coupledCount, mapping } = layoutOf(options);
    this.sampleRate = sampleRate;
    this.channels = channels;
    this.#core = core.decoderCore;
    const { exports, memory } = this.#core.instance;
    this.#exports = exports;
    this.#capacity = (sampleRate * MAX_MS) / 1000;
    for (let i = 0; i < streamCount; i++) {
      const state = memory.allocate(exports.opusDecoderSize());
      exports.opusDecoderInit(state.address, sampleRate, i < coupledCount ? 2 : 1);
      this.#streams.push(state);
    }
    this.#scratch = memory.allocate(this.#capacity * 8 + 32);
    this.#pcm = memory.allocate(this.#capacity * channels * 4);
    this.#record = memory.allocate(MULTISTREAM_SIZE);
    const { bytes } = this.#record;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const head = [channels, streamCount, coupledCount, this.#scratch.address];
    for (const [i, word] of head.entries()) view.setUint32(4 * i, word, true);
    bytes.set(Array.from(mapping), MULTISTREAM_MAPPING);
    for (const [i, { address }] of this.#streams.entries()) {
      view.setUint32(MULTISTREAM_DECODERS + 4 * i, address, true);
    }
  }

  /**
   * Decodes a packet: one packet of each stream, all but the last self-delimited, all of one duration.
   * @returns interleaved f32: borrowed, valid until the next call on this decoder
   * @throws {OpusError} `bad-packet`, `bad-argument`, `released`; the state is unchanged then
   */
  decode(packet: Uint8Array): Float32Array {
    this.#live();
    const result = this.#exports.opusMultistreamDecode(
      this.#record.address,
      this.#core.packet.address,
      putPacket(this.#core.packet, packet),
      this.#pcm.address,
      this.#capacity,
    );
    if (result === BAD_PACKET) throw badPacket();
    if (result < 0) throw new OpusError('internal', `the decoder returned ${result}`);
    return this.#view(result);
  }

  /**
   * Makes up for a packet that did not come.
   * @param samples per channel at `sampleRate`: a multiple of 2.5 ms, up to 120 ms
   * @returns interleaved f32, as from `decode`
   * @throws {OpusError} `frame-size`, `released`
   */
  conceal(samples: number): Float32Array {
    this.#live();
    const step = this.sampleRate / 400;
    if (!(samples > 0 && samples <= 48 * step && samples % step === 0)) {
      throw new OpusError(
        'frame-size',
        `"samples" expected a multiple of ${step} up to ${48 * step}, got ${samples}`,
      );
    }
    this.#exports.opusMultistreamConceal(this.#record.address, samples, this.#pcm.address);
    return this.#view(samples);
  }

  /**
   * Forgets the signal, as after creation.
   * @throws {OpusError} `released`
   */
  reset(): void {
    this.#live();
    for (const { address } of this.#streams) this.#exports.opusDecoderReset(address);
  }

  /** Wipes and releases its memory. Idempotent; every other method then throws `released`. */
  close(): void {
    for (const block of [...this.#streams, this.#scratch, this.#pcm, this.#record]) block.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #live(): void {
    if (this.#record.released) throw new OpusError('released', 'the decoder was closed');
  }

  #view(samples: number): Float32Array {
    const { bytes, address } = this.#pcm;
    return new Float32Array(bytes.buffer, address, samples * this.channels);
  }
}
