import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { messageBytes } from '../core/web-socket.ts';
import { concealAddresses, concealCandidate } from './candidate.ts';
import { parseDescription } from './descriptions.ts';
import { TransportError } from './errors.ts';
import type { DatagramTransport, PathChannel } from './types.ts';
import type {
  DataChannelLike,
  IceServer,
  PeerConnectionClass,
  PeerConnectionConfig,
  PeerConnectionEvent,
  PeerConnectionLike,
  PeerDescription,
} from './webrtc-types.ts';

export type {
  DataChannelLike,
  IceServer,
  PeerConnectionClass,
  PeerConnectionConfig,
  PeerConnectionEvent,
  PeerConnectionLike,
  PeerDescription,
} from './webrtc-types.ts';

/** Options of a path over a WebRTC data channel. */
export type WebRtcOptions = {
  /** Carries offer, answer and candidates to the other end: without loss, in order, sealed. */
  channel: PathChannel;
  /** The caller offers, the callee answers. */
  role: 'caller' | 'callee';
  /** STUN and TURN servers. Default: none, which is enough in one network. */
  iceServers?: readonly IceServer[];
  /**
   * Whether the two ends may talk directly. With false only TURN servers are used, and nothing that
   * is sent to the other end names another address; there has to be a `turn:` server then. Default true.
   */
  p2p?: boolean;
  /** Default: that of the runtime. In Node that of `node-datachannel/polyfill`. */
  RTCPeerConnection?: PeerConnectionClass;
  /** Times restarts. Default: the system's. */
  clock?: Clock;
  /** How long the first connection, or one that was lost, may take in ms. Default 15000. */
  timeoutMs?: number;
};

/** Counters of a data channel's path. */
export type WebRtcStats = {
  /** Datagrams handed to the channel. */
  sent: number;
  /** Datagrams passed on to the handler. */
  received: number;
  /** Datagrams not sent because the channel was closed or full. */
  dropped: number;
  /** Descriptions of the other end that were malformed, too many, or refused. */
  refused: number;
  /** Times the path was looked for anew. */
  restarts: number;
};

/** What waits in a channel beyond this is older than a listener wants it: 10 datagrams of 1452 bytes. */
const MAX_BUFFERED_BYTES = 16_384;
/** As large as a message of SCTP may be that every implementation takes (RFC 8841, 6.1). */
const MAX_DATAGRAM_BYTES = 65_536;
/** A connection that lost its path often comes back by itself; a listener does not want to wait for it. */
const PATIENCE_MS = 500;
const DEFAULT_TIMEOUT_MS = 15_000;
/** Per generation; a host with many interfaces has 20. */
const MAX_CANDIDATES = 64;
const MAX_RESTARTS = 1000;

const OPTIONS = ['channel', 'role', 'iceServers', 'p2p', 'RTCPeerConnection', 'clock', 'timeoutMs'];
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

type Scope = { RTCPeerConnection?: PeerConnectionClass };

function checkServers(value: unknown): PeerConnectionConfig['iceServers'] {
  if (!Array.isArray(value) || value.length > 16) {
    throw fail('"iceServers" expected an array of at most 16');
  }
  return value.map((server: unknown) => {
    checkOptions(server, ['urls', 'username', 'credential'], fail);
    const { urls, username, credential } = server as IceServer;
    const list = typeof urls === 'string' ? [urls] : urls;
    if (!Array.isArray(list) || list.length === 0) throw fail('"urls" expected one or more texts');
    if (!list.every((url) => /^(stuns?|turns?):./.test(String(url)))) {
      throw fail('"urls" expected stun:, turn: or turns: addresses');
    }
    return {
      urls: list.map(String),
      ...(username === undefined ? {} : { username: String(username) }),
      ...(credential === undefined ? {} : { credential: String(credential) }),
    };
  });
}

/** One peer connection with its channel. Another takes its place where ICE cannot be restarted. */
type Connection = {
  readonly peer: PeerConnectionLike;
  channel: DataChannelLike | undefined;
  /** Candidates of the other end that came before its description. */
  waiting: { candidate: string; sdpMid: string }[] | undefined;
  /** Own candidates that were found before the description was told. */
  untold: object[] | undefined;
  candidates: number;
};

/**
 * A path to the peer over an unordered WebRTC data channel that repeats nothing: lost datagrams stay
 * lost, as over UDP. DTLS encrypts it once more. For pages, and for Node with `node-datachannel`.
 *
 * The caller looks for a new path when the connection has been lost for half a second, by an ICE
 * restart where both ends can do that, else with a connection of its own.
 * @example
 * const path = new WebRtcTransport({ channel, role: 'caller', iceServers: [{ urls: 'stun:192.0.2.1' }] });
 * await path.ready;
 */
export class WebRtcTransport implements DatagramTransport {
  /** Resolves when datagrams can pass, rejects with `no-answer` or `released`. */
  readonly ready: Promise<void>;
  /** Counters, kept up to date. */
  readonly stats: WebRtcStats = { sent: 0, received: 0, dropped: 0, refused: 0, restarts: 0 };
  readonly #channel: PathChannel;
  readonly #role: 'caller' | 'callee';
  readonly #config: PeerConnectionConfig;
  readonly #class: PeerConnectionClass;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  #connection: Connection;
  /** The one before, which carries datagrams until the new one is open. */
  #previous: Connection | undefined;
  #handler: ((data: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;
  #cancelLimit: (() => void) | undefined;
  #cancelPatience: (() => void) | undefined;
  /** Descriptions are worked off one after the other: setting one takes time. */
  #work: Promise<void> = Promise.resolve();
  #queued = 0;
  #generation = 0;
  /** Whether ICE can be restarted, here and there. */
  readonly #restarts: boolean;
  #peerRestarts = false;
  #closed = false;

  /** Starts to look for the path at once. @throws {TransportError} `bad-argument`, `unsupported` */
  constructor(options: WebRtcOptions) {
    checkOptions(options, OPTIONS, fail);
    const { channel, role, p2p = true, clock = systemClock() } = options;
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    checkMethods('channel', channel, ['send', 'onMessage'], fail);
    if (role !== 'caller' && role !== 'callee') throw fail('"role" expected caller or callee');
    if (typeof p2p !== 'boolean') throw fail('"p2p" expected a boolean');
    checkMethods('clock', clock, ['now', 'setTimer'], fail);
    checkInteger('timeoutMs', timeoutMs, 1, 0x7fffffff, fail);
    const iceServers = checkServers(options.iceServers ?? []);
    if (!p2p && !iceServers.some(({ urls }) => urls.some((url) => url.startsWith('turn')))) {
      throw fail('"iceServers" expected a TURN server with p2p: false, got none');
    }
    const found = options.RTCPeerConnection ?? (globalThis as Scope).RTCPeerConnection;
    if (found === undefined) {
      throw new TransportError('unsupported', 'this scope has no RTCPeerConnection');
    }
    checkFunction('RTCPeerConnection', found, fail);
    this.#channel = channel;
    this.#role = role;
    this.#class = found;
    this.#config = { iceServers, iceTransportPolicy: p2p ? 'all' : 'relay' };
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // nobody has to wait for it
    this.#connection = this.#connect();
    this.#restarts = canRestart(this.#connection.peer);
    this.#limit();
    channel.onMessage((text) => this.#enqueue(() => this.#hear(text)));
    if (role === 'caller') this.#enqueue(() => this.#offer(false));
  }

  /** Whether datagrams can pass now. */
  get open(): boolean {
    return this.#connection.channel?.readyState === 'open';
  }

  /**
   * Sends a datagram, if the channel is open and not full.
   * @param data at most 65536 bytes, read before this returns
   * @throws {TransportError} `bad-argument`
   */
  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (data.length > MAX_DATAGRAM_BYTES) {
      throw fail(`"data" expected at most ${MAX_DATAGRAM_BYTES} bytes, got ${data.length}`);
    }
    if (this.#closed) return;
    const { channel } = this.open ? this.#connection : (this.#previous ?? this.#connection);
    if (channel?.readyState !== 'open' || channel.bufferedAmount > MAX_BUFFERED_BYTES) {
      this.stats.dropped++;
      return;
    }
    try {
      // A copy: what is sent may be a view of WASM memory, and some implementations read it later.
      channel.send(Uint8Array.from(data));
      this.stats.sent++;
    } catch {
      this.stats.dropped++;
    }
  }

  /**
   * Sets who hears what the peer sends; replaces the one before.
   * @param handler gets bytes of its own
   * @throws {TransportError} `bad-argument`
   */
  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, fail);
    this.#handler = handler;
  }

  /**
   * Sets who hears, once, that the path is gone and stays gone; not after `close()`.
   * @throws {TransportError} `bad-argument`
   */
  onClose(handler: () => void): void {
    checkFunction('handler', handler, fail);
    this.#onClose = handler;
  }

  /** Looks for a new path, for example because the network has changed. Data goes on meanwhile. */
  restart(): void {
    if (this.#closed || this.stats.restarts >= MAX_RESTARTS) return;
    this.stats.restarts++;
    this.#limit();
    if (this.#role === 'callee') this.#tell({ type: 'restart' });
    else this.#enqueue(() => this.#offer(true));
  }

  /** Closes channel and connection. Idempotent. */
  close(): void {
    this.#end(new TransportError('released', 'the path was closed before it was ready'));
  }

  #end(error: TransportError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelLimit?.();
    this.#cancelPatience?.();
    this.#handler = undefined;
    this.#drop(this.#connection);
    this.#dropPrevious();
    this.#settle?.reject(error);
    const onClose = this.#onClose;
    this.#onClose = undefined;
    if (error.code !== 'released') onClose?.();
  }

  #tell(description: object): void {
    this.#channel.send(JSON.stringify({ ...description, generation: this.#generation }));
  }

  #construct(): PeerConnectionLike {
    try {
      return new this.#class(this.#config);
    } catch (cause) {
      throw new TransportError('bad-argument', 'the peer connection refuses its options', {
        cause,
      });
    }
  }

  #connect(): Connection {
    const peer = this.#construct();
    const connection: Connection = {
      peer,
      channel: undefined,
      waiting: [],
      untold: [],
      candidates: 0,
    };
    peer.onicecandidate = (event: PeerConnectionEvent) => {
      if (connection === this.#connection && event.candidate) this.#tellCandidate(event.candidate);
    };
    peer.onconnectionstatechange = () => this.#watch(connection);
    if (this.#role === 'callee') {
      peer.ondatachannel = (event: PeerConnectionEvent) => {
        if (!connection.channel) this.#use(connection, event.channel as DataChannelLike);
      };
    } else {
      const reliability = { ordered: false, maxRetransmits: 0 };
      this.#use(connection, peer.createDataChannel('sottovoce', reliability));
    }
    return connection;
  }

  #use(connection: Connection, channel: DataChannelLike): void {
    connection.channel = channel;
    channel.binaryType = 'arraybuffer';
    const opened = (): void => {
      if (connection !== this.#connection || this.#closed) return;
      this.#dropPrevious();
      this.#recovered();
      this.#settle?.resolve();
    };
    channel.onopen = opened;
    channel.onclose = () => {
      if (connection !== this.#connection) return;
      // Only the other end closes a channel of a living connection.
      if (connection.peer.connectionState === 'failed') this.restart();
      else this.#end(new TransportError('no-answer', 'the other end closed the channel'));
    };
    channel.onmessage = (event: { data?: unknown }) => {
      if (this.#closed) return;
      const data = messageBytes(event);
      if (!data) return;
      this.stats.received++;
      this.#handler?.(data);
    };
    if (channel.readyState === 'open') opened();
  }

  #dropPrevious(): void {
    if (this.#previous) this.#drop(this.#previous);
    this.#previous = undefined;
  }

  #drop({ peer, channel }: Connection): void {
    peer.onicecandidate = null;
    peer.onconnectionstatechange = null;
    peer.ondatachannel = null;
    if (channel) {
      channel.onopen = null;
      channel.onclose = null;
      channel.onmessage = null;
      channel.close();
    }
    peer.close();
  }

  #watch(connection: Connection): void {
    if (connection !== this.#connection || this.#closed) return;
    const state = connection.peer.connectionState;
    if (state === 'connected' && this.open) this.#recovered();
    else if (state === 'failed') this.#lost(0);
    else if (state === 'disconnected') this.#lost(PATIENCE_MS);
    else if (state === 'closed')
      this.#end(new TransportError('no-answer', 'the connection closed'));
  }

  #recovered(): void {
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    this.#cancelPatience?.();
    this.#cancelPatience = undefined;
  }

  /** The whole of one connection attempt, however many restarts it takes. */
  #limit(): void {
    this.#cancelLimit ??= this.#clock.setTimer(this.#timeoutMs, () => {
      this.#cancelLimit = undefined;
      // A restart of a path that worked all the time changes no state.
      if (this.open && this.#connection.peer.connectionState === 'connected') return;
      this.#end(new TransportError('no-answer', `no connection in ${this.#timeoutMs} ms`));
    });
  }

  #lost(patienceMs: number): void {
    this.#limit();
    this.#cancelPatience?.();
    this.#cancelPatience = this.#clock.setTimer(patienceMs, () => {
      this.#cancelPatience = undefined;
      this.restart();
    });
  }

  #tellCandidate(found: { candidate: string; sdpMid: string | null }): void {
    if (found.candidate === '') return;
    const relayOnly = this.#config.iceTransportPolicy === 'relay';
    const candidate = relayOnly ? concealCandidate(found.candidate) : found.candidate;
    if (candidate === null) return;
    const description = { type: 'candidate', candidate, mid: found.sdpMid ?? '0' };
    // They may be found before the description that they belong to has left.
    if (!this.#connection.untold) this.#tell(description);
    else if (this.#connection.untold.length < MAX_CANDIDATES) {
      this.#connection.untold.push(description);
    }
  }

  #enqueue(task: () => Promise<void>): void {
    if (this.#closed) return;
    if (this.#queued >= MAX_CANDIDATES) {
      this.stats.refused++;
      return;
    }
    this.#queued++;
    this.#work = this.#work
      .then(() => (this.#closed ? undefined : task()))
      .catch(() => {
        this.stats.refused++;
      })
      .then(() => {
        this.#queued--;
      });
  }

  /** Describes this end anew, or for the first time. */
  async #offer(again: boolean): Promise<void> {
    const fresh = again && !(this.#restarts && this.#peerRestarts);
    if (again) {
      this.#generation++;
      if (fresh) this.#replace();
      else {
        this.#renew();
        this.#connection.peer.restartIce();
      }
    }
    const { peer } = this.#connection;
    const offer = (await peer.createOffer()) as PeerDescription;
    await peer.setLocalDescription(offer);
    this.#tellDescription('offer', offer.sdp, { fresh, restart: this.#restarts });
  }

  /** The other end's candidates belong to its coming description, and own ones to the coming own one. */
  #renew(): void {
    this.#connection.waiting = [];
    this.#connection.untold = [];
    this.#connection.candidates = 0;
  }

  #replace(): void {
    this.#dropPrevious();
    this.#previous = this.#connection;
    this.#connection = this.#connect();
  }

  #tellDescription(type: 'offer' | 'answer', sdp: string, more: object): void {
    const relayOnly = this.#config.iceTransportPolicy === 'relay';
    this.#tell({ type, sdp: relayOnly ? concealAddresses(sdp) : sdp, ...more });
    const untold = this.#connection.untold ?? [];
    this.#connection.untold = undefined;
    for (const candidate of untold) this.#tell(candidate);
  }

  async #hear(text: string): Promise<void> {
    const description = parseDescription(text);
    const generation = description?.generation;
    if (!description || typeof generation !== 'number') {
      this.stats.refused++;
      return;
    }
    const { type } = description;
    if (type === 'candidate' && generation === this.#generation)
      await this.#addCandidate(description);
    else if (type === 'offer' && this.#role === 'callee')
      await this.#answer(description, generation);
    else if (type === 'answer' && this.#role === 'caller' && generation === this.#generation) {
      this.#peerRestarts = description.restart === true;
      await this.#setRemote('answer', description);
    } else if (type === 'restart' && this.#role === 'caller' && generation === this.#generation) {
      this.restart();
    } else this.stats.refused++;
  }

  async #answer(description: Record<string, unknown>, generation: number): Promise<void> {
    if (
      !Number.isInteger(generation) ||
      generation < this.#generation ||
      generation > MAX_RESTARTS
    ) {
      this.stats.refused++;
      return;
    }
    const again = generation > this.#generation;
    this.#generation = generation;
    if (again) {
      this.#limit();
      if (description.fresh === true) this.#replace();
      else this.#renew();
    }
    const { peer } = this.#connection;
    await this.#setRemote('offer', description);
    const answer = (await peer.createAnswer()) as PeerDescription;
    await peer.setLocalDescription(answer);
    this.#tellDescription('answer', answer.sdp, { restart: this.#restarts });
  }

  async #setRemote(type: 'offer' | 'answer', description: Record<string, unknown>): Promise<void> {
    const { sdp } = description;
    if (typeof sdp !== 'string') throw fail('"sdp" expected a text');
    const connection = this.#connection;
    await connection.peer.setRemoteDescription({ type, sdp });
    const waiting = connection.waiting ?? [];
    connection.waiting = undefined;
    for (const candidate of waiting) await this.#give(connection, candidate);
  }

  async #addCandidate(description: Record<string, unknown>): Promise<void> {
    const { candidate, mid } = description;
    const connection = this.#connection;
    const bad = typeof candidate !== 'string' || typeof mid !== 'string';
    if (bad || connection.candidates >= MAX_CANDIDATES) {
      this.stats.refused++;
      return;
    }
    connection.candidates++;
    if (connection.waiting) connection.waiting.push({ candidate, sdpMid: mid });
    else await this.#give(connection, { candidate, sdpMid: mid });
  }

  /** One candidate that a peer connection does not like does not spoil the others. */
  async #give(
    connection: Connection,
    candidate: { candidate: string; sdpMid: string },
  ): Promise<void> {
    try {
      await connection.peer.addIceCandidate(candidate);
    } catch {
      this.stats.refused++;
    }
  }
}

/** Before the first offer this changes nothing. Implementations that cannot restart ICE throw. */
function canRestart(peer: PeerConnectionLike): boolean {
  try {
    peer.restartIce();
    return true;
  } catch {
    return false;
  }
}

/**
 * A path to the peer over a WebRTC data channel, once datagrams can pass. For the `connect` option of a
 * call, whose third argument holds `channel` and `p2p`.
 * @returns the path, open
 * @throws {TransportError} `bad-argument`, `unsupported`, `no-answer`; the connection is closed then
 * @example
 * const connect = (endpoint, role, context) => connectWebRtc({ ...context, role, iceServers });
 */
export async function connectWebRtc(options: WebRtcOptions): Promise<WebRtcTransport> {
  const path = new WebRtcTransport(options);
  await path.ready;
  return path;
}
