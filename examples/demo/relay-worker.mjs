// The relay, in a thread of its own. It keeps a copy of every datagram that it sees. In the normal run
// it also misbehaves a little: besides what it has to forward it sends a tampered, a replayed and two
// truncated copies in each direction, which the receivers have to drop.
import { parentPort, workerData } from 'node:worker_threads';
import { encodeDataFrame, parseDataFrame } from 'sottovoce/relay';
import { serveRelay } from 'sottovoce/relay/server';

/** @typedef {{ host: string, port: number }} Address */
/** @typedef {{ bases: Uint8Array[], hostile: boolean }} RelayWorkerData */
/**
 * @typedef {object} Recording
 * @property {Uint8Array[]} datagrams all that the relay saw, in order
 * @property {import('sottovoce/relay').RelayStats} stats
 * @property {{ tampered: number, replayed: number, truncated: number }} injected
 */

const { bases, hostile } = /** @type {RelayWorkerData} */ (workerData);
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);

/** @type {Uint8Array[]} */
const datagrams = [];
const injected = { tampered: 0, replayed: 0, truncated: 0 };
/** Where each end is, and how many packets it has sent, by base and suffix. */
/** @type {Map<string, { address: Address, packets: number }>} */
const ends = new Map();

const key = (/** @type {Uint8Array} */ base, /** @type {number} */ suffix) =>
  `${Buffer.from(base).toString('hex')}-${suffix}`;

/** What is sent besides, at which packet of a direction. */
/** @type {Record<number, (payload: Uint8Array) => Uint8Array>} */
const injections = {
  5(payload) {
    injected.tampered++;
    const copy = Uint8Array.from(payload); // slice() of a Buffer is a view
    copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1; // one bit of the voice
    return copy;
  },
  7(payload) {
    injected.truncated++;
    return payload.subarray(0, payload.length - 1);
  },
  9(payload) {
    injected.truncated++;
    return payload.subarray(0, 10); // not even a whole msg_key
  },
};
const REPLAY_AT = 11;

const relay = await serveRelay({
  bases,
  onDatagram(datagram, from) {
    datagrams.push(Uint8Array.from(datagram));
    if (hostile) misbehave(datagram, from);
  },
});

/** @param {Uint8Array} datagram @param {Address} from */
function misbehave(datagram, from) {
  const frame = parseDataFrame(datagram);
  if (!frame) return;
  const own = key(frame.base, frame.from);
  const packets = (ends.get(own)?.packets ?? 0) + 1;
  ends.set(own, { address: { host: from.host, port: from.port }, packets });
  const target = ends.get(key(frame.base, frame.to));
  if (!target) return;
  const forged = injections[packets]?.(frame.payload);
  if (forged) {
    relay.send(encodeDataFrame(frame.base, frame.to, frame.from, forged), target.address);
  }
  if (packets === REPLAY_AT) {
    injected.replayed++;
    const copy = Uint8Array.from(datagram);
    setTimeout(() => relay.send(copy, target.address), 5); // after the packet itself
  }
}

port.on('message', async (/** @type {{ kind: string }} */ { kind }) => {
  if (kind === 'recording') {
    port.postMessage({ kind, datagrams, injected, stats: { ...relay.stats } });
  } else if (kind === 'stop') {
    await relay.close();
    port.close();
  }
});
port.postMessage({ kind: 'listening', address: relay.address });
