/// <reference types="node" />
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { decodeUtf8 } from '../core/utf8.ts';
import type { Address } from './address.ts';
import type { ConnectionLimit } from './connections.ts';
import { RelayError } from './errors.ts';
import type { TlsIdentity } from './listen.ts';
import type { RelayLine } from './session.ts';
import type { SignallingRooms } from './signalling-rooms.ts';
import { listening, type StreamListener } from './tcp-listener.ts';

/** What is used of a WebSocket of the package `ws`. */
type ServerSocket = {
  readonly bufferedAmount: number;
  binaryType: string;
  on(event: 'message', listener: (data: Uint8Array, isBinary: boolean) => void): void;
  on(event: 'ping', listener: (data: Uint8Array) => void): void;
  on(event: 'close' | 'pong' | 'error', listener: () => void): void;
  send(data: Uint8Array, done: () => void): void;
  close(code: number): void;
  ping(): void;
  pong(data: Uint8Array, mask: boolean, done: () => void): void;
  terminate(): void;
};
type SocketServer = {
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
    done: (socket: ServerSocket) => void,
  ): void;
};
type WsModule = { WebSocketServer: new (options: object) => SocketServer };

const MAX_WAITING = 65_536;
const REQUEST_MS = 5000;
const JOIN_MS = 10_000;
const PING_MS = 20_000;
const GOING_AWAY = 1001; // RFC 6455, 7.4.1
const UNSUPPORTED = 1003;

/** For a request to be complete. Node looks every 30 s unless told otherwise. */
const PATIENCE = {
  headersTimeout: REQUEST_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: 1000,
};

function ignore(): void {}

class WebSocketLine implements RelayLine {
  readonly proven = true;
  closed = false;
  readonly #socket: ServerSocket;

  constructor(socket: ServerSocket) {
    this.#socket = socket;
  }

  send(frame: Uint8Array): void {
    if (!this.closed && this.#socket.bufferedAmount <= MAX_WAITING) {
      this.#socket.send(frame, ignore);
    }
  }
}

/**
 * Listens for WebSockets: frames of the relay at `/` and `/relay`, signalling at `/signalling`.
 * @throws {RelayError} `bind-failed`, `not-available` without the package `ws`
 */
export async function listenWebSocket(
  at: Address,
  options: {
    readonly idleMs: number;
    readonly maxFrameBytes: number;
    readonly limit: ConnectionLimit;
    readonly tls: TlsIdentity | undefined;
    readonly rooms: SignallingRooms | undefined;
    /** Takes the client's address from the last entry of X-Forwarded-For: behind a proxy of one's own. */
    readonly trustProxy: boolean;
    readonly receive: (frame: Uint8Array, line: RelayLine, host: string, port: number) => void;
  },
): Promise<StreamListener> {
  const { limit, rooms, tls } = options;
  const { WebSocketServer } = await loadWs();
  const maxPayload = Math.max(options.maxFrameBytes, (rooms?.maxMessageBytes ?? 0) + 64);
  const upgrades = new WebSocketServer({
    noServer: true,
    maxPayload,
    perMessageDeflate: false,
    autoPong: false,
  });
  const server: Server = tls ? secureServer(tls) : createServer(PATIENCE);
  server.on('request', (_, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close' });
    response.end('This is a WebSocket endpoint.\n');
  });
  const open = new Set<ServerSocket>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
    socket.on('error', ignore);
    const path = (request.url ?? '/').split('?')[0];
    const kind = path === '/signalling' ? 'signalling' : 'relay';
    if (path !== '/' && path !== '/relay' && (kind !== 'signalling' || !rooms)) {
      return refuse(socket, 404);
    }
    const { host, port } = source(request, options.trustProxy);
    if (!limit.enter(host)) return refuse(socket, 503);
    socket.on('close', () => limit.leave(host));
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      open.add(webSocket);
      webSocket.on('error', ignore);
      // who does not read gets no more to read
      webSocket.on('ping', (data) => {
        if (webSocket.bufferedAmount <= MAX_WAITING) webSocket.pong(data, false, ignore);
      });
      webSocket.on('close', () => open.delete(webSocket));
      if (kind === 'signalling' && rooms) serveRoom(webSocket, host, rooms);
      else serveFrames(webSocket, host, port, options);
    });
  });
  const address = await listening(server, at);
  return {
    address,
    close() {
      for (const socket of open) {
        socket.close(GOING_AWAY);
        socket.terminate();
      }
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function serveFrames(
  socket: ServerSocket,
  host: string,
  port: number,
  { idleMs, receive }: Parameters<typeof listenWebSocket>[1],
): void {
  const line = new WebSocketLine(socket);
  let heard = true;
  const timer = setInterval(() => {
    if (!heard) socket.terminate();
    heard = false;
  }, idleMs);
  socket.on('message', (data, isBinary) => {
    heard = true;
    if (isBinary) receive(data, line, host, port);
    else socket.close(UNSUPPORTED);
  });
  socket.on('close', () => {
    line.closed = true;
    clearInterval(timer);
  });
}

function serveRoom(socket: ServerSocket, host: string, rooms: SignallingRooms): void {
  // what waits for an end is sent to it at once when it joins
  const most = Math.max(MAX_WAITING, 2 * rooms.maxQueueBytes);
  const visitor = rooms.visit(
    {
      send(frame) {
        if (socket.bufferedAmount > most) socket.terminate();
        else socket.send(frame, ignore);
      },
      close: (code) => socket.close(code),
    },
    host,
  );
  let alive = true;
  const limit = setTimeout(() => {
    if (!visitor.joined) socket.terminate();
  }, JOIN_MS);
  const timer = setInterval(() => {
    if (!alive) return socket.terminate();
    alive = false;
    socket.ping();
  }, PING_MS);
  socket.on('pong', () => {
    alive = true;
  });
  socket.on('message', (data, isBinary) => {
    alive = true;
    if (isBinary) visitor.receive(data);
    else socket.close(UNSUPPORTED);
  });
  socket.on('close', () => {
    clearTimeout(limit);
    clearInterval(timer);
    visitor.leave();
  });
}

function source(request: IncomingMessage, trustProxy: boolean): Address {
  const { remoteAddress = '', remotePort = 0 } = request.socket;
  const forwarded = trustProxy ? request.headers['x-forwarded-for'] : undefined;
  const last = forwarded?.toString().split(',').pop()?.trim() ?? '';
  return { host: isIP(last) ? last : remoteAddress, port: remotePort };
}

function refuse(socket: Duplex, status: number): void {
  // the client may leave its side open for ever
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n\r\n`);
}

/** Whether it looks like PEM (RFC 7468): not every runtime says at once what it cannot read. */
const isPem = (text: string | Uint8Array): boolean =>
  (typeof text === 'string' ? text : decodeUtf8(text)).includes('-----BEGIN ');

function secureServer({ cert, key }: TlsIdentity): Server {
  try {
    if (!isPem(cert) || !isPem(key)) throw new TypeError('no PEM');
    return createSecureServer({
      ...PATIENCE,
      cert: cert as string,
      key: key as string,
      minVersion: 'TLSv1.2',
      handshakeTimeout: REQUEST_MS,
    });
  } catch (cause) {
    throw new RelayError('bad-argument', '"tls" expected a certificate and its key in PEM', {
      cause,
    });
  }
}

async function loadWs(): Promise<WsModule> {
  try {
    return (await import('ws')) as unknown as WsModule;
  } catch (cause) {
    throw new RelayError('not-available', 'WebSockets need the package "ws"', { cause });
  }
}
