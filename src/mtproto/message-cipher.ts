import { checkBytes, checkInteger, checkLength, checkOptions } from '../core/checks.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import type { CryptoCore } from '../crypto/crypto-core.ts';
import type { PacketBuffer } from '../crypto/packet-buffer.ts';
import type { SharedKey } from '../crypto/shared-key.ts';
import { badArgument, badLength, MtprotoError } from './errors.ts';

/** What a message carries, in the terms of mtproto.md 4.1. Byte fields are in wire order. */
export type MessageFields = {
  /** 8 bytes. */
  salt: Uint8Array;
  /** 8 bytes. */
  sessionId: Uint8Array;
  /** 0..2^64 - 1. Even from a client, odd from a server. */
  msgId: bigint;
  /** 0..2^32 - 1. */
  seqNo: number;
  /** A multiple of 4 bytes. */
  body: Uint8Array;
};

/** Options of a {@link MessageCipher}. */
export type MessageCipherOptions = {
  /** Which end this is; by default `client`. */
  role?: 'client' | 'server';
  /** Source of the padding; by default the runtime's secure generator. */
  random?: RandomSource;
  /** Largest body that can be sealed or opened, in bytes; by default 1 MiB, at most 15 MiB. */
  maxBodyBytes?: number;
};

const HEADER = 32;
const MIN_PADDING = 12;
const MAX_PADDING = 1024;
const OUTER = 24; // auth_key_id and msg_key

/**
 * Seals and opens MTProto 2.0 messages under one auth_key: auth_key_id, msg_key, and the encrypted
 * salt, session_id, msg_id, seq_no, length, body and padding (mtproto.md 4).
 *
 * @example
 * using cipher = new MessageCipher(crypto, authKey, { role: 'client' });
 * socket.send(cipher.seal({ salt, sessionId, msgId, seqNo, body }));
 * const message = cipher.open(received, { sessionId }); // null: dropped, close the connection
 */
export class MessageCipher {
  readonly #key: SharedKey;
  readonly #random: RandomSource;
  readonly #buffer: PacketBuffer;
  readonly #maxBodyBytes: number;
  readonly #sendX: 0 | 8;
  #closed = false;
  #dropped = 0;
  #quickAckToken = 0;

  /**
   * @param key the auth_key. The cipher uses it and does not close it.
   * @throws {MtprotoError} `bad-argument`
   */
  constructor(crypto: CryptoCore, key: SharedKey, options: MessageCipherOptions = {}) {
    checkOptions(options, ['role', 'random', 'maxBodyBytes'], badArgument);
    const { role = 'client', random = systemRandom, maxBodyBytes = 1024 * 1024 } = options;
    if (role !== 'client' && role !== 'server') {
      throw badArgument('"role" expected client or server');
    }
    if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
    checkInteger('maxBodyBytes', maxBodyBytes, 0, 15 * 1024 * 1024, badArgument);
    this.#key = key;
    this.#random = random;
    this.#maxBodyBytes = maxBodyBytes;
    this.#sendX = role === 'client' ? 0 : 8;
    const encrypted = HEADER + maxBodyBytes + MAX_PADDING;
    this.#buffer = crypto.createPacketBuffer((encrypted + 15) & ~15);
  }

  /** Received packets that were refused, for whatever reason. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Token by which the server acknowledges the message sealed last, as an unsigned 32-bit number. */
  get quickAckToken(): number {
    return this.#quickAckToken;
  }

  /**
   * Seals a message.
   * @param padding by default as few random bytes as the format allows (12..27). Otherwise 12..1024
   *   bytes that fill header (32), body and padding to a multiple of 16; they must be random.
   * @returns the packet, *borrowed*
   * @throws {MtprotoError} `bad-argument`, `bad-length`, `released`
   */
  seal(fields: MessageFields, padding?: Uint8Array): Uint8Array {
    this.#checkOpen();
    const { salt, sessionId, msgId, seqNo, body } = checkFields(fields);
    if (body.length > this.#maxBodyBytes || body.length % 4 !== 0) {
      throw badLength(
        `"body" expected a multiple of 4 up to ${this.#maxBodyBytes} bytes, got ${body.length}`,
      );
    }
    const content = HEADER + body.length;
    const paddingBytes = padding === undefined ? minimalPadding(content) : padding.length;
    if (padding !== undefined) checkPadding(padding, content);
    const total = content + paddingBytes;
    const target = this.#buffer.body;
    target.set(body, HEADER); // first: it may be a borrowed view of this very buffer
    target.set(salt, 0);
    target.set(sessionId, 8);
    const view = new DataView(target.buffer, target.byteOffset, HEADER);
    view.setBigUint64(16, msgId, true);
    view.setUint32(24, seqNo, true);
    view.setUint32(28, body.length, true);
    if (padding !== undefined) target.set(padding, content);
    else this.#random(target.subarray(content, total));
    this.#buffer.sealMessage(this.#key, this.#sendX, total);
    this.#quickAckToken = this.#buffer.quickAckToken;
    this.#buffer.prefix.set(this.#key.fingerprint);
    return this.#buffer.prefixedPacket(total);
  }

  /**
   * Opens a received message and makes the checks 1 to 6 of mtproto.md 4.2: size, auth_key_id,
   * msg_key, length and padding, session_id, parity of msg_id. Duplicates and clocks are the
   * caller's concern.
   * @param expected the session_id that the message must carry
   * @returns the fields, `body` *borrowed* and all else *owned*; or `null`, whatever was wrong
   * @throws {MtprotoError} `bad-argument`, `bad-length`, `released`: only for what the caller did wrong
   */
  open(packet: Uint8Array, expected: { sessionId: Uint8Array }): MessageFields | null {
    this.#checkOpen();
    checkBytes('packet', packet, badArgument);
    checkOptions(expected, ['sessionId'], badArgument);
    const { sessionId } = expected;
    checkBytes('sessionId', sessionId, badArgument);
    checkLength('sessionId', sessionId, 8, badLength);
    const bodyBytes = this.#tryOpen(packet, sessionId);
    if (bodyBytes < 0) {
      this.#dropped++;
      return null;
    }
    const plain = this.#buffer.body;
    const view = new DataView(plain.buffer, plain.byteOffset, HEADER);
    return {
      salt: plain.slice(0, 8),
      sessionId: plain.slice(8, 16),
      msgId: view.getBigUint64(16, true),
      seqNo: view.getUint32(24, true),
      body: plain.subarray(HEADER, HEADER + bodyBytes),
    };
  }

  /** Length of the body, or -1. Size and auth_key_id are public and may be told apart by time. */
  #tryOpen(packet: Uint8Array, sessionId: Uint8Array): number {
    if (packet.length < OUTER + 48) return -1;
    const { fingerprint } = this.#key;
    for (let i = 0; i < 8; i++) if (packet[i] !== fingerprint[i]) return -1;
    const receiveX = this.#sendX === 0 ? 8 : 0;
    const parity = receiveX === 8 ? 1 : 0; // servers send odd msg_ids
    const sealed = packet.subarray(8);
    return this.#buffer.openCloudMessage(this.#key, receiveX, sealed, sessionId, parity);
  }

  #checkOpen(): void {
    if (this.#closed) throw new MtprotoError('released', 'the MessageCipher was closed');
  }

  /** Wipes its buffer; the key stays open. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#buffer.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

const minimalPadding = (content: number): number => MIN_PADDING + (-(content + MIN_PADDING) & 15);

function checkPadding(padding: unknown, content: number): void {
  checkBytes('padding', padding, badArgument);
  const { length } = padding;
  if (length < MIN_PADDING || length > MAX_PADDING || (content + length) % 16 !== 0) {
    throw badLength(
      `"padding" expected 12..1024 bytes that complete a multiple of 16, got ${length}`,
    );
  }
}

function checkFields(fields: MessageFields): MessageFields {
  if (typeof fields !== 'object' || fields === null)
    throw badArgument('"fields" expected an object');
  const { salt, sessionId, msgId, seqNo, body } = fields;
  checkBytes('salt', salt, badArgument);
  checkLength('salt', salt, 8, badLength);
  checkBytes('sessionId', sessionId, badArgument);
  checkLength('sessionId', sessionId, 8, badLength);
  if (typeof msgId !== 'bigint' || msgId < 0n || msgId >> 64n !== 0n) {
    throw badArgument('"msgId" expected a bigint in 0..2^64 - 1');
  }
  checkInteger('seqNo', seqNo, 0, 2 ** 32 - 1, badArgument);
  checkBytes('body', body, badArgument);
  return fields;
}
