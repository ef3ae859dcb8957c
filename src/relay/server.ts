/// <reference types="node" />
import { isIP } from 'node:net';
import { checkBytes, checkFunction, checkInteger, checkOptions } from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Address } from './address.ts';
import { ConnectionLimit } from './connections.ts';
import { RelayError } from './errors.ts';
import {
  type ListenAddress,
  type ListenProtocol,
  parseListen,
  type TlsIdentity,
} from './listen.ts';
import type { Metric } from './metrics.ts';
import { RelayCore, type RelayCoreOptions, type RelayStats } from './relay-core.ts';
import type { RelayLine } from './session.ts';
import { SignallingRooms, type RoomStats } from './signalling-rooms.ts';
import { listenStatus } from './status-server.ts';
import { listenTcp, type StreamListener } from './tcp-listener.ts';
import { listenUdp, type UdpListener } from './udp-listener.ts';
import { listenWebSocket } from './websocket-listener.ts';

export type { ListenProtocol, RoomStats, TlsIdentity };

/** Options of a relay. */
export type RelayServerOptions = {
  /**
   * Where to listen: `udp://host:port`, `tcp://host:port`, `ws://host:port`, with IP addresses, IPv6 in
   * brackets. IPv6 addresses take IPv6 only. Default: UDP on `host` and `port`.
   */
  listen?: readonly string[];
  /** IP address to listen on by UDP, without `listen`. Default 127.0.0.1. */
  host?: string;
  /** Its port. Default 0: any free one. */
  port?: number;
  /** The operator's, at least 16 bytes: tickets that it signed are served (`createRelayTicket`). */
  secret?: Uint8Array;
  /** The name of this relay, if its tickets are for it alone. */
  audience?: string;
  /** Bases of 12 bytes, or tags of 16 whose suffix is ignored, that are served without a ticket: for tests. */
  bases?: readonly Uint8Array[];
  /** Certificate and key: WebSockets are served as `wss:` then. */
  tls?: TlsIdentity;
  /** Whether `/signalling` is served on the WebSockets; needs `secret`. Default false. */
  signalling?: boolean;
  /** Where `/metrics` and `/health` are served over HTTP. Default: nowhere. */
  metrics?: Address;
  /** WebSockets come through a proxy of one's own: the last of X-Forwarded-For is the client. Default false. */
  trustProxy?: boolean;
  /** Open TCP and WebSocket connections, at most. Default 10000. */
  maxConnections?: number;
  /** Of these, from one IPv4 address or one IPv6 network of 64 bits. Default 64. */
  maxConnectionsPerSource?: number;
  /** Bytes that the kernel may hold for us. Default 4 MiB; the system may cap it. */
  recvBufferSize?: number;
  /** As in `RelayCoreOptions`, as the next ones. */
  idleMs?: number;
  /** Calls at a time, at most. */
  maxSessions?: number;
  /** Frames of one end, at most, in a second. */
  packetsPerSecond?: number;
  /** Bytes of one end, at most, in a second. */
  bytesPerSecond?: number;
  /** Bytes of a frame, at most. */
  maxFrameBytes?: number;
  /** Tickets that are checked for one source, at most, in a second. */
  ticketsPerSecond?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** Sees every frame that arrives, before it is routed. Borrowed for the call. */
  onDatagram?(datagram: Uint8Array, from: Address): void;
};

/** Where a relay listens. */
export type RelayListener = Address & { readonly protocol: ListenProtocol };

/** A running relay. */
export type RelayServer = {
  /** Where it listens first. */
  readonly address: Address;
  /** Where it listens, in the order of `listen`. */
  readonly listeners: readonly RelayListener[];
  /** Where metrics are served. */
  readonly metricsAddress: Address | undefined;
  /** Counters, kept up to date. */
  readonly stats: Readonly<RelayStats>;
  /** Counters of signalling, kept up to date; all 0 without it. */
  readonly roomStats: Readonly<RoomStats>;
  /** Calls at the moment. */
  readonly sessions: number;
  /** Serves a base from now on. @throws {RelayError} `bad-argument` */
  register(base: Uint8Array): void;
  /** Stops serving a base. @throws {RelayError} `bad-argument` */
  unregister(base: Uint8Array): void;
  /**
   * Sends a datagram of its own from the relay's UDP address. A relay has no use for it; it is there to
   * test what a hostile one can do. Does nothing once closed.
   * @throws {RelayError} `bad-argument`
   */
  send(datagram: Uint8Array, to: Address): void;
  /** Takes no new calls; resolves when the last one is over, or after `timeoutMs`. Does not close. */
  drain(timeoutMs: number): Promise<void>;
  /** Stops listening; resolves when all is closed. Idempotent. */
  close(): Promise<void>;
};

const DEFAULT_BUFFER = 4 * 1024 * 1024;
const SWEEP_MS = 1000;
const CORE_OPTIONS = [
  'secret',
  'audience',
  'idleMs',
  'maxSessions',
  'packetsPerSecond',
  'bytesPerSecond',
  'maxFrameBytes',
  'ticketsPerSecond',
] as const;
const OPTIONS = [
  ...CORE_OPTIONS,
  'listen',
  'host',
  'port',
  'bases',
  'tls',
  'signalling',
  'metrics',
  'trustProxy',
  'maxConnections',
  'maxConnectionsPerSource',
  'recvBufferSize',
  'clock',
  'onDatagram',
];
const NO_ROOMS: Readonly<RoomStats> = { joined: 0, messages: 0, messageBytes: 0, refused: 0 };
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

function checkAddress(host: unknown, port: unknown, lowestPort: 0 | 1): void {
  if (typeof host !== 'string' || isIP(host) === 0) throw fail('"host" expected an IP address');
  checkInteger('port', port, lowestPort, 65_535, fail);
}

function listenersOf(options: RelayServerOptions): readonly ListenAddress[] {
  const { listen, host = '127.0.0.1', port = 0 } = options;
  if (listen === undefined) {
    checkAddress(host, port, 0);
    return [{ protocol: 'udp', host, port }];
  }
  if (options.host !== undefined || options.port !== undefined) {
    throw fail('"listen" expected instead of "host" and "port", not beside them');
  }
  if (!Array.isArray(listen) || listen.length === 0) {
    throw fail('"listen" expected an array of one or more addresses');
  }
  return listen.map((text) => {
    const address = parseListen(text);
    checkAddress(address.host, address.port, 0);
    return address;
  });
}

function coreOf(options: RelayServerOptions, clock: Clock): RelayCore {
  const chosen: Record<string, unknown> = { clock };
  for (const name of CORE_OPTIONS) {
    if (options[name] !== undefined) chosen[name] = options[name];
  }
  const core = new RelayCore(chosen as RelayCoreOptions);
  const { bases = [] } = options;
  if (!Array.isArray(bases)) throw fail('"bases" expected an array of Uint8Array');
  for (const base of bases) core.register(base);
  return core;
}

/**
 * Serves the blind relay: UDP, TCP and WebSocket; and signalling, if wanted. For Node, Deno and Bun;
 * WebSockets need the package `ws`. No address and no byte of a packet is ever logged.
 * @throws {RelayError} `bind-failed` when an address cannot be had, `not-available`, `bad-argument`
 * @example
 * const relay = await serveRelay({ listen: ['udp://0.0.0.0:4001', 'tcp://0.0.0.0:4001'], secret });
 * console.log(relay.address.port);
 * await relay.close();
 */
export async function serveRelay(options: RelayServerOptions = {}): Promise<RelayServer> {
  checkOptions(options, OPTIONS, fail);
  const { clock = systemClock(), onDatagram, secret, metrics, signalling = false } = options;
  const { recvBufferSize = DEFAULT_BUFFER, maxConnections = 10_000 } = options;
  const { maxConnectionsPerSource = 64, idleMs = 30_000, maxFrameBytes = 4096 } = options;
  const { tls, trustProxy = false } = options;
  checkInteger('recvBufferSize', recvBufferSize, 1, 0x7fffffff, fail);
  checkInteger('maxConnections', maxConnections, 1, 0x7fffffff, fail);
  checkInteger('maxConnectionsPerSource', maxConnectionsPerSource, 1, 0x7fffffff, fail);
  if (onDatagram !== undefined) checkFunction('onDatagram', onDatagram, fail);
  if (metrics !== undefined) checkAddress(metrics?.host, metrics?.port, 0);
  if (tls !== undefined) checkOptions(tls, ['cert', 'key'], fail);
  const wanted = listenersOf(options);
  const core = coreOf(options, clock);
  if (signalling && secret === undefined) throw fail('"signalling" expected "secret" beside it');
  const rooms = signalling && secret ? new SignallingRooms({ clock, secret }) : undefined;
  const limit = new ConnectionLimit(maxConnections, maxConnectionsPerSource);

  const receive = onDatagram
    ? (frame: Uint8Array, line: RelayLine, host: string, port: number): void => {
        onDatagram(frame, { host, port });
        core.receive(frame, line, host, port);
      }
    : (frame: Uint8Array, line: RelayLine, host: string, port: number): void =>
        core.receive(frame, line, host, port);
  const streams = { idleMs, maxFrameBytes, limit, receive, tls, rooms, trustProxy };

  const open: (UdpListener | StreamListener)[] = [];
  const listeners: RelayListener[] = [];
  let draining = false;
  let metricsAddress: Address | undefined;
  const closeAll = async (): Promise<void> => {
    await Promise.all(open.map((listener) => listener.close()));
  };
  try {
    for (const { protocol, host, port } of wanted) {
      const at = { host, port };
      const listener =
        protocol === 'udp'
          ? await listenUdp(at, recvBufferSize, receive)
          : await (protocol === 'tcp' ? listenTcp : listenWebSocket)(at, streams);
      open.push(listener);
      listeners.push({ protocol, ...listener.address });
    }
    if (metrics) {
      const status = await listenStatus(metrics, {
        metrics: () => metricsOf(core, rooms, limit, draining),
        healthy: () => !draining,
      });
      open.push(status);
      metricsAddress = status.address;
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  let closed: Promise<void> | undefined;
  let stopSweeping: () => void;
  const sweep = (): void => {
    core.sweep();
    rooms?.sweep();
    stopSweeping = clock.setTimer(SWEEP_MS, sweep);
  };
  stopSweeping = clock.setTimer(SWEEP_MS, sweep);
  const udp = open.find((listener): listener is UdpListener => 'line' in listener);
  return {
    address: { host: listeners[0]!.host, port: listeners[0]!.port },
    listeners,
    metricsAddress,
    stats: core.stats,
    roomStats: rooms?.stats ?? NO_ROOMS,
    get sessions() {
      return core.sessions;
    },
    register: (base) => core.register(base),
    unregister: (base) => core.unregister(base),
    send(datagram, to) {
      checkBytes('datagram', datagram, fail);
      checkAddress(to?.host, to?.port, 1);
      udp?.line.send(Uint8Array.from(datagram), to.port, to.host);
    },
    async drain(timeoutMs) {
      checkInteger('timeoutMs', timeoutMs, 0, 0x7fffffff, fail);
      draining = true;
      core.drain();
      const end = clock.now() + timeoutMs;
      while (core.running > 0 && !closed && clock.now() < end) {
        const wait = Math.min(SWEEP_MS, end - clock.now());
        await new Promise<void>((resolve) => clock.setTimer(wait, resolve));
      }
    },
    close() {
      closed ??= (async () => {
        stopSweeping();
        rooms?.close();
        await closeAll();
        core.close();
      })();
      return closed;
    },
  };
}

const HELP: Readonly<Record<keyof RelayStats, string>> = {
  received: 'Frames that came in.',
  receivedBytes: 'Bytes of frames that came in.',
  forwarded: 'Frames passed on.',
  forwardedBytes: 'Bytes of frames passed on.',
  answered: 'Replies to pings and peer info requests.',
  malformed: 'Frames dropped: not of the protocol.',
  unknown: 'Frames dropped: no ticket.',
  refused: 'Frames dropped: the suffix belongs to another address.',
  unreachable: 'Frames dropped: the other end is not there.',
  limited: 'Frames dropped: over a limit.',
  unproven: 'Frames not sent: the address is not proven.',
  opened: 'Calls opened by a ticket.',
  moved: 'Ends that moved to another address.',
};

function metricsOf(
  core: RelayCore,
  rooms: SignallingRooms | undefined,
  limit: ConnectionLimit,
  draining: boolean,
): Metric[] {
  const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
  const counters = Object.entries(HELP).map(([name, help]): Metric => {
    const value = core.stats[name as keyof RelayStats];
    return { name: `relay_${snake(name)}_total`, type: 'counter', help, value };
  });
  const gauge = (name: string, help: string, value: number): Metric => ({
    name,
    type: 'gauge',
    help,
    value,
  });
  const { joined, messages, messageBytes, refused } = rooms?.stats ?? NO_ROOMS;
  const count = (name: string, help: string, value: number): Metric => ({
    name: `signalling_${name}_total`,
    type: 'counter',
    help,
    value,
  });
  return [
    ...counters,
    gauge('relay_sessions', 'Calls at the moment.', core.sessions),
    gauge('relay_connections', 'TCP and WebSocket connections at the moment.', limit.open),
    gauge('relay_draining', '1 when no new calls are taken.', draining ? 1 : 0),
    gauge('signalling_rooms', 'Signalling rooms at the moment.', rooms?.size ?? 0),
    count('joined', 'Members that came into a room.', joined),
    count('messages', 'Messages passed on.', messages),
    count('message_bytes', 'Bytes of messages passed on.', messageBytes),
    count('refused', 'Members that were put out.', refused),
  ];
}
