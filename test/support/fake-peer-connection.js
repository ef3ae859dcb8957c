// An RTCPeerConnection without a network: descriptions name the connection that made them, and two
// connections that have each other's are joined. For tests in every runtime; nothing here has a clock.

/** @typedef {{ readyState: string, bufferedAmount: number, binaryType: string, options: any, far: any,
 *   onopen: any, onclose: any, onmessage: any, sent: Uint8Array[], send(data: Uint8Array): void,
 *   close(): void }} FakeChannel */

/** @param {any} options @returns {FakeChannel} */
function fakeChannel(options) {
  return {
    readyState: 'connecting',
    bufferedAmount: 0,
    binaryType: 'blob',
    options,
    far: undefined,
    onopen: null,
    onclose: null,
    onmessage: null,
    sent: [],
    send(data) {
      if (this.readyState !== 'open') throw new Error('InvalidStateError');
      this.sent.push(data);
      const { buffer } = data.slice();
      if (this.far?.readyState === 'open') this.far.onmessage?.({ data: buffer });
    },
    close() {
      if (this.readyState === 'closed') return;
      this.readyState = 'closed';
      const { far } = this;
      if (far && far.readyState !== 'closed') {
        far.readyState = 'closed';
        far.onclose?.({});
      }
    },
  };
}

/**
 * A world of peer connections.
 * @param {{ restarts?: boolean, candidates?: string[] }} [options] whether ICE can be restarted, and
 *   the candidates that each generation of a connection finds
 */
export function fakeWebRtc({ restarts = true, candidates } = {}) {
  /** @type {any[]} */
  const made = [];
  const found = candidates ?? [
    'candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0',
    'candidate:2 1 udp 1686052607 203.0.113.9 41000 typ srflx raddr 192.168.1.7 rport 50000',
    'candidate:3 1 udp 41885439 198.51.100.3 61000 typ relay raddr 203.0.113.9 rport 41000',
  ];

  class FakePeerConnection {
    constructor(/** @type {any} */ config) {
      this.config = config;
      this.id = made.push(this) - 1;
      this.connectionState = 'new';
      this.generation = 0;
      this.blocked = false;
      this.onicecandidate = /** @type {any} */ (null);
      this.onconnectionstatechange = /** @type {any} */ (null);
      this.ondatachannel = /** @type {any} */ (null);
      this.channel = /** @type {any} */ (undefined);
      this.local = /** @type {string | undefined} */ (undefined);
      this.remote = /** @type {string | undefined} */ (undefined);
      this.added = /** @type {any[]} */ ([]);
      this.closed = false;
    }

    createDataChannel(/** @type {string} */ label, /** @type {any} */ options) {
      this.channel = fakeChannel({ label, ...options });
      return this.channel;
    }

    #describe() {
      const address = found[0]?.split(' ')[4] ?? '192.168.1.7';
      return [
        'v=0',
        `o=- ${this.id} ${this.generation} IN IP4 ${address}`,
        's=-',
        'm=application 50000 UDP/DTLS/SCTP webrtc-datachannel',
        `c=IN IP4 ${address}`,
        ...found.map((candidate) => `a=${candidate}`),
        `a=ice-ufrag:${this.id}.${this.generation}`,
        'a=fingerprint:sha-256 AB:CD',
        '',
      ].join('\r\n');
    }

    async createOffer() {
      if (this.restarting) this.generation++;
      this.restarting = false;
      return { type: 'offer', sdp: this.#describe() };
    }

    async createAnswer() {
      return { type: 'answer', sdp: this.#describe() };
    }

    async setLocalDescription(/** @type {any} */ { sdp }) {
      this.local = sdp;
      for (const candidate of found)
        this.onicecandidate?.({ candidate: { candidate, sdpMid: '0' } });
      this.onicecandidate?.({ candidate: null });
      this.join();
    }

    async setRemoteDescription(/** @type {any} */ { sdp }) {
      if (!sdp.startsWith('v=0')) throw new Error('InvalidAccessError');
      this.remote = sdp;
      this.join();
    }

    async addIceCandidate(/** @type {any} */ candidate) {
      if (!this.remote) throw new Error('InvalidStateError');
      if (!candidate.candidate.startsWith('candidate:')) throw new Error('OperationError');
      this.added.push(candidate);
      this.join();
    }

    restartIce() {
      if (!restarts) throw new Error('Not implemented');
      if (this.local) this.restarting = true;
    }

    /** Connects two that know each other. */
    join() {
      const far = made[Number(/ufrag:(\d+)/.exec(this.remote ?? '')?.[1] ?? -1)];
      if (!far || this.closed || far.closed || this.blocked || far.blocked) return;
      if (!this.local || !far.local || !/ufrag:/.test(far.remote ?? '')) return;
      if (Number(/ufrag:(\d+)/.exec(far.remote)?.[1]) !== this.id) return;
      if (this.added.length === 0 || far.added.length === 0) return;
      for (const end of [this, far]) {
        if (end.connectionState === 'connected') continue;
        end.setState('connected');
      }
      const offering = this.channel ? this : far;
      const answering = offering === this ? far : this;
      if (!answering.channel && offering.channel) {
        answering.channel = fakeChannel(offering.channel.options);
        answering.channel.far = offering.channel;
        offering.channel.far = answering.channel;
        answering.ondatachannel?.({ channel: answering.channel });
        for (const { channel } of [answering, offering]) {
          channel.readyState = 'open';
          channel.onopen?.({});
        }
      }
    }

    setState(/** @type {string} */ state) {
      this.connectionState = state;
      this.onconnectionstatechange?.({});
    }

    close() {
      this.closed = true;
      this.connectionState = 'closed';
      this.channel?.close();
    }
  }

  return { RTCPeerConnection: /** @type {any} */ (FakePeerConnection), made };
}

/** Two ends of a path channel, and all that passed. Delivers at once. */
export function channelPair() {
  /** @type {string[]} */
  const seen = [];
  /** @type {{ handler?: (text: string) => void, kept: string[] }[]} */
  const ends = [{ kept: [] }, { kept: [] }];
  const end = (/** @type {0 | 1} */ own) => ({
    send(/** @type {string} */ text) {
      seen.push(text);
      const far = ends[1 - own];
      if (far.handler) far.handler(text);
      else far.kept.push(text);
    },
    onMessage(/** @type {(text: string) => void} */ handler) {
      ends[own].handler = handler;
      for (const text of ends[own].kept.splice(0)) handler(text);
    },
  });
  return { caller: end(0), callee: end(1), seen };
}
