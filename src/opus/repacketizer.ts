import { checkInteger, checkOptions } from '../core/checks.ts';
import type { Block, WasmMemory } from '../core/memory.ts';
import { badArgument, OpusError } from './errors.ts';
import type { OpusExports } from './exports.ts';
import { BAD_PACKET, BUFFER_TOO_SMALL, REPACKETIZER_SIZE } from './layout.ts';
import {
  badPacket,
  deliver,
  type FramingOptions,
  MAX_PACKET_BYTES,
  putPacket,
  selfDelimited,
} from './packet-bytes.ts';

/** Which frames to write, and how. */
export type WriteOptions = FramingOptions & {
  /** First frame, from 0. Default 0. */
  readonly begin?: number;
  /** The frame after the last one. Default: all that are held. */
  readonly end?: number;
  /** Exact length in bytes to pad to, up to 65,536. Default: the shortest packet. */
  readonly length?: number;
};

/**
 * Joins frames of several packets in one, and cuts packets apart. All frames have to share mode,
 * bandwidth, frame size and channels, and last 120 ms at most (RFC 6716 section 3.1 and R5).
 * `OpusCore.createRepacketizer()` makes it.
 * @example
 * const repacketizer = opus.createRepacketizer();
 * repacketizer.append(first);
 * repacketizer.append(second);
 * const both = repacketizer.write();
 * repacketizer.close();
 */
export class Repacketizer {
  readonly #exports: OpusExports;
  /** One repacketizer reads a packet at a time, so the core's packet buffer serves all of them. */
  readonly #packet: Block;
  readonly #state: Block;
  readonly #output: Block;
  #frameCount = 0;

  /** @internal */
  constructor(exports: OpusExports, memory: WasmMemory, packet: Block) {
    this.#exports = exports;
    this.#packet = packet;
    this.#state = memory.allocate(REPACKETIZER_SIZE);
    this.#output = memory.allocate(MAX_PACKET_BYTES);
  }

  /** Frames held now, 0 to 48. */
  get frameCount(): number {
    return this.#frameCount;
  }

  /**
   * Adds the frames of a packet behind those that are held. Padding is left out. The bytes are copied.
   * @returns frames held now
   * @throws {OpusError} `incompatible-packet` when they cannot share a packet, `bad-packet`,
   *   `bad-argument`, `released`; nothing is added then
   */
  append(packet: Uint8Array, options: FramingOptions = {}): number {
    this.#live();
    const delimited = selfDelimited(options);
    const count = this.#exports.opusRepacketizerAppend(
      this.#state.address,
      this.#packet.address,
      putPacket(this.#packet, packet),
      delimited,
    );
    if (count === BAD_PACKET) throw badPacket();
    if (count < 0) {
      throw new OpusError(
        'incompatible-packet',
        '"packet" expected the configuration of the frames held and 120 ms with them at most',
      );
    }
    this.#frameCount = count;
    return count;
  }

  /**
   * Writes frames as one packet. They are held on: write as often as wanted.
   * @param dst where the result goes; without it the result is borrowed
   * @returns borrowed view, valid until the next call on this handle; with `dst` the filled part of it
   * @throws {OpusError} `bad-argument` for an empty or wrong range, `buffer-too-small` when `length` or
   *   `dst` cannot hold the packet, `released`
   */
  write(options: WriteOptions = {}, dst?: Uint8Array): Uint8Array {
    this.#live();
    checkOptions(options, ['begin', 'end', 'length', 'selfDelimited'], badArgument);
    const { begin = 0, end = this.#frameCount, length = 0, ...framing } = options;
    checkInteger('end', end, 1, Math.max(1, this.#frameCount), badArgument);
    checkInteger('begin', begin, 0, end - 1, badArgument);
    checkInteger('length', length, 0, MAX_PACKET_BYTES, badArgument);
    const written = this.#exports.opusRepacketizerWrite(
      this.#state.address,
      begin,
      end,
      this.#output.address,
      MAX_PACKET_BYTES,
      selfDelimited(framing),
      length,
    );
    if (written === BUFFER_TOO_SMALL) {
      throw new OpusError(
        'buffer-too-small',
        `"length" expected room for the frames, got ${length}`,
      );
    }
    if (written < 0) throw badArgument('"end" expected frames to write, got none');
    return deliver(this.#output.bytes.subarray(0, written), dst);
  }

  /** Forgets all frames. */
  clear(): void {
    this.#live();
    this.#exports.opusRepacketizerClear(this.#state.address);
    this.#frameCount = 0;
  }

  /** Wipes and releases the memory. Idempotent. */
  close(): void {
    this.#state.release();
    this.#output.release();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #live(): void {
    if (this.#state.released || this.#packet.released) {
      throw new OpusError('released', 'the repacketizer was closed');
    }
  }
}
