import type { FrameMs } from '../opus/index.ts';

/**
 * What is known about how a call arrives at the other end, several times a second: technical data only.
 * Times are in ms, rates in bit/s with all headers (UDP and IPv4 included), shares 0..1.
 */
export type QualityReport = {
  /** Time of the report, and since the one before. */
  readonly timeMs: number;
  readonly intervalMs: number;
  /** What this end sent in that time, and what of it the other end has received. */
  readonly sentBps: number;
  readonly throughputBps: number;
  /** What the path is believed to carry. */
  readonly capacityBps: number;
  /** Smoothed round trip, and by how many ms per second it grows. */
  readonly rttMs: number;
  readonly rttTrend: number;
  /** How much longer packets take than the fastest ones, and by how many ms per second that grows. */
  readonly queueMs: number;
  readonly queueTrend: number;
  /** How much packets differ in that (RFC 3550, 6.4.1). */
  readonly jitterMs: number;
  /** Lost packets over sent ones: in this interval, and smoothed over about four seconds. */
  readonly loss: number;
  readonly meanLoss: number;
  /** Longest run of lost packets in this interval. */
  readonly burst: number;
  /** Frames that came too late, and those that were made up, over those that were played. */
  readonly late: number;
  readonly concealed: number;
  /** How long the fastest packets wait at the other end. */
  readonly playoutMs: number;
  /** What is in force. */
  readonly bitrate: number;
  readonly frameMs: number;
  readonly redundancy: number;
};

/** How voice is to be sent from the next packet on. */
export type QualityDecision = {
  /** Bit/s of the encoder. */
  readonly bitrate: number;
  /** Duration of a packet. */
  readonly frameMs: FrameMs;
  /** Copies of earlier packets in each packet, 0..2. */
  readonly redundancy: number;
  /** In-band redundancy of the codec, for this much loss: Opus writes none below 6 % (rates of speech). */
  readonly fec: boolean;
  readonly expectedLossPercent: number;
  /** Send nothing in silence. */
  readonly dtx: boolean;
};

/** Decides how a call is sent. Replace it to bring your own. */
export type QualityController = {
  /** Called for every report; null leaves everything as it is. */
  update(report: QualityReport): QualityDecision | null;
};
