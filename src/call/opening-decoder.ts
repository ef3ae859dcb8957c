import type { Block } from '../core/memory.ts';
import type { PacketBuffer, SharedKey } from '../crypto/index.ts';
import { OpusError } from '../opus/errors.ts';
import { OwnDecoder } from '../opus/own-decoder.ts';
import { decoderOptions } from '../opus/settings.ts';
import type { CallCore } from './call-core.ts';
import type { VoiceFormat } from './voice-types.ts';
import {
  RECEPTION,
  RECEPTION_BYTES,
  checkBuffer,
  voiceExports,
  type VoicePacketExports,
} from './voice-packet-exports.ts';

/**
 * An Opus decoder in the memory where packets are opened: a sealed call packet becomes PCM in one call,
 * and nothing is copied in between.
 *
 * It has no playout buffer: packets are taken in the order of their counters, each once. A `Call`, which
 * has one, opens packets when they come and decodes them when their turn is, in the same memory.
 * @example
 * const ear = new OpeningDecoder(core, { sampleRate: 48000, channels: 1 });
 * const buffer = core.crypto.createPacketBuffer(1436);
 * const pcm = ear.openAndDecode(buffer, key, 8, datagram) ?? ear.conceal(960);
 */
export class OpeningDecoder {
  readonly #exports: VoicePacketExports;
  readonly #decoder: OwnDecoder;
  readonly #reception: Block;
  #buffer: PacketBuffer | undefined;

  /** @throws {OpusError} `bad-argument` @throws {CallError} `bad-argument` */
  constructor(core: CallCore, format: VoiceFormat) {
    this.#exports = voiceExports(core);
    const { sampleRate, channels, ...settings } = decoderOptions(format);
    this.#decoder = new OwnDecoder(core.opus.decoderCore, { sampleRate, channels });
    this.#decoder.configure(settings);
    this.#reception = core.memory.allocate(RECEPTION_BYTES);
  }

  /**
   * Takes a received packet into `buffer`, opens it there and decodes the voice in it: after the way in,
   * nothing is copied, and nothing allocated in WebAssembly memory.
   * @param x that of the sender: 0 caller, 8 callee
   * @returns interleaved f32, one packet long: *borrowed*, valid until the next call on this decoder;
   *   null, whatever was wrong, for a packet that does not open, that is not newer than the last that
   *   was taken, or that holds no voice
   * @throws {CallError} `bad-argument` for a buffer of another core
   * @throws {CryptoError} `bad-argument`, `released`
   * @throws {OpusError} `released`
   * @example
   * const pcm = ear.openAndDecode(buffer, key, 8, datagram);
   */
  openAndDecode(
    buffer: PacketBuffer,
    key: SharedKey,
    x: number,
    packet: Uint8Array,
  ): Float32Array | null {
    const samples = this.#run(buffer, key, x, packet, 0);
    return samples === 0 ? null : this.#decoder.floats(samples);
  }

  /** As `openAndDecode`, in s16. */
  openAndDecodeInt16(
    buffer: PacketBuffer,
    key: SharedKey,
    x: number,
    packet: Uint8Array,
  ): Int16Array | null {
    const samples = this.#run(buffer, key, x, packet, 1);
    return samples === 0 ? null : this.#decoder.ints(samples);
  }

  /**
   * Makes up for a packet that did not come.
   * @param samples per channel: a multiple of 2.5 ms, up to 120 ms
   * @returns interleaved f32, as from `openAndDecode`
   * @throws {OpusError} `frame-size`, `released`
   */
  conceal(samples: number): Float32Array {
    this.#live();
    const { capacity } = this.#decoder;
    const step = capacity / 48; // 2.5 ms
    if (!(samples > 0 && samples <= capacity && samples % step === 0)) {
      throw new OpusError(
        'frame-size',
        `"samples" expected a multiple of ${step} up to ${capacity}, got ${samples}`,
      );
    }
    return this.#decoder.decode(null, samples, false);
  }

  /**
   * What stood before the voice in the last packet that was taken (sequence word, type, RTP header):
   * *borrowed*, valid until the next use of its buffer; empty before the first.
   */
  get head(): Uint8Array {
    const start = this.#word(RECEPTION.start);
    return this.#buffer?.body.subarray(0, start) ?? new Uint8Array();
  }

  /** The Opus packet itself: *borrowed*, as `head`. */
  get opusPacket(): Uint8Array {
    const start = this.#word(RECEPTION.start);
    return (
      this.#buffer?.body.subarray(start, start + this.#word(RECEPTION.length)) ?? new Uint8Array()
    );
  }

  /** State of the range coder after the last packet, as of `OpusDecoder`. */
  get finalRange(): number {
    this.#live();
    return this.#decoder.finalRange;
  }

  /** Wipes and releases its memory. Idempotent; every other method then throws `released`. */
  close(): void {
    if (this.#reception.released) return;
    this.#reception.release();
    this.#decoder.close();
    this.#buffer = undefined;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #run(buffer: PacketBuffer, key: SharedKey, x: number, packet: Uint8Array, int16: number): number {
    this.#live();
    checkBuffer(buffer, this.#reception.bytes.buffer);
    const keyAddress = buffer.callKey(key, x);
    const length = buffer.takeCall(packet);
    if (length === 0) return 0;
    const samples = this.#exports.voiceOpenAndDecode(
      this.#decoder.address,
      keyAddress,
      x,
      buffer.bodyAddress,
      length,
      this.#reception.address,
      this.#decoder.pcmAddress,
      this.#decoder.capacity,
      int16,
    );
    if (samples > 0) this.#buffer = buffer;
    return samples;
  }

  #word(index: number): number {
    this.#live();
    const { buffer, byteOffset } = this.#reception.bytes;
    return new Int32Array(buffer, byteOffset, RECEPTION_BYTES / 4)[index]!;
  }

  #live(): void {
    if (this.#reception.released) throw new OpusError('released', 'the decoder was closed');
  }
}
