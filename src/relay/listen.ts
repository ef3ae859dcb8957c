import { RelayError } from './errors.ts';

/** How a listener of a relay is reached. */
export type ListenProtocol = 'udp' | 'tcp' | 'ws';

/** Certificate chain and key, PEM. */
export type TlsIdentity = { readonly cert: string | Uint8Array; readonly key: string | Uint8Array };

/** Where to listen. */
export type ListenAddress = {
  readonly protocol: ListenProtocol;
  /** An IP address. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
};

/** An IP address that may stand in brackets, as in a URL. */
export const bareHost = (host: string): string => host.replace(/^\[(.*)\]$/, '$1');

/** Reads `udp://host:port`, `tcp://host:port` or `ws://host:port`. @throws {RelayError} `bad-argument` */
export function parseListen(text: unknown): ListenAddress {
  const parts =
    typeof text === 'string'
      ? /^(udp|tcp|ws|wss):\/\/(\[[0-9a-f:.]+\]|[0-9.]+):([0-9]{1,5})\/?$/i.exec(text)
      : null;
  const port = Number(parts?.[3]);
  if (!parts || port > 65_535) {
    throw new RelayError(
      'bad-argument',
      `"listen" expected udp://, tcp:// or ws:// with an IP address and a port, got ${String(text)}`,
    );
  }
  const protocol = parts[1]!.toLowerCase().slice(0, 3);
  return {
    protocol: protocol === 'wss' ? 'ws' : (protocol as ListenProtocol),
    host: bareHost(parts[2]!),
    port,
  };
}
