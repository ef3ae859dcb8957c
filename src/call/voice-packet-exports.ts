import type { CallCore } from './call-core.ts';

/** What the call module exports beside crypto and Opus (assembly/voice-packet). @internal */
export type VoicePacketExports = {
  voiceEncodeAndSeal(
    encoder: number,
    pcm: number,
    samples: number,
    int16: number,
    key: number,
    x: number,
    body: number,
    head: number,
    limit: number,
    silence: number,
  ): number;
  voiceOpenAndDecode(
    decoder: number,
    key: number,
    x: number,
    body: number,
    length: number,
    reception: number,
    out: number,
    capacity: number,
    int16: number,
  ): number;
};

/** Bytes of a Reception (assembly/voice-packet/receive.ts), and its fields as indices of 32-bit words. */
export const RECEPTION_BYTES = 16;
export const RECEPTION = { counter: 0, start: 1, length: 2 } as const;

/** The module that a core runs on. @internal */
export function voiceExports(core: CallCore): VoicePacketExports {
  return core.opus.decoderCore.instance.exports as unknown as VoicePacketExports;
}
