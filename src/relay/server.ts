/// <reference types="node" />
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
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
  clock?: Clock;
  /** Sees every datagram that arrives, before it is routed. Borrowed for the call. */
  onDatagram?(datagram: Uint8Array, from: Address): void;
};

/** A running relay. */
export type RelayServer = {
  /** Where it listens. */
  readonly address: Address;
  readonly stats: Readonly<RelayStats>;
  /** Serves a base from now on. */
  register(base: Uint8Array): void;
  /** Stops serving a base. */
  unregister(base: Uint8Array): void;
  /**
   * Sends a datagram of its own from the relay's address. A relay has no use for it; it is there to
   * test what a hostile one can do.
   */
  send(datagram: Uint8Array, to: Address): void;
  /** Stops listening; resolves when the socket is closed. Idempotent. */
  close(): Promise<void>;
};

const DEFAULT_RECV_BUFFER = 4 * 1024 * 1024;

/**
 * Serves the blind relay on a UDP socket. For Node, Deno and Bun.
 * @throws {RelayError} `bind-failed` when the address cannot be had, `bad-argument`
 * @example
 * const relay = await serveRelay({ host: '127.0.0.1', port: 0, bases: [peerTag] });
 * console.log(relay.address.port);
 * await relay.close();
 */
export async function serveRelay(options: RelayServerOptions = {}): Promise<RelayServer> {
  const { host = '127.0.0.1', port = 0, clock = systemClock(), onDatagram } = options;
  const { idleMs } = options;
  const core = new RelayCore(idleMs === undefined ? { clock } : { clock, idleMs });
  for (const base of options.bases ?? []) core.register(base);
  const recvBufferSize = options.recvBufferSize ?? DEFAULT_RECV_BUFFER;
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
