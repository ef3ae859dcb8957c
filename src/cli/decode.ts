import { decodeOgg } from '../files/decode.ts';
import { wavHeader, wavSamples } from '../files/wav-writer.ts';
import { number, read } from './arguments.ts';
import { convert, inputError } from './convert.ts';
import { openInput } from './input.ts';
import { openOutput } from './output.ts';
import { Progress } from './progress.ts';

/** sottovoce decode IN.opus OUT.wav */
export async function decode(args: readonly string[]): Promise<void> {
  const { values, operands } = read('decode', args, ['IN.opus', 'OUT.wav'], {
    rate: { type: 'string' },
    float: { type: 'boolean' },
    quiet: { type: 'boolean' },
  });
  const rate = number(values, 'rate', { min: 4000, max: 384_000 }, true);
  const float = values.float === true;

  const input = await openInput(operands[0]!);
  const audio = await decodeOgg(input.bytes, (head) => ({
    sampleRate: rate ?? usualRate(head.inputSampleRate),
  })).catch((error) => {
    throw inputError(input, error);
  });
  const output = await openOutput(operands[1]!);
  const progress = new Progress(values.quiet === true);
  const wav = { channels: audio.channels, sampleRate: audio.sampleRate, float };
  let bytes = 0;
  await convert(
    input,
    output,
    async () => {
      await output.write(wavHeader(wav, undefined));
      for await (const pcm of audio) {
        const samples = wavSamples(pcm, float);
        await output.write(samples);
        bytes += samples.length;
        const seconds = bytes / (float ? 4 : 2) / wav.channels / wav.sampleRate;
        progress.update(input.size && input.read / input.size, seconds);
      }
      await output.rewrite(wavHeader(wav, bytes));
    },
    async () => {
      await output.rewrite(wavHeader(wav, bytes));
      return bytes > 0;
    },
  ).finally(() => progress.end());
}

/** The rate before encoding, if a header tells one that can be. */
function usualRate(rate: number): number {
  return rate >= 4000 && rate <= 384_000 ? rate : 48_000;
}
