import { checkBytes, checkInteger, checkOptions } from '../core/checks.ts';
import { badArgument } from './errors.ts';

/** Options of a playout buffer. All durations are in ticks of the RTP clock, 48 per ms. */
export type PlayoutOptions = {
  /** How long a packet waits that comes in time, at least. Rounded up to whole frames. */
  delay: number;
  /** Usual duration of a packet. */
  frame: number;
  /** Ticks beyond `delay` that may pile up before older ones are skipped. Default one second. */
  excess?: number;
};

/** What to play next. The object is reused by the next `pull`. */
export type PlayoutStep = {
  /**
   * `packet`: decode `payload`. `fec`: what belongs here is missing, but `payload` is the packet after
   * it, and may hold a spare copy. `conceal`: nothing is there. `wait`: nothing has to be there yet,
   * play silence.
   */
  kind: 'packet' | 'fec' | 'conceal' | 'wait';
  /** Borrowed, valid until the next `pull` or `push`; empty for `conceal` and `wait`. */
  payload: Uint8Array;
  /** Ticks that this step covers. */
  duration: number;
  /** RTP timestamp of its first sample. */
  timestamp: number;
};

/** Counters of a playout buffer, in packets unless said otherwise. */
export type PlayoutStats = {
  /** Came in time and were kept. */
  accepted: number;
  /** Came when their turn was over. */
  late: number;
  /** Were there already, or had been played. */
  duplicate: number;
  /** Thrown away unplayed because too many were waiting. */
  skipped: number;
  /** Steps of kind `packet`. */
  played: number;
  /** Steps of kind `fec`. */
  recovered: number;
  /** Steps of kind `conceal`. */
  concealed: number;
  /** How often the delay was set anew, the first time included. */
  restarts: number;
};

type Slot = { timestamp: number; duration: number; length: number; bytes: Uint8Array };

/** More than a sealed packet of 1452 bytes can carry. */
const SLOT_BYTES = 1500;
/** Packets that are held at most; with the shortest frames these are 320 ms. */
const MAX_SLOTS = 128;
/** So many late packets in a row, and nothing in time, mean that the path has become longer. */
const LATE_RUN = 5;
/** After so many ticks with nothing to play the stream counts as paused. */
const PAUSE = 48_000;
const MAX_TICKS = 480_000;
const NOTHING: Uint8Array = new Uint8Array(0);

/** Signed distance from `b` to `a` on the 32-bit circle. */
const distance = (a: number, b: number): number => (a - b) | 0;

/**
 * Puts packets back into order and holds each for a fixed delay, so that those that took longer are
 * there in time. It reads no clock: one `pull` for each frame that is played is its clock. Every
 * timestamp is played at most once. Memory is bounded.
 * @example
 * const playout = new PlayoutBuffer({ delay: 2880, frame: 960 });
 * playout.push(timestamp, 960, payload);
 * const { kind, payload } = playout.pull();
 */
export class PlayoutBuffer {
  /** Counters, kept up to date. */
  readonly stats: PlayoutStats = {
    accepted: 0,
    late: 0,
    duplicate: 0,
    skipped: 0,
    played: 0,
    recovered: 0,
    concealed: 0,
    restarts: 0,
  };
  readonly #delay: number;
  readonly #excess: number;
  readonly #frame: number;
  /** In order of timestamps. */
  readonly #queue: Slot[] = [];
  readonly #free: Slot[] = [];
  readonly #step: PlayoutStep = { kind: 'wait', payload: NOTHING, duration: 0, timestamp: 0 };
  #running = false;
  /** Until the first packet's turn: what is missing before it was never sent, as far as we know. */
  #priming = false;
  /** Timestamp of what is played next. */
  #cursor = 0;
  /** End of the last packet that was played; undefined before the first. */
  #playedTo: number | undefined;
  #lateRun = 0;
  #starved = 0;

  /** @throws {CallError} `bad-argument` */
  constructor(options: PlayoutOptions) {
    checkOptions(options, ['delay', 'frame', 'excess'], badArgument);
    const { delay, frame, excess = 48_000 } = options;
    checkInteger('delay', delay, 0, MAX_TICKS, badArgument);
    checkInteger('frame', frame, 120, 5760, badArgument);
    checkInteger('excess', excess, 0, MAX_TICKS, badArgument);
    this.#frame = frame;
    this.#delay = Math.ceil(delay / frame) * frame;
    this.#excess = excess;
  }

  /** Ticks from what is played next to the end of the newest packet. */
  get buffered(): number {
    const last = this.#queue.at(-1);
    return last ? distance(last.timestamp, this.#cursor) + last.duration : 0;
  }

  /** The delay in effect, in ticks. */
  get delay(): number {
    return this.#delay;
  }

  /**
   * Takes a packet that arrived.
   * @param timestamp unsigned 32 bits
   * @param duration ticks that it covers, 120..5760
   * @param payload copied; at most 1500 bytes
   * @returns false when it will not be played: late, a duplicate, too long, or of a duration that no
   *   Opus packet has
   * @throws {CallError} `bad-argument` for wrong types
   */
  push(timestamp: number, duration: number, payload: Uint8Array): boolean {
    checkInteger('timestamp', timestamp, 0, 0xffffffff, badArgument);
    checkInteger('duration', duration, 0, Number.MAX_SAFE_INTEGER, badArgument);
    checkBytes('payload', payload, badArgument);
    if (payload.length > SLOT_BYTES || duration < 120 || duration > 5760) return false;
    const { stats } = this;
    if (this.#playedTo !== undefined && distance(timestamp, this.#playedTo) < 0) {
      // Older than what was played last: either that itself, or what was concealed before it.
      stats.late++;
      return false;
    }
    if (!this.#running) this.#restart(timestamp);
    else if (distance(timestamp, this.#cursor) < 0) {
      stats.late++;
      this.#lateRun++;
      if (this.#lateRun < LATE_RUN || this.#queue.length > 0) return false;
      this.#restart(timestamp);
    }
    const at = this.#place(timestamp);
    if (at < 0) {
      stats.duplicate++;
      return false;
    }
    this.#lateRun = 0;
    this.#starved = 0;
    const slot = this.#take();
    slot.timestamp = timestamp;
    slot.duration = duration;
    slot.length = payload.length;
    slot.bytes.set(payload);
    this.#queue.splice(at, 0, slot);
    stats.accepted++;
    if (this.buffered > this.#delay + this.#excess || this.#queue.length >= MAX_SLOTS) {
      this.#skip();
    }
    return true;
  }

  /** What to play now; moves on by the step's `duration`. */
  pull(): PlayoutStep {
    if (!this.#running) return this.#say('wait', NOTHING, this.#frame);
    this.#dropBefore(this.#cursor);
    const head = this.#queue[0];
    const gap = head ? distance(head.timestamp, this.#cursor) : this.#frame;
    if (head && gap === 0) {
      this.#queue.shift();
      this.#free.push(head);
      this.#priming = false;
      this.#playedTo = (this.#cursor + head.duration) >>> 0;
      this.stats.played++;
      return this.#say('packet', head.bytes.subarray(0, head.length), head.duration);
    }
    const duration = Math.min(gap, this.#frame);
    if (this.#priming) return this.#say('wait', NOTHING, duration);
    if (head && gap <= head.duration) {
      this.stats.recovered++;
      return this.#say('fec', head.bytes.subarray(0, head.length), gap);
    }
    if (!head && (this.#starved += duration) >= PAUSE) this.#running = false;
    this.stats.concealed++;
    return this.#say('conceal', NOTHING, duration);
  }

  /** Forgets and wipes everything that waits. */
  clear(): void {
    for (const slot of [...this.#queue, ...this.#free]) slot.bytes.fill(0);
    this.#queue.length = 0;
    this.#free.length = 0;
    this.#step.payload = NOTHING;
    this.#running = false;
  }

  #say(kind: PlayoutStep['kind'], payload: Uint8Array, duration: number): PlayoutStep {
    const step = this.#step;
    step.kind = kind;
    step.payload = payload;
    step.duration = duration;
    step.timestamp = this.#cursor;
    this.#cursor = (this.#cursor + duration) >>> 0;
    return step;
  }

  /** Counts the delay from this packet on. */
  #restart(timestamp: number): void {
    this.#running = true;
    this.#priming = true;
    this.#lateRun = 0;
    this.#starved = 0;
    this.#cursor = (timestamp - this.#delay) >>> 0;
    this.stats.restarts++;
  }

  /** Index for a timestamp, or -1 when it is there. Packets mostly come in order: from the end. */
  #place(timestamp: number): number {
    let at = this.#queue.length;
    while (at > 0) {
      const step = distance(timestamp, this.#queue[at - 1]!.timestamp);
      if (step === 0) return -1;
      if (step > 0) break;
      at--;
    }
    return at;
  }

  #take(): Slot {
    return (
      this.#free.pop() ?? {
        timestamp: 0,
        duration: 0,
        length: 0,
        bytes: new Uint8Array(SLOT_BYTES),
      }
    );
  }

  #dropBefore(cursor: number): void {
    for (let head = this.#queue[0]; head; head = this.#queue[0]) {
      if (distance(head.timestamp, cursor) >= 0) return;
      this.#queue.shift();
      this.#free.push(head);
      this.stats.skipped++;
    }
  }

  /** Goes back to the fixed delay, counted from the newest packet. */
  #skip(): void {
    const last = this.#queue.at(-1)!;
    this.#cursor = (last.timestamp - this.#delay) >>> 0;
    this.#dropBefore(this.#cursor);
  }
}
