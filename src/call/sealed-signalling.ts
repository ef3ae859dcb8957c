import type { Clock } from '../core/clock.ts';
import type { CryptoCore, SharedKey } from '../crypto/index.ts';
import { CallError } from './errors.ts';
import { PacketConnection } from './packet-connection.ts';
import type { CallRole } from './packet-options.ts';
import { encodeSealedMessage, parseSealedMessage, type SealedMessage } from './sealed-messages.ts';

/** What the channel needs. */
export type SealedSignallingOptions = {
  readonly key: SharedKey;
  readonly role: CallRole;
  readonly clock: Clock;
  /** Hands a sealed packet to the carrier; owned by whoever gets it. */
  send(data: Uint8Array): void;
  onMessage(message: SealedMessage): void;
  /** The peer has said something that nobody of this version says, or too much of it. */
  onFault(error: CallError): void;
};

/** Messages that may wait for their acknowledgement. Each is at most 16 KiB. */
const MAX_WAITING = 64;

/**
 * The second channel of a call: messages between the two ends that the carrier of the signalling can
 * delay, lose, double and reorder, and not read. Each arrives once and in order, because a packet with
 * a message in it also has all older ones that were not acknowledged (call-packets, section 4).
 *
 * The form is that of Telegram's versions 8.0.0 and later: sealed with the part of the key that is for
 * signalling, JSON inside, acknowledged and resent.
 */
export class SealedSignalling {
  readonly #connection: PacketConnection;
  readonly #options: SealedSignallingOptions;
  #closed = false;

  constructor(crypto: CryptoCore, options: SealedSignallingOptions) {
    const { key, role, clock } = options;
    this.#options = options;
    this.#connection = new PacketConnection(crypto, {
      key,
      role,
      channel: 'signaling',
      mode: 'raw',
      clock,
      onPacket: (packet) => options.send(packet.slice()),
      onMessage: (message) => this.#hear((message as { data: Uint8Array }).data),
    });
  }

  /**
   * Sends a message, again and again until it is acknowledged.
   * @throws {CallError} `too-long`, `too-many-unacknowledged`, `counter-exhausted`, `released`
   */
  send(message: SealedMessage): void {
    if (this.#connection.unacknowledged >= MAX_WAITING) {
      throw new CallError('too-many-unacknowledged', 'the other side acknowledges no signalling');
    }
    this.#connection.send({ type: 'raw', data: encodeSealedMessage(message) });
  }

  /** Takes a packet of the carrier, whatever is in it. */
  receive(data: Uint8Array): void {
    if (!this.#closed) this.#connection.receive(data);
  }

  /** Idempotent. */
  close(): void {
    this.#closed = true;
    this.#connection.close();
  }

  #hear(data: Uint8Array): void {
    const message = parseSealedMessage(data);
    if (message) this.#options.onMessage(message);
    else if (message === null) {
      const text = 'the other side sealed a message that is malformed';
      this.#options.onFault(new CallError('protocol-violation', text));
    }
  }
}
