import type { CryptoCore } from '../../crypto/index.ts';
import type { ByteQueue } from './byte-queue.ts';
import { Envelope, type EnvelopeOptions, type Head, noQuickAck } from './envelope.ts';
import type { StreamFailure } from './events.ts';

/** Length, sequence number and CRC. */
const OVERHEAD = 12;

/**
 * The full envelope: total length, a sequence number that counts from 0 in each direction, the payload,
 * and the CRC-32 of all that (transports.md 1). Nothing marks it at the start of a connection, it
 * knows no quick ack, and it cannot be obfuscated.
 *
 * @example
 * const envelope = new FullEnvelope(crypto);
 * socket.write(envelope.encode(message));
 * socket.on('data', (chunk) => envelope.decode(chunk).forEach(handle));
 */
export class FullEnvelope extends Envelope {
  readonly tag: Uint8Array = new Uint8Array(0);
  readonly #crypto: CryptoCore;
  #sent = 0;
  #received = 0;

  /** @param crypto computes the CRC */
  constructor(crypto: CryptoCore, options: EnvelopeOptions = {}) {
    super(options);
    this.#crypto = crypto;
  }

  /** @internal Goes on from this sequence number in both directions, for the known answers. */
  resume(sequence: number): this {
    this.#sent = sequence;
    this.#received = sequence;
    return this;
  }

  protected override wrap(payload: Uint8Array, quickAck: boolean): Uint8Array {
    if (quickAck) throw noQuickAck();
    const bytes = new Uint8Array(OVERHEAD + payload.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, bytes.length, true);
    view.setUint32(4, this.#sent, true);
    bytes.set(payload, 8);
    const end = bytes.length - 4;
    view.setUint32(end, this.#crypto.crc32(bytes.subarray(0, end)), true);
    this.#sent = (this.#sent + 1) >>> 0;
    return bytes;
  }

  protected override wrapToken(): Uint8Array {
    throw noQuickAck();
  }

  protected override readHead(queue: ByteQueue): Head | undefined {
    if (queue.length < 4) return undefined;
    const total = queue.uint32(0);
    if (total < OVERHEAD) return 'bad-envelope';
    return { head: 8, payload: total - OVERHEAD, tail: 4, quickAck: false };
  }

  protected override check(
    head: Uint8Array,
    payload: Uint8Array,
    tail: Uint8Array,
  ): StreamFailure | undefined {
    const crc = this.#crypto.crc32(payload, this.#crypto.crc32(head));
    if (crc !== new DataView(tail.buffer, tail.byteOffset, 4).getUint32(0, true)) {
      return 'bad-checksum';
    }
    const sequence = new DataView(head.buffer, head.byteOffset, 8).getUint32(4, true);
    if (sequence !== this.#received) return 'bad-sequence';
    this.#received = (this.#received + 1) >>> 0;
    return undefined;
  }
}
