// One of the two people, in a thread of its own: says what it was given and writes down what it hears.
import { parentPort, workerData } from 'node:worker_threads';
import { Call, messagePortSignalling } from 'sottovoce/call';
import { OpusDecoder, OpusEncoder } from 'sottovoce/opus';
import { RelayTransport } from 'sottovoce/transport';
import { openUdpSocket } from 'sottovoce/transport/udp';
import { lossyTransport } from './lossy-transport.mjs';
import { impairedTransport } from './impaired-transport.mjs';
import { MediaClock } from './media-clock.mjs';
import { sampleOf } from './network-report.mjs';
import { analyse } from './peer-analysis.mjs';
import { FRAME, Speaker } from './speaker.mjs';

/** @typedef {import('node:worker_threads').MessagePort} MessagePort */
/** @typedef {import('sottovoce/transport').DatagramTransport} DatagramTransport */
/** @typedef {import('sottovoce/transport').Endpoint} Endpoint */
/**
 * @typedef {object} PeerWorkerData
 * @property {'caller' | 'callee'} role
 * @property {import('./media-clock.mjs').ClockBase} clockBase
 * @property {MessagePort} signalling
 * @property {Endpoint | null} relay without one the path is direct
 * @property {Float32Array} pcm what this one says, 48 kHz mono
 * @property {number} bitrate bit/s
 * @property {number} loss per cent
 * @property {string | null} network name of the network instead
 * @property {number} playoutDelayMs
 * @property {string} output where the WAV file goes
 * @property {SharedArrayBuffer} timeline shared with the other peer, see speaker.mjs
 */

const data = /** @type {PeerWorkerData} */ (workerData);
const port = /** @type {MessagePort} */ (parentPort);
const peer = /** @type {0 | 1} */ (data.role === 'caller' ? 0 : 1);
const clock = new MediaClock(data.clockBase);
const socket = await openUdpSocket({ host: '127.0.0.1', recvBufferSize: 4 * 1024 * 1024 });

/** Of the network's losses: chosen so that a short call too loses about what was asked for. */
const SEEDS = /** @type {const} */ ([5, 28]);
/** @type {ReturnType<typeof lossyTransport> | undefined} */
let network;
/** @type {ReturnType<typeof impairedTransport> | undefined} */
let impaired;

/**
 * @param {Endpoint} endpoint
 * @returns {Promise<DatagramTransport>}
 */
async function connect(endpoint) {
  if (!('host' in endpoint)) throw new Error('this demo sends UDP only');
  let line = socket.connect(endpoint);
  if (data.network !== null) {
    impaired = impairedTransport(line, {
      name: data.network,
      role: data.role,
      seed: SEEDS[peer],
      clock,
    });
    line = impaired;
  }
  network = lossyTransport(line, {
    percent: data.loss,
    seed: SEEDS[peer],
    onSent: () => clock.countSent(peer),
    onArrived: () => clock.countArrived(peer),
  });
  if (endpoint.kind === 'direct') return network;
  const { peerTag } = endpoint;
  const path = new RelayTransport({ transport: network, peerTag, role: data.role, clock });
  await path.ready;
  return path;
}

/** The usual limits of a call, on the wall clock. @param {number} speed */
function patience(speed) {
  return { receive: 20_000 * speed, connect: 30_000 * speed, packet: 10_000 * speed };
}

/**
 * The first frames of a process take long, until the engine has compiled what they run through. A
 * pause at the start of a call would stay in the playout buffer to its end, so they are not those of
 * the call.
 */
async function warmUp() {
  const encoder = await OpusEncoder.create({ bitrate: data.bitrate, application: 'voip' });
  const decoder = await OpusDecoder.create();
  for (let i = 0; i < 50; i++) {
    const frame = new Float32Array(FRAME);
    frame.set(data.pcm.subarray(i * FRAME, (i + 1) * FRAME));
    decoder.decode(encoder.encode(frame));
  }
  encoder.close();
  decoder.close();
}

/** The caller offers; the callee takes the relay that it is offered. @type {Endpoint[] | undefined} */
const endpoints = !data.relay
  ? [{ kind: 'direct', ...socket.address }]
  : data.role === 'caller'
    ? [data.relay]
    : undefined;
await warmUp();
const call = await (data.role === 'caller' ? Call.outgoing : Call.incoming)({
  signalling: messagePortSignalling(data.signalling),
  connect,
  ...(endpoints && { endpoints }),
  clock,
  encoder: {
    bitrate: data.bitrate,
    application: 'voip',
    fec: data.loss > 0,
    expectedLossPercent: Math.round(data.loss),
  },
  playoutDelayMs: data.playoutDelayMs,
  fixedPlayout: clock.speed !== 1,
  quality: clock.speed === 1 ? undefined : null,
  timeouts: patience(clock.speed),
});
/** @type {Speaker | undefined} */
let speaker;

call.on('step', (step) => port.postMessage({ kind: 'step', step }));
call.on('state', (state) => {
  port.postMessage({ kind: 'state', state });
  if (state === 'incoming') call.accept();
  if (state === 'active') {
    port.postMessage({
      kind: 'active',
      emojis: [...(call.emojis ?? [])],
      keyFingerprint: BigInt.asUintN(64, call.keyFingerprint ?? 0n),
    });
  }
});
call.on('ended', ({ reason, by, error }) => {
  speaker?.stop();
  port.postMessage({ kind: 'ended', reason, by, code: error?.code ?? null });
});

const commands = {
  start: () => call.start(),
  /** @param {{ at: number }} message `at`: media time of the first sample */
  speak({ at }) {
    speaker = new Speaker({ call, clock, peer, ...data, startAt: at });
    speaker.onProgress = (progress) => {
      const sample =
        data.network === null ? null : sampleOf(progress.seconds, progress.delayMs, call.stats());
      port.postMessage({ kind: 'progress', ...progress, sample });
    };
    speaker.onEnd = () => port.postMessage({ kind: 'spoken' });
    speaker.start();
  },
  stats() {
    port.postMessage({
      kind: 'stats',
      stats: call.stats(),
      networkLost: (network?.lost ?? 0) + (impaired?.lost ?? 0),
      delays: speaker?.delays ?? [],
    });
  },
  /** @param {{ task: import('./peer-analysis.mjs').AnalysisTask }} message */
  analyse({ task }) {
    port.postMessage({ kind: 'analyse', result: analyse(call, task) });
  },
  hangUp: () => call.hangUp(),
  async stop() {
    speaker?.stop();
    call.close();
    await socket.close();
    port.close();
  },
};

port.on('message', (message) => {
  commands[/** @type {keyof typeof commands} */ (message.kind)](message);
});
port.postMessage({ kind: 'prepared' });
