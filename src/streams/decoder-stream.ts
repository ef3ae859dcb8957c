import { checkInteger } from '../core/checks.ts';
import { OpusDecoder, type OpusDecoderOptions } from '../opus/decoder.ts';
import { badArgument } from '../opus/errors.ts';
import type { TransformOf } from './types.ts';

/** Options of `opusDecoderStream`: those of `OpusDecoder`, and how long a lost packet was. */
export type DecoderStreamOptions = OpusDecoderOptions & {
  /**
   * Samples per channel that `null` stands for before the first packet came; afterwards it is as long as
   * the packet before it. Default: 20 ms.
   */
  readonly lostSamples?: number;
};

/**
 * A `TransformStream` from Opus packets to PCM (interleaved f32, owned). `null` in place of a packet says
 * that it was lost: the decoder conceals it. A packet that is none errors the stream.
 * @param options as for `OpusDecoder.create`, and `lostSamples`
 * @throws {OpusError} through the stream: `bad-packet`, `bad-argument`, `not-supported`
 * @example
 * import { opusDecoderStream } from 'sottovoce/streams';
 * const pcm = packets.pipeThrough(opusDecoderStream({ channels: 2 }));
 */
export function opusDecoderStream(
  options: DecoderStreamOptions = {},
): TransformOf<Uint8Array | null, Float32Array> {
  const { lostSamples, ...decoderOptions } = options;
  if (lostSamples !== undefined) checkInteger('lostSamples', lostSamples, 1, 5760, badArgument);
  let decoder: OpusDecoder | undefined;
  const stream = new TransformStream<Uint8Array | null, Float32Array>({
    async start() {
      decoder = await OpusDecoder.create(decoderOptions);
    },
    transform(packet, controller) {
      const { lastPacketSamples, sampleRate } = decoder!;
      const lost = lastPacketSamples || (lostSamples ?? sampleRate / 50);
      try {
        const pcm = packet === null ? decoder!.conceal(lost) : decoder!.decode(packet);
        controller.enqueue(pcm.slice());
      } catch (error) {
        decoder?.close();
        throw error;
      }
    },
    flush() {
      decoder?.close();
    },
    ...{ cancel: () => decoder?.close() }, // newer than some runtimes; elsewhere only the end frees memory
  });
  return stream as unknown as TransformOf<Uint8Array | null, Float32Array>;
}
