import { describe, type Fail } from '../core/checks.ts';

/** A piece as f32: itself, or converted. @internal */
export function toFloat(pcm: unknown, fail: Fail): Float32Array {
  if (pcm instanceof Float32Array) return pcm;
  if (!(pcm instanceof Int16Array)) {
    throw fail(`"pcm" expected Float32Array or Int16Array, got ${describe(pcm)}`);
  }
  const float = new Float32Array(pcm.length);
  for (let i = 0; i < pcm.length; i++) float[i] = pcm[i]! / 32768;
  return float;
}

/** Cuts PCM of any lengths into frames of one length. @internal */
export class Framer {
  readonly #frame: Float32Array;
  #filled = 0;

  constructor(length: number) {
    this.#frame = new Float32Array(length);
  }

  /** How much of the frame at hand is filled. */
  get pending(): number {
    return this.#filled;
  }

  /** Frames that are full, each borrowed until the next one is asked for. */
  *push(pcm: Float32Array): Generator<Float32Array> {
    for (let at = 0; at < pcm.length; ) {
      const part = pcm.subarray(at, at + this.#frame.length - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled < this.#frame.length) return;
      this.#filled = 0;
      yield this.#frame;
    }
  }

  /** The frame at hand, filled up with silence: borrowed. */
  flush(): Float32Array {
    this.#frame.fill(0, this.#filled);
    this.#filled = 0;
    return this.#frame;
  }
}
