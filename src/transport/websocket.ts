import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import {
  isWebSocketUrl,
  messageBytes,
  ownWebSocket,
  WEB_SOCKET_OPEN,
  type WebSocketConstructor,
  type WebSocketLike,
} from '../core/web-socket.ts';
import { TransportError } from './errors.ts';
import {
  answeredBy,
  type ConnectRelayOptions,
  DEFAULT_ANSWER_MS,
  RELAY_OPTIONS,
  type RelayRole,
} from './relay-answer.ts';
import type { DatagramTransport, Endpoint } from './types.ts';

export type { WebSocketConstructor, WebSocketLike };

/** Bytes that wait in a socket before datagrams are dropped: late ones are of no use. */
const MAX_WAITING = 32_768;
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

/** Options of `openWebSocket`. */
export type WebSocketOptions = {
  /** Default: the runtime's. Node 20 has none: give that of the package `ws`. */
  WebSocket?: WebSocketConstructor;
  /** Times the opening. Default: the system's. */
  clock?: Clock;
  /** How long opening may take, in ms of `clock`. Default 10000. */
  openTimeoutMs?: number;
};

class WebSocketTransport implements DatagramTransport {
  readonly #socket: WebSocketLike;
  #handler: ((data: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  #closed = false;

  constructor(socket: WebSocketLike) {
    this.#socket = socket;
    socket.onmessage = (event) => {
      const data = messageBytes(event);
      if (data) this.#handler?.(data);
    };
    socket.onclose = () => {
      const handler = this.#onClose;
      if (this.#closed) return;
      this.close();
      handler?.();
    };
    socket.onerror = () => {};
  }

  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (this.#closed || this.#socket.readyState !== WEB_SOCKET_OPEN) return;
    if (this.#socket.bufferedAmount > MAX_WAITING) return;
    this.#socket.send(Uint8Array.from(data));
  }

  onDatagram(handler: (data: Uint8Array) => void): void {
    checkFunction('handler', handler, fail);
    this.#handler = handler;
  }

  onClose(handler: () => void): void {
    checkFunction('handler', handler, fail);
    this.#onClose = handler;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#handler = undefined;
    this.#socket.close();
  }
}

/**
 * Opens a WebSocket as a transport: one binary message is one datagram. What the network does not
 * take in time is dropped, not queued.
 * @param url `wss:` or `ws:`
 * @throws {TransportError} `bad-argument`, `unsupported` where there is no WebSocket, `no-answer`
 * @example
 * const transport = await openWebSocket('wss://relay.example/relay');
 */
export async function openWebSocket(
  url: string,
  options: WebSocketOptions = {},
): Promise<DatagramTransport> {
  checkOptions(options, ['WebSocket', 'clock', 'openTimeoutMs'], fail);
  const { WebSocket = ownWebSocket(), clock = systemClock() } = options;
  const { openTimeoutMs = DEFAULT_ANSWER_MS } = options;
  if (!isWebSocketUrl(url))
    throw fail('"url" expected an address that begins with wss:// or ws://');
  checkMethods('clock', clock, ['now', 'setTimer'], fail);
  checkInteger('openTimeoutMs', openTimeoutMs, 1, 0x7fffffff, fail);
  if (WebSocket === undefined) {
    throw new TransportError('unsupported', 'this runtime has no WebSocket: pass one');
  }
  checkFunction('WebSocket', WebSocket, fail);
  const socket = construct(WebSocket, url);
  socket.binaryType = 'arraybuffer';
  let cancel = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (): void =>
        reject(new TransportError('no-answer', 'the WebSocket was not opened'));
      cancel = clock.setTimer(openTimeoutMs, failed);
      socket.onopen = () => resolve();
      socket.onerror = failed;
      socket.onclose = failed;
    });
    return new WebSocketTransport(socket);
  } catch (error) {
    socket.onclose = null;
    socket.onerror = () => {};
    socket.close();
    throw error;
  } finally {
    cancel();
  }
}

function construct(WebSocket: WebSocketConstructor, url: string): WebSocketLike {
  try {
    const socket = new WebSocket(url);
    checkMethods('WebSocket', socket, ['send', 'close'], fail);
    return socket;
  } catch (cause) {
    if (cause instanceof TransportError) throw cause;
    // a page may not open ws: from https:, and addresses are checked more closely than here
    throw new TransportError('no-answer', 'the WebSocket cannot be opened', { cause });
  }
}

/** Options of `connectWebSocket`. */
export type ConnectWebSocketOptions = ConnectRelayOptions & {
  /** As in `WebSocketOptions`. */
  WebSocket?: WebSocketConstructor;
};

/**
 * Opens a path through a relay by WebSocket, for networks that let nothing else pass, and for pages.
 * Fits the `connect` option of a call.
 * @throws {TransportError} `bad-argument`, `unsupported`, `no-answer`
 * @example
 * const endpoint = { kind: 'relay', protocol: 'websocket', url: 'wss://relay.example/relay', peerTag };
 * const path = await connectWebSocket(endpoint, 'caller');
 */
export async function connectWebSocket(
  endpoint: Endpoint,
  role: RelayRole,
  options: ConnectWebSocketOptions = {},
): Promise<DatagramTransport> {
  checkOptions(options, [...RELAY_OPTIONS, 'WebSocket'], fail);
  const { clock = systemClock(), answerTimeoutMs = DEFAULT_ANSWER_MS, WebSocket } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], fail);
  checkInteger('answerTimeoutMs', answerTimeoutMs, 1, 0x7fffffff, fail);
  if (endpoint?.kind !== 'relay' || endpoint.protocol !== 'websocket') {
    throw fail('"endpoint" expected a relay with the protocol websocket');
  }
  const transport = await openWebSocket(endpoint.url, {
    clock,
    openTimeoutMs: answerTimeoutMs,
    ...(WebSocket && { WebSocket }),
  });
  try {
    return await answeredBy(transport, endpoint.peerTag, role, clock, answerTimeoutMs, true);
  } catch (error) {
    transport.close();
    throw error;
  }
}
