import { base64 } from '../../build/wasm/opus.js';
import { checkInteger } from '../core/checks.ts';
import { InlinedModule, type Instance, instantiate, type WasmSource } from '../core/load.ts';
import type { Block, WasmMemory } from '../core/memory.ts';
import { badArgument, OpusError } from './errors.ts';
import type { DecoderCore, OpusExports } from './exports.ts';
import { BANDWIDTHS, BUFFER_TOO_SMALL, INFO, INFO_SIZE, INFO_SIZES } from './layout.ts';
import {
  badPacket,
  deliver,
  type FramingOptions,
  MAX_PACKET_BYTES,
  putPacket,
  selfDelimited,
} from './packet-bytes.ts';
import { Repacketizer } from './repacketizer.ts';
import type { Bandwidth } from './settings.ts';

/** Coding mode of a packet, RFC 6716 section 3.1. */
export type OpusMode = 'silk' | 'hybrid' | 'celt';

/** What the header of a packet tells. */
export type PacketInfo = {
  /** Which of the codec's layers carry it. */
  readonly mode: OpusMode;
  /** Audio bandwidth of it. */
  readonly bandwidth: Bandwidth;
  /** Coded channels: 1 or 2. A decoder makes either of either. */
  readonly channels: 1 | 2;
  /** Configuration number, 0 to 31. */
  readonly config: number;
  /** Frame count code, 0 to 3. */
  readonly code: 0 | 1 | 2 | 3;
  /** Duration of one frame in samples per channel at 48 kHz: 120 to 2880. */
  readonly frameSamples: number;
  /** 1 to 48. */
  readonly frameCount: number;
  /** Bytes of each frame; 0 = nothing was sent for it (DTX). */
  readonly frameSizes: readonly number[];
  /** Duration of the whole packet in samples per channel at 48 kHz: 120 to 5760. */
  readonly samples: number;
  /** The same in milliseconds: 2.5 to 120. */
  readonly durationMs: number;
  /** Trailing padding in bytes, without the bytes in the header that tell its length. */
  readonly paddingBytes: number;
  /** True when the packet carries forward error correction for the packet before it. */
  readonly fec: boolean;
  /** Length of the packet in bytes; what follows a self-delimited packet is not counted. */
  readonly length: number;
};

const MODES = ['silk', 'hybrid', 'celt'] as const;

/**
 * Packet tools on one WebAssembly instance. Calls on one core are not reentrant and need not be: all
 * are synchronous. `createOpus()` makes one.
 * @example
 * using opus = createOpus();
 * console.log(opus.packetSamples(packet) / 48); // ms
 */
export class OpusCore {
  /** Memory of the instance. */
  readonly memory: WasmMemory;
  readonly #instance: Instance<OpusExports>;
  readonly #exports: OpusExports;
  readonly #packet: Block;
  readonly #info: Block;

  /** @internal */
  constructor(instance: Instance<OpusExports>) {
    const { exports, memory } = instance;
    this.#instance = instance;
    this.memory = memory;
    this.#exports = exports;
    this.#packet = memory.allocate(MAX_PACKET_BYTES);
    this.#info = memory.allocate(INFO_SIZE);
  }

  /** What decoders of our own engine need. @internal */
  get decoderCore(): DecoderCore {
    return { instance: this.#instance, packet: this.#packet };
  }

  /**
   * Reads the header of a packet and checks it by rules R1 to R7 (RFC 6716 section 3.4; appendix B for
   * self-delimiting framing). The frames themselves are not decoded.
   * @returns a new object, owned
   * @throws {OpusError} `bad-packet`, `bad-argument`, `released`
   * @example
   * const { mode, durationMs } = createOpus().inspectPacket(new Uint8Array([0xfc])); // celt, 20
   */
  inspectPacket(packet: Uint8Array, options: FramingOptions = {}): PacketInfo {
    this.#parse(packet, selfDelimited(options));
    const { buffer, byteOffset } = this.#info.bytes;
    const word = new Int32Array(buffer, byteOffset, INFO_SIZES / 4);
    const frameCount = word[INFO.frameCount]!;
    const samples = frameCount * word[INFO.frameSamples]!;
    return {
      mode: MODES[word[INFO.mode]!]!,
      bandwidth: BANDWIDTHS[word[INFO.bandwidth]!]!,
      channels: word[INFO.channels] as 1 | 2,
      config: word[INFO.toc]! >> 3,
      code: (word[INFO.toc]! & 3) as 0 | 1 | 2 | 3,
      frameSamples: word[INFO.frameSamples]!,
      frameCount,
      frameSizes: [...new Uint16Array(buffer, byteOffset + INFO_SIZES, frameCount)],
      samples,
      durationMs: samples / 48,
      paddingBytes: word[INFO.padding]!,
      fec: word[INFO.fec] === 1,
      length: word[INFO.length]!,
    };
  }

  /**
   * Duration of a packet in samples per channel at 48 kHz. The same checks as `inspectPacket`, without
   * making an object.
   * @throws {OpusError} `bad-packet`, `bad-argument`, `released`
   * @example
   * const ms = opus.packetSamples(packet) / 48;
   */
  packetSamples(packet: Uint8Array): number {
    const frames = this.#parse(packet, 0);
    const { buffer, byteOffset } = this.#info.bytes;
    return frames * new Int32Array(buffer, byteOffset, INFO_SIZES / 4)[INFO.frameSamples]!;
  }

  /** Whether a packet carries forward error correction, without making an object. @internal */
  packetHasFec(packet: Uint8Array): boolean {
    this.#parse(packet, 0);
    const { buffer, byteOffset } = this.#info.bytes;
    return new Int32Array(buffer, byteOffset, INFO_SIZES / 4)[INFO.fec] === 1;
  }

  /**
   * Pads a packet with zero bytes to exactly `length` bytes (RFC 6716 section 3.2.5). Padding that is
   * there already is replaced. A decoder sees no difference.
   * @param length wanted length in bytes, up to 65,536
   * @param dst where the result goes; without it the result is borrowed
   * @returns borrowed view, valid until the next call on this core; with `dst` its first `length` bytes
   * @throws {OpusError} `buffer-too-small` when the frames need more than `length` bytes, or when `dst`
   *   has less; `bad-packet`, `bad-argument`, `released`
   * @example
   * const padded = opus.padPacket(packet, 160); // all packets look alike on the wire
   */
  padPacket(packet: Uint8Array, length: number, dst?: Uint8Array): Uint8Array {
    checkInteger('length', length, 1, MAX_PACKET_BYTES, badArgument);
    return this.#repad(packet, length, dst);
  }

  /**
   * Takes padding away and writes the shortest framing that holds the same frames.
   * @param dst where the result goes; without it the result is borrowed
   * @returns borrowed view, valid until the next call on this core; with `dst` the filled part of it
   * @throws {OpusError} `buffer-too-small` for `dst`, `bad-packet`, `bad-argument`, `released`
   * @example
   * const bare = opus.unpadPacket(padded);
   */
  unpadPacket(packet: Uint8Array, dst?: Uint8Array): Uint8Array {
    return this.#repad(packet, 0, dst);
  }

  /**
   * Makes a repacketizer in this core's memory. It is the only method that may grow the memory.
   * @throws {WasmError} `out-of-memory`
   * @example
   * using repacketizer = opus.createRepacketizer();
   */
  createRepacketizer(): Repacketizer {
    this.#live();
    return new Repacketizer(this.#exports, this.memory, this.#packet);
  }

  /** Wipes and releases this core's buffers, also for repacketizers made from it. Idempotent. */
  close(): void {
    this.#packet.release();
    this.#info.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #live(): void {
    if (this.#packet.released) throw new OpusError('released', 'the Opus core was closed');
  }

  /** Leaves packet and description in the core's blocks. */
  #parse(packet: Uint8Array, delimited: number): number {
    this.#live();
    const length = putPacket(this.#packet, packet);
    const frames = this.#exports.opusPacketParse(
      this.#packet.address,
      length,
      delimited,
      this.#info.address,
    );
    if (frames < 0) throw badPacket();
    return frames;
  }

  #repad(packet: Uint8Array, wanted: number, dst: Uint8Array | undefined): Uint8Array {
    this.#live();
    const length = this.#exports.opusPacketPad(
      this.#packet.address,
      putPacket(this.#packet, packet),
      MAX_PACKET_BYTES,
      wanted,
      this.#info.address,
    );
    if (length === BUFFER_TOO_SMALL) {
      throw new OpusError(
        'buffer-too-small',
        `"length" expected room for the frames, got ${wanted}`,
      );
    }
    if (length < 0) throw badPacket();
    return deliver(this.#packet.bytes.subarray(0, length), dst);
  }
}

const inlined = /* @__PURE__ */ new InlinedModule(base64);
const REQUIRED = ['opusPacketParse', 'opusPacketPad', 'opusRepacketizerWrite'];

/**
 * Makes an instance of the Opus module, synchronously. The inlined module is compiled on the first call.
 * @param source bytes of `sottovoce/wasm/opus.wasm` (or `call.wasm`), or the compiled module
 * @throws {WasmError} `bad-module`
 * @example
 * import { createOpus } from 'sottovoce/opus';
 * const opus = createOpus();
 * console.log(opus.inspectPacket(packet).mode);
 */
export function createOpus(source: WasmSource = inlined.module): OpusCore {
  return new OpusCore(instantiate<OpusExports>(source, REQUIRED));
}
