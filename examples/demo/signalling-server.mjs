// Carries signalling between two workers, as a messenger's server would, and keeps what it sees.
import { MessageChannel } from 'node:worker_threads';

/** @typedef {import('node:worker_threads').MessagePort} MessagePort */
/** @typedef {import('sottovoce/call').SignallingMessage} SignallingMessage */

export class SignallingServer {
  /** All that went through, by name. @type {Record<string, Uint8Array>} */
  seen = {};
  /** @type {MessagePort[]} */
  #ports = [];

  /**
   * A line between two, both of whose ends are to be given away.
   * @param {(message: SignallingMessage, from: 0 | 1) => void} onMessage
   * @returns {[MessagePort, MessagePort]}
   */
  connect(onMessage) {
    const ends = [new MessageChannel(), new MessageChannel()];
    for (const from of /** @type {const} */ ([0, 1])) {
      const port = /** @type {MessageChannel} */ (ends[from]).port1;
      this.#ports.push(port);
      port.on('message', (/** @type {SignallingMessage} */ message) => {
        this.#keep(message);
        onMessage(message, from);
        ends[1 - from]?.port1.postMessage(message);
      });
    }
    return /** @type {[MessagePort, MessagePort]} */ (ends.map(({ port2 }) => port2));
  }

  close() {
    for (const port of this.#ports) port.close();
  }

  /** @param {SignallingMessage} message */
  #keep(message) {
    this.seen['call id'] = wide(message.callId);
    if (message.type === 'request') this.seen.commitment = message.gAHash;
    if (message.type === 'accept') this.seen.g_b = message.gB;
    if (message.type === 'confirm') {
      this.seen.g_a = message.gA;
      this.seen.fingerprint = wide(message.keyFingerprint);
    }
    const endpoints = 'endpoints' in message ? message.endpoints : [];
    for (const endpoint of endpoints) {
      if (endpoint.kind === 'relay') this.seen['peer tag'] = endpoint.peerTag;
    }
  }
}

/** @param {bigint} value @returns {Uint8Array} 8 bytes */
function wide(value) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value), true);
  return bytes;
}
