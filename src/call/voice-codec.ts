import { OpusDecoder, OpusEncoder, ownEngine } from '../opus/index.ts';
import type { CallCore } from './call-core.ts';
import { SealingEncoder } from './sealing-encoder.ts';
import type { VoiceCodec } from './voice-types.ts';

/**
 * Opus in the memory of `core`: voice is encoded where packets are sealed, and decoded where they are
 * opened. An engine that was chosen encodes in its own.
 */
export function opusCodec(core: CallCore): VoiceCodec {
  const { opus } = core;
  return {
    createEncoder: (format, options) =>
      options.engine === undefined
        ? SealingEncoder.create(core, format, options)
        : OpusEncoder.create({ ...options, ...format }),
    createDecoder: (format) => OpusDecoder.create({ ...format, engine: ownEngine(opus) }),
    packetDuration: (packet) => opus.packetSamples(packet),
    hasFec: (packet) => opus.packetHasFec(packet),
  };
}
