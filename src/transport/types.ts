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
  /**
   * Sets who is told, once, that the transport has died by itself: a connection under it ended. Absent
   * where nothing can tell, as with UDP. A call that owned it opens another one.
   */
  onClose?(handler: () => void): void;
  /** Sends and delivers nothing any more. Idempotent; not told to `onClose`. */
  close(): void;
};

/** A relay that both ends reach by UDP or TCP. */
export type RelayEndpoint = {
  readonly kind: 'relay';
  /** How it is reached. Default `udp`. */
  readonly protocol?: 'udp' | 'tcp';
  /** IP address of the relay. */
  readonly host: string;
  /** Its port, 1..65535. */
  readonly port: number;
  /** The tag of the call, 16 bytes, of which the first 12 are used; a relay's ticket is such a tag. */
  readonly peerTag: Uint8Array;
  /** What the relay wants to see besides before it serves the tag: 1 to 256 bytes. */
  readonly ticket?: Uint8Array;
};

/** A relay that both ends reach by WebSocket. */
export type WebSocketRelayEndpoint = {
  readonly kind: 'relay';
  readonly protocol: 'websocket';
  /** `wss:`, or `ws:` where pages may open that; at most 255 characters. */
  readonly url: string;
  /** As with other relays. */
  readonly peerTag: Uint8Array;
  /** As with other relays. */
  readonly ticket?: Uint8Array;
};

/** An address at which the end that names it can be reached itself. */
export type DirectEndpoint = {
  readonly kind: 'direct';
  /** Its IP address. */
  readonly host: string;
  /** Its UDP port, 1..65535. */
  readonly port: number;
};

/**
 * A path that the two ends work out between them, by texts that travel sealed: a WebRTC data channel,
 * or ICE over UDP. Both have to offer the same kind.
 */
export type NegotiatedEndpoint = {
  readonly kind: 'webrtc' | 'ice';
  /**
   * Only TURN servers are used, so that the peer learns no address. Without it the endpoint counts as
   * direct, and `p2p: false` excludes it.
   */
  readonly relayOnly?: true;
};

/** Where a call's packets can go. */
export type Endpoint = RelayEndpoint | WebSocketRelayEndpoint | DirectEndpoint | NegotiatedEndpoint;

/**
 * Texts between the two ends of one negotiated path: session descriptions, ICE candidates. They travel
 * sealed with the key of the call, in order and without loss.
 */
export type PathChannel = {
  /** Sends a text of at most 15000 characters of ASCII. Does nothing once the path is gone. */
  send(text: string): void;
  /** Sets who hears what arrives; what came before is kept for it. */
  onMessage(handler: (text: string) => void): void;
};

/** What a call tells whoever opens a path for it. */
export type PathContext = {
  /** For endpoints of the kinds `webrtc` and `ice`; of no use to others. */
  readonly channel: PathChannel;
  /** False: nothing that is sent to the peer may show an address of this end. */
  readonly p2p: boolean;
};
