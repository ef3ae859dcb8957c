// Media time: milliseconds that run `speed` times as fast as the wall clock, one time base for all
// workers. Both peers publish in shared memory how far they are. Faster than real time the clock waits
// for the slower of them and for datagrams on their way, so nothing is late because the machine is busy
// and no socket buffer overflows: what is measured in media time stays meaningful.
//
// At speed 1 the clock never waits: that is a real call on a real machine.

/** How far a peer may be ahead of the other, in frames. */
export const AHEAD = 4;
/**
 * Datagrams that may be under way in one direction; those that a relay adds are taken off, so it can be
 * some more. No socket buffer overflows: the usual one of 212992 bytes holds about 160 of 200 bytes.
 */
const IN_FLIGHT = 4;
/** A peer that is later than this, in media time, puts the clock back. */
const LATE_MS = 20;
/** Lost datagrams never arrive: after so long a wait the ones under way are forgotten, in wall ms. */
const GIVE_UP_MS = 250;
/** Most frames that one turn of the event loop handles. */
export const MAX_BURST = 4;

// Slots of the shared memory, as 32-bit integers.
const SLOTS = 8;
const FRAMES = 0; // + peer: frames that it has captured
const SENT = 2; // + peer: datagrams sent
const ARRIVED = 4; // + peer: datagrams that arrived
const STARTED = 6; // bits: which peers have begun to speak
const ENDED = 7; // bits: which peers have done so
// Then two 64-bit slots: wall time of media time 0, and time that the clock has waited, in microseconds.

/** @typedef {0 | 1} Peer 0 is the caller, 1 the callee */
/** @typedef {{ memory: SharedArrayBuffer, speed: number }} ClockBase */

/**
 * Made once, by the main thread, and handed to every worker.
 * @param {number} speed
 * @returns {ClockBase}
 */
export function createClockBase(speed) {
  const memory = new SharedArrayBuffer(SLOTS * 4 + 16);
  new BigInt64Array(memory, SLOTS * 4)[0] = process.hrtime.bigint() / 1000n;
  return { memory, speed };
}

/** A `Clock` of sottovoce on the shared time base. */
export class MediaClock {
  #words;
  #times;
  #speed;
  #blockedSince = 0;
  #latest = -Infinity;

  /** @param {ClockBase} base */
  constructor({ memory, speed }) {
    this.#words = new Int32Array(memory, 0, SLOTS);
    this.#times = new BigInt64Array(memory, SLOTS * 4);
    this.#speed = speed;
  }

  get speed() {
    return this.#speed;
  }

  /** Media milliseconds; never goes backwards here, whatever was put back. @returns {number} */
  now() {
    this.#latest = Math.max(this.#latest, this.shared());
    return this.#latest;
  }

  /** What the shared time is at the moment, for measuring between workers. @returns {number} */
  shared() {
    const wall = process.hrtime.bigint() / 1000n;
    const waited = Atomics.load(this.#times, 1);
    return (Number(wall - Atomics.load(this.#times, 0) - waited) * this.#speed) / 1000;
  }

  /**
   * @param {number} delayMs media milliseconds
   * @param {() => void} callback
   * @returns {() => void} cancels
   */
  setTimer(delayMs, callback) {
    const due = this.shared() + delayMs;
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const arm = () => {
      const left = due - this.shared(); // more than expected when the clock has waited
      if (left <= 0) callback();
      else timer = setTimeout(arm, left / this.#speed);
    };
    timer = setTimeout(arm, Math.max(0, delayMs) / this.#speed);
    return () => clearTimeout(timer);
  }

  /** Nobody begins before both are here. @param {Peer} peer */
  startVoice(peer) {
    this.#forgetFlying(peer);
    Atomics.or(this.#words, STARTED, 1 << peer);
  }

  /** @param {Peer} peer */
  endVoice(peer) {
    Atomics.or(this.#words, ENDED, 1 << peer);
  }

  /** @param {Peer} peer */
  countFrame(peer) {
    Atomics.add(this.#words, FRAMES + peer, 1);
  }

  /** @param {Peer} peer */
  countSent(peer) {
    Atomics.add(this.#words, SENT + peer, 1);
  }

  /** @param {Peer} peer */
  countArrived(peer) {
    Atomics.add(this.#words, ARRIVED + peer, 1);
  }

  /**
   * Whether this peer may handle its next frame, which is due at media time `due`. Where it has to wait
   * for others, or is late itself, the clock is put back for everybody.
   * @param {Peer} peer
   * @param {number} due
   * @returns {boolean}
   */
  mayRun(peer, due) {
    const late = this.shared() - due;
    if (late < 0) return false;
    if (this.#speed === 1) return true;
    if (!this.#mustWait(peer)) {
      this.#blockedSince = 0;
      if (late > LATE_MS) this.#hold(due);
      return true;
    }
    const wall = Number(process.hrtime.bigint() / 1000n) / 1000;
    this.#blockedSince ||= wall;
    if (wall - this.#blockedSince > GIVE_UP_MS) {
      this.#forgetFlying(peer);
      this.#blockedSince = 0;
    }
    this.#hold(due);
    return false;
  }

  /** @param {Peer} peer @returns {boolean} */
  #mustWait(peer) {
    const other = 1 - peer;
    if (this.#load(ENDED) & (1 << other)) return false;
    if (!(this.#load(STARTED) & (1 << other))) return true;
    if (this.#load(FRAMES + peer) - this.#load(FRAMES + other) >= AHEAD) return true;
    return this.#load(SENT + peer) - this.#load(ARRIVED + other) >= IN_FLIGHT;
  }

  /** What this peer has sent counts as arrived. @param {Peer} peer */
  #forgetFlying(peer) {
    Atomics.store(this.#words, SENT + peer, this.#load(ARRIVED + 1 - peer));
  }

  /** @param {number} slot @returns {number} */
  #load(slot) {
    return Number(Atomics.load(this.#words, slot));
  }

  /** Adds what the clock is past `due` to the time that it has waited. @param {number} due */
  #hold(due) {
    const before = Atomics.load(this.#times, 1);
    const excess = Math.floor(((this.shared() - due) / this.#speed) * 1000);
    if (excess > 0) Atomics.compareExchange(this.#times, 1, before, before + BigInt(excess));
  }
}
