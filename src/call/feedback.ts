// What one end tells the other about how its voice arrives: an application-defined RTCP packet (RFC 3550,
// 6.7) inside the sealed `audioData` message. All integers big-endian.

/** Counts and times of a receiver. Counters go up for ever and wrap. */
export type Feedback = {
  /** Newest sequence number, with the wraps before it counted in the upper half; 32 bits. */
  readonly highest: number;
  /** Packets that came, 32 bits. */
  readonly received: number;
  /** Bytes of them on the wire, 32 bits. */
  readonly bytes: number;
  /** RTP timestamp of the packet that came last, and for how many ticks it has been here. */
  readonly echo: number;
  readonly held: number;
  /** Quarters of a millisecond: delay beyond the fastest, and jitter. */
  readonly queue: number;
  readonly jitter: number;
  /** Milliseconds that the fastest packets wait to be played. */
  readonly playout: number;
  /** Frames so far, 32 bits: played in any way, made up, late. */
  readonly frames: number;
  readonly concealed: number;
  readonly late: number;
  /** Longest run of lost packets since the report before, at most 255. */
  readonly burst: number;
};

/** Bytes of a report. */
export const FEEDBACK_BYTES: number = 52;
const APP = 204;
const VERSION = 2;
/** `subtype` 1 of the name `svce`. */
const SUBTYPE = 1;
const NAME = 0x73766365;

/** Writes a report of `ssrc`; returns its length. */
export function writeFeedback(target: Uint8Array, ssrc: number, feedback: Feedback): number {
  const view = new DataView(target.buffer, target.byteOffset, FEEDBACK_BYTES);
  view.setUint8(0, (VERSION << 6) | SUBTYPE);
  view.setUint8(1, APP);
  view.setUint16(2, FEEDBACK_BYTES / 4 - 1);
  view.setUint32(4, ssrc);
  view.setUint32(8, NAME);
  view.setUint32(12, feedback.highest);
  view.setUint32(16, feedback.received);
  view.setUint32(20, feedback.bytes);
  view.setUint32(24, feedback.echo);
  view.setUint32(28, feedback.held);
  view.setUint16(32, Math.min(65_535, feedback.queue));
  view.setUint16(34, Math.min(65_535, feedback.jitter));
  view.setUint16(36, Math.min(65_535, feedback.playout));
  view.setUint16(38, Math.min(255, feedback.burst));
  view.setUint32(40, feedback.frames);
  view.setUint32(44, feedback.concealed);
  view.setUint32(48, feedback.late);
  return FEEDBACK_BYTES;
}

/** Reads a report of `ssrc`; null for what is none. */
export function parseFeedback(data: Uint8Array, ssrc: number): Feedback | null {
  if (data.length < FEEDBACK_BYTES || data[0] !== ((VERSION << 6) | SUBTYPE) || data[1] !== APP) {
    return null;
  }
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  if (view.getUint32(4) !== ssrc || view.getUint32(8) !== NAME) return null;
  return {
    highest: view.getUint32(12),
    received: view.getUint32(16),
    bytes: view.getUint32(20),
    echo: view.getUint32(24),
    held: view.getUint32(28),
    queue: view.getUint16(32),
    jitter: view.getUint16(34),
    playout: view.getUint16(36),
    burst: view.getUint16(38),
    frames: view.getUint32(40),
    concealed: view.getUint32(44),
    late: view.getUint32(48),
  };
}
