import { copyBytes } from '../core/bytes.ts';
import { checkBytes, checkLength, checkOptions } from '../core/checks.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
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

/** auth_key_id and msg_key. */
const OUTER = 24;
/** The length field of the header. */
const LENGTH_OFFSET = 28;

/**
 * Seals and opens messages of MTProto 1.0 (mtproto.md 3 and 4): msg_key is a SHA-1 that leaves the
 * padding out, which 2.0 replaced for good reason. For what still uses it; for messages use
 * {@link MessageCipher}.
 *
 * @example
 * using cipher = new MessageCipherV1(crypto, authKey);
 * const packet = cipher.seal({ salt, sessionId, msgId, seqNo, body });
 */
export class MessageCipherV1 {
  readonly #parts: CipherParts;
  #closed = false;
  #dropped = 0;
  #quickAckToken = 0;

  /**
   * @param key the auth_key. The cipher uses it and does not close it.
   * @throws {MtprotoError} `bad-argument`
   */
  constructor(crypto: CryptoCore, key: SharedKey, options: MessageCipherOptions = {}) {
    this.#parts = cipherParts(crypto, key, options, 0);
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
   * @param padding 0..15 bytes that complete a multiple of 16; random when absent
   * @returns the packet, *borrowed*
   * @throws {MtprotoError} `bad-argument`, `bad-length`, `released`
   */
  seal(fields: MessageFields, padding?: Uint8Array): Uint8Array {
    this.#checkOpen();
    const { body } = checkFields(fields, this.#parts.maxBodyBytes);
    const content = MESSAGE_HEADER + body.length;
    const total = (content + 15) & ~15;
    if (padding !== undefined) {
      checkBytes('padding', padding, badArgument);
      checkLength('padding', padding, total - content, badLength);
    }
    const target = this.#parts.buffer.body;
    writeHeader(target, fields);
    if (padding !== undefined) target.set(padding, content);
    else this.#parts.random(target.subarray(content, total));
    this.#parts.buffer.sealMessageV1(this.#parts.key, this.#parts.sendX, total, content);
    this.#quickAckToken = this.#parts.buffer.quickAckToken;
    this.#parts.buffer.prefix.set(this.#parts.key.fingerprint);
    return this.#parts.buffer.prefixedPacket(total);
  }

  /**
   * Opens a received message; the checks 1 to 6 of mtproto.md 4.2, with version 1's own msg_key.
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
    const fields = this.#tryOpen(packet, copyBytes(sessionId));
    if (fields === null) this.#dropped++;
    return fields;
  }

  #tryOpen(packet: Uint8Array, sessionId: Uint8Array): MessageFields | null {
    if (packet.length < OUTER + MESSAGE_HEADER) return null;
    const { fingerprint } = this.#parts.key;
    for (let i = 0; i < 8; i++) if (packet[i] !== fingerprint[i]) return null;
    const receiveX = this.#parts.sendX === 0 ? 8 : 0;
    const sealed = packet.subarray(8);
    const plain = this.#parts.buffer.openMessageV1(
      this.#parts.key,
      receiveX,
      sealed,
      LENGTH_OFFSET,
    );
    if (plain === null) return null;
    const parity = receiveX === 8 ? 1 : 0; // servers send odd msg_ids
    let difference = (plain[16]! & 1) ^ parity;
    for (let i = 0; i < 8; i++) difference |= plain[8 + i]! ^ sessionId[i]!;
    if (difference === 0) return readHeader(plain);
    this.#parts.buffer.body.fill(0, 0, packet.length);
    return null;
  }

  #checkOpen(): void {
    if (this.#closed) throw new MtprotoError('released', 'the MessageCipherV1 was closed');
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
