import { checkInteger, checkOptions } from '../core/checks.ts';
import { OpusDecoder } from '../opus/decoder.ts';
import type { OpusEngine } from '../opus/engine.ts';
import { OpusError } from '../opus/errors.ts';
import type { ByteSource } from './byte-reader.ts';
import { badArgument, FileError } from './errors.ts';
import { type OggEvent, readOgg } from './ogg-reader.ts';
import type { OpusHead, OpusTags } from './opus-header.ts';
import { Resampler } from './resampler.ts';

/** Options of `decodeOgg`; all have defaults. */
export type DecodeOggOptions = {
  /** Rate of the PCM in Hz, 4000 to 384000. Default 48000, which is what Opus decodes to. */
  readonly sampleRate?: number;
  /** Channels of the PCM. Default: those of the file's first stream. */
  readonly channels?: 1 | 2;
  /** What decodes. Default: as for `OpusDecoder`. */
  readonly engine?: OpusEngine;
};

/** PCM of an Ogg Opus file, to be iterated once: interleaved f32, not clipped, each piece owned. */
export type OggAudio = AsyncIterable<Float32Array> & {
  /** Rate of the PCM in Hz. */
  readonly sampleRate: number;
  /** Channels of the PCM. */
  readonly channels: 1 | 2;
  /** Headers of the first stream. */
  readonly head: OpusHead;
  readonly tags: OpusTags;
};

/**
 * Opens an Ogg Opus file and decodes it as it is iterated: without the pre-skip, with the header's gain,
 * cut at the end that the file tells. Chained streams follow one another.
 * @param options what comes out, or a function that says so when it sees the header of the first stream
 * @throws {FileError} while opening or iterating: as `readOgg`, and `unsupported` for more than two
 *   channels; {OpusError} `not-supported`
 * @example
 * import { decodeOgg } from 'sottovoce/files';
 * const audio = await decodeOgg(bytes);
 * for await (const pcm of audio) play(pcm, audio.channels);
 */
export async function decodeOgg(
  source: ByteSource,
  options: DecodeOggOptions | ((head: OpusHead) => DecodeOggOptions) = {},
): Promise<OggAudio> {
  const events = readOgg(source);
  if (typeof options !== 'function') checkDecodeOptions(options);
  const { value: first } = await events.next();
  if (first?.kind !== 'stream') throw new FileError('corrupt', 'no Opus stream');
  checkLayout(first.head);
  const wanted = typeof options === 'function' ? options(first.head) : options;
  checkDecodeOptions(wanted);
  const { sampleRate = 48_000, channels = first.head.channels as 1 | 2, engine } = wanted;
  return {
    sampleRate,
    channels,
    head: first.head,
    tags: first.tags,
    [Symbol.asyncIterator]: () => decode(first, events, sampleRate, channels, engine),
  };
}

function checkDecodeOptions(options: DecodeOggOptions): void {
  checkOptions(options, ['sampleRate', 'channels', 'engine'], badArgument);
  const { sampleRate, channels } = options;
  if (sampleRate !== undefined) checkInteger('sampleRate', sampleRate, 4000, 384_000, badArgument);
  if (channels !== undefined) checkInteger('channels', channels, 1, 2, badArgument);
}

async function* decode(
  first: OggEvent,
  events: AsyncGenerator<OggEvent>,
  sampleRate: number,
  channels: 1 | 2,
  engine: OpusEngine | undefined,
): AsyncGenerator<Float32Array, void, undefined> {
  let decoder: OpusDecoder | undefined;
  const resampler = sampleRate === 48_000 ? undefined : new Resampler(48_000, sampleRate, channels);
  try {
    for (
      let event: OggEvent | undefined = first;
      event;
      event = (await events.next()).value || undefined
    ) {
      if (event.kind === 'stream') {
        checkLayout(event.head);
        decoder?.close();
        const { gain } = event.head;
        const format = { sampleRate: 48_000, channels } as const;
        decoder = await OpusDecoder.create({ ...format, gain, ...(engine && { engine }) });
      } else if (event.kind === 'packet') {
        const pcm = decodePacket(decoder!, event.packet);
        const { skip, play } = event;
        if (play === 0) continue;
        const wanted = pcm.subarray(skip * channels, (skip + play) * channels);
        yield resampler ? resampler.push(wanted) : wanted.slice();
      }
    }
    if (resampler) yield resampler.flush();
  } finally {
    decoder?.close();
    await events.return?.(undefined);
  }
}

function decodePacket(decoder: OpusDecoder, packet: Uint8Array): Float32Array {
  try {
    return decoder.decode(packet);
  } catch (cause) {
    if (!(cause instanceof OpusError) || cause.code !== 'bad-packet') throw cause;
    throw new FileError('corrupt', 'a packet cannot be decoded', { cause });
  }
}

/** One stream whose channels are those of the output: all that mono and stereo files have. */
function checkLayout({ channels, streams, mapping }: OpusHead): void {
  if (channels > 2 || streams > 1 || mapping.some((index, i) => index !== i)) {
    throw new FileError(
      'unsupported',
      `${channels} channels in ${streams} streams: only mono and stereo can be decoded`,
    );
  }
}
