import { checkBytes, checkInteger } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import type { Engine } from './engine.ts';
import { badArgument, badLength, CryptoError } from './errors.ts';
import { checkSharedKey, type SharedKey } from './shared-key.ts';

/** Bytes before the body that sealing and opening use (assembly/packet/msg-key.ts). */
export const HEADROOM = 32;
export const MSG_KEY = 16;
/** Sequence word and type: nothing shorter is a call packet (5 + 16 bytes on the wire). */
export const MIN_CALL_BODY = 5;
/** Largest capacity: 16 MiB. */
export const MAX_CAPACITY: number = 16 * 1024 * 1024;
/** Offsets into the key (call-packets.md 2): 0 caller, 8 callee, 128 and 136 the same for signalling. */
export const CALL_OFFSETS: readonly number[] = [0, 8, 128, 136];
export const MESSAGE_OFFSETS: readonly number[] = [0, 8];

/**
 * A body in WASM memory with room before it, in which packets are sealed and opened without a copy.
 * Made by {@link CryptoCore.createPacketBuffer}.
 *
 * @example
 * const packet = crypto.createPacketBuffer(1500);
 * packet.body.set(bytes);
 * transport.send(packet.sealCall(key, 0, bytes.length));
 */
export class PacketBuffer {
  /** Room for the body in bytes. */
  readonly capacity: number;
  readonly #engine: Engine;
  readonly #block: Block;
  #body: Uint8Array | undefined;
  /** The packet and the body that were handed out last: the same view again for the same length. */
  #lastPacket: Uint8Array = new Uint8Array(0);
  #lastBody: Uint8Array = new Uint8Array(0);

  /** @internal */
  constructor(engine: Engine, capacity: number) {
    engine.checkOpen();
    checkInteger('capacity', capacity, MIN_CALL_BODY, MAX_CAPACITY, badArgument);
    this.capacity = capacity;
    this.#engine = engine;
    this.#block = engine.memory.allocate(HEADROOM + capacity);
    engine.register(this);
  }

  /** The body: *pinned*, valid until `close()`; read the property again after memory may have grown. */
  get body(): Uint8Array {
    this.#checkOpen();
    const { bytes } = this.#block;
    if (this.#body === undefined || this.#body.length === 0) this.#body = bytes.subarray(HEADROOM);
    return this.#body; // one that growth detached has length 0
  }

  /**
   * Seals the first `bodyLength` bytes of the body as a call packet, in place (AES-256-CTR).
   * @param x 0 caller, 8 callee sends on the transport; 128 caller, 136 callee on signalling
   * @param bodyLength 5..capacity
   * @returns msg_key (16 bytes) and ciphertext, *borrowed*
   * @throws {CryptoError} `bad-argument`, `released`
   */
  sealCall(key: SharedKey, x: number, bodyLength: number): Uint8Array {
    const address = this.#check(key, x, CALL_OFFSETS);
    checkInteger('bodyLength', bodyLength, MIN_CALL_BODY, this.capacity, badArgument);
    const { exports } = this.#engine;
    exports.callPacketSeal(address, x, this.#block.address + HEADROOM, bodyLength);
    return this.#packet(bodyLength);
  }

  /**
   * Opens a received call packet.
   * @param x that of the *sender*
   * @param packet msg_key and ciphertext. Not modified, unless it lies in this buffer.
   * @returns the body, *borrowed*; or `null`, whatever was wrong: then nothing of the plaintext stays
   * @throws {CryptoError} `bad-argument`, `released`: only for what the caller did wrong
   */
  openCall(key: SharedKey, x: number, packet: Uint8Array): Uint8Array | null {
    const address = this.#check(key, x, CALL_OFFSETS);
    const length = this.takeCall(packet);
    if (length === 0) return null; // the length is public
    const body = this.#block.address + HEADROOM;
    if (this.#engine.exports.callPacketOpen(address, x, body, length) === 0) return null;
    return this.#opened(length);
  }

  /**
   * Seals the first `bodyLength` bytes of the body as an MTProto 2.0 message, in place (AES-256-IGE).
   * @param x 0 client to server or originator of a secret chat, 8 the other way
   * @param bodyLength a multiple of 16, padding included, at least 16
   * @returns msg_key (16 bytes) and ciphertext, *borrowed*
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  sealMessage(key: SharedKey, x: number, bodyLength: number): Uint8Array {
    const address = this.#check(key, x, MESSAGE_OFFSETS);
    checkInteger('bodyLength', bodyLength, 16, this.capacity, badArgument);
    if (bodyLength % 16 !== 0) {
      throw badLength(`"bodyLength" expected a multiple of 16, got ${bodyLength}`);
    }
    const { exports } = this.#engine;
    exports.messageSeal(address, x, this.#block.address + HEADROOM, bodyLength);
    return this.#packet(bodyLength);
  }

  /**
   * Opens msg_key and ciphertext of an MTProto 2.0 message; checks the msg_key and nothing inside.
   * Up to 15 bytes behind the last whole block are ignored (padded transports leave them).
   * @param x that of the *sender*
   * @returns the plaintext with its padding, *borrowed*; or `null`: then nothing of the plaintext stays
   * @throws {CryptoError} `bad-argument`, `released`
   */
  openMessage(key: SharedKey, x: number, packet: Uint8Array): Uint8Array | null {
    const address = this.#check(key, x, MESSAGE_OFFSETS);
    checkBytes('packet', packet, badArgument);
    const length = this.#takeMessage(packet);
    if (length === 0) return null;
    const body = this.#block.address + HEADROOM;
    if (this.#engine.exports.messageOpen(address, x, body, length) === 0) return null;
    return this.#opened(length);
  }

  /**
   * @internal As openMessage for a cloud message, with all checks of its header in the same pass.
   * Returns the length of the data behind the 32-byte header, or -1.
   */
  openCloudMessage(
    key: SharedKey,
    x: number,
    packet: Uint8Array,
    sessionId: Uint8Array,
    parity: number,
  ): number {
    const address = this.#check(key, x, MESSAGE_OFFSETS);
    const session = this.#engine.stageSession(sessionId);
    const length = this.#takeMessage(packet);
    if (length < 48) return -1;
    const body = this.#block.address + HEADROOM;
    const { exports } = this.#engine;
    const result = exports.cloudMessageOpen(address, x, body, length, session, parity);
    this.#engine.wipeStaging();
    return result;
  }

  /**
   * Seals the first `bodyLength` bytes of the body as an MTProto 1.0 message, in place (AES-256-IGE; mtproto.md 3).
   * Only the binding of temporary keys and old secret chats still use it.
   * @param x 0, or 8 for what a server sends
   * @param bodyLength a multiple of 16, padding included, at least 16
   * @param dataLength bytes before the padding, which are all that msg_key depends on: at most 15 less
   * @returns msg_key (16 bytes) and ciphertext, *borrowed*
   * @throws {CryptoError} `bad-argument`, `bad-length`, `released`
   */
  sealMessageV1(key: SharedKey, x: number, bodyLength: number, dataLength: number): Uint8Array {
    const address = this.#check(key, x, MESSAGE_OFFSETS);
    checkInteger('bodyLength', bodyLength, 16, this.capacity, badArgument);
    if (bodyLength % 16 !== 0) {
      throw badLength(`"bodyLength" expected a multiple of 16, got ${bodyLength}`);
    }
    checkInteger('dataLength', dataLength, bodyLength - 15, bodyLength, badArgument);
    const body = this.#block.address + HEADROOM;
    this.#engine.exports.messageV1Seal(address, x, body, bodyLength, dataLength);
    return this.#packet(bodyLength);
  }

  /**
   * Opens msg_key and ciphertext of an MTProto 1.0 message, in one time whatever the outcome.
   * @param x that of the *sender*
   * @param lengthOffset where the body tells, in four bytes, how many bytes of data follow these four: 28 in
   *   messages of a cloud chat or binding, 0 in secret chats
   * @returns the bytes up to the end of the data, *borrowed*; or `null`: then nothing of the plaintext stays
   * @throws {CryptoError} `bad-argument`, `released`
   */
  openMessageV1(
    key: SharedKey,
    x: number,
    packet: Uint8Array,
    lengthOffset: 0 | 28,
  ): Uint8Array | null {
    const address = this.#check(key, x, MESSAGE_OFFSETS);
    checkBytes('packet', packet, badArgument);
    if (lengthOffset !== 0 && lengthOffset !== 28) {
      throw badArgument('"lengthOffset" expected 0 or 28');
    }
    const length = this.#takeMessage(packet);
    if (length < lengthOffset + 4) return null; // the length is public
    const body = this.#block.address + HEADROOM;
    const data = this.#engine.exports.messageV1Open(address, x, body, length, lengthOffset);
    return data < 0 ? null : this.body.subarray(0, lengthOffset + 4 + data);
  }

  /** @internal The quick-ack token of the message just sealed (mtproto.md 4.1). */
  get quickAckToken(): number {
    const [a, b, c, d] = this.#block.bytes as unknown as [number, number, number, number];
    return (a | (b << 8) | (c << 16) | ((d | 0x80) << 24)) >>> 0;
  }

  /** @internal Bytes before the msg_key, 8 of them: a message puts its auth_key_id there. */
  get prefix(): Uint8Array {
    return this.#block.bytes.subarray(HEADROOM - MSG_KEY - 8, HEADROOM - MSG_KEY);
  }

  /** @internal prefix || msg_key || ciphertext. */
  prefixedPacket(bodyLength: number): Uint8Array {
    return this.#block.bytes.subarray(HEADROOM - MSG_KEY - 8, HEADROOM + bodyLength);
  }

  /** @internal Checks key and x of a call packet, gives the address of the key; for calls that seal and do more. */
  callKey(key: SharedKey, x: number): number {
    return this.#check(key, x, CALL_OFFSETS);
  }

  /** @internal Where the body lies. */
  get bodyAddress(): number {
    return this.#block.address + HEADROOM;
  }

  /** @internal Takes a received call packet; gives the length of its body, 0 where no packet has that length. */
  takeCall(packet: Uint8Array): number {
    checkBytes('packet', packet, badArgument);
    const length = packet.length - MSG_KEY;
    if (length < MIN_CALL_BODY || length > this.capacity) return 0;
    this.#block.bytes.set(packet, HEADROOM - MSG_KEY);
    return length;
  }

  /** @internal The packet that such a call sealed. */
  sealedCall(bodyLength: number): Uint8Array {
    return this.#packet(bodyLength);
  }

  /** Copies whole blocks in; 0 when there are none or too many. */
  #takeMessage(packet: Uint8Array): number {
    const length = (packet.length - MSG_KEY) & ~15;
    if (length < 16 || length > this.capacity) return 0;
    this.#block.bytes.set(packet.subarray(0, MSG_KEY + length), HEADROOM - MSG_KEY);
    return length;
  }

  // A view that growth of the memory detached has length 0, which no packet has.

  #packet(bodyLength: number): Uint8Array {
    if (this.#lastPacket.length !== MSG_KEY + bodyLength) {
      this.#lastPacket = this.#block.bytes.subarray(HEADROOM - MSG_KEY, HEADROOM + bodyLength);
    }
    return this.#lastPacket;
  }

  #opened(length: number): Uint8Array {
    if (this.#lastBody.length !== length) this.#lastBody = this.body.subarray(0, length);
    return this.#lastBody;
  }

  #check(key: SharedKey, x: number, offsets: readonly number[]): number {
    this.#checkOpen();
    if (!offsets.includes(x)) throw badArgument(`"x" expected one of ${offsets.join(', ')}`);
    return checkSharedKey(this.#engine, key);
  }

  #checkOpen(): void {
    if (this.#block.released) throw new CryptoError('released', 'the PacketBuffer was closed');
  }

  /** Wipes everything. Idempotent. */
  close(): void {
    this.#block.release();
    this.#body = undefined;
    this.#engine.unregister(this);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
