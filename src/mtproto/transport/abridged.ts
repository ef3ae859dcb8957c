import type { ByteQueue } from './byte-queue.ts';
import { Envelope, type EnvelopeOptions, type Head } from './envelope.ts';

/** Lengths from this on, in words of 4 bytes, take three more bytes. */
const LONG = 127;

/**
 * The abridged envelope, the shortest: a quarter of the length in one byte, or `7f` and three bytes
 * (transports.md 1).
 *
 * @example
 * const envelope = new AbridgedEnvelope();
 * socket.write(envelope.tag);
 * socket.write(envelope.encode(message));
 * socket.on('data', (chunk) => envelope.decode(chunk).forEach(handle));
 */
export class AbridgedEnvelope extends Envelope {
  readonly tag: Uint8Array = Uint8Array.of(0xef);

  constructor(options: EnvelopeOptions = {}) {
    super(options);
  }

  protected override wrap(payload: Uint8Array, quickAck: boolean): Uint8Array {
    const words = payload.length / 4;
    const mark = quickAck ? 0x80 : 0;
    const head =
      words < LONG ? [words | mark] : [LONG | mark, words & 255, (words >> 8) & 255, words >> 16];
    const bytes = new Uint8Array(head.length + payload.length);
    bytes.set(head);
    bytes.set(payload, head.length);
    return bytes;
  }

  /** Byte-swapped, so that its top bit comes first. */
  protected override wrapToken(token: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, token);
    return bytes;
  }

  protected override readHead(queue: ByteQueue): Head | undefined {
    if (queue.length < 1) return undefined;
    const first = queue.at(0);
    const marked = first >= 0x80;
    if (marked && this.role === 'client') {
      if (queue.length < 4) return undefined;
      const [b, c, d] = [queue.at(1), queue.at(2), queue.at(3)];
      return { head: 4, token: ((first << 24) | (b << 16) | (c << 8) | d) >>> 0 };
    }
    const words = first & 0x7f;
    if (words < LONG) return { head: 1, payload: 4 * words, tail: 0, quickAck: marked };
    if (queue.length < 4) return undefined;
    const long = queue.at(1) | (queue.at(2) << 8) | (queue.at(3) << 16);
    return { head: 4, payload: 4 * long, tail: 0, quickAck: marked };
  }
}
