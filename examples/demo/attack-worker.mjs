// The man in the middle. He holds signalling and relay: whatever the two say to each other to set the
// call up passes through his hands, and he chooses the way of the packets.
//
// mode `relay`: he runs one exchange with each side, opens every packet with the key of the one and
// seals it again with the key of the other. Both hear each other, and he hears both.
// mode `commitment`: he lets request and accept pass and then puts his own g_a in the place of the
// caller's. The callee has the commitment to the right one.
import { parentPort, workerData } from 'node:worker_threads';
import {
  CalleeExchange,
  CallerExchange,
  messagePortSignalling,
  PacketConnection,
  parseRtp,
} from 'sottovoce/call';
import { createCrypto } from 'sottovoce/crypto';
import { OpusDecoder } from 'sottovoce/opus';
import { RelayTransport } from 'sottovoce/transport';
import { openUdpSocket } from 'sottovoce/transport/udp';
import { MediaClock } from './media-clock.mjs';
import { FRAME } from './speaker.mjs';
import { MAX_SECONDS, WavWriter } from './wav.mjs';

/** @typedef {import('node:worker_threads').MessagePort} MessagePort */
/** @typedef {import('sottovoce/call').SignallingMessage} SignallingMessage */
/** @typedef {import('sottovoce/call').CallMessage} CallMessage */
/** @typedef {import('sottovoce/transport').RelayEndpoint} RelayEndpoint */
/**
 * @typedef {object} AttackWorkerData
 * @property {'relay' | 'commitment'} mode
 * @property {import('./media-clock.mjs').ClockBase} clockBase
 * @property {MessagePort} callerPort signalling towards the caller
 * @property {MessagePort} calleePort signalling towards the callee
 * @property {RelayEndpoint} calleeEndpoint the way between him and the callee
 * @property {string} output where the WAV file goes
 */

const data = /** @type {AttackWorkerData} */ (workerData);
const port = /** @type {MessagePort} */ (parentPort);
const clock = new MediaClock(data.clockBase);
const crypto = createCrypto();
const toCaller = messagePortSignalling(data.callerPort);
const toCallee = messagePortSignalling(data.calleePort);
const asCallee = new CalleeExchange(crypto); // towards the caller
const asCaller = new CallerExchange(crypto); // towards the callee

/** More than the longest input has. */
const MAX_FRAMES = MAX_SECONDS * 60;

/** @type {(() => void)[]} */
const closers = [() => asCallee.close(), () => asCaller.close()];
const counts = { opened: 0, seen: 0 };

/** @type {Ear[]} */
const ears = [];

/** What he hears of one side: RTP timestamp to position in the file. */
class Ear {
  /** @type {Float32Array[]} */
  frames = [];
  #first = -1;
  #decoder;

  /** @param {OpusDecoder} decoder */
  constructor(decoder) {
    this.#decoder = decoder;
  }

  /** @param {Uint8Array} rtp */
  hear(rtp) {
    const packet = parseRtp(rtp);
    if (!packet) return;
    if (this.#first < 0) this.#first = packet.timestamp;
    const at = ((packet.timestamp - this.#first) | 0) / FRAME;
    if (!Number.isInteger(at) || at < 0 || at > MAX_FRAMES) return;
    this.frames[at] = this.#decoder.decode(packet.payload).slice();
  }
}

/**
 * @param {RelayEndpoint} endpoint @param {'caller' | 'callee'} role
 * @returns {Promise<RelayTransport>}
 */
async function openPath(endpoint, role) {
  const socket = await openUdpSocket({ host: '127.0.0.1' });
  const path = new RelayTransport({
    transport: socket.connect(endpoint),
    peerTag: endpoint.peerTag,
    role,
    clock,
  });
  closers.push(() => {
    path.close();
    void socket.close();
  });
  return path;
}

/** Opens what comes from one side, hears it, seals it for the other. @param {RelayTransport[]} paths */
async function bridge(paths) {
  ears.push(new Ear(await OpusDecoder.create()), new Ear(await OpusDecoder.create()));
  /** @type {PacketConnection[]} */
  const connections = [];
  const pass = (/** @type {0 | 1} */ from) => (/** @type {CallMessage} */ message) => {
    const target = /** @type {PacketConnection} */ (connections[1 - from]);
    if (message.type !== 'audioData') {
      target.send(message);
      return;
    }
    ears[from]?.hear(message.data);
    target.sendAudio((body) => {
      body.set(message.data);
      return message.data.length;
    });
  };
  const common = /** @type {const} */ ({ channel: 'transport', mode: 'typed', clock });
  connections.push(
    new PacketConnection(crypto, {
      ...common,
      key: asCallee.sharedKey,
      role: 'callee',
      onPacket: (packet) => paths[0]?.send(packet),
      onMessage: pass(0),
    }),
    new PacketConnection(crypto, {
      ...common,
      key: asCaller.sharedKey,
      role: 'caller',
      onPacket: (packet) => paths[1]?.send(packet),
      onMessage: pass(1),
    }),
  );
  for (const [i, path] of paths.entries()) {
    path.onDatagram((packet) => {
      counts.seen++;
      if (connections[i]?.receive(packet)) counts.opened++;
    });
    closers.push(() => connections[i]?.close());
  }
  await Promise.all(paths.map((path) => path.ready));
}

/**
 * What the two say to each other under seal to be sure of what they have negotiated: opened, put right
 * and sealed again. Each has to read of the way that it was given.
 * @param {Uint8Array} tagOfCaller @param {Uint8Array} tagOfCallee
 */
function bridgeSignalling(tagOfCaller, tagOfCallee) {
  const tags = [tagOfCaller, tagOfCallee].map((tag) => Buffer.from(tag).toString('hex'));
  const pass = (/** @type {0 | 1} */ from) => (/** @type {CallMessage} */ message) => {
    if (message.type !== 'raw') return;
    const text = Buffer.from(message.data)
      .toString()
      .replaceAll(tags[from] ?? '', tags[1 - from] ?? '');
    sealed[1 - from]?.send({ type: 'raw', data: Buffer.from(text) });
  };
  const common = /** @type {const} */ ({ channel: 'signaling', mode: 'raw', clock });
  const callId = /** @type {bigint} */ (heard.request?.callId);
  for (const [to, [key, role, line]] of [
    /** @type {const} */ ([asCallee.sharedKey, 'callee', toCaller]),
    /** @type {const} */ ([asCaller.sharedKey, 'caller', toCallee]),
  ].entries()) {
    const connection = new PacketConnection(crypto, {
      ...common,
      key,
      role,
      onPacket: (packet) =>
        line.send({ type: 'signaling-data', callId, data: Uint8Array.from(packet) }),
      onMessage: pass(/** @type {0 | 1} */ (to)),
    });
    sealed.push(connection);
    closers.push(() => connection.close());
  }
}

/** Both sides in one file: the caller on the left, the callee on the right. @param {Ear[]} ears */
function writeEars(ears) {
  const writer = new WavWriter(data.output, 2);
  const count = Math.max(...ears.map(({ frames }) => frames.length));
  for (let i = 0; i < count; i++) {
    const frame = new Float32Array(2 * FRAME);
    for (const [channel, { frames }] of ears.entries()) {
      frames[i]?.forEach((value, at) => {
        frame[2 * at + channel] = value;
      });
    }
    writer.write(frame);
  }
  writer.close();
}

/** @typedef {Extract<SignallingMessage, { type: 'request' }>} Request */
/** @typedef {Extract<SignallingMessage, { type: 'accept' }>} Accept */

/** Sealed signalling, with the caller and with the callee. @type {PacketConnection[]} */
const sealed = [];

/** What the two have said to him. @type {{ request?: Request, accept?: Accept }} */
const heard = {};
/** @type {Promise<RelayTransport[]>} */
let paths = Promise.resolve([]);

/** @param {SignallingMessage} message */
async function fromCaller(message) {
  if (message.type === 'request' && data.mode === 'relay') {
    heard.request = message;
    const [endpoint] = message.endpoints;
    if (endpoint?.kind !== 'relay' || !('host' in endpoint)) {
      throw new Error('the caller offers no relay that is reached by UDP');
    }
    asCallee.requested(message.gAHash);
    const { gAHash } = asCaller.request();
    toCallee.send({ ...message, gAHash, endpoints: [data.calleeEndpoint] });
    paths = Promise.all([openPath(endpoint, 'callee'), openPath(data.calleeEndpoint, 'caller')]);
  } else if (message.type === 'confirm' && heard.accept) {
    const own = asCaller.accept(heard.accept.gB);
    if (data.mode === 'relay') {
      asCallee.confirm(message.gA, message.keyFingerprint);
      const [endpoint] = message.endpoints;
      if (endpoint?.kind !== 'relay') throw new Error('the caller chose no relay');
      bridgeSignalling(endpoint.peerTag, data.calleeEndpoint.peerTag);
      await bridge(await paths);
      toCallee.send({ ...message, ...own, endpoints: [data.calleeEndpoint] });
    } else {
      toCallee.send({ ...message, ...own });
    }
  } else if (message.type === 'signaling-data' && sealed.length > 0) {
    sealed[0]?.receive(message.data);
  } else {
    toCallee.send(message);
  }
}

/** @param {SignallingMessage} message */
function fromCallee(message) {
  if (message.type === 'accept') heard.accept = message;
  if (message.type === 'accept' && heard.request) {
    const { gB } = asCallee.accept();
    toCaller.send({ ...message, gB, endpoints: heard.request.endpoints });
  } else if (message.type === 'signaling-data' && sealed.length > 0) {
    sealed[1]?.receive(message.data);
  } else {
    toCaller.send(message);
  }
}

if (data.mode === 'commitment') asCaller.request(); // so that he has a g_a to put in
toCaller.onMessage((message) => void fromCaller(message));
toCallee.onMessage(fromCallee);
port.on('message', (/** @type {{ kind: string }} */ { kind }) => {
  if (kind === 'stop') {
    for (const close of closers.splice(0)) close();
    toCaller.close();
    toCallee.close();
    port.close();
  } else if (kind === 'haul') {
    if (ears.length > 0) writeEars(ears);
    port.postMessage({ kind, ...counts, wrote: ears.length > 0 });
  }
});
