// Redundant audio data: RFC 2198. A packet carries copies of the payloads before it, so that one that
// is lost is had from its successor.

import { checkBytes } from '../core/checks.ts';
import { badArgument } from './errors.ts';

/** Payload type of packets with copies: dynamic (RFC 3551, 6), between ours. */
export const RED_PAYLOAD_TYPE: number = 63;
/** A copy is at most so many bytes long, and so many ticks old: 10 and 14 bits. */
export const MAX_COPY_BYTES: number = 1023;
export const MAX_COPY_AGE: number = 16_383;
const COPY_HEADER_BYTES = 4;
/** Copies that are taken from one packet; others are ignored. */
const MAX_COPIES = 8;

/** A payload of RFC 2198 taken apart. */
export type RedBlock = {
  readonly payloadType: number;
  /** Ticks by which it is older than the packet; 0 for the last, which is the packet's own. */
  readonly age: number;
  /** A view. */
  readonly payload: Uint8Array;
};

/** Bytes that `copies` copies add, without their payloads. */
export const redHeaderBytes = (copies: number): number => COPY_HEADER_BYTES * copies + 1;

/**
 * Writes the headers of all blocks; the payloads follow in the same order.
 * @param target at least `redHeaderBytes(copies.length)` from `at`
 * @returns where the payloads begin
 */
export function writeRedHeaders(
  target: Uint8Array,
  at: number,
  payloadType: number,
  copies: readonly { readonly age: number; readonly length: number }[],
): number {
  let next = at;
  for (const { age, length } of copies) {
    target[next++] = 0x80 | payloadType;
    target[next++] = age >> 6;
    target[next++] = ((age & 63) << 2) | (length >> 8);
    target[next++] = length;
  }
  target[next++] = payloadType;
  return next;
}

/**
 * Takes a redundant payload apart, oldest block first.
 * @returns null when the lengths do not fit
 * @throws {CallError} `bad-argument` when it is no Uint8Array
 * @example
 * const blocks = parseRed(packet.payload);
 */
export function parseRed(payload: Uint8Array): RedBlock[] | null {
  checkBytes('payload', payload, badArgument);
  let at = 0;
  let copies = 0;
  while (at < payload.length && (payload[at]! & 0x80) !== 0) {
    at += COPY_HEADER_BYTES;
    copies++;
  }
  let start = at + 1;
  if (start > payload.length || copies > MAX_COPIES) return null;
  const blocks: RedBlock[] = [];
  for (let header = 0; header < at; header += COPY_HEADER_BYTES) {
    const third = payload[header + 2]!;
    const length = ((third & 3) << 8) | payload[header + 3]!;
    if (start + length > payload.length) return null;
    const payloadType = payload[header]! & 0x7f;
    const age = (payload[header + 1]! << 6) | (third >> 2);
    blocks.push({ payloadType, age, payload: payload.subarray(start, start + length) });
    start += length;
  }
  blocks.push({ payloadType: payload[at]! & 0x7f, age: 0, payload: payload.subarray(start) });
  return blocks;
}
