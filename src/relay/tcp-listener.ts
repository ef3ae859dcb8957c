/// <reference types="node" />
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import type { Address } from './address.ts';
import type { ConnectionLimit } from './connections.ts';
import { RelayError } from './errors.ts';
import type { RelayLine } from './session.ts';
import { StreamReader, streamFrame } from './stream-framing.ts';

/** Bytes that wait for a slow reader before frames are dropped. */
const MAX_WAITING = 65_536;

/** Listening on TCP. */
export type StreamListener = {
  readonly address: Address;
  /** Closes the listener and every connection. */
  close(): Promise<void>;
};

class TcpLine implements RelayLine {
  readonly proven = true;
  closed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  send(frame: Uint8Array): void {
    if (this.closed || this.#socket.writableLength > MAX_WAITING) return;
    this.#socket.write(streamFrame(frame));
  }
}

/** @throws {RelayError} `bind-failed` */
export async function listenTcp(
  at: Address,
  options: {
    readonly idleMs: number;
    readonly maxFrameBytes: number;
    readonly limit: ConnectionLimit;
    readonly receive: (frame: Uint8Array, line: RelayLine, host: string, port: number) => void;
  },
): Promise<StreamListener> {
  const { limit } = options;
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    const { remoteAddress: host = '', remotePort: port = 0 } = socket;
    socket.on('error', () => socket.destroy());
    if (!limit.enter(host)) {
      socket.destroy();
      return;
    }
    const line = new TcpLine(socket);
    const reader = new StreamReader(options.maxFrameBytes, true, (frame) =>
      options.receive(frame, line, host, port),
    );
    sockets.add(socket);
    socket.setTimeout(options.idleMs, () => socket.destroy());
    socket.on('data', (chunk) => {
      if (!reader.push(chunk)) socket.destroy();
    });
    socket.on('close', () => {
      line.closed = true;
      sockets.delete(socket);
      limit.leave(host);
    });
  });
  const address = await listening(server, at);
  return {
    address,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Binds a server; IPv6 addresses take IPv6 only, so that both may have the same port. */
export async function listening(server: Server, { host, port }: Address): Promise<Address> {
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => {
      reject(new RelayError('bind-failed', `cannot listen on ${host} port ${port}`, { cause }));
    };
    server.once('error', onError);
    server.listen({ host, port, ipv6Only: isIPv6(host) }, () => {
      server.removeListener('error', onError);
      resolve();
    });
  });
  server.on('error', () => {});
  const bound = server.address() as { address: string; port: number };
  return { host: bound.address, port: bound.port };
}
