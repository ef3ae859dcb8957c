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
    },
  };
}
