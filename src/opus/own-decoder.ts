import type { Block } from '../core/memory.ts';
import type { EngineDecoder } from './engine.ts';
import { OpusError } from './errors.ts';
import type { DecoderCore, DecoderExports } from './exports.ts';
import { MAX_PACKET_BYTES, putPacket } from './packet-bytes.ts';
import type { DecoderFormat, DecoderSettings } from './settings.ts';

/** Room for 120 ms, and for the vector that the last samples end in. */
const PCM_MS = 120;
const PCM_SLACK_BYTES = 32;

/** Q8 dB, as far as 16 bits go. */
const gainQ8 = (gain: number): number => Math.min(32767, Math.round(gain * 256));

/**
 * A decoder in WebAssembly memory: one block of state, one of PCM. Both are reserved when it is made;
 * decoding allocates nothing. @internal
 */
export class OwnDecoder implements EngineDecoder {
  readonly #core: DecoderCore;
  readonly #exports: DecoderExports;
  readonly #channels: number;
  readonly #capacity: number;
  readonly #state: Block;
  readonly #pcm: Block;
  #floats: Float32Array<ArrayBuffer> | undefined;
  #ints: Int16Array<ArrayBuffer> | undefined;

  constructor(core: DecoderCore, { sampleRate, channels }: DecoderFormat) {
    const { exports, memory } = core.instance;
    this.#core = core;
    this.#exports = exports;
    this.#channels = channels;
    this.#capacity = (sampleRate * PCM_MS) / 1000;
    this.#state = memory.allocate(exports.opusDecoderSize());
    this.#pcm = memory.allocate(this.#capacity * channels * 4 + PCM_SLACK_BYTES);
    exports.opusDecoderInit(this.#state.address, sampleRate, channels);
  }

  /** Where the state lies. */
  get address(): number {
    return this.#state.address;
  }

  /** Where the output lies. */
  get pcmAddress(): number {
    return this.#pcm.address;
  }

  /** Room for output, in samples per channel. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The first `samples` per channel of the output. Borrowed. */
  floats(samples: number): Float32Array<ArrayBuffer> {
    const { bytes, address } = this.#pcm;
    if (this.#floats?.buffer !== bytes.buffer) {
      this.#floats = new Float32Array(bytes.buffer, address, this.#capacity * this.#channels);
    }
    return this.#floats.subarray(0, samples * this.#channels);
  }

  /** The same as s16. */
  ints(samples: number): Int16Array<ArrayBuffer> {
    const { bytes, address } = this.#pcm;
    if (this.#ints?.buffer !== bytes.buffer) {
      this.#ints = new Int16Array(bytes.buffer, address, this.#capacity * this.#channels);
    }
    return this.#ints.subarray(0, samples * this.#channels);
  }

  get finalRange(): number {
    return this.#exports.opusDecoderFinalRange(this.#state.address) >>> 0;
  }

  /** Samples per channel at 48 kHz that were made up since the last reset. For tests. */
  get concealedSamples(): number {
    return this.#exports.opusDecoderConcealed(this.#state.address) >>> 0;
  }

  packetSamples(packet: Uint8Array): number {
    return this.#exports.opusPacketSamples(this.#place(packet), packet.length);
  }

  configure({ gain, phaseInversionDisabled }: Readonly<DecoderSettings>): void {
    const keepPhase = phaseInversionDisabled ? 1 : 0;
    this.#exports.opusDecoderConfigure(this.#state.address, gainQ8(gain), keepPhase);
  }

  decode(packet: Uint8Array | null, samples: number, fec: boolean): Float32Array {
    return this.floats(this.#run(packet, samples, fec, 0));
  }

  decodeInt16(packet: Uint8Array | null, samples: number, fec: boolean): Int16Array {
    return this.ints(this.#run(packet, samples, fec, 1));
  }

  reset(): void {
    this.#exports.opusDecoderReset(this.#state.address);
  }

  close(): void {
    this.#state.release();
    this.#pcm.release();
  }

  /** Where a packet lies: in this memory already, or copied to the core's room for packets. */
  #place(packet: Uint8Array): number {
    const { bytes, address } = this.#core.packet;
    if (packet.buffer === bytes.buffer && packet.length <= MAX_PACKET_BYTES) {
      return packet.byteOffset;
    }
    putPacket(this.#core.packet, packet);
    return address;
  }

  #run(packet: Uint8Array | null, samples: number, fec: boolean, int16: number): number {
    const exports = this.#exports;
    const state = this.#state.address;
    const pcm = this.#pcm.address;
    let result: number;
    if (packet === null) {
      result = exports.opusDecoderConceal(state, samples, pcm, int16);
    } else {
      const length = packet.length;
      const at = this.#place(packet);
      result = fec
        ? exports.opusDecoderDecodeFec(state, at, length, samples, pcm, int16)
        : exports.opusDecoderDecode(state, at, length, pcm, this.#capacity, int16);
    }
    // The facade has checked everything.
    if (result < 0) throw new OpusError('internal', `the decoder returned ${result}`);
    return result;
  }
}
