// What a network did to a call, as one HTML file that needs nothing else: lines over time as SVG, and the
// received audio inside the file.
import { readFileSync, writeFileSync } from 'node:fs';

/** @typedef {import('sottovoce/call').CallStats} CallStats */
/**
 * One moment of a call at one end; counters go up.
 * @typedef {object} Sample
 * @property {number} seconds since the first word
 * @property {number} voice bit/s of the encoder, as the controller has set it
 * @property {number} wire bit/s of sealed packets that were sent, over the last second
 * @property {number} frameMs
 * @property {number} redundancy copies in each packet
 * @property {number | null} delayMs mouth to ear
 * @property {number} playoutMs of it in the playout buffer
 * @property {number | null} rttMs
 * @property {number} received packets of voice
 * @property {number} lost
 * @property {number} played frames
 * @property {number} concealed
 * @property {number} recovered
 */

/** @param {number} seconds @param {number | null} delayMs @param {CallStats} stats @returns {Sample} */
export function sampleOf(seconds, delayMs, { packets, bitrate, sending, playout, rttMs }) {
  return {
    seconds,
    voice: sending.bitrate,
    wire: bitrate.sent,
    frameMs: sending.frameMs,
    redundancy: sending.redundancy,
    delayMs,
    playoutMs: playout.delayMs,
    rttMs,
    received: packets.received,
    lost: packets.lost,
    played: packets.played,
    concealed: packets.concealed,
    recovered: packets.recovered,
  };
}

/** @typedef {{ name: string, color: string, points: [number, number][] }} Line */

const WIDTH = 860;
const HEIGHT = 170;
const LEFT = 48;
const BOTTOM = 22;
const TOP = 8;
/** Samples over which shares are taken: one second. */
const SPAN = 10;
const BLUE = '#2563eb';
const GREY = '#94a3b8';
const RED = '#dc2626';
const GREEN = '#16a34a';

/** @param {string} text */
const escaped = (text) => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

/** A round number at or above `value`. @param {number} value */
function ceiling(value) {
  const unit = 10 ** Math.floor(Math.log10(Math.max(1e-9, value)));
  return [1, 2, 5, 10].map((factor) => factor * unit).find((round) => round >= value) ?? value;
}

/** @param {string} title @param {string} unit @param {number} seconds @param {Line[]} lines @param {number} [least] */
function chart(title, unit, seconds, lines, least = 0) {
  const all = lines.flatMap(({ points }) => points.map(([, y]) => y));
  const top = ceiling(Math.max(least, ...all));
  const x = (/** @type {number} */ s) => LEFT + (s / seconds) * (WIDTH - LEFT - 8);
  const y = (/** @type {number} */ v) => HEIGHT - BOTTOM - (v / top) * (HEIGHT - BOTTOM - TOP);
  const grid = [0, 0.5, 1].map((share) => {
    const at = y(share * top).toFixed(1);
    return `<path class="grid" d="M${LEFT} ${at}H${WIDTH - 8}"/><text x="${LEFT - 6}" y="${Number(at) + 4}" text-anchor="end">${+(share * top).toPrecision(3)}</text>`;
  });
  const step = ceiling(seconds / 8);
  for (let s = 0; s <= seconds; s += step) {
    grid.push(`<text x="${x(s).toFixed(1)}" y="${HEIGHT - 6}" text-anchor="middle">${s} s</text>`);
  }
  const paths = lines.map(({ color, points }) => {
    const d = points.map(([s, v], i) => `${i ? 'L' : 'M'}${x(s).toFixed(1)} ${y(v).toFixed(1)}`);
    return `<path fill="none" stroke="${color}" stroke-width="1.6" d="${d.join('')}"/>`;
  });
  const legend = lines.map(({ name, color }) => `<span style="color:${color}">${name}</span>`);
  return `<section><h2>${title} <small>${unit}</small> ${legend.join(' ')}</h2>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${grid.join('')}${paths.join('')}</svg></section>`;
}

/**
 * A share in per cent over the last second.
 * @param {Sample[]} samples @param {(sample: Sample) => number} part @param {(sample: Sample) => number} whole
 * @returns {[number, number][]}
 */
function shares(samples, part, whole) {
  return samples.map((sample, i) => {
    const before = samples[Math.max(0, i - SPAN)] ?? sample;
    const count = whole(sample) - whole(before);
    const share = count > 0 ? (100 * (part(sample) - part(before))) / count : 0;
    return [sample.seconds, Math.min(100, Math.max(0, share))];
  });
}

/** @param {Sample[]} samples @param {(sample: Sample) => number | null} value @returns {[number, number][]} */
const over = (samples, value) =>
  samples.flatMap((sample) => {
    const y = value(sample);
    return y === null ? [] : /** @type {[number, number][]} */ ([[sample.seconds, y]]);
  });

/**
 * Writes the report.
 * @param {string} path
 * @param {{ title: string, caller: Sample[], callee: Sample[], audio: { name: string, file: string }[] }} content
 */
export function writeNetworkReport(path, { title, caller, callee, audio }) {
  const seconds = Math.max(1, ...[...caller, ...callee].map((sample) => sample.seconds));
  const frames = (/** @type {Sample} */ s) => s.played + s.recovered + s.concealed;
  const last = callee.at(-1);
  const concealed = last ? (100 * last.concealed) / Math.max(1, frames(last)) : 0;
  const charts = [
    chart('Bitrate', 'kbit/s, what the caller sends', seconds, [
      { name: 'sealed packets', color: GREY, points: over(caller, ({ wire }) => wire / 1000) },
      { name: 'voice', color: BLUE, points: over(caller, ({ voice }) => voice / 1000) },
    ]),
    chart('Delay', 'ms, what the callee hears', seconds, [
      { name: 'mouth to ear', color: BLUE, points: over(callee, ({ delayMs }) => delayMs) },
      { name: 'playout buffer', color: GREEN, points: over(callee, ({ playoutMs }) => playoutMs) },
      { name: 'round trip', color: GREY, points: over(callee, ({ rttMs }) => rttMs) },
    ]),
    chart(
      'Loss',
      '% of the packets to the callee',
      seconds,
      [
        {
          name: 'lost',
          color: RED,
          points: shares(
            callee,
            ({ lost }) => lost,
            ({ lost, received }) => lost + received,
          ),
        },
      ],
      5,
    ),
    chart(
      'Concealment',
      '% of the frames that the callee hears',
      seconds,
      [
        { name: 'made up', color: RED, points: shares(callee, (s) => s.concealed, frames) },
        {
          name: 'had from copies and FEC',
          color: GREEN,
          points: shares(callee, (s) => s.recovered, frames),
        },
      ],
      5,
    ),
    chart('Packets', 'of the caller', seconds, [
      { name: 'ms in each', color: BLUE, points: over(caller, ({ frameMs }) => frameMs) },
      {
        name: 'copies in each, times 10',
        color: GREEN,
        points: over(caller, (s) => 10 * s.redundancy),
      },
    ]),
  ];
  const players = audio.map(({ name, file }) => {
    const source = `data:audio/wav;base64,${readFileSync(file).toString('base64')}`;
    return `<figure><figcaption>${escaped(name)}</figcaption><audio controls src="${source}"></audio></figure>`;
  });
  writeFileSync(
    path,
    `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A call over ${escaped(title)}</title>
<style>
body{font:15px/1.5 system-ui,sans-serif;max-width:900px;margin:2rem auto;padding:0 1rem;color:#0f172a}
h1{font-size:1.5rem}h2{font-size:1rem;margin:1.4rem 0 0}h2 span{font-size:.85rem;font-weight:400;margin-left:.8em}
small{font-weight:400;color:#64748b}svg{width:100%;height:auto}svg text{font-size:11px;fill:#64748b}
.grid{stroke:#e2e8f0}figure{margin:1rem 0}audio{width:100%}
</style>
<h1>A call over ${escaped(title)}</h1>
<p>${seconds.toFixed(1)} s; of what the callee heard ${concealed.toFixed(1)} % was made up.</p>
${players.join('\n')}
${charts.join('\n')}
</html>
`,
  );
}

const BLOCKS = '▁▂▃▄▅▆▇█';

/** The last values as a line of blocks, for a terminal. @param {number[]} values @param {number} top */
export function sparkline(values, top) {
  return values
    .map((value) => BLOCKS[Math.max(0, Math.min(7, Math.floor((8 * value) / top)))])
    .join('');
}
