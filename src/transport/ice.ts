import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import { type RandomSource, systemRandom } from '../core/random.ts';
import { createCrypto, type CryptoCore } from '../crypto/index.ts';
import { canonicalHost } from '../relay/address.ts';
import { formatCandidate, parseCandidate } from './candidate.ts';
import { parseDescription } from './descriptions.ts';
import { TransportError } from './errors.ts';
import { IceAgent } from './ice-agent.ts';
import type { IceRoute, IceServers, IceSocket } from './ice-types.ts';
import { StunCodec } from './stun.ts';
import type { DatagramTransport, PathChannel } from './types.ts';

export type { IceRoute, IceServers, IceSocket } from './ice-types.ts';
export type { TurnServer } from './turn.ts';

/** Options of a path by ICE. */
export type IceOptions = {
  /** Carries credentials and candidates to the other end: without loss, in order, sealed. */
  channel: PathChannel;
  /** The caller decides which pair of addresses is used. */
  role: 'caller' | 'callee';
  /**
   * Whether the two ends may talk directly. With false only TURN servers are used, nothing else is told
   * to the other end, and nothing is sent to an address of its. Default true.
   */
  p2p?: boolean;
  /**
   * Opens fresh sockets, one for each family; `openIceSockets` of `sottovoce/transport/udp` does it. It
   * is called again when the path has to be found anew.
   */
  openSockets: () => readonly IceSocket[] | Promise<readonly IceSocket[]>;
  /** STUN and TURN servers over UDP. Default: none, which is enough in one network. */
  servers?: Partial<IceServers>;
  /** Default: the system's. */
  clock?: Clock;
  /** Where credentials come from. Default: the runtime's secure generator. */
  random?: RandomSource;
  /** Hashes. Default: one of its own, closed with the path. */
  crypto?: CryptoCore;
  /** How long the first connection, or one that was lost, may take in ms. Default 15000. */
  timeoutMs?: number;
};

/** Counters of a path by ICE. */
export type IceStats = {
  /** Datagrams sent. */
  sent: number;
  /** Datagrams passed on to the handler. */
  received: number;
  /** Datagrams not sent because there was no way. */
  dropped: number;
  /** Descriptions and datagrams that were malformed, forged, too many, or of somebody else. */
  refused: number;
  /** Times the way changed, the first one included. */
  routes: number;
  /** Times the path was looked for anew. */
  restarts: number;
};

const DEFAULT_TIMEOUT_MS = 15_000;
const MAX_DATAGRAM_BYTES = 65_000;
const MAX_GENERATION = 1000;
/** How soon after the last time the peer may have everything looked for anew. */
const MIN_RENEWAL_MS = 1000;
/** Descriptions that came before the sockets were open. */
const MAX_WAITING = 64;
/** ice-char: 6 bits each (RFC 8839, 5.4). 48 and 144 bits. */
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const UFRAG_LENGTH = 8;
const PWD_LENGTH = 24;

const OPTIONS = [
  'channel',
  'role',
  'p2p',
  'openSockets',
  'servers',
  'clock',
  'random',
  'crypto',
  'timeoutMs',
];
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

function checkServers(value: unknown): IceServers {
  checkOptions(value, ['stun', 'turn'], fail);
  const { stun = [], turn = [] } = value as Partial<IceServers>;
  for (const [name, list] of Object.entries({ stun, turn })) {
    if (!Array.isArray(list) || list.length > 16) {
      throw fail(`"servers.${name}" expected an array of at most 16`);
    }
    for (const server of list as unknown[]) {
      checkOptions(server, ['host', 'port', 'username', 'password'], fail);
      const { host, port, username, password } = server as Record<string, unknown>;
      if (typeof host !== 'string' || canonicalHost(host) === null) {
        throw fail('"host" expected an IP address');
      }
      checkInteger('port', port, 1, 65_535, fail);
      if (name === 'turn' && (typeof username !== 'string' || typeof password !== 'string')) {
        throw fail('"username" and "password" expected texts');
      }
    }
  }
  return { stun: [...stun], turn: [...turn] };
}

type Generation = {
  readonly number: number;
  agent: IceAgent | undefined;
  waiting: Record<string, unknown>[];
};

/**
 * A path to the peer by ICE (RFC 8445) over UDP, without native code: addresses of the interfaces, those
 * that STUN servers see, and allocations on TURN servers are tried side by side, and the best one that
 * answers carries the datagrams. When it falls silent, another one takes over within a second; when all
 * do, everything is looked for anew with fresh sockets.
 *
 * Datagrams are passed as they are, behind the check that they come from an address that has proved to
 * be the peer's: what is in them has to prove itself.
 * @example
 * const path = new IceTransport({ channel, role: 'caller', openSockets: openIceSockets });
 * await path.ready;
 */
export class IceTransport implements DatagramTransport {
  /** Resolves when datagrams can pass, rejects with `no-answer`, `bind-failed` or `released`. */
  readonly ready: Promise<void>;
  readonly #stats: IceStats = {
    sent: 0,
    received: 0,
    dropped: 0,
    refused: 0,
    routes: 0,
    restarts: 0,
  };
  readonly #options: Required<Omit<IceOptions, 'servers' | 'crypto'>> & { servers: IceServers };
  readonly #codec: StunCodec;
  readonly #ownCrypto: CryptoCore | undefined;
  #current: Generation;
  /** The one before, which carries datagrams until the new one has a way. */
  #previous: IceAgent | undefined;
  #handler: ((data: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  #onRoute: ((route: IceRoute) => void) | undefined;
  #settle: { resolve(): void; reject(error: Error): void } | undefined;
  #cancelLimit: (() => void) | undefined;
  /** When the peer last had everything looked for anew. */
  #followedAt = -Infinity;
  #closed = false;

  /** Starts to look for the path at once. @throws {TransportError} `bad-argument` */
  constructor(options: IceOptions) {
    checkOptions(options, OPTIONS, fail);
    const { channel, role, openSockets, p2p = true, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const { clock = systemClock(), random = systemRandom } = options;
    checkMethods('channel', channel, ['send', 'onMessage'], fail);
    if (role !== 'caller' && role !== 'callee') throw fail('"role" expected caller or callee');
    checkFunction('openSockets', openSockets, fail);
    if (typeof p2p !== 'boolean') throw fail('"p2p" expected a boolean');
    checkMethods('clock', clock, ['now', 'setTimer'], fail);
    checkFunction('random', random, fail);
    checkInteger('timeoutMs', timeoutMs, 1, 0x7fffffff, fail);
    const servers = checkServers(options.servers ?? {});
    if (!p2p && servers.turn.length === 0) {
      throw fail('"servers.turn" expected one or more with p2p: false, got none');
    }
    if (options.crypto !== undefined) {
      checkMethods('crypto', options.crypto, ['createHmac', 'crc32'], fail);
    }
    this.#ownCrypto = options.crypto ? undefined : createCrypto();
    this.#codec = new StunCodec(options.crypto ?? this.#ownCrypto!);
    this.#options = { channel, role, openSockets, p2p, clock, random, timeoutMs, servers };
    this.ready = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.ready.catch(() => {}); // nobody has to wait for it
    this.#current = { number: 0, agent: undefined, waiting: [] };
    this.#limit();
    void this.#begin(this.#current);
    channel.onMessage((text) => this.#hear(text));
  }

  /** Counters. */
  get stats(): IceStats {
    const refused = (this.#current.agent?.refused ?? 0) + (this.#previous?.refused ?? 0);
    return { ...this.#stats, refused: this.#stats.refused + refused };
  }

  /** How datagrams travel; undefined before there is a way. */
  get route(): IceRoute | undefined {
    return this.#current.agent?.route ?? this.#previous?.route;
  }

  /**
   * Sends a datagram, if there is a way.
   * @param data at most 65000 bytes, read before this returns
   * @throws {TransportError} `bad-argument`
   */
  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (data.length > MAX_DATAGRAM_BYTES) {
      throw fail(`"data" expected at most ${MAX_DATAGRAM_BYTES} bytes, got ${data.length}`);
    }
    if (this.#closed) return;
    if (this.#current.agent?.send(data) || this.#previous?.send(data)) this.#stats.sent++;
    else this.#stats.dropped++;
  }

  /**
   * Sets who hears what the peer sends; replaces the one before.
   * @param handler gets a view that is borrowed for the call
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

  /**
   * Sets who hears when datagrams take another way.
   * @throws {TransportError} `bad-argument`
   */
  onRoute(handler: (route: IceRoute) => void): void {
    checkFunction('handler', handler, fail);
    this.#onRoute = handler;
  }

  /** Looks for the path anew, for example because the network has changed. Data goes on meanwhile. */
  restart(): void {
    if (!this.#closed && this.#current.number < MAX_GENERATION)
      this.#renew(this.#current.number + 1);
  }

  /** Closes sockets and allocations. Idempotent. */
  close(): void {
    this.#end(new TransportError('released', 'the path was closed before it was ready'));
  }

  #end(error: TransportError): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelLimit?.();
    this.#handler = undefined;
    this.#current.agent?.close();
    this.#previous?.close();
    this.#ownCrypto?.close();
    this.#settle?.reject(error);
    if (error.code !== 'released') this.#onClose?.();
  }

  /** The whole of one search, however many generations it takes. */
  #limit(): void {
    const { clock, timeoutMs } = this.#options;
    this.#cancelLimit ??= clock.setTimer(timeoutMs, () =>
      this.#end(new TransportError('no-answer', `no path in ${timeoutMs} ms`)),
    );
  }

  #renew(number: number): void {
    this.#stats.restarts++;
    const { agent } = this.#current;
    if (agent?.route) {
      this.#previous?.close();
      this.#previous = agent;
    } else agent?.close();
    this.#current = { number, agent: undefined, waiting: [] };
    this.#limit();
    void this.#begin(this.#current);
  }

  #text(length: number): string {
    const bytes = new Uint8Array(length);
    this.#options.random(bytes);
    let characters = '';
    for (const byte of bytes) characters += ALPHABET[byte & 63];
    return characters;
  }

  async #begin(generation: Generation): Promise<void> {
    let sockets: readonly IceSocket[];
    try {
      sockets = await this.#options.openSockets();
      if (!Array.isArray(sockets)) throw fail('"openSockets" expected to give an array');
    } catch (cause) {
      if (this.#closed || generation !== this.#current) return;
      this.#end(new TransportError('bind-failed', 'no sockets could be opened', { cause }));
      return;
    }
    if (this.#closed || generation !== this.#current) {
      for (const socket of sockets) socket.close();
      return;
    }
    const { channel, role, p2p, servers, clock, random } = this.#options;
    const credentials = { ufrag: this.#text(UFRAG_LENGTH), pwd: this.#text(PWD_LENGTH) };
    const tell = (description: object): void =>
      channel.send(JSON.stringify({ ...description, generation: generation.number }));
    tell({ type: 'ice', ...credentials });
    generation.agent = new IceAgent({
      controlling: role === 'caller',
      sockets,
      servers,
      relayOnly: !p2p,
      credentials,
      codec: this.#codec,
      clock,
      random,
      onCandidate: (candidate) =>
        tell({ type: 'candidate', candidate: formatCandidate(candidate) }),
      onData: (data) => {
        this.#stats.received++;
        this.#handler?.(data);
      },
      onRoute: () => this.#routed(generation),
      onLost: () => {
        if (generation === this.#current) this.restart();
      },
    });
    for (const description of generation.waiting.splice(0)) this.#take(description);
  }

  #routed(generation: Generation): void {
    const route = generation.agent?.route;
    if (generation !== this.#current || !route) return;
    this.#stats.routes++;
    this.#cancelLimit?.();
    this.#cancelLimit = undefined;
    this.#previous?.close();
    this.#previous = undefined;
    this.#settle?.resolve();
    this.#onRoute?.(route);
  }

  #hear(text: string): void {
    if (this.#closed) return;
    const description = parseDescription(text);
    const number = description?.generation;
    if (!description || !Number.isInteger(number)) {
      this.#stats.refused++;
      return;
    }
    const wanted = number as number;
    if (wanted > this.#current.number && wanted <= MAX_GENERATION && description.type === 'ice') {
      const now = this.#options.clock.now();
      if (now - this.#followedAt >= MIN_RENEWAL_MS) {
        this.#followedAt = now;
        this.#renew(wanted);
      }
    }
    if (wanted !== this.#current.number) {
      this.#stats.refused++;
      return;
    }
    if (this.#current.agent) this.#take(description);
    else if (this.#current.waiting.length < MAX_WAITING) this.#current.waiting.push(description);
    else this.#stats.refused++;
  }

  #take(description: Record<string, unknown>): void {
    const { type, ufrag, pwd } = description;
    const agent = this.#current.agent!;
    if (type === 'ice' && isSecret(ufrag, 4) && isSecret(pwd, 22)) agent.setRemote({ ufrag, pwd });
    else {
      const candidate = type === 'candidate' ? parseCandidate(description.candidate) : null;
      if (candidate) agent.addRemote(candidate);
      else this.#stats.refused++;
    }
  }
}

const isSecret = (value: unknown, least: number): value is string =>
  typeof value === 'string' && value.length >= least && /^[0-9A-Za-z+/]{1,256}$/.test(value);

/**
 * A path to the peer by ICE, once datagrams can pass. For the `connect` option of a call, whose third
 * argument holds `channel` and `p2p`.
 * @returns the path, open
 * @throws {TransportError} `bad-argument`, `bind-failed`, `no-answer`; everything is closed then
 * @example
 * const connect = (endpoint, role, context) =>
 *   connectIce({ ...context, role, openSockets: openIceSockets, servers });
 */
export async function connectIce(options: IceOptions): Promise<IceTransport> {
  const path = new IceTransport(options);
  await path.ready;
  return path;
}
