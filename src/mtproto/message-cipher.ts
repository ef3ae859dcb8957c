import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkLength, checkOptions } from '../core/checks.ts';
import type { CryptoCore } from '../crypto/crypto-core.ts';
import type { SharedKey } from '../crypto/shared-key.ts';
import { type CipherParts, cipherParts } from './cipher-parts.ts';
import { badArgument, badLength, MtprotoError } from './errors.ts';
import {
  checkFields,
  MESSAGE_HEADER,
  type MessageCipherOptions,
  type MessageFields,
  readHeader,
  writeHeader,
} from './message-fields.ts';

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
  readonly #parts: CipherParts;
  #closed = false;
  #dropped = 0;
  #quickAckToken = 0;

  /**
   * @param key the auth_key. The cipher uses it and does not close it.
   * @throws {MtprotoError} `bad-argument`
   */
  constructor(crypto: CryptoCore, key: SharedKey, options: MessageCipherOptions = {}) {
    this.#parts = cipherParts(crypto, key, options, MAX_PADDING);
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
    const { body } = checkFields(fields, this.#parts.maxBodyBytes);
    const content = MESSAGE_HEADER + body.length;
    if (padding !== undefined) checkPadding(padding, content);
    const paddingBytes = padding === undefined ? minimalPadding(content) : padding.length;
    const total = content + paddingBytes;
    const target = this.#parts.buffer.body;
    writeHeader(target, fields);
    if (padding !== undefined) target.set(padding, content);
    else this.#parts.random(target.subarray(content, total));
    this.#parts.buffer.sealMessage(this.#parts.key, this.#parts.sendX, total);
    this.#quickAckToken = this.#parts.buffer.quickAckToken;
    this.#parts.buffer.prefix.set(this.#parts.key.fingerprint);
    return this.#parts.buffer.prefixedPacket(total);
  }

  /**
   * Opens a received message and makes the checks 1 to 6 of mtproto.md 4.2: size, auth_key_id,
   * msg_key, length and padding, session_id, parity of msg_id. Duplicates and clocks are the
   * caller's concern.
   * @param expected the session_id that the message must carry; a server that does not know it yet says
   *   null, reads it from the result, and pays for a second pass
   * @returns the fields, `body` *borrowed* and all else *owned*; or `null`, whatever was wrong
   * @throws {MtprotoError} `bad-argument`, `bad-length`, `released`: only for what the caller did wrong
   */
  open(packet: Uint8Array, expected: { sessionId: Uint8Array | null }): MessageFields | null {
    this.#checkOpen();
    checkBytes('packet', packet, badArgument);
    checkOptions(expected, ['sessionId'], badArgument);
    const { sessionId } = expected;
    if (sessionId !== null) {
      checkBytes('sessionId', sessionId, badArgument);
      checkLength('sessionId', sessionId, 8, badLength);
    } else if (this.#parts.sendX === 0)
      throw badArgument('"sessionId" expected 8 bytes from a client');
    if (this.#tryOpen(packet, sessionId) < 0) {
      this.#dropped++;
      return null;
    }
    return readHeader(this.#parts.buffer.body);
  }

  /** Length of the body, or -1. Size and auth_key_id are public and may be told apart by time. */
  #tryOpen(packet: Uint8Array, sessionId: Uint8Array | null): number {
    if (packet.length < OUTER + 48) return -1;
    const { fingerprint } = this.#parts.key;
    for (let i = 0; i < 8; i++) if (packet[i] !== fingerprint[i]) return -1;
    const receiveX = this.#parts.sendX === 0 ? 8 : 0;
    const parity = receiveX === 8 ? 1 : 0; // servers send odd msg_ids
    const sealed = sessionId === null ? copyBytes(packet, 8) : packet.subarray(8);
    const session = sessionId ?? this.#sessionOf(sealed, receiveX);
    return this.#parts.buffer.openCloudMessage(this.#parts.key, receiveX, sealed, session, parity);
  }

  /** The session_id of a message with a good msg_key, else any: the second pass tells, in equal time. */
  #sessionOf(sealed: Uint8Array, x: number): Uint8Array {
    const plain = this.#parts.buffer.openMessage(this.#parts.key, x, sealed);
    return plain?.slice(8, 16) ?? new Uint8Array(8);
  }

  #checkOpen(): void {
    if (this.#closed) throw new MtprotoError('released', 'the MessageCipher was closed');
  }

  /** Wipes its buffer; the key stays open. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#parts.buffer.close();
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
