// The part of WebRTC that a data channel needs, by its shape: consumers compile without DOM types, and
// implementations outside of browsers fit too.

/** What happens to a peer connection; `candidate` is null after the last one. */
export type PeerConnectionEvent = {
  readonly candidate?: {
    readonly candidate: string;
    readonly sdpMid: string | null;
    readonly sdpMLineIndex?: number | null;
  } | null;
  readonly channel?: unknown;
};

/** A session description. */
export type PeerDescription = {
  readonly type: 'offer' | 'answer';
  readonly sdp: string;
};

/** What is used of an `RTCDataChannel`. */
export type DataChannelLike = {
  readonly readyState: string;
  readonly bufferedAmount: number;
  binaryType: string;
  onopen: ((event: never) => unknown) | null;
  onclose: ((event: never) => unknown) | null;
  onmessage: ((event: never) => unknown) | null;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
};

/** What is used of an `RTCPeerConnection`. */
export type PeerConnectionLike = {
  readonly connectionState: string;
  onicecandidate: ((event: never) => unknown) | null;
  onconnectionstatechange: ((event: never) => unknown) | null;
  ondatachannel: ((event: never) => unknown) | null;
  createDataChannel(
    label: string,
    options: { ordered: boolean; maxRetransmits: number },
  ): DataChannelLike;
  createOffer(options?: { iceRestart?: boolean }): Promise<unknown>;
  createAnswer(): Promise<unknown>;
  setLocalDescription(description: PeerDescription): Promise<unknown>;
  setRemoteDescription(description: PeerDescription): Promise<unknown>;
  addIceCandidate(candidate: { candidate: string; sdpMid: string }): Promise<unknown>;
  restartIce(): unknown;
  close(): void;
};

/** A STUN or TURN server, as `RTCPeerConnection` takes it. */
export type IceServer = {
  /** `stun:host:port`, `turn:host:port?transport=udp`, `turns:host:port`. */
  readonly urls: string | readonly string[];
  /** For TURN. */
  readonly username?: string;
  /** For TURN. */
  readonly credential?: string;
};

/** How `RTCPeerConnection` is constructed. */
export type PeerConnectionConfig = {
  readonly iceServers: { urls: string[]; username?: string; credential?: string }[];
  readonly iceTransportPolicy: 'all' | 'relay';
};

/** The class `RTCPeerConnection`, of a browser or of the polyfill of `node-datachannel`. */
export type PeerConnectionClass = new (config: PeerConnectionConfig) => PeerConnectionLike;
