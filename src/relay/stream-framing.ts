// Frames in a stream (reflector, section 3): EE EE EE EE once, then each frame behind its length as u32,
// little-endian. This is MTProto's /intermediate/ transport without obfuscation.
import { copyBytes } from '../core/bytes.ts';
import { RelayError } from './errors.ts';
import { readU32 } from './framing.ts';

/** What a client sends first, once. */
const STREAM_MARK = 0xeeeeeeee;
const MARK_BYTES = 4;
const LENGTH_BYTES = 4;

/** A frame with its length in front; owned. */
export function streamFrame(frame: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(LENGTH_BYTES + frame.length);
  new DataView(bytes.buffer).setUint32(0, frame.length, true);
  bytes.set(frame, LENGTH_BYTES);
  return bytes;
}

/** The first bytes of a stream. */
export function streamMark(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(MARK_BYTES).fill(0xee);
}

/**
 * Takes a stream apart. Holds one partial frame at most, which is bounded by the length that is allowed.
 */
export class StreamReader {
  readonly #maxFrame: number;
  readonly #onFrame: (frame: Uint8Array) => void;
  #expectsMark: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  #failed = false;

  /** @param expectsMark a server's: the client sends it */
  constructor(maxFrame: number, expectsMark: boolean, onFrame: (frame: Uint8Array) => void) {
    if (!Number.isInteger(maxFrame) || maxFrame < 1) {
      throw new RelayError('bad-argument', '"maxFrame" expected an integer from 1');
    }
    this.#maxFrame = maxFrame;
    this.#expectsMark = expectsMark;
    this.#onFrame = onFrame;
  }

  /** Bytes of a frame that is not whole yet. */
  get pending(): number {
    return this.#rest.length;
  }

  /**
   * Takes the next bytes; frames are views of memory that is not used again.
   * @returns false when this is no such stream, now and for ever: close the connection
   */
  push(chunk: Uint8Array): boolean {
    if (this.#failed) return false;
    let bytes = chunk;
    if (this.#rest.length > 0) {
      bytes = new Uint8Array(this.#rest.length + chunk.length);
      bytes.set(this.#rest);
      bytes.set(chunk, this.#rest.length);
    }
    let at = 0;
    while (bytes.length - at >= LENGTH_BYTES) {
      const word = readU32(bytes, at);
      if (this.#expectsMark) {
        if (word !== STREAM_MARK) return this.#fail();
        this.#expectsMark = false;
        at += MARK_BYTES;
        continue;
      }
      if (word > this.#maxFrame) return this.#fail();
      if (bytes.length - at - LENGTH_BYTES < word) break;
      const frame = bytes.subarray(at + LENGTH_BYTES, at + LENGTH_BYTES + word);
      at += LENGTH_BYTES + word;
      this.#onFrame(frame);
    }
    this.#rest = copyBytes(bytes, at);
    return true;
  }

  #fail(): false {
    this.#failed = true;
    this.#rest = new Uint8Array(0);
    return false;
  }
}
