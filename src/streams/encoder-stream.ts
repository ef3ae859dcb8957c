import { OpusEncoder, type OpusEncoderOptions } from '../opus/encoder.ts';
import { badArgument } from '../opus/errors.ts';
import { Framer, toFloat } from '../opus/framer.ts';
import type { Pcm } from '../opus/pcm.ts';
import type { TransformOf } from './types.ts';

/**
 * A `TransformStream` from PCM to Opus packets, in Node, Deno, Bun, browsers and workers.
 *
 * Pieces of PCM may have any length: they are cut into frames. At the end the last frame is filled up
 * with silence. Packets are owned. A wrong piece errors the stream.
 * @param options as for `OpusEncoder.create`
 * @throws {OpusError} through the stream: `bad-argument`, `not-supported`
 * @example
 * import { opusEncoderStream } from 'sottovoce/streams';
 * const packets = pcm.pipeThrough(opusEncoderStream({ channels: 2, application: 'audio' }));
 */
export function opusEncoderStream(options: OpusEncoderOptions = {}): TransformOf<Pcm, Uint8Array> {
  let encoder: OpusEncoder | undefined;
  let framer: Framer | undefined;
  const stream = new TransformStream<Pcm, Uint8Array>({
    async start() {
      encoder = await OpusEncoder.create(options);
      framer = new Framer(encoder.frameSamples * encoder.channels);
    },
    transform(pcm, controller) {
      try {
        for (const frame of framer!.push(toFloat(pcm, badArgument))) {
          controller.enqueue(encoder!.encode(frame).slice());
        }
      } catch (error) {
        encoder?.close();
        throw error;
      }
    },
    flush(controller) {
      if (framer!.pending > 0) controller.enqueue(encoder!.encode(framer!.flush()).slice());
      encoder?.close();
    },
    ...{ cancel: () => encoder?.close() }, // newer than some runtimes; elsewhere only the end frees memory
  });
  return stream as unknown as TransformOf<Pcm, Uint8Array>;
}
