/// <reference types="node" />
import { createSocket, type Socket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import { checkBytes, checkFunction, checkInteger, checkOptions } from '../core/checks.ts';
import { systemClock, type Clock } from '../core/clock.ts';
import type { Address } from './address.ts';
import { RelayError } from './errors.ts';
import { RelayCore, type RelayStats } from './relay-core.ts';

/** Options of a relay on a UDP socket. */
export type RelayServerOptions = {
  /** IP address to listen on. Default 127.0.0.1. */
  host?: string;
  /** Default 0: any free port. */
  port?: number;
  /** Bases of 12 bytes, or tags of 16 whose suffix is ignored, that are served from the start. */
  bases?: readonly Uint8Array[];
  /** Bytes that the kernel may hold for us. Default 4 MiB; the system may cap it. */
  recvBufferSize?: number;
  /** As in `RelayCoreOptions`. */
  idleMs?: number;
  /** Default: the system's. */
  clock?: Clock;
  /** Sees every datagram that arrives, before it is routed. Borrowed for the call. */
  onDatagram?(datagram: Uint8Array, from: Address): void;
};

/** A running relay. */
export type RelayServer = {
  /** Where it listens. */
  readonly address: Address;
  /** Counters, kept up to date. */
  readonly stats: Readonly<RelayStats>;
  /** Serves a base from now on. @throws {RelayError} `bad-argument` */
  register(base: Uint8Array): void;
  /** Stops serving a base. @throws {RelayError} `bad-argument` */
  unregister(base: Uint8Array): void;
  /**
   * Sends a datagram of its own from the relay's address. A relay has no use for it; it is there to
   * test what a hostile one can do. Does nothing once closed.
   * @throws {RelayError} `bad-argument`
   */
  send(datagram: Uint8Array, to: Address): void;
  /** Stops listening; resolves when the socket is closed. Idempotent. */
  close(): Promise<void>;
};

const DEFAULT_RECV_BUFFER = 4 * 1024 * 1024;
const OPTIONS = ['host', 'port', 'bases', 'recvBufferSize', 'idleMs', 'clock', 'onDatagram'];
const fail = (message: string): RelayError => new RelayError('bad-argument', message);

function checkAddress(host: unknown, port: unknown, lowestPort: 0 | 1): void {
  if (typeof host !== 'string' || isIP(host) === 0) throw fail('"host" expected an IP address');
  checkInteger('port', port, lowestPort, 65_535, fail);
}

/**
 * Serves the blind relay on a UDP socket. For Node, Deno and Bun.
 * @throws {RelayError} `bind-failed` when the address cannot be had, `bad-argument`
 * @example
 * const relay = await serveRelay({ host: '127.0.0.1', port: 0, bases: [peerTag] });
 * console.log(relay.address.port);
 * await relay.close();
 */
export async function serveRelay(options: RelayServerOptions = {}): Promise<RelayServer> {
  checkOptions(options, OPTIONS, fail);
  const { host = '127.0.0.1', port = 0, clock = systemClock(), onDatagram } = options;
  const { idleMs, bases = [], recvBufferSize = DEFAULT_RECV_BUFFER } = options;
  checkAddress(host, port, 0);
  checkInteger('recvBufferSize', recvBufferSize, 1, 0x7fffffff, fail);
  if (onDatagram !== undefined) checkFunction('onDatagram', onDatagram, fail);
  if (!Array.isArray(bases)) throw fail('"bases" expected an array of Uint8Array');
  const core = new RelayCore(idleMs === undefined ? { clock } : { clock, idleMs });
  for (const base of bases) core.register(base);
  const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize });
  socket.on('message', (datagram, sender) => {
    const from: Address = { host: sender.address, port: sender.port };
    onDatagram?.(datagram, from);
    const output = core.receive(datagram, from);
    // The callback takes the error of a send: a destination that is gone is none of ours.
    if (output) socket.send(output.data, output.to.port, output.to.host, ignore);
  });
  await bind(socket, host, port);
  socket.on('error', ignore);
  const bound = socket.address();
  let closed: Promise<void> | undefined;
  return {
    address: { host: bound.address, port: bound.port },
    stats: core.stats,
    register: (base) => core.register(base),
    unregister: (base) => core.unregister(base),
    send(datagram, to) {
      checkBytes('datagram', datagram, fail);
      checkAddress(to?.host, to?.port, 1);
      if (!closed) socket.send(Uint8Array.from(datagram), to.port, to.host, ignore);
    },
    close() {
      closed ??= new Promise((resolve) => socket.close(() => resolve()));
      return closed;
    },
  };
}

function ignore(): void {}

function bind(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => {
      socket.close();
      reject(new RelayError('bind-failed', `no socket on ${host} port ${port}`, { cause }));
    };
    socket.once('error', onError);
    socket.bind(port, host, () => {
      socket.removeListener('error', onError);
      resolve();
    });
  });
}
