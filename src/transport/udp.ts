/// <reference types="node" />
import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { networkInterfaces } from 'node:os';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { systemClock } from '../core/clock.ts';
import { type Address, canonicalHost } from '../relay/address.ts';
import { TransportError } from './errors.ts';
import type { IceSocket } from './ice-types.ts';
import {
  answeredBy,
  type ConnectRelayOptions,
  DEFAULT_ANSWER_MS,
  RELAY_OPTIONS,
} from './relay-answer.ts';
import type { DatagramTransport, Endpoint } from './types.ts';

/** Options of a UDP socket. */
export type UdpSocketOptions = {
  /** IP address to bind to, IPv4 or IPv6. Default 0.0.0.0. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Bytes that the kernel may hold for us. Default 1 MiB; the system may cap it. */
  recvBufferSize?: number;
};

/** Counters of a socket. */
export type UdpSocketStats = {
  /** Datagrams handed to the system. */
  sent: number;
  /** Datagrams that arrived, from whomever. */
  received: number;
  /** Datagrams from an address that no transport of this socket is connected to. */
  foreign: number;
  /** Datagrams that the system refused to send. */
  sendErrors: number;
};

/** A bound UDP socket, which several transports may share. */
export type UdpSocket = {
  /** Where it is bound. */
  readonly address: Address;
  /** Counters, kept up to date. */
  readonly stats: Readonly<UdpSocketStats>;
  /**
   * A transport to one address; datagrams from others do not reach it. Closing it leaves the socket open.
   * @param remote `host` is an IP address, not a name
   * @throws {TransportError} `bad-argument`, `released`
   */
  connect(remote: Address): DatagramTransport;
  /** Closes the socket and with it all its transports; resolves when done. Idempotent. */
  close(): Promise<void>;
};

const DEFAULT_RECV_BUFFER = 1024 * 1024;
const SOCKET_OPTIONS = ['host', 'port', 'recvBufferSize'];
const CONNECT_OPTIONS = [...SOCKET_OPTIONS, ...RELAY_OPTIONS];
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

function checkHost(host: unknown): asserts host is string {
  if (typeof host !== 'string' || isIP(host) === 0) throw fail('"host" expected an IP address');
}

class OpenSocket implements UdpSocket {
  readonly address: Address;
  readonly stats: UdpSocketStats = { sent: 0, received: 0, foreign: 0, sendErrors: 0 };
  readonly #socket: Socket;
  readonly #routes: Map<string, UdpTransport> = new Map();
  #closed: Promise<void> | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { address, port } = socket.address();
    this.address = { host: address, port };
    socket.on('message', (data, from) => {
      this.stats.received++;
      const route = this.#routes.get(routeKey(from.address, from.port));
      if (route) route.handler?.(data);
      else this.stats.foreign++;
    });
    // An ICMP error of one peer must not end the others; what is lost is lost.
    socket.on('error', () => {});
  }

  connect(remote: Address): DatagramTransport {
    if (this.#closed) throw new TransportError('released', 'the socket was closed');
    checkHost(remote?.host);
    checkInteger('port', remote.port, 1, 65_535, fail);
    const key = routeKey(remote.host, remote.port);
    if (this.#routes.has(key)) throw fail('"remote" is connected already');
    const transport = new UdpTransport(this, remote, () => this.#routes.delete(key));
    this.#routes.set(key, transport);
    return transport;
  }

  /**
   * Copies at once: the socket may read the bytes later, when a borrowed view is gone. Not by slice(),
   * which copies nothing when the bytes are a Buffer.
   */
  send(data: Uint8Array, remote: Address): void {
    if (this.#closed) return;
    this.stats.sent++;
    this.#socket.send(Uint8Array.from(data), remote.port, remote.host, (error) => {
      if (error) this.stats.sendErrors++;
    });
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => this.#socket.close(() => resolve()));
    for (const transport of [...this.#routes.values()]) transport.close();
    return this.#closed;
  }
}

class UdpTransport implements DatagramTransport {
  readonly #socket: OpenSocket;
  readonly #remote: Address;
  readonly #onClose: () => void;
  handler: ((data: Uint8Array) => void) | undefined;
  #closed = false;

  constructor(socket: OpenSocket, remote: Address, onClose: () => void) {
    this.#socket = socket;
    this.#remote = { host: remote.host, port: remote.port };
    this.#onClose = onClose;
  }

  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (!this.#closed) this.#socket.send(data, this.#remote);
  }

  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, fail);
    this.handler = handler;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.handler = undefined;
    this.#onClose();
  }
}

const routeKey = (host: string, port: number): string => `${canonicalHost(host) ?? host} ${port}`;

async function bind(socket: Socket, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => {
      socket.close();
      reject(new TransportError('bind-failed', `no socket on ${host} port ${port}`, { cause }));
    };
    socket.once('error', onError);
    socket.bind(port, host, () => {
      socket.removeListener('error', onError);
      resolve();
    });
  });
}

/**
 * Opens a UDP socket. For Node, Deno and Bun.
 * @throws {TransportError} `bind-failed` when the address cannot be had, `bad-argument`
 * @example
 * const socket = await openUdpSocket({ host: '127.0.0.1' });
 * const transport = socket.connect({ host: '127.0.0.1', port: 4000 });
 * transport.send(new Uint8Array([1, 2, 3]));
 * await socket.close();
 */
export async function openUdpSocket(options: UdpSocketOptions = {}): Promise<UdpSocket> {
  checkOptions(options, SOCKET_OPTIONS, fail);
  const { host = '0.0.0.0', port = 0, recvBufferSize = DEFAULT_RECV_BUFFER } = options;
  checkHost(host);
  checkInteger('port', port, 0, 65_535, fail);
  checkInteger('recvBufferSize', recvBufferSize, 1, 0x7fffffff, fail);
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize });
  await bind(socket, host, port);
  return new OpenSocket(socket);
}

/** Options of `connectUdp`. The context that a call gives may stand among them. */
export type ConnectUdpOptions = UdpSocketOptions & ConnectRelayOptions;

/**
 * Opens a socket of its own for one endpoint of a call and, if that is a relay, waits until the
 * relay has answered. Closing the transport closes the socket. Fits the `connect` option of a call.
 * @throws {TransportError} `bind-failed`, `bad-argument`, `no-answer`; the socket is closed then
 * @example
 * const call = await Call.outgoing({ signalling, endpoints, connect: connectUdp });
 */
export async function connectUdp(
  endpoint: Endpoint,
  role: 'caller' | 'callee',
  options: ConnectUdpOptions = {},
): Promise<DatagramTransport> {
  checkOptions(options, CONNECT_OPTIONS, fail);
  const { clock = systemClock(), answerTimeoutMs = DEFAULT_ANSWER_MS } = options;
  const { channel: _channel, p2p: _p2p, clock: _clock, answerTimeoutMs: _ms, ...rest } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], fail);
  checkInteger('answerTimeoutMs', answerTimeoutMs, 1, 0x7fffffff, fail);
  if (endpoint?.kind !== 'direct' && endpoint?.kind !== 'relay') {
    throw fail('"endpoint.kind" expected direct or relay');
  }
  if (endpoint.kind === 'relay' && endpoint.protocol !== undefined && endpoint.protocol !== 'udp') {
    throw fail('"endpoint.protocol" expected udp');
  }
  checkHost(endpoint.host);
  const socket = await openUdpSocket({ host: isIPv6(endpoint.host) ? '::' : '0.0.0.0', ...rest });
  try {
    const inner = socket.connect(endpoint);
    const transport: DatagramTransport = {
      send: (data) => inner.send(data),
      onDatagram: (handler) => inner.onDatagram(handler),
      close: () => void socket.close(),
    };
    if (endpoint.kind === 'direct') return transport;
    const { peerTag } = endpoint;
    return await answeredBy(transport, peerTag, role, clock, answerTimeoutMs, false);
  } catch (error) {
    await socket.close();
    throw error;
  }
}

/** Options of `openIceSockets`. */
export type IceSocketsOptions = {
  /** The addresses of interfaces that are told to the peer. Default: all but loopback and link-local. */
  hosts?: readonly string[];
  /** Bytes that the kernel may hold for us. Default 1 MiB; the system may cap it. */
  recvBufferSize?: number;
};

/** Not reachable from elsewhere, or only with a zone. */
const isUseless = (host: string): boolean => /^(127\.|169\.254\.|::1$|fe[89ab])/i.test(host);

function ownHosts(): string[] {
  const found = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return found.map(({ address }) => address).filter((host) => !isUseless(host));
}

/**
 * The sockets of a path by ICE: one for IPv4, and one for IPv6 where there is an address of that family.
 * @returns owned by the path
 * @throws {TransportError} `bind-failed`, `bad-argument`
 * @example
 * const path = new IceTransport({ channel, role: 'caller', openSockets: openIceSockets });
 */
export async function openIceSockets(options: IceSocketsOptions = {}): Promise<IceSocket[]> {
  checkOptions(options, ['hosts', 'recvBufferSize'], fail);
  const { hosts = ownHosts(), recvBufferSize = DEFAULT_RECV_BUFFER } = options;
  if (!Array.isArray(hosts)) throw fail('"hosts" expected an array of IP addresses');
  for (const host of hosts) checkHost(host);
  checkInteger('recvBufferSize', recvBufferSize, 1, 0x7fffffff, fail);
  const six = hosts.filter((host) => host.includes(':'));
  const four = hosts.filter((host) => !host.includes(':'));
  const sockets = [await openIceSocket(4, four, recvBufferSize)];
  if (six.length > 0) {
    // An address of the family does not mean that the system lets it be used.
    await openIceSocket(6, six, recvBufferSize).then(
      (socket) => sockets.push(socket),
      () => {},
    );
  }
  return sockets;
}

async function openIceSocket(
  family: 4 | 6,
  hosts: readonly string[],
  recvBufferSize: number,
): Promise<IceSocket> {
  const socket = createSocket({ type: `udp${family}`, ipv6Only: family === 6, recvBufferSize });
  await bind(socket, family === 6 ? '::' : '0.0.0.0', 0);
  socket.on('error', () => {});
  const { port } = socket.address();
  let closed = false;
  return {
    family,
    addresses: hosts.map((host) => ({ host, port })),
    send(data, to) {
      if (!closed) socket.send(Uint8Array.from(data), to.port, to.host, () => {});
    },
    onDatagram(handler) {
      socket.removeAllListeners('message');
      socket.on('message', (data, { address, port }) => {
        // nothing can be sent to port 0, and a socket throws when it is told to
        if (port !== 0) handler(data, { host: address, port });
      });
    },
    close() {
      if (!closed) socket.close();
      closed = true;
    },
  };
}
