import { describe } from '../core/checks.ts';
import { OpusEncoder, type OpusEncoderOptions } from '../opus/encoder.ts';
import { badArgument } from '../opus/errors.ts';
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
  let frame = new Float32Array();
  let filled = 0;
  return new TransformStream<Pcm, Uint8Array>({
    async start() {
      encoder = await OpusEncoder.create(options);
      frame = new Float32Array(encoder.frameSamples * encoder.channels);
    },
    transform(pcm, controller) {
      try {
        if (!(pcm instanceof Float32Array || pcm instanceof Int16Array)) {
          throw badArgument(`"pcm" expected Float32Array or Int16Array, got ${describe(pcm)}`);
        }
        for (let at = 0; at < pcm.length; ) {
          const part = pcm.subarray(at, at + frame.length - filled);
          for (let i = 0; i < part.length; i++) {
            frame[filled + i] = part instanceof Int16Array ? part[i]! / 32768 : part[i]!;
          }
          at += part.length;
          filled += part.length;
          if (filled < frame.length) break;
          filled = 0;
          controller.enqueue(encoder!.encode(frame).slice());
        }
      } catch (error) {
        encoder?.close();
        throw error;
      }
    },
    flush(controller) {
      if (filled > 0) controller.enqueue(encoder!.encode(frame.fill(0, filled)).slice());
      encoder?.close();
    },
    ...{ cancel: () => encoder?.close() }, // newer than some runtimes; elsewhere memory waits for the end
  });
}
