import { ByteQueue } from './byte-queue.ts';
import type { StreamFailure } from './events.ts';

/** Record types (RFC 8446 5.1). */
export const HANDSHAKE = 22;
const CHANGE_CIPHER_SPEC = 20;
export const APPLICATION_DATA = 23;

/** Type, version, length. */
export const RECORD_HEADER = 5;
/** Most data in a record that is sent, as tdlib has it (transports.md 3). */
const MAX_SENT = 2878;

/** The record that ends the greeting of both sides. */
export const CHANGE_CIPHER_SPEC_RECORD: readonly number[] = [CHANGE_CIPHER_SPEC, 3, 3, 0, 1, 1];

/** Data in application records of at most 2878 bytes, behind what comes first. *Owned*. */
export function encodeRecords(first: readonly number[], data: Uint8Array): Uint8Array {
  const count = Math.ceil(data.length / MAX_SENT);
  const bytes = new Uint8Array(first.length + count * RECORD_HEADER + data.length);
  bytes.set(first);
  let at = first.length;
  for (let i = 0; i < data.length; i += MAX_SENT) {
    const part = data.subarray(i, i + MAX_SENT);
    bytes.set([APPLICATION_DATA, 3, 3, part.length >> 8, part.length & 255], at);
    bytes.set(part, at + RECORD_HEADER);
    at += RECORD_HEADER + part.length;
  }
  return bytes;
}

/** The data of application records in a stream; any chunking gives the same bytes in the end. */
export class RecordReader {
  readonly #queue = new ByteQueue();
  /** Bytes of the current record that are still to come. */
  #rest = 0;
  /** Whether ChangeCipherSpec may still come, once. */
  #mayChange: boolean;

  /** @param expectChange whether ChangeCipherSpec may come in front of the first data */
  constructor(expectChange: boolean) {
    this.#mayChange = expectChange;
  }

  /** Adds what arrived of the data to `parts`, as views of the chunk. */
  read(chunk: Uint8Array, parts: Uint8Array[]): StreamFailure | undefined {
    const queue = this.#queue;
    queue.push(chunk);
    for (;;) {
      if (this.#rest > 0) {
        const length = Math.min(this.#rest, queue.length);
        if (length > 0) parts.push(queue.take(length));
        this.#rest -= length;
      }
      if (this.#rest > 0 || queue.length < 1) break;
      const type = queue.at(0);
      const change = type === CHANGE_CIPHER_SPEC && this.#mayChange;
      if (type !== APPLICATION_DATA && !change) return 'bad-record';
      const headerBytes = change ? CHANGE_CIPHER_SPEC_RECORD.length : RECORD_HEADER;
      if (queue.length < headerBytes) break;
      const header = queue.take(headerBytes);
      if (header[1] !== 3 || header[2] !== 3) return 'bad-record';
      if (change && !CHANGE_CIPHER_SPEC_RECORD.every((byte, i) => header[i] === byte)) {
        return 'bad-record';
      }
      this.#mayChange = false;
      if (!change) this.#rest = (header[3]! << 8) | header[4]!;
    }
    queue.keep();
    return undefined;
  }

  get bufferedBytes(): number {
    return this.#queue.length;
  }
}
