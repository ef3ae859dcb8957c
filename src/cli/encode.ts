import { encodeOgg } from '../files/encode.ts';
import { FileError } from '../files/errors.ts';
import { readWav, type WavAudio } from '../files/wav-reader.ts';
import type { FrameMs, RateControl } from '../opus/settings.ts';
import { number, read, word } from './arguments.ts';
import { convert, inputError } from './convert.ts';
import { usage } from './errors.ts';
import { openInput } from './input.ts';
import { openOutput } from './output.ts';
import { Progress } from './progress.ts';

const RATE_CONTROLS: Readonly<Record<string, RateControl>> = {
  vbr: 'vbr',
  cvbr: 'constrained-vbr',
  cbr: 'cbr',
};

/** sottovoce encode IN.wav OUT.opus */
export async function encode(args: readonly string[]): Promise<void> {
  const { values, operands } = read('encode', args, ['IN.wav', 'OUT.opus'], {
    bitrate: { type: 'string' },
    application: { type: 'string' },
    complexity: { type: 'string' },
    vbr: { type: 'boolean' },
    cvbr: { type: 'boolean' },
    cbr: { type: 'boolean' },
    frame: { type: 'string' },
    gain: { type: 'string' },
    tag: { type: 'string', multiple: true },
    quiet: { type: 'boolean' },
  });
  const bitrate = number(values, 'bitrate', { min: 6, max: 510 });
  const application = word(values, 'application', ['voip', 'audio', 'low-delay']);
  const complexity = number(values, 'complexity', { min: 0, max: 10 }, true);
  const frameMs = number(values, 'frame', [2.5, 5, 10, 20, 40, 60, 80, 100, 120]);
  const gain = number(values, 'gain', { min: -128, max: 127.99 });
  const controls = Object.keys(RATE_CONTROLS).filter((name) => values[name]);
  if (controls.length > 1) throw usage(`--${controls.join(' and --')} exclude each other`);
  const settings = {
    rateControl: RATE_CONTROLS[controls[0] ?? 'vbr']!,
    tags: readTags((values.tag ?? []) as string[]),
    ...(bitrate !== undefined && { bitrate: Math.round(1000 * bitrate) }),
    ...(application && { application }),
    ...(complexity !== undefined && { complexity }),
    ...(frameMs !== undefined && { frameMs: frameMs as FrameMs }),
    ...(gain !== undefined && { gain }),
  };

  const input = await openInput(operands[0]!);
  const wav = await readWav(input.bytes).catch((error) => {
    throw inputError(input, error);
  });
  const { sampleRate, channels } = wav.format;
  if (channels > 2) {
    const error = new FileError('unsupported', `${channels} channels: expected mono or stereo`);
    throw inputError(input, error);
  }
  const output = await openOutput(operands[1]!);
  const progress = new Progress(values.quiet === true);
  let written = 0;
  const options = { ...settings, sampleRate, channels: channels as 1 | 2 };
  await convert(
    input,
    output,
    async () => {
      for await (const page of encodeOgg(reported(wav, progress), options)) {
        await output.write(page);
        written++;
      }
    },
    async () => written > 2, // more than the two headers
  ).finally(() => progress.end());
}

async function* reported(wav: WavAudio, progress: Progress): AsyncGenerator<Float32Array> {
  const { channels, sampleRate } = wav.format;
  let samples = 0;
  for await (const pcm of wav) {
    yield pcm;
    samples += pcm.length / channels;
    progress.update(wav.length && samples / wav.length, samples / sampleRate);
  }
}

function readTags(texts: readonly string[]): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] = /^([ -<>-}]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined || name === 'vendor') {
      throw usage(`--tag expected NAME=VALUE, got "${text}"`);
    }
    if (Object.hasOwn(tags, name)) throw usage(`--tag ${name} is given twice`);
    tags[name] = value;
  }
  return tags;
}
