// Mouth and ear of one peer: every 20 ms of media time a frame goes into the call and one comes out.
import { MAX_BURST } from './media-clock.mjs';
import { RATE, WavWriter } from './wav.mjs';

export const FRAME_MS = 20;
export const FRAME = (RATE * FRAME_MS) / 1000;
/** By this the decoded voice lags: the encoder looks so far ahead (RFC 6716, 2: 6.5 ms at 48 kHz). */
const LOOKAHEAD_MS = 6.5;
const PROGRESS_MS = 100;

/** @typedef {import('sottovoce/call').Call} Call */
/** @typedef {import('./media-clock.mjs').MediaClock} MediaClock */
/**
 * @typedef {object} Progress
 * @property {number} done 0..1
 * @property {number} seconds
 * @property {number} bitrate bit/s of voice so far
 * @property {number | null} pingMs
 * @property {number} loss per cent
 * @property {number | null} delayMs of the last frame
 */

/**
 * Shared by both peers: the RTP timestamp of each one's first frame, so that the other knows which
 * frame it hears and when that was said.
 * @returns {SharedArrayBuffer}
 */
export function createTimeline() {
  return new SharedArrayBuffer(16); // per peer: timestamp, and 1 once it is set
}

export class Speaker {
  /** Mouth-to-ear delay of every frame that was heard, in ms of media time. @type {number[]} */
  delays = [];
  /** @type {(progress: Progress) => void} */
  onProgress = () => {};
  onEnd = () => {};
  #call;
  #clock;
  #peer;
  #pcm;
  #startAt;
  #timeline;
  #writer;
  /** Frames to say: the input, and one more that pushes the lookahead out. */
  #total;
  /** @type {Float32Array} */
  #frame = new Float32Array(FRAME);
  #said = 0;
  #heard = 0;
  #ticks = 0;
  #lastTick;
  #stopped = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #lastProgress = 0;

  /**
   * @param {object} options
   * @param {Call} options.call
   * @param {MediaClock} options.clock
   * @param {0 | 1} options.peer
   * @param {Float32Array} options.pcm
   * @param {number} options.startAt media time
   * @param {number} options.playoutDelayMs
   * @param {string} options.output
   * @param {SharedArrayBuffer} options.timeline
   */
  constructor({ call, clock, peer, pcm, startAt, playoutDelayMs, output, timeline }) {
    this.#call = call;
    this.#clock = clock;
    this.#peer = peer;
    this.#pcm = pcm;
    this.#startAt = startAt;
    this.#timeline = new Int32Array(timeline);
    this.#writer = new WavWriter(output);
    this.#total = Math.ceil(pcm.length / FRAME) + 1;
    // After the last word: until it has crossed the buffer, and some more if the path has slowed down.
    this.#lastTick = this.#total + Math.ceil(playoutDelayMs / FRAME_MS) + 25;
  }

  start() {
    this.#clock.startVoice(this.#peer);
    this.#run();
  }

  /** Ends where it is; the file is finished. Idempotent. */
  stop() {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#clock.endVoice(this.#peer);
    this.#writer.close();
  }

  #run() {
    let burst = 0;
    while (!this.#stopped && burst < MAX_BURST && this.#clock.mayRun(this.#peer, this.#due)) {
      this.#tick();
      burst++;
    }
    if (this.#stopped) return;
    const wait = (this.#due - this.#clock.shared()) / this.#clock.speed;
    this.#timer = setTimeout(() => this.#run(), Math.max(1, wait));
  }

  /** A frame can be sent when its last sample has been spoken. */
  get #due() {
    return this.#startAt + (this.#ticks + 1) * FRAME_MS;
  }

  #tick() {
    if (this.#said < this.#total) this.#speak();
    if (this.#heard < this.#total) this.#listen();
    this.#ticks++;
    this.#clock.countFrame(this.#peer);
    const finished = this.#said === this.#total && this.#heard >= this.#total;
    if (finished || this.#ticks >= this.#lastTick) {
      this.#report(1);
      this.stop();
      this.onEnd();
    } else if (performance.now() - this.#lastProgress >= PROGRESS_MS) {
      this.#report(Math.min(1, this.#ticks / this.#total));
    }
  }

  #speak() {
    const from = this.#said * FRAME;
    this.#frame.fill(0);
    this.#frame.set(this.#pcm.subarray(from, from + FRAME));
    this.#call.write(this.#frame);
    if (this.#said === 0) {
      Atomics.store(this.#timeline, 2 * this.#peer, this.#call.lastSent | 0);
      Atomics.store(this.#timeline, 2 * this.#peer + 1, 1);
    }
    this.#said++;
  }

  #listen() {
    const pcm = this.#call.read();
    const playedAt = Math.max(this.#clock.shared(), this.#due);
    const index = this.#indexOf(this.#call.lastPlayed);
    if (index === null && this.#heard === 0) return; // the other has not begun
    if (index !== null) {
      // What was lost before the first frame that came is silence; later gaps are concealed, and when the
      // delay changes, frames are longer or shorter than they were.
      if (this.#heard === 0) {
        for (; this.#heard < index; this.#heard++) this.#writer.write(new Float32Array(FRAME));
      }
      this.delays.push(playedAt - (this.#startAt + index * FRAME_MS) + LOOKAHEAD_MS);
    }
    if (this.#heard < this.#total) this.#writer.write(pcm);
    this.#heard++;
  }

  /** Which frame of the other peer that is. @param {number} timestamp -1: none @returns {number | null} */
  #indexOf(timestamp) {
    const other = 1 - this.#peer;
    if (timestamp < 0 || !Atomics.load(this.#timeline, 2 * other + 1)) return null;
    const first = Number(Atomics.load(this.#timeline, 2 * other));
    return Math.round(((timestamp - first) | 0) / FRAME);
  }

  /** @param {number} done */
  #report(done) {
    this.#lastProgress = performance.now();
    const { voice, rttMs, loss } = this.#call.stats();
    const seconds = (this.#said * FRAME_MS) / 1000;
    this.onProgress({
      done,
      seconds,
      bitrate: seconds > 0 ? (voice.bytes * 8) / seconds : 0,
      pingMs: rttMs,
      loss: loss * 100,
      delayMs: this.delays.at(-1) ?? null,
    });
  }
}
