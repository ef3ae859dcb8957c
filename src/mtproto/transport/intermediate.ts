import type { ByteQueue } from './byte-queue.ts';
import { Envelope, type EnvelopeOptions, type Head, readLength, withLength } from './envelope.ts';

/**
 * The intermediate envelope: the length in 4 bytes, and the payload (transports.md 1).
 *
 * @example
 * const envelope = new IntermediateEnvelope();
 * socket.write(envelope.tag);
 * socket.write(envelope.encode(message));
 * socket.on('data', (chunk) => envelope.decode(chunk).forEach(handle));
 */
export class IntermediateEnvelope extends Envelope {
  readonly tag: Uint8Array = Uint8Array.of(0xee, 0xee, 0xee, 0xee);

  constructor(options: EnvelopeOptions = {}) {
    super(options);
  }

  protected override wrap(payload: Uint8Array, quickAck: boolean): Uint8Array {
    return withLength(payload, payload.length, quickAck);
  }

  protected override wrapToken(token: number): Uint8Array {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, token, true);
    return bytes;
  }

  protected override readHead(queue: ByteQueue): Head | undefined {
    const found = readLength(queue);
    if (found === undefined) return undefined;
    const { length, marked } = found;
    if (marked && this.role === 'client') return { head: 4, token: queue.uint32(0) };
    return { head: 4, payload: length, tail: 0, quickAck: marked };
  }
}
