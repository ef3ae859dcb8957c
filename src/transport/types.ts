/**
 * Carries datagrams to one peer, or to nobody: they may be lost, doubled and reordered. It keeps
 * message borders and promises nothing else. All transports of this package are of this shape, and
 * so may be your own.
 */
export type DatagramTransport = {
  /**
   * Sends a datagram, if it can. Never waits.
   * @param data read before this returns: it may be a borrowed view
   * @throws {TransportError} `bad-argument` when it is no Uint8Array
   */
  send(data: Uint8Array): void;
  /**
   * Sets who hears what arrives; replaces the one before.
   * @param handler gets a view that is borrowed for the call
   */
  onDatagram(handler: (data: Uint8Array) => void): void;
  /** Sends and delivers nothing any more. Idempotent. */
  close(): void;
};

/** A relay that both ends reach: the 16-byte tag of the call, whose first 12 bytes are used. */
export type RelayEndpoint = {
  readonly kind: 'relay';
  /** IP address of the relay. */
  readonly host: string;
  /** UDP port of the relay, 1..65535. */
  readonly port: number;
  /** 16 bytes. */
  readonly peerTag: Uint8Array;
};

/** An address at which the end that names it can be reached itself. */
export type DirectEndpoint = {
  readonly kind: 'direct';
  /** Its IP address. */
  readonly host: string;
  /** Its UDP port, 1..65535. */
  readonly port: number;
};

/** Where a call's packets can go. */
export type Endpoint = RelayEndpoint | DirectEndpoint;
