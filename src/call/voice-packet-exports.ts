import { describe } from '../core/checks.ts';
import { PacketBuffer } from '../crypto/packet-buffer.ts';
import { OpusCore } from '../opus/packet.ts';
import type { CallCore } from './call-core.ts';
import { badArgument } from './errors.ts';

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

/**
 * A packet buffer in the memory of a coder: addresses of another would name other bytes there.
 * @internal
 * @throws {CallError} `bad-argument`
 * @throws {CryptoError} `released`
 */
export function checkBuffer(buffer: unknown, memory: ArrayBufferLike): void {
  if (!(buffer instanceof PacketBuffer) || buffer.body.buffer !== memory) {
    throw badArgument('"buffer" expected a PacketBuffer of the same core');
  }
}

/** Bytes of a Reception (assembly/voice-packet/receive.ts), and its fields as indices of 32-bit words. */
export const RECEPTION_BYTES = 16;
export const RECEPTION = { counter: 0, start: 1, length: 2 } as const;

/** The module that a core runs on. @internal @throws {CallError} `bad-argument` */
export function voiceExports(core: CallCore): VoicePacketExports {
  if (!(core?.opus instanceof OpusCore)) {
    throw badArgument(`"core" expected a CallCore, got ${describe(core)}`);
  }
  return core.opus.decoderCore.instance.exports as unknown as VoicePacketExports;
}
