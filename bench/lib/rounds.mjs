// Interleaved measurement in one process. Each round times every contestant once, in an order that turns
// about, so that a slow moment of the machine falls on all. Time is that of the processor (user and system),
// which other programs disturb least; ratios are taken within a round, and their median counts.

const cpu = () => {
  const { user, system } = process.cpuUsage();
  return user + system; // microseconds
};

export function quantile(list, q) {
  const sorted = [...list].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
export const median = (list) => quantile(list, 0.5);

/** How many calls take about `slice` microseconds, after as long a warm-up. */
function calibrate(run, slice) {
  for (let i = 0; i < 3; i++) run();
  let calls = 1;
  for (;;) {
    const start = cpu();
    for (let i = 0; i < calls; i++) run();
    const time = cpu() - start;
    if (time >= slice) return Math.max(1, Math.round((calls * slice) / time));
    calls = time > slice / 10 ? Math.ceil((calls * slice) / time) : calls * 4;
  }
}

/**
 * Times functions against the first of them.
 * @param {{ name: string, run(): unknown }[]} entries
 * @returns for each: `us` a call (median of the rounds), `spread` (third by first quartile), and `ratio`, the
 *   time of the first by its own
 */
export function compare(entries, { rounds, sliceMs }) {
  const calls = entries.map(({ run }) => calibrate(run, sliceMs * 1000));
  const times = entries.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < entries.length; k++) {
      const i = round & 1 ? entries.length - 1 - k : k;
      const { run } = entries[i];
      const start = cpu();
      for (let n = 0; n < calls[i]; n++) run();
      times[i].push((cpu() - start) / calls[i]);
    }
  }
  return entries.map(({ name }, i) => ({
    name,
    us: median(times[i]),
    spread: quantile(times[i], 0.75) / quantile(times[i], 0.25),
    ratio: median(times[0].map((time, round) => time / times[i][round])),
  }));
}
