// How packets get into WebAssembly memory and out of it.
import { checkBytes, checkOptions } from '../core/checks.ts';
import type { Block } from '../core/memory.ts';
import { badArgument, OpusError } from './errors.ts';

/** Longest packet that is taken, in bytes: 48 full frames are 61,298, the rest is padding. */
export const MAX_PACKET_BYTES: number = 65_536;

/** How a packet is delimited. */
export type FramingOptions = {
  /** Self-delimiting framing, RFC 6716 appendix B. Default false. */
  readonly selfDelimited?: boolean;
};

/** One message whatever the reason: who sent the packet need not learn more. @internal */
export function badPacket(): OpusError {
  return new OpusError('bad-packet', '"packet" expected an Opus packet (RFC 6716, section 3.4)');
}

/** Copies a packet into a block, returns its length. @internal */
export function putPacket(block: Block, packet: Uint8Array): number {
  checkBytes('packet', packet, badArgument);
  if (packet.length > MAX_PACKET_BYTES) throw badPacket();
  block.bytes.set(packet);
  return packet.length;
}

/** A borrowed result as it is, or copied into `dst`. @internal */
export function deliver(result: Uint8Array, dst: Uint8Array | undefined): Uint8Array {
  if (dst === undefined) return result;
  checkBytes('dst', dst, badArgument);
  if (dst.length < result.length) {
    throw new OpusError(
      'buffer-too-small',
      `"dst" expected at least ${result.length} bytes, got ${dst.length}`,
    );
  }
  dst.set(result);
  return dst.subarray(0, result.length);
}

/** Checks framing options, gives the flag that the module expects. @internal */
export function selfDelimited(options: FramingOptions): number {
  checkOptions(options, ['selfDelimited'], badArgument);
  const { selfDelimited: value = false } = options;
  if (typeof value !== 'boolean') {
    throw badArgument(`"selfDelimited" expected boolean, got ${typeof value}`);
  }
  return value ? 1 : 0;
}
