import { checkOptions, describe } from '../core/checks.ts';
import type { OpusEncoderOptions } from '../opus/encoder.ts';
import { toFloat } from '../opus/framer.ts';
import type { Pcm } from '../opus/pcm.ts';
import { encodeOgg } from './encode.ts';
import { badArgument, FileError } from './errors.ts';

/** Options of `encodeVoiceMessage`; all have defaults. */
export type VoiceMessageOptions = {
  /** Rate of the PCM in Hz, 4000 to 384000. Default 48000. */
  readonly sampleRate?: number;
  /** Bits per second. Default 32000. */
  readonly bitrate?: number;
  /** What encodes. Default: as for `OpusEncoder`. */
  readonly engine?: NonNullable<OpusEncoderOptions['engine']>;
};

/** A voice message, as `documentAttributeAudio` with the flag `voice` describes it; all owned. */
export type VoiceMessage = {
  /** The file, of type `audio/ogg`: Ogg Opus, mono, 48 kHz. */
  readonly ogg: Uint8Array;
  /** Whole seconds, at least 1. */
  readonly duration: number;
  /** 63 bytes: 100 levels of 5 bits each, see `packWaveform`. */
  readonly waveform: Uint8Array;
};

/** Levels of a waveform. */
const LEVELS = 100;
/** A peak below this, of 32768, is not drawn at full height: silence stays flat. */
const QUIET = 2500;
/** Peaks above 1.8 times the mean are drawn like it, so that one click does not flatten the rest. */
const HEADROOM = 1.8;

/**
 * Makes a voice message as Telegram clients send them.
 * @param pcm mono: f32 with full scale at ±1, or s16
 * @throws {FileError} `bad-argument`, `empty`; {OpusError} `bad-argument`, `not-supported`
 * @example
 * import { encodeVoiceMessage } from 'sottovoce/files';
 * const { ogg, duration, waveform } = await encodeVoiceMessage(pcm);
 * await client.sendVoice(chat, { file: ogg, duration, waveform });
 */
export async function encodeVoiceMessage(
  pcm: Pcm,
  options: VoiceMessageOptions = {},
): Promise<VoiceMessage> {
  checkOptions(options, ['sampleRate', 'bitrate', 'engine'], badArgument);
  const { sampleRate = 48_000, bitrate = 32_000, engine } = options;
  const samples = toFloat(pcm, badArgument);
  if (samples.length === 0) throw new FileError('empty', 'no samples to encode');
  const pages: Uint8Array[] = [];
  const settings = { sampleRate, bitrate, application: 'voip', ...(engine && { engine }) } as const;
  for await (const page of encodeOgg(samples, settings)) pages.push(page);
  const ogg = new Uint8Array(pages.reduce((sum, page) => sum + page.length, 0));
  let at = 0;
  for (const page of pages) {
    ogg.set(page, at);
    at += page.length;
  }
  return {
    ogg,
    duration: Math.max(1, Math.round(samples.length / sampleRate)),
    waveform: packWaveform(levelsOf(samples)),
  };
}

/** The peak of each of 100 equal parts, on a scale of 0 to 31. */
function levelsOf(pcm: Float32Array): Uint8Array {
  const peaks = new Float32Array(LEVELS);
  for (let i = 0; i < LEVELS; i++) {
    const start = Math.floor((i * pcm.length) / LEVELS);
    const end = Math.max(start + 1, Math.floor(((i + 1) * pcm.length) / LEVELS));
    // NaN, which the encoder takes for silence, is no peak: it fails the comparison.
    for (const x of pcm.subarray(start, end)) if (Math.abs(x) > peaks[i]!) peaks[i] = Math.abs(x);
    peaks[i] = Math.min(1, peaks[i]!);
  }
  const mean = peaks.reduce((sum, peak) => sum + peak, 0) / LEVELS;
  const top = Math.max(QUIET / 32768, HEADROOM * mean);
  return Uint8Array.from(peaks, (peak) => Math.min(31, Math.floor((31 * peak) / top)));
}

/**
 * Packs the levels of a waveform, 5 bits each, the lowest bit first, as `documentAttributeAudio.waveform`
 * holds them.
 * @param levels 0 to 31 each; clients draw 100
 * @returns owned; 63 bytes for 100 levels
 * @throws {FileError} `bad-argument`
 * @example
 * packWaveform(new Uint8Array(100)).length; // 63
 */
export function packWaveform(levels: ArrayLike<number>): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((levels.length * 5) / 8));
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i]!;
    if (!Number.isInteger(level) || level < 0 || level > 31) {
      throw badArgument(`"levels" expected integers in 0..31, got ${String(level)}`);
    }
    const bits = level << ((i * 5) & 7);
    bytes[(i * 5) >> 3]! |= bits;
    if (bits > 255) bytes[((i * 5) >> 3) + 1]! |= bits >> 8;
  }
  return bytes;
}

/**
 * The levels that `packWaveform` packed.
 * @returns 0 to 31 each, owned: as many as fit, 100 for 63 bytes
 * @throws {FileError} `bad-argument`
 * @example
 * draw(unpackWaveform(attribute.waveform));
 */
export function unpackWaveform(waveform: Uint8Array): Uint8Array {
  if (!(waveform instanceof Uint8Array)) {
    throw badArgument(`"waveform" expected Uint8Array, got ${describe(waveform)}`);
  }
  return Uint8Array.from({ length: Math.floor((waveform.length * 8) / 5) }, (_, i) => {
    const at = (i * 5) >> 3;
    return ((((waveform[at + 1] ?? 0) << 8) | waveform[at]!) >> ((i * 5) & 7)) & 31;
  });
}
