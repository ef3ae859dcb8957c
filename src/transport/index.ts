export { connectBy, type Connector, type Connectors } from './connect-by.ts';
export { TransportError, type TransportErrorCode } from './errors.ts';
export { type LoopbackFate, type LoopbackOptions, loopbackPair } from './loopback.ts';
export type { ConnectRelayOptions, RelayRole } from './relay-answer.ts';
export {
  RelayTransport,
  type RelayTransportOptions,
  type RelayTransportStats,
} from './relayed.ts';
export type {
  DatagramTransport,
  DirectEndpoint,
  Endpoint,
  NegotiatedEndpoint,
  PathChannel,
  PathContext,
  RelayEndpoint,
  WebSocketRelayEndpoint,
} from './types.ts';
export {
  connectWebSocket,
  type ConnectWebSocketOptions,
  openWebSocket,
  type WebSocketConstructor,
  type WebSocketLike,
  type WebSocketOptions,
} from './websocket.ts';
