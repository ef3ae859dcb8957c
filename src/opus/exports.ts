import type { MemoryExports } from '../core/memory.ts';

/** The exports of `wasm/opus.wasm` that this module calls. @internal */
export type OpusExports = MemoryExports & {
  opusPacketParse(packet: number, length: number, selfDelimited: number, info: number): number;
  opusPacketPad(
    packet: number,
    length: number,
    capacity: number,
    wanted: number,
    info: number,
  ): number;
  opusRepacketizerAppend(
    state: number,
    packet: number,
    length: number,
    selfDelimited: number,
  ): number;
  opusRepacketizerClear(state: number): void;
  opusRepacketizerWrite(
    state: number,
    begin: number,
    end: number,
    target: number,
    capacity: number,
    selfDelimited: number,
    length: number,
  ): number;
};
