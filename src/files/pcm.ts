import { describe } from '../core/checks.ts';
import type { Pcm } from '../opus/pcm.ts';
import { badArgument } from './errors.ts';

/** PCM in one piece or in pieces of any length. Interleaved; f32 with full scale at ±1, or s16. */
export type PcmSource = Pcm | Iterable<Pcm> | AsyncIterable<Pcm>;

const isPcm = (value: unknown): value is Pcm =>
  value instanceof Float32Array || value instanceof Int16Array;

/** The pieces of a source. @internal */
export function piecesOf(source: PcmSource): Iterable<Pcm> | AsyncIterable<Pcm> {
  if (isPcm(source)) return [source];
  const iterable = (source ?? {}) as {
    [Symbol.asyncIterator]?: unknown;
    [Symbol.iterator]?: unknown;
  };
  if (!ArrayBuffer.isView(source) && typeof source !== 'string') {
    if (typeof iterable[Symbol.asyncIterator] === 'function') return source;
    if (typeof iterable[Symbol.iterator] === 'function') return source;
  }
  throw badArgument(
    `"pcm" expected Float32Array, Int16Array or an iterable of them, got ${describe(source)}`,
  );
}
