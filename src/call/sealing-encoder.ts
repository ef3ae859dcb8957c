import { checkInteger, checkOptions, describe } from '../core/checks.ts';
import type { PacketBuffer, SharedKey } from '../crypto/index.ts';
import {
  type EncoderSettings,
  OpusEncoder,
  type OpusEngine,
  OpusError,
  ownEngine,
} from '../opus/index.ts';
import { hasEncoder, OwnEncoder } from '../opus/own-encoder.ts';
import type { CallCore } from './call-core.ts';
import { badArgument } from './errors.ts';
import type { VoiceEncoderOptions, VoiceFormat } from './voice-types.ts';
import { checkBuffer, voiceExports, type VoicePacketExports } from './voice-packet-exports.ts';

/** How `encodeAndSeal` takes a frame. */
export type SealOptions = {
  /** The frame is in `pcmInt16`, not in `pcm`. Default false. */
  readonly int16?: boolean;
  /** An Opus packet of at most so many bytes is not sealed: with DTX, 2 leaves silence out. Default 0. */
  readonly silenceBytes?: number;
};

/** Sequence word and type: the least that stands before the voice. */
const MIN_HEAD = 5;
/** Room that an Opus packet must have at least. */
const MIN_ROOM = 32;

/**
 * An Opus encoder in the memory where packets are sealed: PCM becomes a sealed call packet in one call,
 * and nothing is copied in between.
 *
 * Write a frame into `pcm`, what stands before the voice into the body of a packet buffer, and call
 * `encodeAndSeal`: the encoder writes behind the head, and the body is sealed where it lies.
 * @example
 * const core = createCallCore();
 * const voice = await SealingEncoder.create(core, { sampleRate: 48000, channels: 1 });
 * const buffer = core.crypto.createPacketBuffer(1436);
 * voice.pcm.set(microphone); // 20 ms
 * buffer.body.set(head); // sequence word, type, RTP header: 17 bytes
 * transport.send(voice.encodeAndSeal(buffer, key, 0, 17));
 */
export class SealingEncoder {
  /** The encoder, with all its settings. */
  readonly encoder: OpusEncoder;
  readonly #inner: OwnEncoder;
  readonly #exports: VoicePacketExports;
  #pcm: Float32Array<ArrayBuffer> | undefined;
  #ints: Int16Array<ArrayBuffer> | undefined;
  #closed = false;

  /**
   * Makes an encoder in the memory of a core.
   * @throws {OpusError} `bad-argument`
   * @throws {CallError} `bad-argument`
   * @example
   * const voice = await SealingEncoder.create(core, { sampleRate: 48000, channels: 1 });
   */
  static async create(
    core: CallCore,
    format: VoiceFormat,
    options: VoiceEncoderOptions = {},
  ): Promise<SealingEncoder> {
    const exports = voiceExports(core);
    checkOptions(format, ['sampleRate', 'channels'], badArgument);
    const { instance } = core.opus.decoderCore;
    let inner: OwnEncoder | undefined;
    const engine: OpusEngine = {
      ...ownEngine(core.opus),
      createEncoder(of, settings) {
        if (!hasEncoder(instance)) throw new OpusError('not-supported', 'no encoder in the module');
        inner = new OwnEncoder(instance, of, settings);
        return inner;
      },
    };
    const encoder = await OpusEncoder.create({ ...options, ...format, engine });
    return new SealingEncoder(encoder, inner!, exports);
  }

  private constructor(encoder: OpusEncoder, inner: OwnEncoder, exports: VoicePacketExports) {
    this.encoder = encoder;
    this.#inner = inner;
    this.#exports = exports;
  }

  /**
   * The frame to encode, interleaved f32 with full scale at ±1: *pinned*, valid until `close()`. Read the
   * property again after memory may have grown, or `encoder.frameMs` changed.
   * @throws {OpusError} `released`
   */
  get pcm(): Float32Array<ArrayBuffer> {
    const length = this.#frameLength();
    if (this.#pcm?.length !== length) this.#pcm = this.#inner.floats.subarray(0, length);
    return this.#pcm;
  }

  /** The same frame as s16, in the same place. */
  get pcmInt16(): Int16Array<ArrayBuffer> {
    const length = this.#frameLength();
    if (this.#ints?.length !== length) this.#ints = this.#inner.ints.subarray(0, length);
    return this.#ints;
  }

  /**
   * Encodes the frame in `pcm` into the body of `buffer`, behind the first `head` bytes that are there,
   * and seals the body in place. Neither copies nor allocates in WebAssembly memory.
   * @param buffer of the same core; the packet keeps within its capacity and `maxPacketBytes`
   * @param key of the same core
   * @param x 0 caller, 8 callee sends on the transport
   * @param head bytes at the start of the body: 5 or more
   * @returns msg_key (16 bytes) and ciphertext, *borrowed* until the next use of `buffer`; null for
   *   silence (`silenceBytes`): the frame was encoded, nothing was sealed
   * @throws {CallError} `bad-argument`
   * @throws {CryptoError} `bad-argument`, `released`
   * @throws {OpusError} `released`
   * @example
   * const packet = voice.encodeAndSeal(buffer, key, 0, 17);
   */
  encodeAndSeal(
    buffer: PacketBuffer,
    key: SharedKey,
    x: number,
    head: number,
    options: SealOptions = {},
  ): Uint8Array | null {
    this.#live();
    checkOptions(options, ['int16', 'silenceBytes'], badArgument);
    const { int16 = false, silenceBytes = 0 } = options;
    checkInteger('silenceBytes', silenceBytes, 0, 7650, badArgument);
    checkBuffer(buffer, this.pcm.buffer);
    const keyAddress = buffer.callKey(key, x);
    checkInteger('head', head, MIN_HEAD, buffer.capacity - MIN_ROOM, badArgument);
    const { encoder } = this;
    const length = this.#exports.voiceEncodeAndSeal(
      this.#inner.address,
      this.#inner.pcmAddress,
      encoder.frameSamples,
      int16 ? 1 : 0,
      keyAddress,
      x,
      buffer.bodyAddress,
      head,
      Math.min(encoder.maxPacketBytes, buffer.capacity - head),
      silenceBytes,
    );
    if (length < 0) throw new OpusError('internal', `the encoder returned ${length}`);
    return length === 0 ? null : buffer.sealedCall(length - 16);
  }

  /**
   * Encodes one frame, as `OpusEncoder.encode`.
   * @returns the packet: borrowed, valid until the next call on this encoder
   * @throws {OpusError} `frame-size`, `bad-argument`, `released`
   */
  encode(pcm: Float32Array | Int16Array): Uint8Array {
    return this.encoder.encode(pcm);
  }

  /**
   * Encodes the frame in `pcm` (with `int16` that in `pcmInt16`) straight into the body of a packet that
   * is sealed later.
   * @param target a view of this core's memory; its length is the limit
   * @returns bytes of the packet
   * @throws {CallError} `bad-argument`
   * @throws {OpusError} `released`
   * @internal
   */
  encodeInto(target: Uint8Array, int16: boolean): number {
    if (target.buffer !== this.pcm.buffer)
      throw badArgument('"target" expected a view of the core');
    checkInteger('target.length', target.length, MIN_ROOM, Number.MAX_SAFE_INTEGER, badArgument);
    const limit = Math.min(this.encoder.maxPacketBytes, target.length);
    return this.#inner.encodeTo(target.byteOffset, this.encoder.frameSamples, int16, limit);
  }

  /**
   * Changes settings between two frames, as `OpusEncoder.configure`.
   * @throws {OpusError} `bad-argument`, `released`
   */
  configure(changes: Partial<EncoderSettings>): void {
    this.encoder.configure(changes);
  }

  /**
   * Copies a frame into `pcm` or `pcmInt16`.
   * @throws {OpusError} `frame-size`, `bad-argument`, `released`
   * @internal
   */
  take(pcm: Float32Array | Int16Array): void {
    const length = this.#frameLength();
    if (!(pcm instanceof Int16Array || pcm instanceof Float32Array)) {
      const got = describe(pcm);
      throw new OpusError('bad-argument', `"pcm" expected Float32Array or Int16Array, got ${got}`);
    }
    if (pcm.length !== length) {
      throw new OpusError('frame-size', `"pcm" expected ${length} samples, got ${pcm.length}`);
    }
    if (pcm instanceof Int16Array) this.pcmInt16.set(pcm);
    else this.pcm.set(pcm);
  }

  /** Wipes and releases its memory. Idempotent; every other method then throws `released`. */
  close(): void {
    this.#closed = true;
    this.encoder.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #frameLength(): number {
    this.#live();
    return this.encoder.frameSamples * this.encoder.channels;
  }

  #live(): void {
    if (this.#closed) throw new OpusError('released', 'the encoder was closed');
  }
}
