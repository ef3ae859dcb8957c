<<<<<<< HEAD
// A clock for tests: time passes only when told to, timers ring in order.

export function virtualClock(start = 1000) {
  let now = start;
  let order = 0;
  /** @type {Map<number, { at: number, callback: () => void }>} */
  const timers = new Map();
  return {
    now: () => now,
    /** @param {number} delayMs @param {() => void} callback */
    setTimer(delayMs, callback) {
      const id = order++;
      timers.set(id, { at: now + delayMs, callback });
      return () => void timers.delete(id);
    },
    /** How many timers are set. */
    get pending() {
      return timers.size;
    },
    /** Lets `ms` milliseconds pass and rings what is due, also what is set on the way. */
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = [...timers]
          .filter(([, { at }]) => at <= end)
          .sort(([a, { at: first }], [b, { at: second }]) => first - second || a - b);
        if (next === undefined) break;
        const [id, { at, callback }] = next;
        timers.delete(id);
        now = Math.max(now, at);
        callback();
      }
      now = end;
=======
/**
 * A clock that a test moves by hand. Timers ring in order of time, then of creation.
 * @returns {import('sottovoce/call').Clock & { run(ms: number): void, pending: number }}
 */
export function virtualClock() {
  let time = 0;
  let made = 0;
  /** @type {{ at: number, order: number, callback: () => void }[]} */
  let timers = [];
  const next = (until) =>
    timers
      .filter(({ at }) => at <= until)
      .sort((a, b) => a.at - b.at || a.order - b.order)
      .at(0);
  return {
    now: () => time,
    setTimer(delayMs, callback) {
      const timer = { at: time + delayMs, order: made++, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    /** Lets `ms` pass; rings what is due. */
    run(ms) {
      const until = time + ms;
      for (let timer = next(until); timer; timer = next(until)) {
        time = timer.at;
        timers = timers.filter((other) => other !== timer);
        timer.callback();
      }
      time = until;
    },
    get pending() {
      return timers.length;
>>>>>>> d6a3fa0 (call: RTP, playout buffer, signalling, negotiation; relay, transport: tests)
    },
  };
}
