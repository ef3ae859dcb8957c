// RTP as far as a call needs it: RFC 3550 section 5.1, with Opus as RFC 7587 lays it down. The header is
// inside the sealed packet, so nobody on the way sees it.

import { checkBytes, checkInteger } from '../core/checks.ts';
import { badArgument } from './errors.ts';

/** Bytes of a header without contributing sources and extension, as we send it. */
export const RTP_HEADER_BYTES: number = 12;
/** Payload type of Opus in calls (call-packets, section 3). */
export const RTP_PAYLOAD_TYPE: number = 111;
/** Ticks per second of RTP timestamps, whatever the PCM's rate is (RFC 7587, 4.1). */
export const RTP_CLOCK_RATE: number = 48_000;
/** And per millisecond. */
export const TICKS_PER_MS: number = RTP_CLOCK_RATE / 1000;
/** Bytes around an RTP packet on the wire: IPv4 and UDP 28, the seal 21. */
export const WIRE_BYTES: number = 28 + 21;

/** SSRC of the audio of each role (call-packets, section 3). */
export const AUDIO_SSRC: { readonly caller: number; readonly callee: number } = {
  caller: 2,
  callee: 1,
};

const VERSION = 2;
/** RTCP types lie in 64..95 where a payload type would be (RFC 5761, section 4). */
const RTCP_FIRST = 64;
const RTCP_LAST = 95;

/** An RTP packet taken apart. */
export type RtpPacket = {
  /** 7 bits. */
  payloadType: number;
  /** First packet of a talk spurt. */
  marker: boolean;
  /** 16 bits, wraps. */
  sequence: number;
  /** 32 bits, unsigned, wraps. */
  timestamp: number;
  /** Names the stream, 32 bits, unsigned. */
  ssrc: number;
  /** A view into the packet, without padding. */
  payload: Uint8Array;
};

/**
 * Writes the 12 bytes of a header; allocates nothing.
 * @param target at least 12 bytes
 * @param sequence taken modulo 2^16
 * @param timestamp taken modulo 2^32
 * @param marker set on the first packet of a talk spurt (RFC 3551, 4.1)
 * @param ssrc 32 bits, unsigned
 * @returns where the payload goes: 12
 * @throws {CallError} `bad-argument`
 * @example
 * const at = writeRtpHeader(target, sequence, timestamp, 2, false);
 * target.set(opusPacket, at);
 */
export function writeRtpHeader(
  target: Uint8Array,
  sequence: number,
  timestamp: number,
  ssrc: number,
  marker: boolean,
): number {
  checkBytes('target', target, badArgument);
  checkInteger(
    'target.length',
    target.length,
    RTP_HEADER_BYTES,
    Number.MAX_SAFE_INTEGER,
    badArgument,
  );
  checkInteger('sequence', sequence, 0, Number.MAX_SAFE_INTEGER, badArgument);
  checkInteger('timestamp', timestamp, 0, Number.MAX_SAFE_INTEGER, badArgument);
  checkInteger('ssrc', ssrc, 0, 0xffffffff, badArgument);
  target[0] = VERSION << 6;
  target[1] = RTP_PAYLOAD_TYPE | (marker ? 0x80 : 0);
  target[2] = sequence >>> 8;
  target[3] = sequence;
  target[4] = timestamp >>> 24;
  target[5] = timestamp >>> 16;
  target[6] = timestamp >>> 8;
  target[7] = timestamp;
  target[8] = ssrc >>> 24;
  target[9] = ssrc >>> 16;
  target[10] = ssrc >>> 8;
  target[11] = ssrc;
  return RTP_HEADER_BYTES;
}

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!;
const u32 = (bytes: Uint8Array, at: number): number =>
  ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0;

/**
 * Takes an RTP packet apart. Contributing sources, extensions and padding are skipped.
 * @returns null for RTCP, another version, or lengths that do not fit
 * @throws {CallError} `bad-argument` when it is no Uint8Array
 * @example
 * const opusPacket = parseRtp(message.data)?.payload;
 */
export function parseRtp(packet: Uint8Array): RtpPacket | null {
  checkBytes('packet', packet, badArgument);
  if (packet.length < RTP_HEADER_BYTES) return null;
  const first = packet[0]!;
  const second = packet[1]!;
  const payloadType = second & 0x7f;
  if (first >> 6 !== VERSION) return null;
  if (payloadType >= RTCP_FIRST && payloadType <= RTCP_LAST) return null;
  let start = RTP_HEADER_BYTES + 4 * (first & 15);
  let end = packet.length;
  if ((first & 0x10) !== 0) {
    if (start + 4 > end) return null;
    start += 4 + 4 * u16(packet, start + 2);
  }
  if ((first & 0x20) !== 0) {
    const padding = packet[end - 1]!;
    if (padding === 0) return null;
    end -= padding;
  }
  if (start > end) return null;
  return {
    payloadType,
    marker: (second & 0x80) !== 0,
    sequence: u16(packet, 2),
    timestamp: u32(packet, 4),
    ssrc: u32(packet, 8),
    payload: packet.subarray(start, end),
  };
}

/** Counts what a stream lost, from its sequence numbers (RFC 3550, A.1 and A.3). */
export class SequenceTracker {
  #highest = -1;
  #first = 0;
  #received = 0;
  #burst = 0;

  /** Takes the 16-bit sequence number of a packet that arrived, once for each packet. */
  add(sequence: number): void {
    this.#received++;
    if (this.#highest < 0) {
      // Room below, for packets that were sent before the first that arrived.
      this.#highest = 0x10000 + sequence;
      this.#first = this.#highest;
      return;
    }
    const step = ((sequence - this.#highest) << 16) >> 16;
    const extended = this.#highest + step;
    if (step > 0) {
      this.#highest = extended;
      this.#burst = Math.max(this.#burst, step - 1);
    }
    if (extended < this.#first) this.#first = extended;
  }

  get received(): number {
    return this.#received;
  }

  /** The newest, wraps counted above 16 bits; -1 before the first. */
  get highest(): number {
    return this.#highest;
  }

  /** Longest run that was missing when the packet after it came, since this was asked last. */
  takeBurst(): number {
    const burst = this.#burst;
    this.#burst = 0;
    return burst;
  }

  /** Packets between the first and the newest that did not arrive, so far. */
  get lost(): number {
    if (this.#highest < 0) return 0;
    return Math.max(0, this.#highest - this.#first + 1 - this.#received);
  }
}
