import { checkInteger, checkOptions, describe } from '../core/checks.ts';
import { OpusEncoder, type OpusEncoderOptions } from '../opus/encoder.ts';
import { Framer, toFloat } from '../opus/framer.ts';
import { badArgument, FileError } from './errors.ts';
import { type OggOptions, OggWriter } from './ogg-writer.ts';
import { type PcmSource, piecesOf } from './pcm.ts';
import { Resampler } from './resampler.ts';

/** Options of `encodeOgg`: those of the file, those of `OpusEncoder`, and the rate of the PCM. */
export type EncodeOggOptions = Omit<OggOptions, 'inputSampleRate'> &
  Omit<OpusEncoderOptions, 'sampleRate' | 'channels'> & {
    /** Rate of the PCM in Hz, 4000 to 384000; other than 48000 is resampled. Default 48000. */
    readonly sampleRate?: number;
  };

const DEFAULTS = { channels: 1, sampleRate: 48_000, gain: 0, tags: {} } as const;

/**
 * Encodes PCM to an Ogg Opus file (RFC 7845), page by page. Decoding gives exactly as many samples as
 * went in (at 48 kHz: the start is marked as pre-skip, the end is trimmed).
 * @param pcm interleaved, in one piece or in pieces of any length
 * @returns pages, owned; together they are the file. Nothing is read ahead
 * @throws {FileError} `bad-argument`, `empty`; {OpusError} `bad-argument`, `not-supported`
 * @example
 * import { encodeOgg } from 'sottovoce/files';
 * for await (const page of encodeOgg(pcm, { channels: 2, bitrate: 96_000 })) file.write(page);
 */
export async function* encodeOgg(
  pcm: PcmSource,
  options: EncodeOggOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (typeof options !== 'object' || options === null) checkOptions(options, [], badArgument);
  const { channels, sampleRate, gain, tags, ...settings } = { ...DEFAULTS, ...defined(options) };
  checkInteger('channels', channels, 1, 2, badArgument);
  checkInteger('sampleRate', sampleRate, 4000, 384_000, badArgument);
  checkGain(gain);
  checkTags(tags);
  const pieces = piecesOf(pcm);
  const encoder = await OpusEncoder.create({
    application: 'audio',
    ...settings,
    sampleRate: 48_000,
    channels,
  });
  try {
    const preSkip = encoder.lookahead;
    const named = { ENCODER: 'sottovoce', ...tags };
    const file = { channels, inputSampleRate: sampleRate, gain, tags: named };
    const writer = await OggWriter.create(file, preSkip, encoder.frameMs);
    const framer = new Framer(encoder.frameSamples * channels);
    const resampler =
      sampleRate === 48_000 ? undefined : new Resampler(sampleRate, 48_000, channels);
    let samples = 0;
    async function* encode(input: Float32Array): AsyncGenerator<Uint8Array> {
      samples += input.length / channels;
      for (const frame of framer.push(input)) {
        await writer.add(encoder.encode(frame).slice());
        yield* writer.take();
      }
    }
    for await (const piece of pieces) {
      const input = toFloat(piece, badArgument);
      if (input.length % channels !== 0) {
        throw badArgument(`"pcm" expected whole samples of ${channels} channels`);
      }
      yield* encode(resampler ? resampler.push(input) : input);
    }
    if (resampler) yield* encode(resampler.flush());
    if (samples === 0) throw new FileError('empty', 'no samples to encode');

    // The decoder lags by the lookahead: as much silence goes in as brings the last sample out.
    const end = preSkip + samples;
    const length = encoder.frameSamples;
    let encoded = samples - framer.pending / channels;
    while (encoded < end) {
      const packet = encoder.encode(framer.flush()).slice();
      encoded += length;
      await writer.add(packet, encoded < end ? undefined : end);
    }
    await writer.finish();
    yield* writer.take();
  } finally {
    encoder.close();
  }
}

/** Without the entries that are `undefined`: they count as absent. */
function defined<T extends object>(options: T): T {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as T;
}

function checkGain(gain: unknown): void {
  if (typeof gain !== 'number' || !(gain >= -128 && gain < 128)) {
    const got = typeof gain === 'number' ? String(gain) : describe(gain);
    throw badArgument(`"gain" expected -128 to 127.99 dB, got ${got}`);
  }
}

/** Names as the Vorbis comment specification allows them: printable ASCII without "=". */
function checkTags(tags: unknown): void {
  if (typeof tags !== 'object' || tags === null) {
    throw badArgument(`"tags" expected an object, got ${describe(tags)}`);
  }
  for (const [name, value] of Object.entries(tags)) {
    if (!/^[ -<>-}]+$/.test(name) || name === 'vendor') {
      throw badArgument(`"tags" has a name that files cannot hold: ${JSON.stringify(name)}`);
    }
    if (typeof value !== 'string') {
      throw badArgument(`"tags.${name}" expected string, got ${describe(value)}`);
    }
  }
}
