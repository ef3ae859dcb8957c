import type { Clock } from '../core/clock.ts';
import { BandwidthEstimator } from './bandwidth.ts';
import { CallError } from './errors.ts';
import { type Feedback, FEEDBACK_BYTES, parseFeedback, writeFeedback } from './feedback.ts';
import type { PacketConnection } from './packet-connection.ts';
import type { QualityController, QualityDecision, QualityReport } from './quality.ts';
import { RTP_HEADER_BYTES, TICKS_PER_MS, WIRE_BYTES } from './rtp.ts';
import type { VoiceEncoder } from './voice-types.ts';
import type { VoiceReceiver } from './voice-receiver.ts';
import type { VoiceSender } from './voice-sender.ts';

/** What a loop needs. */
export type QualityLoopOptions = {
  readonly clock: Clock;
  readonly connection: Pick<PacketConnection, 'sendAudio'>;
  readonly sender: VoiceSender;
  readonly receiver: VoiceReceiver;
  readonly encoder: VoiceEncoder;
  /** Of the audio of this end, and of the peer's. */
  readonly ssrc: number;
  readonly peerSsrc: number;
  /** Null: nothing is changed, only reported. */
  readonly controller: QualityController | null;
  /** What the encoder does at first. */
  readonly initial: QualityDecision;
};

/** How often the peer is told. */
const REPORT_MS = 250;
/** And where the path carries less than this (bit/s). */
const THRIFTY_REPORT_MS = 500;
const THRIFTY_BPS = 40_000;
/** Packets whose times are remembered: ten seconds of 20 ms. */
const REMEMBERED = 512;
/** Time constants of smoothing in ms. */
const LOSS_MS = 4000;
const TREND_MS = 500;
const RTT_WEIGHT = 1 / 4;

const differs = (a: QualityDecision, b: QualityDecision): boolean =>
  a.bitrate !== b.bitrate ||
  a.fec !== b.fec ||
  a.expectedLossPercent !== b.expectedLossPercent ||
  a.dtx !== b.dtx;

/** Tells the peer how its voice arrives, hears the same from it, and lets a controller decide. */
export class QualityLoop {
  readonly #options: QualityLoopOptions;
  readonly #bandwidth: BandwidthEstimator = new BandwidthEstimator();
  readonly #timestamps: Float64Array = new Float64Array(REMEMBERED).fill(-1);
  readonly #times: Float64Array = new Float64Array(REMEMBERED);
  #next = 0;
  #cancel: (() => void) | undefined;
  #decision: QualityDecision;
  #last: { feedback: Feedback; timeMs: number; sentBytes: number } | undefined;
  #report: QualityReport | undefined;
  #reports = 0;
  #meanLoss = 0;
  #rttMs = -1;
  #rttTrend = 0;
  #queueTrend = 0;

  constructor(options: QualityLoopOptions) {
    this.#options = options;
    this.#decision = options.initial;
    this.#arm();
  }

  /** The last report; undefined before the peer has told anything. */
  get report(): QualityReport | undefined {
    return this.#report;
  }

  /** What is in force. */
  get decision(): QualityDecision {
    return this.#decision;
  }

  /** A packet has just gone out. */
  wrote(): void {
    this.#timestamps[this.#next] = this.#options.sender.lastPacket;
    this.#times[this.#next] = this.#options.clock.now();
    this.#next = (this.#next + 1) % REMEMBERED;
  }

  /** Takes what an `audioData` message held; false when it is for somebody else. */
  hear(data: Uint8Array): boolean {
    const feedback = parseFeedback(data, this.#options.peerSsrc);
    if (!feedback) return false;
    const last = this.#last;
    const timeMs = this.#options.clock.now();
    const sentBytes = this.#sentBytes();
    this.#measureRoundTrip(feedback, timeMs);
    if (!last) {
      this.#last = { feedback, timeMs, sentBytes };
      return true;
    }
    // The receiver's own time between both, told by what it had last and for how long.
    const elapsed = (feedback.echo - last.feedback.echo) | 0;
    const intervalMs = (elapsed + feedback.held - last.feedback.held) / TICKS_PER_MS;
    if (intervalMs < 20 || intervalMs > 60_000) {
      if (intervalMs > 0) this.#last = { feedback, timeMs, sentBytes };
      return true; // overtaken by a later one, or nonsense
    }
    this.#last = { feedback, timeMs, sentBytes };
    this.#report = this.#compare(
      feedback,
      last.feedback,
      timeMs,
      intervalMs,
      sentBytes - last.sentBytes,
      timeMs - last.timeMs,
    );
    this.#decide(this.#report);
    return true;
  }

  /** Stops the reports. Idempotent. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    const thrifty = this.#bandwidth.capacityBps < THRIFTY_BPS;
    const delayMs = thrifty ? THRIFTY_REPORT_MS : REPORT_MS;
    this.#cancel = this.#options.clock.setTimer(delayMs, () => {
      this.#arm();
      this.#tell();
    });
  }

  #tell(): void {
    const { receiver, connection, ssrc } = this.#options;
    const feedback = receiver.feedback();
    if (!feedback) return;
    try {
      connection.sendAudio((target) =>
        target.length < FEEDBACK_BYTES ? 0 : writeFeedback(target, ssrc, feedback),
      );
    } catch (error) {
      if (!(error instanceof CallError)) throw error; // nothing can be sent any more: not ours to end
    }
  }

  #sentBytes(): number {
    const { packets, payloadBytes, copyBytes } = this.#options.sender;
    return packets * (WIRE_BYTES + RTP_HEADER_BYTES) + payloadBytes + copyBytes;
  }

  #measureRoundTrip({ echo, held }: Feedback, timeMs: number): void {
    const at = this.#timestamps.indexOf(echo);
    if (at < 0) return;
    const rtt = timeMs - this.#times[at]! - held / TICKS_PER_MS;
    if (rtt < 0) return;
    const before = this.#rttMs;
    this.#rttMs = before < 0 ? rtt : before + RTT_WEIGHT * (rtt - before);
    this.#rttTrend = before < 0 ? 0 : (this.#rttMs - before) * (1000 / REPORT_MS);
    this.#options.receiver.pathMs = this.#rttMs / 2;
  }

  #compare(
    now: Feedback,
    before: Feedback,
    timeMs: number,
    intervalMs: number,
    sentBytes: number,
    sentMs: number,
  ): QualityReport {
    const counted = (key: 'highest' | 'received' | 'bytes' | 'frames' | 'concealed' | 'late') =>
      (now[key] - before[key]) | 0;
    const share = (part: number, whole: number): number =>
      whole > 0 ? Math.min(1, Math.max(0, part / whole)) : 0;
    const expected = counted('highest');
    const loss = share(expected - counted('received'), expected);
    // From the first report on the mean of all, later only of those within the time constant.
    const weight = Math.max(1 - Math.exp(-intervalMs / LOSS_MS), 1 / ++this.#reports);
    if (expected > 0) this.#meanLoss += weight * (loss - this.#meanLoss);
    const trend = ((now.queue - before.queue) / 4) * (1000 / intervalMs);
    this.#queueTrend += (1 - Math.exp(-intervalMs / TREND_MS)) * (trend - this.#queueTrend);
    const frames = counted('frames');
    const sample = {
      intervalMs,
      sentBps: sentMs > 0 ? (8000 * sentBytes) / sentMs : 0,
      throughputBps: (8000 * Math.max(0, counted('bytes'))) / intervalMs,
      queueMs: now.queue / 4,
      queueTrend: this.#queueTrend,
      loss,
      meanLoss: this.#meanLoss,
    };
    this.#bandwidth.add(sample);
    return {
      ...sample,
      timeMs,
      capacityBps: this.#bandwidth.capacityBps,
      rttMs: Math.max(0, this.#rttMs),
      rttTrend: this.#rttTrend,
      jitterMs: now.jitter / 4,
      burst: now.burst,
      late: share(counted('late'), frames),
      concealed: share(counted('concealed'), frames),
      playoutMs: now.playout,
      bitrate: this.#decision.bitrate,
      frameMs: this.#options.sender.frameMs,
      redundancy: this.#options.sender.redundancy,
    };
  }

  #decide(report: QualityReport): void {
    const { controller, encoder, sender } = this.#options;
    const decision = controller?.update(report);
    if (!decision) return;
    const { bitrate, fec, expectedLossPercent, dtx } = decision;
    if (differs(decision, this.#decision)) {
      encoder.configure?.({ bitrate, fec, expectedLossPercent, dtx });
    }
    sender.dtx = dtx;
    sender.redundancy = decision.redundancy;
    sender.frameMs = decision.frameMs;
    this.#decision = decision;
  }
}
