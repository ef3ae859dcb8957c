import { checkBytes, checkInteger, checkOptions } from '../core/checks.ts';
import { DelayEstimator } from './delay-estimator.ts';
import { badArgument } from './errors.ts';

/** Options of a playout buffer. All durations are in ticks of the RTP clock, 48 per ms. */
export type PlayoutOptions = {
  /** What is read at once, and the usual duration of a packet. */
  frame: number;
  /** How long the fastest packets wait, at least. Default 0: as the path demands. */
  minDelay?: number;
  /** Keeps to `minDelay`, counted from the first packet: for media that runs faster than real time. */
  fixed?: boolean;
};

/** A packet as it arrived. */
export type PlayoutPacket = {
  /** RTP timestamp of its first sample, 32 bits. */
  timestamp: number;
  /** Ticks that it covers, 120..5760. */
  duration: number;
  /** Borrowed. */
  payload: Uint8Array;
  /** When it came, in ticks of any clock that `pull` uses too. */
  arrival: number;
  /** RTP sequence number, 16 bits: tells a pause of the sender from a loss. */
  sequence: number;
  /** It holds redundancy for the frame before it. */
  fec?: boolean;
  /** It is a copy out of a later packet. */
  spare?: boolean;
};

/** What to play next. The object is reused by the next `pull`. */
export type PlayoutStep = {
  /**
   * `packet`: decode `payload`. `fec`: what belongs here is missing, but `payload` is the packet after
   * it, and holds redundancy. `conceal`: nothing is there. `wait`: nothing has to be there yet, play
   * silence.
   */
  kind: 'packet' | 'fec' | 'conceal' | 'wait';
  /** Borrowed, valid until the next `pull` or `push`; empty for `conceal` and `wait`. */
  payload: Uint8Array;
  /** Ticks that this step covers. */
  duration: number;
  /** RTP timestamp of its first sample. */
  timestamp: number;
  /**
   * By how many ticks it would better be longer, or shorter when negative: at most. What is changed
   * is up to whoever plays.
   */
  stretch: number;
  /** The change is wanted even if it can be heard. */
  urgent: boolean;
};

/** Counters of a playout buffer, in packets unless said otherwise. */
export type PlayoutStats = {
  /** Came in time and were kept. */
  accepted: number;
  /** Came when their turn was over; most are still played, later. */
  late: number;
  /** Were there already, or had been played. */
  duplicate: number;
  /** Thrown away unplayed because too many were waiting. */
  skipped: number;
  /** Steps of kind `packet`. */
  played: number;
  /** Of these, from a copy in a later packet. */
  spare: number;
  /** Steps of kind `fec`. */
  recovered: number;
  /** Steps of kind `conceal`, pauses of the sender left out. */
  concealed: number;
  /** Steps of kind `conceal` in pauses of the sender. */
  silent: number;
  /** How often playing began: at first, after pauses, on another path. */
  restarts: number;
};

type Slot = {
  timestamp: number;
  duration: number;
  sequence: number;
  fec: boolean;
  spare: boolean;
  length: number;
  bytes: Uint8Array;
};

/** More than a sealed packet of 1452 bytes can carry. */
const SLOT_BYTES = 1500;
/** Packets that are held at most; with the shortest frames these are 320 ms. */
const MAX_SLOTS = 128;
/** So many in a row that are too late to be played mean another time base. */
const LATE_RUN = 5;
/** After so many ticks with nothing to play the stream counts as paused. */
const PAUSE = 48_000;
const MAX_TICKS = 480_000;
/** Waits that go beyond the target by more than this are cut short by skipping. */
const MAX_EXCESS = 24_000;
/** While little is known, so much is added to the delay. */
const MARGIN = 720;
const FEW = 25;
/** Beyond a whole frame, before a frame is taken out: no change to and fro. */
const HYSTERESIS = 12;
/** Kept beyond the target, so that a drift of the clocks is seen before a packet comes too late. */
const GUARD = 12;
/** At most this at once, and not again before so much was played. */
const MAX_STRETCH = 576;
const CALM = 4800;
const HURRY = 1920;
/** Pulls in a row that have to find too much before anything is shortened. */
const PATIENCE = 10;
/** A step of the delay that no queue makes. */
const ANOTHER_PATH = 36_000;
/** Ticks in which the least delay of a path is looked for, and as many again. */
const WINDOW = 15 * 48_000;
const NOTHING: Uint8Array = new Uint8Array(0);

function checkTime(name: string, value: number): void {
  if (typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER) return;
  throw badArgument(`"${name}" expected a number of ticks, got ${String(value)}`);
}

/** Signed distance from `b` to `a` on the 32-bit circle. */
const distance = (a: number, b: number): number => (a - b) | 0;

/**
 * Puts packets back into order and holds them until waiting longer would do more harm than what is
 * missing. The delay follows the path: `pull` says how much longer or shorter a step should be played
 * to get there. Every timestamp is played at most once. Memory is bounded.
 * @example
 * const playout = new PlayoutBuffer({ frame: 960 });
 * playout.push({ timestamp, sequence, duration: 960, payload, arrival: 48 * clock.now() });
 * const { kind, payload, stretch } = playout.pull(48 * clock.now());
 */
export class PlayoutBuffer {
  /** Counters, kept up to date. */
  readonly stats: PlayoutStats = {
    accepted: 0,
    late: 0,
    duplicate: 0,
    skipped: 0,
    played: 0,
    spare: 0,
    recovered: 0,
    concealed: 0,
    silent: 0,
    restarts: 0,
  };
  readonly #minDelay: number;
  readonly #frame: number;
  readonly #fixed: boolean;
  readonly #delays: DelayEstimator = new DelayEstimator();
  /** In order of timestamps. */
  readonly #queue: Slot[] = [];
  readonly #free: Slot[] = [];
  readonly #step: PlayoutStep = {
    kind: 'wait',
    payload: NOTHING,
    duration: 0,
    timestamp: 0,
    stretch: 0,
    urgent: false,
  };
  #running = false;
  /** Timestamp of what is played next. */
  #cursor = 0;
  /** End of the last packet that was played, and its sequence number; undefined before the first. */
  #playedTo: number | undefined;
  #sequence = -1;
  /** The newest timestamp, and the same without the wrap at 2^32. */
  #newest = 0;
  #extended = 0;
  #lateRun = 0;
  /** Ticks without anything to play, and steps made up since the last packet. */
  #starved = 0;
  #unexplained = 0;
  /** Pulls in a row that found too much, and ticks played since the last change. */
  #over = 0;
  #calm = 0;
  #delay = 0;
  /** Of the packet before, for the jitter; and smoothed. */
  #transit = Number.NaN;
  #jitter = 0;
  #wait = 0;
  /** The least delay of the window that runs, and of the one before. */
  #least = Number.POSITIVE_INFINITY;
  #leastBefore = Number.POSITIVE_INFINITY;
  #windowEnd = 0;

  /** @throws {CallError} `bad-argument` */
  constructor(options: PlayoutOptions) {
    checkOptions(options, ['frame', 'minDelay', 'fixed'], badArgument);
    const { frame, minDelay = 0, fixed = false } = options;
    checkInteger('frame', frame, 120, 5760, badArgument);
    checkInteger('minDelay', minDelay, 0, MAX_TICKS, badArgument);
    this.#frame = frame;
    this.#minDelay = minDelay;
    this.#fixed = fixed;
  }

  /** Ticks by which what is played now is later than the fastest packets allow. */
  get delay(): number {
    return this.#delay;
  }

  /** The same, as it should be. */
  get targetDelay(): number {
    return Math.max(0, this.#target() - this.#delays.fastest);
  }

  /** Ticks by which packets come later than the fastest ones, smoothed. */
  get queueDelay(): number {
    return Math.max(0, this.#wait - Math.min(this.#least, this.#leastBefore));
  }

  /** How much that varies, in ticks (RFC 3550, 6.4.1). */
  get jitter(): number {
    return this.#jitter;
  }

  /** Ticks from what is played next to the end of the newest packet. */
  get buffered(): number {
    const last = this.#queue.at(-1);
    if (!last) return 0;
    const start = this.#running ? this.#cursor : this.#queue[0]!.timestamp;
    return Math.max(0, distance(last.timestamp, start) + last.duration);
  }

  /** One-way delay of the path in ms, if it is known: on a long path waiting costs more. */
  set pathMs(ms: number) {
    this.#delays.pathMs = ms;
  }

  /**
   * Takes a packet; the payload is copied.
   * @returns false when it will not be played: too late, a duplicate, too long, or of a duration that
   *   no Opus packet has
   * @throws {CallError} `bad-argument` for wrong types
   */
  push(packet: PlayoutPacket): boolean {
    if (typeof packet !== 'object' || packet === null)
      throw badArgument('"packet" expected an object');
    const { timestamp, duration, payload, arrival, sequence, spare = false } = packet;
    checkInteger('timestamp', timestamp, 0, 0xffffffff, badArgument);
    checkInteger('duration', duration, 0, Number.MAX_SAFE_INTEGER, badArgument);
    checkBytes('payload', payload, badArgument);
    checkInteger('sequence', sequence, 0, 0xffff, badArgument);
    checkTime('arrival', arrival);
    if (payload.length > SLOT_BYTES || duration < 120 || duration > 5760) return false;
    const { stats } = this;
    const at = this.#place(timestamp);
    const played = this.#playedTo !== undefined && distance(timestamp, this.#playedTo) < 0;
    if (at < 0 || (played && spare)) {
      if (!spare) stats.duplicate++;
      return false;
    }
    const delay = arrival - this.#extend(timestamp) - duration;
    this.#delays.add(delay);
    if (!spare) this.#measure(delay, arrival);
    if (played) return this.#tooLate();
    if (this.#queue.length >= MAX_SLOTS) this.#drop();
    const slot = this.#take();
    slot.timestamp = timestamp;
    slot.duration = duration;
    slot.sequence = sequence;
    slot.fec = packet.fec ?? false;
    slot.spare = spare;
    slot.length = payload.length;
    slot.bytes.set(payload);
    this.#queue.splice(this.#place(timestamp), 0, slot);
    if (slot.fec) this.#noteFec(slot, delay);
    stats.accepted++;
    return true;
  }

  /**
   * What to play now; moves on by the step's `duration`.
   * @param now time in the ticks of `arrival`
   * @param ahead ticks of what is being read that are filled already. Default 0
   * @throws {CallError} `bad-argument` for what are no numbers
   */
  pull(now: number, ahead: number = 0): PlayoutStep {
    checkTime('now', now);
    checkTime('ahead', ahead);
    if (!this.#running && !this.#start(now)) return this.#silence(ahead);
    const head = this.#settle(now);
    const gap = head ? distance(head.timestamp, this.#cursor) : this.#frame;
    if (head && gap === 0) return this.#play(head, now, ahead);
    if (head?.fec && gap <= head.duration && gap <= this.#frame * 6) {
      this.#unexplained = 0;
      this.#playedTo = head.timestamp;
      this.#sequence = (head.sequence - 1) & 0xffff;
      this.stats.recovered++;
      const excess = this.#excess(now, head.timestamp);
      return this.#say('fec', head.bytes.subarray(0, head.length), gap, ahead, excess);
    }
    const duration = Math.min(gap, this.#frame);
    if (!head && (this.#starved += duration) >= PAUSE) this.#running = false;
    this.#unexplained++;
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

  /** Delay, in the estimator's terms, at which packets are to be played. */
  #target(): number {
    const delays = this.#delays;
    if (this.#fixed) return delays.fastest + this.#minDelay;
    const margin = delays.count < FEW ? MARGIN : GUARD;
    return Math.max(delays.target + margin, delays.fastest + this.#minDelay);
  }

  /** Ticks by which a frame that ends at `end` and is played at `now` waits longer than it has to. */
  #excess(now: number, end: number): number {
    const delay = now - this.#extended - distance(end, this.#newest);
    this.#delay = Math.max(0, delay - this.#delays.fastest);
    return delay - this.#target();
  }

  /** Begins to play when the turn of the first packet has come. */
  #start(now: number): boolean {
    const head = this.#queue[0];
    if (!head || this.#excess(now, head.timestamp + head.duration) < 0) return false;
    this.#running = true;
    this.#cursor = head.timestamp;
    this.#sequence = -1;
    this.#starved = 0;
    this.#over = 0;
    this.#unexplained = 0;
    this.stats.restarts++;
    return true;
  }

  #silence(ahead: number): PlayoutStep {
    return this.#say('wait', NOTHING, this.#frame - (Math.max(0, ahead) % this.#frame));
  }

  /** Brings cursor and queue together: skips what is far too old, goes back for what came late. */
  #settle(now: number): Slot | undefined {
    let head = this.#queue[0];
    while (head && this.#queue.length > 1) {
      if (this.#excess(now, head.timestamp + head.duration) <= MAX_EXCESS) break;
      this.#drop();
      head = this.#queue[0];
      if (head && distance(head.timestamp, this.#cursor) > 0) this.#cursor = head.timestamp;
    }
    while (this.#fixed && head && distance(head.timestamp, this.#cursor) < 0) {
      this.stats.late++;
      this.#release();
      head = this.#queue[0];
    }
    if (!head) return undefined;
    const gap = distance(head.timestamp, this.#cursor);
    if (gap < 0) {
      // Its turn was over, something was made up for it: it is played now, and the delay has grown.
      this.stats.late++;
      this.#cursor = head.timestamp;
    } else if (gap > 0) {
      const silence = head.sequence === ((this.#sequence + 1) & 0xffff);
      if (silence) this.#explain();
      if (silence || gap > PAUSE) {
        // Nothing is missing, or far too much: it may begin as soon as its own turn has come.
        const due = this.#excess(now, head.timestamp + head.duration) >= 0;
        if (due) this.#cursor = head.timestamp;
      }
    }
    return head;
  }

  /** What was made up since the last packet was a pause of the sender. */
  #explain(): void {
    this.stats.concealed -= this.#unexplained;
    this.stats.silent += this.#unexplained;
    this.#unexplained = 0;
  }

  #play(head: Slot, now: number, ahead: number): PlayoutStep {
    const pause = this.#playedTo !== undefined && distance(head.timestamp, this.#playedTo) > 0;
    if (pause && head.sequence === ((this.#sequence + 1) & 0xffff)) this.#explain();
    this.#unexplained = 0;
    this.#starved = 0;
    this.#lateRun = 0;
    this.#queue.shift();
    this.#free.push(head);
    this.#playedTo = (head.timestamp + head.duration) >>> 0;
    this.#sequence = head.sequence;
    this.stats.played++;
    if (head.spare) this.stats.spare++;
    const excess = this.#excess(now, this.#playedTo);
    return this.#say('packet', head.bytes.subarray(0, head.length), head.duration, ahead, excess);
  }

  #say(
    kind: PlayoutStep['kind'],
    payload: Uint8Array,
    duration: number,
    ahead: number = 0,
    excess: number = Number.NaN,
  ): PlayoutStep {
    const step = this.#step;
    step.kind = kind;
    step.payload = payload;
    step.duration = duration;
    step.timestamp = this.#cursor;
    step.stretch = Number.isNaN(excess) || this.#fixed ? 0 : this.#stretch(ahead, excess);
    step.urgent = Math.abs(excess) > 4 * this.#frame;
    if (kind !== 'wait') this.#cursor = (this.#cursor + duration) >>> 0;
    this.#calm += duration;
    return step;
  }

  /**
   * Frames are read on a grid, and one is decoded when the grid reaches it: a delay that is no multiple
   * of the grid's step costs time and gains nothing. `ahead` is how far the decoded voice reaches into
   * the grid; so much can go without any packet being needed sooner.
   */
  #stretch(ahead: number, excess: number): number {
    const frame = this.#frame;
    if (excess < 0) {
      this.#over = 0;
      if (this.#calm < HURRY) return 0;
      const short = frame - (ahead % frame) + frame * (Math.ceil(-excess / frame) - 1);
      return this.#change(Math.min(MAX_STRETCH, Math.max(short, 192)));
    }
    const frames = Math.floor(Math.max(0, excess - HYSTERESIS) / frame);
    // Where nothing waits, nothing can be saved, whatever the estimate says.
    const spare = ahead + (this.#queue.length > 0 ? frame * frames : 0);
    if (spare < 192) {
      this.#over = 0;
      return 0;
    }
    const hurry = excess > 3 * frame;
    if (++this.#over < PATIENCE || this.#calm < (hurry ? HURRY : CALM)) return 0;
    return this.#change(-Math.min(MAX_STRETCH, spare));
  }

  #change(ticks: number): number {
    this.#calm = 0;
    return ticks;
  }

  /** Older than what was played last: nobody can play it any more. */
  #tooLate(): false {
    this.stats.late++;
    if (++this.#lateRun >= LATE_RUN && this.#queue.length === 0 && this.#starved > 0) {
      // A time base of its own, or a sender who began anew.
      this.#running = false;
      this.#playedTo = undefined;
      this.#lateRun = 0;
      this.#delays.clear();
    }
    return false;
  }

  /** The frame before it is missing and can be had from it: as good as if it had come now. */
  #noteFec(slot: Slot, delay: number): void {
    const before = (slot.timestamp - slot.duration) >>> 0;
    if (this.#playedTo === undefined || distance(before, this.#playedTo) < 0) return;
    if (this.#place(before) < 0) return;
    this.#delays.add(delay + slot.duration);
  }

  #measure(delay: number, arrival: number): void {
    const step = Math.abs(delay - this.#transit);
    if (!(step < ANOTHER_PATH)) {
      // The first one, or another time base.
      this.#wait = delay;
      this.#least = delay;
      this.#leastBefore = delay;
    } else this.#jitter += (step - this.#jitter) / 16;
    if (arrival >= this.#windowEnd) {
      this.#windowEnd = arrival + WINDOW;
      this.#leastBefore = this.#least;
      this.#least = delay;
    }
    this.#least = Math.min(this.#least, delay);
    this.#wait += (delay - this.#wait) / 8;
    this.#transit = delay;
  }

  /** A timestamp without the wrap. */
  #extend(timestamp: number): number {
    const step = distance(timestamp, this.#newest);
    const extended = this.#extended + step;
    if (step > 0) {
      this.#newest = timestamp;
      this.#extended = extended;
    }
    return extended;
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
        sequence: 0,
        fec: false,
        spare: false,
        length: 0,
        bytes: new Uint8Array(SLOT_BYTES),
      }
    );
  }

  /** Gives up the oldest. */
  #drop(): void {
    if (this.#release()) this.stats.skipped++;
  }

  #release(): boolean {
    const head = this.#queue.shift();
    if (!head) return false;
    this.#free.push(head);
    this.#playedTo = (head.timestamp + head.duration) >>> 0;
    return true;
  }
}
