// The figures of a call: what --json prints and out/report.json holds.
import { fingerprint } from './story.mjs';
import { QUALITY_NAME } from './quality.mjs';
import { entropy, sealedPackets } from './relay-analysis.mjs';
import { FRAME_MS } from './speaker.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./quality.mjs').Quality} Quality */
/** @typedef {import('./session.mjs').PeerStats} PeerStats */
/** @typedef {{ tampered: number, replayed: number, truncated: number }} Injected */
/** @typedef {{ emojis: string[], keyFingerprint: bigint }} Active */
/** @typedef {import('./peer-analysis.mjs').Analysis} Analysis */

/**
 * @typedef {object} Outcome
 * @property {Options} options
 * @property {{ caller: Active | null, callee: Active | null }} active
 * @property {{ caller: PeerStats, callee: PeerStats }} peers
 * @property {import('./relay-worker.mjs').Recording | undefined} recording
 * @property {Analysis | null} analysis
 * @property {{ opened: number, seen: number } | undefined} haul what the attacker opened
 * @property {{ received: Quality, receivedBack: Quality } | null} quality
 * @property {{ by: string, reason: string, code: string | null } | null} ended early
 * @property {Record<'received' | 'receivedBack' | 'report' | 'attacker', string>} files
 * @property {number} durationMs of the speech
 * @property {number} wallMs that the voice took
 * @property {number} playoutDelayMs
 */

/** @typedef {ReturnType<typeof makeReport>} Report */

/** @param {Outcome} outcome */
export function makeReport(outcome) {
  const { options, active, peers, recording, analysis, haul, quality } = outcome;
  const both = [peers.caller, peers.callee];
  const sum = (/** @type {(stats: PeerStats) => number} */ pick) =>
    both.reduce((total, peer) => total + pick(peer), 0);
  /** @type {Injected} */
  const injected = recording?.injected ?? { tampered: 0, replayed: 0, truncated: 0 };
  const recorded = recording?.datagrams ?? [];
  const dropped = sum(({ stats }) => stats.packets.dropped);
  const delays = both.flatMap(({ delays }) => delays).sort((a, b) => a - b);
  const voice = sum(({ stats }) => stats.voice.frames);
  const voiceBits = sum(({ stats }) => stats.voice.bytes) * 8;
  const report = {
    emojis: { caller: active.caller?.emojis ?? [], callee: active.callee?.emojis ?? [] },
    keyFingerprint: active.caller ? fingerprint(active.caller.keyFingerprint) : null,
    packets: {
      /** Sealed packets, both directions summed. */
      sent: sum(({ stats }) => stats.packets.sent),
      /** Those that were opened and taken. */
      received: sum(({ stats }) => stats.packets.received) - dropped,
      /** Those that were refused: damaged, seen before, malformed. */
      dropped,
      /** What the relay slipped in on purpose; without loss all of it is dropped and nothing else. */
      injected,
      /** Datagrams that the network lost, injected ones included. */
      lostDatagrams: sum(({ networkLost }) => networkLost),
      /** Packets of voice: sent, and what became of those that did not come in time. */
      voice,
      lost: sum(({ stats }) => stats.packets.lost),
      late: sum(({ stats }) => stats.packets.late),
      concealed: sum(({ stats }) => stats.packets.concealed),
      recovered: sum(({ stats }) => stats.packets.recovered),
    },
    /** Of the sealed packets that were sent. */
    bytes: sum(({ stats }) => stats.bytes.sent),
    relay: {
      packets: analysis?.packets ?? haul?.seen ?? 0,
      datagrams: recorded.length,
      bytes: recorded.reduce((total, { length }) => total + length, 0),
      /** Bits per byte of the sealed packets. */
      entropy: rounded(entropy(sealedPackets(recorded).map(({ data }) => data)), 4),
      opened: analysis?.opened ?? haul?.opened ?? 0,
      control: analysis?.control ?? 0,
      guesses: analysis?.guesses ?? 0,
      attempts: analysis?.attempts ?? 0,
      /** Packets that came before the other end had said hello: nobody to forward them to. */
      unreachable: recording?.stats.unreachable ?? 0,
      opusRuns: analysis?.opusRuns ?? 0,
      pcmRuns: analysis?.pcmRuns ?? 0,
    },
    /** Mouth to ear in media time. */
    delayMs: { p50: quantile(delays, 0.5), p95: quantile(delays, 0.95) },
    /** Bit/s of encoded voice, mean of both directions. */
    bitrate: voice > 0 ? Math.round(voiceBits / ((voice * FRAME_MS) / 1000)) : 0,
    quality: {
      name: QUALITY_NAME,
      received: quality?.received[QUALITY_NAME] ?? null,
      receivedBack: quality?.receivedBack[QUALITY_NAME] ?? null,
      details: quality,
    },
    attack: options.attack,
    direct: options.direct,
    ended: outcome.ended,
    options: {
      input: options.input,
      loss: options.loss,
      network: options.network,
      bitrate: options.bitrate,
      speed: options.speed,
    },
    playoutDelayMs: outcome.playoutDelayMs,
    durationMs: Math.round(outcome.durationMs),
    wallMs: Math.round(outcome.wallMs),
    files: written(outcome),
    /** Why the exit code is 1. */
    failures: /** @type {string[]} */ ([]),
  };
  report.failures.push(...failuresOf(report));
  return report;
}

/** @param {Outcome} outcome @returns {Partial<Outcome['files']> & { report: string }} */
function written({ files, options, quality }) {
  const { attacker, report, ...copies } = files;
  if (!quality) return { report };
  return options.attack === 'relay' ? files : { ...copies, report };
}

/**
 * What must hold for a call that nobody attacks, and for a refused one.
 * @param {Omit<Report, 'failures'>} report
 * @returns {string[]}
 */
function failuresOf({ attack, direct, options, relay, packets }) {
  const failures = [];
  const check = (/** @type {boolean} */ good, /** @type {string} */ text) => {
    if (!good) failures.push(text);
  };
  if (attack === 'commitment') {
    check(packets.voice === 0, `${packets.voice} packets of voice were sent in spite of it`);
    return failures;
  }
  if (attack === 'none' && !direct) {
    const { tampered, replayed, truncated } = packets.injected;
    const forged = tampered + replayed + truncated;
    check(relay.packets > 0, 'the relay saw no packets');
    check(relay.opened === 0, `the relay could open ${relay.opened} packets`);
    check(
      relay.control === relay.packets,
      `only ${relay.control} of ${relay.packets} packets open with the call’s own key`,
    );
    check(relay.opusRuns === 0, `the relay saw ${relay.opusRuns} pieces of Opus packets`);
    check(relay.pcmRuns === 0, `the relay saw ${relay.pcmRuns} pieces of the speech`);
    if (options.loss === 0 && options.network === null) {
      check(packets.dropped === forged, `${packets.dropped} packets dropped, ${forged} forged`);
    }
  }
  return failures;
}

/** @param {number[]} sorted @param {number} share @returns {number | null} */
function quantile(sorted, share) {
  const value = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  return value === undefined ? null : rounded(value, 1);
}

/** @param {number} value @param {number} digits @returns {number} */
function rounded(value, digits) {
  return Number(value.toFixed(digits));
}
