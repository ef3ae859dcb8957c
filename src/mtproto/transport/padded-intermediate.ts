import { type RandomSource, systemRandom } from '../../core/random.ts';
import { badArgument } from '../errors.ts';
import type { ByteQueue } from './byte-queue.ts';
import {
  Envelope,
  type EnvelopeOptions,
  type Head,
  MIN_MESSAGE,
  readLength,
  withLength,
} from './envelope.ts';

/** Most random bytes behind a payload. */
const MAX_PADDING = 15;
/** And behind a quick ack. */
const MAX_ACK_PADDING = 8;

/**
 * The padded intermediate envelope: the length of payload and padding in 4 bytes, the payload, and 0 to
 * 15 random bytes (transports.md 1). A receiver cannot tell the padding from the payload: it is left
 * to {@link MessageCipher.open} and {@link decodeUnencrypted}, which ignore it.
 *
 * @example
 * const envelope = new PaddedIntermediateEnvelope();
 * socket.write(envelope.tag);
 * socket.write(envelope.encode(message));
 * socket.on('data', (chunk) => envelope.decode(chunk).forEach(handle));
 */
export class PaddedIntermediateEnvelope extends Envelope {
  readonly tag: Uint8Array = Uint8Array.of(0xdd, 0xdd, 0xdd, 0xdd);
  readonly #random: RandomSource;

  /** @param options `random`: source of the padding, the runtime's secure generator when absent */
  constructor(options: EnvelopeOptions & { readonly random?: RandomSource } = {}) {
    super(options);
    const { random = systemRandom } = options;
    if (typeof random !== 'function') throw badArgument('"random" expected a RandomSource');
    this.#random = random;
  }

  protected override get slack(): number {
    return MAX_PADDING;
  }

  protected override wrap(payload: Uint8Array, quickAck: boolean): Uint8Array {
    // An error must stay shorter than any message (transports.md 1.2).
    const room = payload.length < MIN_MESSAGE ? MIN_MESSAGE - 1 - payload.length : MAX_PADDING;
    const total = payload.length + Math.min(this.#draw(MAX_PADDING), room);
    const bytes = withLength(payload, total, quickAck);
    this.#random(bytes.subarray(4 + payload.length));
    return bytes;
  }

  protected override wrapToken(token: number): Uint8Array {
    const payload = new Uint8Array(8);
    const view = new DataView(payload.buffer);
    view.setInt32(0, -1, true);
    view.setUint32(4, token, true);
    const padding = this.#draw(MAX_ACK_PADDING - 1); // 15 bytes in all: more would be a message
    const bytes = withLength(payload, 8 + padding, false);
    this.#random(bytes.subarray(12));
    return bytes;
  }

  protected override readHead(queue: ByteQueue): Head | undefined {
    const found = readLength(queue);
    if (found === undefined) return undefined;
    const { length, marked } = found;
    if (marked && this.role === 'client') return 'bad-envelope';
    return { head: 4, payload: length, tail: 0, quickAck: marked };
  }

  /** 0 to 15, or fewer. */
  #draw(max: number): number {
    const byte = new Uint8Array(1);
    this.#random(byte);
    return byte[0]! & max;
  }
}
