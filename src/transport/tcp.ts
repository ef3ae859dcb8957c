/// <reference types="node" />
import { connect, isIP, type Socket } from 'node:net';
import {
  checkBytes,
  checkFunction,
  checkInteger,
  checkMethods,
  checkOptions,
} from '../core/checks.ts';
import { type Clock, systemClock } from '../core/clock.ts';
import type { Address } from '../relay/address.ts';
import { StreamReader, streamFrame, streamMark } from '../relay/stream-framing.ts';
import { TransportError } from './errors.ts';
import {
  answeredBy,
  type ConnectRelayOptions,
  DEFAULT_ANSWER_MS,
  RELAY_OPTIONS,
  type RelayRole,
} from './relay-answer.ts';
import type { DatagramTransport, Endpoint } from './types.ts';

/** Bytes that wait in a socket before datagrams are dropped: late ones are of no use. */
const MAX_WAITING = 32_768;
/** The longest frame of the reference (reflector, section 3). */
const MAX_FRAME = 65_536;
const fail = (message: string): TransportError => new TransportError('bad-argument', message);

class TcpTransport implements DatagramTransport {
  readonly #socket: Socket;
  #handler: ((data: Uint8Array) => void) | undefined;
  #onClose: (() => void) | undefined;
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    const reader = new StreamReader(MAX_FRAME, false, (frame) => this.#handler?.(frame));
    socket.on('data', (chunk) => {
      if (!reader.push(chunk)) socket.destroy();
    });
    socket.on('close', () => {
      const handler = this.#onClose;
      if (this.#closed) return;
      this.close();
      handler?.();
    });
    socket.write(streamMark());
  }

  send(data: Uint8Array): void {
    checkBytes('data', data, fail);
    if (this.#closed || this.#socket.writableLength > MAX_WAITING) return;
    if (data.length > MAX_FRAME) {
      throw fail(`"data" expected at most ${MAX_FRAME} bytes, got ${data.length}`);
    }
    this.#socket.write(streamFrame(data));
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
    this.#socket.destroy();
  }
}

/** Options of `openTcp`. */
export type TcpOptions = {
  /** Times the opening. Default: the system's. */
  clock?: Clock;
  /** How long opening may take, in ms of `clock`. Default 10000. */
  openTimeoutMs?: number;
};

/**
 * Opens a TCP connection as a transport, in the framing of relays. What the network does not take in
 * time is dropped, not queued. For Node, Deno and Bun.
 * @param remote `host` is an IP address, not a name
 * @throws {TransportError} `bad-argument`, `no-answer`
 * @example
 * const transport = await openTcp({ host: '192.0.2.1', port: 4001 });
 */
export async function openTcp(
  remote: Address,
  options: TcpOptions = {},
): Promise<DatagramTransport> {
  checkOptions(options, ['clock', 'openTimeoutMs'], fail);
  const { clock = systemClock(), openTimeoutMs = DEFAULT_ANSWER_MS } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], fail);
  checkInteger('openTimeoutMs', openTimeoutMs, 1, 0x7fffffff, fail);
  if (typeof remote?.host !== 'string' || isIP(remote.host) === 0) {
    throw fail('"host" expected an IP address');
  }
  checkInteger('port', remote.port, 1, 65_535, fail);
  const socket = connect({ host: remote.host, port: remote.port, noDelay: true });
  socket.on('error', () => {}); // 'close' follows
  let cancel = (): void => {};
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (): void =>
        reject(new TransportError('no-answer', 'the TCP connection was not opened'));
      cancel = clock.setTimer(openTimeoutMs, failed);
      socket.once('connect', () => resolve());
      socket.once('close', failed);
    });
    return new TcpTransport(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    cancel();
  }
}

/**
 * Opens a path through a relay by TCP, for networks that block UDP. Fits the `connect` option of a
 * call. For Node, Deno and Bun.
 * @throws {TransportError} `bad-argument`, `no-answer`
 * @example
 * const endpoint = { kind: 'relay', protocol: 'tcp', host: '192.0.2.1', port: 4001, peerTag };
 * const path = await connectTcp(endpoint, 'caller');
 */
export async function connectTcp(
  endpoint: Endpoint,
  role: RelayRole,
  options: ConnectRelayOptions = {},
): Promise<DatagramTransport> {
  checkOptions(options, RELAY_OPTIONS, fail);
  const { clock = systemClock(), answerTimeoutMs = DEFAULT_ANSWER_MS } = options;
  checkMethods('clock', clock, ['now', 'setTimer'], fail);
  checkInteger('answerTimeoutMs', answerTimeoutMs, 1, 0x7fffffff, fail);
  if (endpoint?.kind !== 'relay' || endpoint.protocol !== 'tcp') {
    throw fail('"endpoint" expected a relay with the protocol tcp');
  }
  const transport = await openTcp(endpoint, { clock, openTimeoutMs: answerTimeoutMs });
  try {
    return await answeredBy(transport, endpoint.peerTag, role, clock, answerTimeoutMs, true);
  } catch (error) {
    transport.close();
    throw error;
  }
}
