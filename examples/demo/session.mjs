// Starts relay and peers, lets them hold their call, and looks at what came of it.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { systemRandom } from 'sottovoce/crypto';
import { AHEAD, createClockBase, MediaClock } from './media-clock.mjs';
import { namedNetwork } from 'sottovoce/emulation';
import { compare } from './quality.mjs';
import { sparkline, writeNetworkReport } from './network-report.mjs';
import { makeReport } from './report.mjs';
import { SignallingServer } from './signalling-server.mjs';
import { createTimeline } from './speaker.mjs';
import * as story from './story.mjs';
import { RATE, readWav } from './wav.mjs';
import { Thread } from './workers.mjs';

/** @typedef {import('./options.mjs').Options} Options */
/** @typedef {import('./screen.mjs').Screen} Screen */
/** @typedef {import('./peer-worker.mjs').PeerWorkerData} PeerWorkerData */
/** @typedef {import('./report.mjs').Report} Report */
/** @typedef {import('./report.mjs').Outcome} Outcome */
/** @typedef {import('./network-report.mjs').Sample} Sample */
/** @typedef {import('sottovoce/transport').RelayEndpoint} RelayEndpoint */
/** @typedef {import('sottovoce/call').CallStats} CallStats */
/** @typedef {{ stats: CallStats, networkLost: number, delays: number[] }} PeerStats */
/** @typedef {{ by: string, reason: string, code: string | null }} CallEnd */
/** @typedef {{ relay?: Thread, attacker?: Thread, caller: Thread, callee: Thread }} Cast */

export const FOLDER = 'out';
export const FILES = {
  received: `${FOLDER}/received.wav`,
  receivedBack: `${FOLDER}/received-back.wav`,
  report: `${FOLDER}/report.json`,
  attacker: `${FOLDER}/attacker.wav`,
};
/** With `--network` only. */
export const PAGE = `${FOLDER}/report.html`;
/** Moments that the graph on the screen shows, and its height. */
const SHOWN = 10;
const GRAPH_MS = 500;
const SETUP_LIMIT_MS = 20_000;

const EXIT = { good: 0, failed: 1, emojisDiffer: 3, commitmentBroken: 4 };

export class Session {
  #options;
  #screen;
  #pcm;
  #back;
  #clockBase;
  #timeline = createTimeline();
  /** @type {Outcome['active']} */
  #active = { caller: null, callee: null };
  /** @type {Promise<CallEnd>[]} */
  #ends = [];
  #server = new SignallingServer();
  /** @type {{ caller: Sample[], callee: Sample[] }} */
  #samples = { caller: [], callee: [] };
  /** @type {Thread[]} */
  #threads = [];
  /** @type {Promise<void> | undefined} */
  #stopping;

  /** @param {Options} options @param {Float32Array} pcm 48 kHz mono @param {Screen} screen */
  constructor(options, pcm, screen) {
    this.#options = options;
    this.#screen = screen;
    this.#pcm = pcm;
    this.#back = rotated(pcm);
    this.#clockBase = createClockBase(options.speed);
  }

  /** @returns {Promise<{ report: Report, exitCode: number }>} */
  async run() {
    mkdirSync(FOLDER, { recursive: true });
    for (const file of [...Object.values(FILES), PAGE]) rmSync(file, { force: true });
    const cast = await this.#gather();
    const outcome = await this.#exchange(cast);
    const result =
      outcome === 'active' ? await this.#converse(cast) : await this.#refused(cast, outcome);
    writeFileSync(FILES.report, `${JSON.stringify(result.report, null, 2)}\n`);
    story.ending(this.#screen, result.report, result.exitCode);
    return result;
  }

  /** Ends everything; files are finished. Idempotent. */
  stop() {
    this.#stopping ??= Promise.all(this.#threads.map((thread) => thread.stop())).then(() =>
      this.#server.close(),
    );
    return this.#stopping;
  }

  /** @returns {Promise<Cast>} all threads, ready */
  async #gather() {
    const { attack, direct } = this.#options;
    const [base, secondBase] = [randomTag(), randomTag()];
    /** @type {Partial<Cast>} */
    const cast = {};
    /** @type {RelayEndpoint | null} */
    let endpoint = null;
    if (!direct) {
      const bases = attack === 'relay' ? [base, secondBase] : [base];
      cast.relay = this.#start('relay-worker', { bases, hostile: attack === 'none' });
      const { address } = await cast.relay.next('listening');
      endpoint = { kind: 'relay', ...address, peerTag: base };
    }
    story.network(this.#screen, this.#options, endpoint);
    const [callerPort, calleePort] =
      attack === 'none'
        ? this.#line('caller', 'callee')
        : this.#attackedLine(cast, secondBase, endpoint);
    cast.caller = this.#startPeer('caller', callerPort, endpoint);
    cast.callee = this.#startPeer('callee', calleePort, endpoint);
    await Promise.all([cast.caller.next('prepared'), cast.callee.next('prepared')]);
    return /** @type {Cast} */ (cast);
  }

  /** @param {string} first @param {string} second */
  #line(first, second) {
    return this.#server.connect((message, from) => {
      const [sender, receiver] = from === 0 ? [first, second] : [second, first];
      story.signalling(this.#screen, message, sender, receiver, this.#options.attack);
    });
  }

  /**
   * @param {Partial<Cast>} cast @param {Uint8Array} peerTag @param {RelayEndpoint | null} endpoint
   * @returns {[import('node:worker_threads').MessagePort, import('node:worker_threads').MessagePort]}
   */
  #attackedLine(cast, peerTag, endpoint) {
    const [callerPort, attackerFirst] = this.#line('caller', 'attacker');
    const [attackerSecond, calleePort] = this.#line('attacker', 'callee');
    const data = {
      mode: this.#options.attack,
      clockBase: this.#clockBase,
      callerPort: attackerFirst,
      calleePort: attackerSecond,
      calleeEndpoint: { ...endpoint, peerTag },
      output: FILES.attacker,
    };
    cast.attacker = this.#start('attack-worker', data, [attackerFirst, attackerSecond]);
    return [callerPort, calleePort];
  }

  /**
   * @param {'caller' | 'callee'} role
   * @param {import('node:worker_threads').MessagePort} signalling
   * @param {RelayEndpoint | null} relay
   */
  #startPeer(role, signalling, relay) {
    const { speed, bitrate, loss, network } = this.#options;
    /** @type {PeerWorkerData} */
    const data = {
      role,
      clockBase: this.#clockBase,
      signalling,
      relay,
      pcm: role === 'caller' ? this.#pcm : this.#back,
      bitrate,
      loss,
      network,
      playoutDelayMs: playoutDelay(speed),
      output: role === 'caller' ? FILES.receivedBack : FILES.received,
      timeline: this.#timeline,
    };
    const thread = this.#start('peer-worker', data, [signalling]);
    thread.on('step', ({ step }) => story.callStep(this.#screen, step, role));
    return thread;
  }

  /**
   * @param {string} name @param {object} data
   * @param {import('node:worker_threads').Transferable[]} [transferList]
   */
  #start(name, data, transferList) {
    const thread = new Thread(name, data, transferList);
    this.#threads.push(thread);
    return thread;
  }

  /**
   * Lets them agree on a key.
   * @param {Cast} cast
   * @returns {Promise<'active' | CallEnd>} or how it was broken off
   */
  async #exchange({ caller, callee }) {
    story.exchangeBegins(this.#screen, this.#options.attack);
    this.#ends = [caller.next('ended'), callee.next('ended')];
    // Whoever ends a call knows why; the other only hears that it has ended.
    const ended = Promise.all(this.#ends).then(([first, second]) => (first.code ? first : second));
    ended.catch(() => {}); // may fail later, when nobody waits for it any more
    const active = Promise.all([caller.next('active'), callee.next('active')]);
    caller.post({ kind: 'start' });
    let timer;
    const limit = new Promise((_, reject) => {
      const error = new Error(`no answer within ${SETUP_LIMIT_MS / 1000} s`);
      timer = setTimeout(reject, SETUP_LIMIT_MS, error);
    });
    const outcome = await Promise.race([ended, active, limit]);
    clearTimeout(timer);
    if (!Array.isArray(outcome)) return outcome;
    const [first, second] = outcome;
    this.#active = { caller: first, callee: second };
    story.emojis(this.#screen, first.emojis, second.emojis);
    return 'active';
  }

  /**
   * The call itself, and what came of it.
   * @param {Cast} cast
   */
  async #converse(cast) {
    const { caller, callee, relay, attacker } = cast;
    const { attack, speed } = this.#options;
    this.#screen.heading('Call');
    this.#showProgress(cast);
    const started = performance.now();
    const at = new MediaClock(this.#clockBase).now() + Math.max(60, 40 * speed);
    const ended = Promise.race(this.#ends);
    ended.catch(() => {});
    const spoken = Promise.all(
      [caller, callee].map((peer) => {
        peer.post({ kind: 'speak', at });
        return peer.next('spoken');
      }),
    );
    const early = await Promise.race([spoken.then(() => null), ended]);
    this.#screen.endLive();
    if (early) throw new Error(`the connection was lost: ${early.code ?? early.reason}`);
    const wallMs = performance.now() - started;
    const peers = await askStats(cast);
    const recording = await relay?.ask({ kind: 'recording' });
    const haul = await attacker?.ask({ kind: 'haul' });
    const task = {
      datagrams: recording?.datagrams,
      values: this.#server.seen,
      voices: [this.#pcm, this.#back],
    };
    // As long as the call lasts: its key is wiped with it.
    const answer = recording && attack === 'none' && (await caller.ask({ kind: 'analyse', task }));
    caller.post({ kind: 'hangUp' });
    await Promise.all(this.#ends);
    const quality = {
      received: compare(this.#pcm, readWav(FILES.received).pcm),
      receivedBack: compare(this.#back, readWav(FILES.receivedBack).pcm),
    };
    this.#drawNetwork();
    const analysis = answer ? answer.result : null;
    const report = this.#report({ peers, recording, haul, analysis, quality, wallMs });
    const { emojis, failures } = report;
    if (emojis.caller.join() !== emojis.callee.join()) {
      return { report, exitCode: EXIT.emojisDiffer };
    }
    return { report, exitCode: failures.length > 0 ? EXIT.failed : EXIT.good };
  }

  #drawNetwork() {
    const { network } = this.#options;
    if (network === null) return;
    writeNetworkReport(PAGE, {
      title: namedNetwork(network)?.title ?? network,
      ...this.#samples,
      audio: [
        { name: 'What the callee heard', file: FILES.received },
        { name: 'What the caller heard', file: FILES.receivedBack },
      ],
    });
    this.#screen.row('graphs, audio', PAGE);
  }

  /**
   * The exchange was broken off.
   * @param {Cast} cast @param {CallEnd} ended
   */
  async #refused(cast, ended) {
    if (this.#options.attack !== 'commitment' || ended.code !== 'commitment-mismatch') {
      throw new Error(`no call came about: ${ended.code ?? ended.reason}`);
    }
    const peers = await askStats(cast);
    const recording = await cast.relay?.ask({ kind: 'recording' });
    const report = this.#report({ peers, recording, ended });
    const exitCode = report.failures.length > 0 ? EXIT.failed : EXIT.commitmentBroken;
    return { report, exitCode };
  }

  /** @param {Pick<Outcome, 'peers'> & Partial<Outcome>} found @returns {Report} */
  #report(found) {
    return makeReport({
      options: this.#options,
      active: this.#active,
      recording: undefined,
      analysis: null,
      haul: undefined,
      quality: null,
      ended: null,
      files: FILES,
      durationMs: (this.#pcm.length / RATE) * 1000,
      wallMs: 0,
      playoutDelayMs: playoutDelay(this.#options.speed),
      ...found,
    });
  }

  /** @param {Cast} cast */
  #showProgress({ caller, callee }) {
    /** @type {Record<string, import('./speaker.mjs').Progress>} */
    const latest = {};
    const total = this.#pcm.length / RATE;
    for (const [name, peer] of Object.entries({ caller, callee })) {
      peer.on(
        'progress',
        (/** @type {import('./speaker.mjs').Progress & { sample: Sample | null }} */ progress) => {
          if (progress.sample)
            this.#samples[/** @type {'caller' | 'callee'} */ (name)].push(progress.sample);
          latest[name] = progress;
          const both = Object.values(latest);
          const mean = (/** @type {(number | null)[]} */ values) => {
            const known = values.filter((value) => value !== null);
            return known.length > 0 ? known.reduce((a, b) => a + b, 0) / known.length : null;
          };
          this.#screen.live({
            done: Math.min(...both.map(({ done }) => done)),
            seconds: Math.min(total, ...both.map(({ seconds }) => seconds)),
            total,
            bitrate: mean(both.map(({ bitrate }) => bitrate)) ?? 0,
            pingMs: mean(both.map(({ pingMs }) => pingMs)),
            loss: mean(both.map(({ loss }) => loss)) ?? 0,
            delayMs: mean(both.map(({ delayMs }) => delayMs)),
            graph: sparkline(
              this.#samples.callee.slice(-SHOWN).map(({ delayMs }) => delayMs ?? 0),
              GRAPH_MS,
            ),
          });
        },
      );
    }
  }
}

/**
 * The figures of both, as soon as nothing is under way any more.
 * @param {Cast} cast
 * @returns {Promise<{ caller: PeerStats, callee: PeerStats }>}
 */
async function askStats({ caller, callee }) {
  for (let attempt = 0; ; attempt++) {
    /** @type {PeerStats[]} */
    const both = await Promise.all([caller, callee].map((peer) => peer.ask({ kind: 'stats' })));
    const [first, second] = /** @type {[PeerStats, PeerStats]} */ (both);
    const sent = first.stats.packets.sent + second.stats.packets.sent;
    const taken = both.reduce(
      (sum, { stats, networkLost }) =>
        sum + stats.packets.received - stats.packets.dropped + networkLost,
      0,
    );
    if (taken >= sent || attempt === 10) return { caller: first, callee: second };
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The second voice: the same, begun in the middle. @param {Float32Array} pcm */
function rotated(pcm) {
  const half = Math.floor(pcm.length / 2);
  const result = new Float32Array(pcm.length);
  result.set(pcm.subarray(half));
  result.set(pcm.subarray(0, half), pcm.length - half);
  return result;
}

/**
 * How long packets wait to be played, in media time. What the scheduler of the machine takes is so many
 * times longer there, and beyond real time the peers may be some frames apart.
 * @param {number} speed
 */
function playoutDelay(speed) {
  return speed === 1 ? 60 : 20 * Math.ceil(3 * AHEAD + speed / 4);
}

function randomTag() {
  const tag = new Uint8Array(16);
  systemRandom(tag);
  return tag;
}
