import { checkBytes, checkInteger } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import type { Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';
import {
  CALL_OFFSETS,
  HEADROOM,
  MAX_CAPACITY,
  MESSAGE_OFFSETS,
  MIN_CALL_BODY,
  MSG_KEY,
} from './packet-buffer.ts';
import { checkSharedKey, type SharedKey } from './shared-key.ts';

/** Words of a job in the module (assembly/packet/batch.ts): key, x, body, length, result. */
const JOB_WORDS = 5;
const MAX_PACKETS = 65536;

type Job = { key: SharedKey; x: number; length: number };

/**
 * Room for many packets, each under a key of its own, which are sealed or opened in one call: for relays of
 * group calls, for servers, for tests. Messages are worked on two at a time, which takes less than either
 * after the other. Made by {@link CryptoCore.createPacketBatch}.
 *
 * @example
 * const batch = crypto.createPacketBatch(participants.length, 1500);
 * participants.forEach(({ key }, i) => {
 *   batch.body(i).set(packet);
 *   batch.add(i, key, 0, packet.length);
 * });
 * batch.sealCalls();
 * participants.forEach(({ transport }, i) => transport.send(batch.packet(i)));
 */
export class PacketBatch {
  /** How many packets there is room for. */
  readonly size: number;
  /** Room for each body in bytes. */
  readonly capacity: number;
  readonly #engine: Engine;
  readonly #bodies: Block;
  readonly #jobs: Block;
  /** Distance from body to body. */
  readonly #stride: number;
  /** What the next run is to do, by number of the packet. */
  readonly #jobsOf = new Map<number, Job>();
  /** Length of each packet that the last run sealed or found good. */
  readonly #done = new Map<number, number>();

  /** @internal */
  constructor(engine: Engine, size: number, capacity: number) {
    engine.checkOpen();
    checkInteger('size', size, 1, MAX_PACKETS, badArgument);
    checkInteger('capacity', capacity, 16, MAX_CAPACITY, badArgument);
    const stride = (HEADROOM + capacity + 15) & ~15;
    if (stride * size > 4 * MAX_CAPACITY) {
      throw badArgument(`"size" expected packets of at most ${4 * MAX_CAPACITY} bytes in sum`);
    }
    this.size = size;
    this.capacity = capacity;
    this.#engine = engine;
    this.#stride = stride;
    this.#bodies = engine.memory.allocate(stride * size);
    this.#jobs = engine.memory.allocate(4 * JOB_WORDS * size);
    engine.register(this);
  }

  /** The body of packet `index`: a view that is *borrowed* until memory grows. */
  body(index: number): Uint8Array {
    const start = this.#at(index) + HEADROOM;
    return this.#bodies.bytes.subarray(start, start + this.capacity);
  }

  /**
   * Names the packet `index` for the next run of `sealCalls` or `sealMessages`.
   * @param x as of {@link PacketBuffer.sealCall} or {@link PacketBuffer.sealMessage}
   * @param bodyLength bytes of the body, padding included
   * @throws {CryptoError} `bad-argument`, `released`
   */
  add(index: number, key: SharedKey, x: number, bodyLength: number): void {
    this.#at(index);
    checkInteger('bodyLength', bodyLength, MIN_CALL_BODY, this.capacity, badArgument);
    this.#put(index, key, x, bodyLength);
  }

  /**
   * Copies in what was received as packet `index`, for the next run of `openCalls` or `openMessages`.
   * @param x that of the *sender*
   * @param packet msg_key and ciphertext; one that is too short or too long counts as forged
   * @throws {CryptoError} `bad-argument`, `released`
   */
  load(index: number, key: SharedKey, x: number, packet: Uint8Array): void {
    const start = this.#at(index) + HEADROOM - MSG_KEY;
    checkBytes('packet', packet, badArgument);
    const length = packet.length - MSG_KEY;
    const fits = length >= MIN_CALL_BODY && length <= this.capacity;
    this.#put(index, key, x, fits ? length : 0);
    if (fits) this.#bodies.bytes.set(packet, start);
  }

  #put(index: number, key: SharedKey, x: number, length: number): void {
    if (!CALL_OFFSETS.includes(x)) throw badArgument('"x" expected one of 0, 8, 128, 136');
    checkSharedKey(this.#engine, key);
    this.#jobsOf.set(index, { key, x, length });
  }

  /** Seals all packets that were added as call packets (AES-256-CTR). Returns how many. */
  sealCalls(): number {
    return this.#run('callPacketsSeal', CALL_OFFSETS, false);
  }

  /** Opens all packets that were loaded as call packets. Returns how many were good. */
  openCalls(): number {
    return this.#run('callPacketsOpen', CALL_OFFSETS, false);
  }

  /**
   * Seals all packets that were added as MTProto 2.0 messages (AES-256-IGE). Returns how many.
   * @throws {CryptoError} `bad-length` when a body is no multiple of 16 bytes: then nothing was sealed
   */
  sealMessages(): number {
    for (const { length } of this.#jobsOf.values()) {
      if (length % 16 !== 0)
        throw badLength(`"bodyLength" expected a multiple of 16, got ${length}`);
    }
    return this.#run('messagesSeal', MESSAGE_OFFSETS, true);
  }

  /**
   * Opens all packets that were loaded as MTProto 2.0 messages; checks their msg_keys and nothing inside.
   * Bytes behind the last whole block are ignored. Returns how many were good.
   */
  openMessages(): number {
    return this.#run('messagesOpen', MESSAGE_OFFSETS, true);
  }

  #run(
    name: 'callPacketsSeal' | 'callPacketsOpen' | 'messagesSeal' | 'messagesOpen',
    offsets: readonly number[],
    blocks: boolean,
  ): number {
    this.#checkOpen();
    const table = new DataView(this.#jobs.bytes.buffer, this.#jobs.address, this.#jobs.length);
    const order: [index: number, length: number][] = [];
    for (const [index, { key, x, length }] of this.#jobsOf) {
      if (!offsets.includes(x)) throw badArgument(`"x" expected one of ${offsets.join(', ')}`);
      const address = checkSharedKey(this.#engine, key);
      const used = blocks ? length & ~15 : length;
      if (used === 0) continue; // cannot be good, as its length tells
      const body = this.#bodies.address + index * this.#stride + HEADROOM;
      const job = 4 * JOB_WORDS * order.length;
      for (const [i, word] of [address, x, body, used].entries()) {
        table.setUint32(job + 4 * i, word, true);
      }
      order.push([index, used]);
    }
    this.#engine.exports[name](this.#jobs.address, order.length);
    this.#done.clear();
    order.forEach(([index, length], n) => {
      const result = table.getInt32(4 * (JOB_WORDS * n + JOB_WORDS - 1), true);
      if (result > 0) this.#done.set(index, length);
    });
    this.#jobsOf.clear();
    return this.#done.size;
  }

  /**
   * Packet `index` after sealing: msg_key (16 bytes) and ciphertext, *borrowed*.
   * @throws {CryptoError} `bad-argument` when the last run did not seal it
   */
  packet(index: number): Uint8Array {
    const start = this.#at(index) + HEADROOM - MSG_KEY;
    const length = this.#done.get(index);
    if (length === undefined) throw badArgument('"index" expected a packet of the last run');
    return this.#bodies.bytes.subarray(start, start + MSG_KEY + length);
  }

  /** The body of packet `index` after opening, *borrowed*; or `null`: then nothing of it stays. */
  opened(index: number): Uint8Array | null {
    const start = this.#at(index) + HEADROOM;
    const length = this.#done.get(index);
    return length === undefined ? null : this.#bodies.bytes.subarray(start, start + length);
  }

  #at(index: number): number {
    this.#checkOpen();
    checkInteger('index', index, 0, this.size - 1, badArgument);
    return index * this.#stride;
  }

  #checkOpen(): void {
    if (this.#bodies.released) throw new CryptoError('released', 'the PacketBatch was closed');
  }

  /** Wipes everything. Idempotent. */
  close(): void {
    this.#bodies.release();
    this.#jobs.release();
    this.#jobsOf.clear();
    this.#done.clear();
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
