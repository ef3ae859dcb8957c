/// <reference types="node" />
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Address } from './address.ts';
import { RelayError } from './errors.ts';
import type { RelayLine } from './session.ts';

/** A listening UDP socket. */
export type UdpListener = {
  readonly address: Address;
  readonly line: RelayLine;
  close(): Promise<void>;
};

/** A send error of one peer is none of the others; what is lost is lost. */
function ignore(): void {}

/**
 * Takes what `dgram` gives to `lookup` as it is: addresses only. The default defers each send to the next tick,
 * to look up what needs no looking up.
 */
function asIs(
  host: string,
  family: unknown,
  done: (error: null, host: string, family: number) => void,
): void {
  done(null, host, family === 6 ? 6 : 4);
}

class UdpLine implements RelayLine {
  readonly proven = false;
  closed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Without a callback, which would cost a tick for each packet: an error is told to nobody. */
  send(frame: Uint8Array, port: number, host: string): void {
    if (!this.closed) this.#socket.send(frame, port, host);
  }
}

/** @throws {RelayError} `bind-failed` */
export async function listenUdp(
  { host, port }: Address,
  recvBufferSize: number,
  receive: (frame: Uint8Array, line: RelayLine, host: string, port: number) => void,
): Promise<UdpListener> {
  const ipv6 = isIPv6(host);
  const socket = createSocket({
    type: ipv6 ? 'udp6' : 'udp4',
    ipv6Only: ipv6,
    recvBufferSize,
    sendBufferSize: recvBufferSize,
    lookup: asIs as never,
  });
  const line = new UdpLine(socket);
  socket.on('message', (frame, from) => receive(frame, line, from.address, from.port));
  await new Promise<void>((resolve, reject) => {
    const onError = (cause: Error): void => {
      socket.close();
      reject(new RelayError('bind-failed', `no UDP socket on ${host} port ${port}`, { cause }));
    };
    socket.once('error', onError);
    socket.bind(port, host, () => {
      socket.removeListener('error', onError);
      resolve();
    });
  });
  socket.on('error', ignore);
  const bound = socket.address();
  return {
    address: { host: bound.address, port: bound.port },
    line,
    close() {
      line.closed = true;
      return new Promise((resolve) => socket.close(() => resolve()));
    },
  };
}
